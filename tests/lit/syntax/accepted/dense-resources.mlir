// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

"test.op"() {a = dense_resource<a> : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = dense_resource<"a b"> : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = dense_resource<a> : tensor<?xi32>} : () -> ()

// -----

"test.op"() {a = dense_resource<a> : tensor<*xi32>} : () -> ()

// -----

"test.op"() {a = dense_resource<a> : vector<2xi32>} : () -> ()

// -----

"test.op"() {a = dense_resource<a> : memref<2xi32>} : () -> ()

// -----

"test.op"() {a = dense_resource<a.b> : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = dense_resource<""> : tensor<1xi32>} : () -> ()

// -----

"test.op"() {a = dense_resource<a> : tensor<2x!foo.bar>} : () -> ()

// -----

"test.op"() {a = dense_resource<a> : tensor<2xvector<2xi32>>} : () -> ()

// -----

"test.op"() {a = dense_resource<i32> : tensor<1xi32>} : () -> ()

// -----

"test.op"() {a = dense_resource<a> : tensor<2xf80>} : () -> ()

// -----

"test.op"() {a = dense_resource<"a"> : tensor<1xi32>} : () -> ()

