// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

"test.op"() {a = sparse<[[0, 0], [1, 1]], [1, 2]> : tensor<2x2xi32>} : () -> ()

// -----

"test.op"() {a = sparse<0, 1> : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = sparse<[0], [1]> : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = sparse<[[0]], [1]> : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = sparse<[[0], [1]], [1, 2]> : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = sparse<[[0], [1]], 1> : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = sparse<> : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = sparse<[], []> : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = sparse<0, "0x00000001"> : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = sparse<[[0, 0]], 1.0> : tensor<2x2xf32>} : () -> ()

// -----

"test.op"() {a = sparse<[[0, 0]], [(1.0, 2.0)]> : tensor<2x2xcomplex<f32>>} : () -> ()

// -----

"test.op"() {a = sparse<[[0, 0]], ["a"]> : tensor<2x2x!foo.bar>} : () -> ()

// -----

"test.op"() {a = sparse<[[0, 0]], [1]> : vector<2x2xi32>} : () -> ()

// -----

"test.op"() {a = sparse<0, 1> : tensor<i32>} : () -> ()

// -----

"test.op"() {a = sparse<[[]], [1]> : tensor<i32>} : () -> ()

// -----

"test.op"() {a = sparse<[[0, 1], [0, 1]], [1, 2]> : tensor<2x2xi32>} : () -> ()

// -----

"test.op"() {a = sparse<0, 0> : tensor<1xi1>} : () -> ()

// -----

"test.op"() {a = sparse<0, 1> : tensor<2x2xi32>} : () -> ()

// -----

"test.op"() {a = sparse<1, 1> : tensor<2x2xi32>} : () -> ()

