// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

"test.op"() {a = []} : () -> ()

// -----

"test.op"() {a = [1]} : () -> ()

// -----

"test.op"() {a = [1, 2]} : () -> ()

// -----

"test.op"() {a = [[1], [[]]]} : () -> ()

// -----

"test.op"() {a = [1, "a", i32, @x, unit, {}, []]} : () -> ()

// -----

"test.op"() {a = [1 : i8, 2.0 : f32]} : () -> ()

// -----

"test.op"() {a = [affine_map<() -> ()>]} : () -> ()

// -----

"test.op"() {a = [#foo.bar, !foo.bar]} : () -> ()

// -----

"test.op"() {a = [true, false]} : () -> ()

// -----

"test.op"() {a = [-1, - 2]} : () -> ()

// -----

"test.op"() {a = [()->(), i32]} : () -> ()

