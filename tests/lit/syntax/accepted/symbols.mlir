// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

"test.op"() {a = @a} : () -> ()

// -----

"test.op"() {a = @a::@b} : () -> ()

// -----

"test.op"() {a = @a::@b::@c} : () -> ()

// -----

"test.op"() {a = @"a b"} : () -> ()

// -----

"test.op"() {a = @"a"::@"b c"} : () -> ()

// -----

"test.op"() {a = @a ::@b} : () -> ()

// -----

"test.op"() {a = @a:: @b} : () -> ()

// -----

"test.op"() {a = @a :: @b} : () -> ()

// -----

"test.op"() {a = @""} : () -> ()

// -----

"test.op"() {a = @a.b} : () -> ()

// -----

"test.op"() {a = @a$b} : () -> ()

// -----

"test.op"() {a = @_} : () -> ()

// -----

"test.op"() {a = @"\22"} : () -> ()

// -----

"test.op"() {a = @"a\nb"} : () -> ()

// -----

"test.op"() {a = @"\FF"} : () -> ()

// -----

"test.op"() {a = @"é"} : () -> ()

// -----

"test.op"() {a = @"@a"} : () -> ()

// -----

"a.b"() {k = @a : :@b, l = [@a: : @b]} : () -> ()

// -----

"a.b"() {k = @a//c
:
:@b : :@c} : () -> ()
