// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+1 {{expected a nested symbol; found 'b'}}
"test.op"() {a = @a::b} : () -> ()

// -----

// expected-error @+1 {{expected a nested symbol; found '}'}}
"test.op"() {a = @a::} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found the character '@'}}
"test.op"() {a = @1} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found the character '@'}}
"test.op"() {a = @-a} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found the character '@'}}
"test.op"() {a = @} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found the character '@'}}
"test.op"() {a = @@a} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found ':'}}
"test.op"() {a = @a:@b} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found the character '@'}}
"test.op"() {a = @"a} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found ':'}}
"test.op"() {a = @a::@b : i32} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found '-'}}
"test.op"() {a = @a-b} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found the character '@'}}
"test.op"() {a = @é} : () -> ()

// -----

// expected-error @+1 {{expected a nested symbol; found ':'}}
"test.op"() {a = @a:::@b} : () -> ()

// -----

// expected-error @+1 {{expected a nested symbol; found '}'}}
"test.op"() {a = @a::@b::} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found ':'}}
"a.b"() {k = @a : @b} : () -> ()

// -----

// expected-error @+1 {{expected a nested symbol; found '}'}}
"a.b"() {k = @a : :} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found ':'}}
"a.b"() {k = @a : i32} : () -> ()
