// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

"test.op"() {a = array<i32>} : () -> ()

// -----

"test.op"() {a = array<i32: 1>} : () -> ()

// -----

"test.op"() {a = array<i32: 1, 2>} : () -> ()

// -----

"test.op"() {a = array<i8: 127, -128>} : () -> ()

// -----

"test.op"() {a = array<i8: 128>} : () -> ()

// -----

"test.op"() {a = array<i8: 255>} : () -> ()

// -----

"test.op"() {a = array<i1: true, false>} : () -> ()

// -----

"test.op"() {a = array<i16: 1>} : () -> ()

// -----

"test.op"() {a = array<i64: 9223372036854775807>} : () -> ()

// -----

"test.op"() {a = array<i64: 9223372036854775808>} : () -> ()

// -----

"test.op"() {a = array<f32: 1.0, 2.5>} : () -> ()

// -----

"test.op"() {a = array<f64: 1.0>} : () -> ()

// -----

"test.op"() {a = array<f32: -1.5>} : () -> ()

// -----

"test.op"() {a = array<f32: 0x7FC00000>} : () -> ()

// -----

"test.op"() {a = array<f16: 1.0>} : () -> ()

// -----

"test.op"() {a = array<bf16: 1.0>} : () -> ()

// -----

"test.op"() {a = array<si32: 1>} : () -> ()

// -----

"test.op"() {a = array<ui8: 1>} : () -> ()

// -----

"test.op"() {a = array<i128: 1>} : () -> ()

// -----

"test.op"() {a = array<i32: 0x10>} : () -> ()

// -----

"test.op"() {a = array<f80: 1.0>} : () -> ()

// -----

"test.op"() {a = array<i24: 1>} : () -> ()

// -----

"test.op"() {a = array<f8E4M3FN: 1.0>} : () -> ()

// -----

"test.op"() {a = array<f128: 1.0>} : () -> ()

// -----

"test.op"() {a = array<i0>} : () -> ()

// -----

"test.op"() {a = array<i1>} : () -> ()

