// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

"test.op"() {a = affine_map<() -> ()>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (d0)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0, d1)[s0] -> (d0 + s0, d1 * 2)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (d0 mod 4)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (d0 floordiv 4, d0 ceildiv 4)>} : () -> ()

// -----

"test.op"() {a = affine_map<(i, j)[N] -> (i + j * N)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0)[s0] -> (d0 * s0)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0)[s0] -> (d0 floordiv s0)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (d0 mod 0)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (d0 floordiv 0)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (d0 mod -1)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (-d0)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (- d0 + 3)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (d0 - 1)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (d0 -1)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (d0-1)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> ((d0))>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0)[] -> (d0)>} : () -> ()

// -----

"test.op"() {a = affine_map<()[s0] -> (s0)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (2 * d0)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (d0 + 9223372036854775807)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (0x10)>} : () -> ()

// -----

"test.op"() {a = affine_map<(mod) -> (mod)>} : () -> ()

// -----

"test.op"() {a = affine_map<(floordiv) -> (floordiv)>} : () -> ()

// -----

"test.op"() {a = affine_map<(i32) -> (i32)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (d0 mod 2 * 3 + 4)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> ((d0 + 1) * 2)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (d0 * (2 + 3))>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> ()>} : () -> ()

// -----

"test.op"() {a = affine_map<(a.b) -> (a.b)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (--d0)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (5 mod 3)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (5 mod 0)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (5 floordiv -2)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (9223372036854775807 * 2)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0)[s0, s1] -> (d0 mod (s0 + s1))>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0)[s0] -> (s0 * s0)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (d0 * 0 * d0)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> ((d0 - d0) * d0)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0) -> (d0 ceildiv 0)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0)[s0] -> (d0 ceildiv s0)>} : () -> ()

// -----

"test.op"() {a = affine_set<(d0) : (d0 >= 0)>} : () -> ()

// -----

"test.op"() {a = affine_set<(d0)[s0] : (d0 - s0 >= 0, d0 == 0)>} : () -> ()

// -----

"test.op"() {a = affine_set<() : (1 == 0)>} : () -> ()

// -----

"test.op"() {a = affine_set<(d0) : ()>} : () -> ()

// -----

"test.op"() {a = affine_set<(d0) : (d0 <= 0)>} : () -> ()

// -----

"test.op"() {a = affine_set<(d0) : (d0 <= 10)>} : () -> ()

// -----

"test.op"() {a = affine_set<(d0) : (d0 >= 1)>} : () -> ()

// -----

"test.op"() {a = affine_set<(d0, d1) : (d0 >= d1)>} : () -> ()

// -----

"test.op"() {a = affine_set<(d0, d1) : (d0 <= d1)>} : () -> ()

// -----

"test.op"() {a = affine_set<(d0) : (d0 - 1 == 2)>} : () -> ()

// -----

"test.op"() {a = affine_set<()[s0] : (s0 >= 0)>} : () -> ()

// -----

"test.op"() {a = affine_set<(d0) : (d0 mod 2 == 0)>} : () -> ()

// -----

"test.op"() {a = affine_set<(d0) : (d0 >=0)>} : () -> ()

// -----

"test.op"() {a = affine_set<(d0) : (d0 > = 0)>} : () -> ()

// -----

"test.op"() {a = affine_map<(d0)->(d0)>} : () -> ()

