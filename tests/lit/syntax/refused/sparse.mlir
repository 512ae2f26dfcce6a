// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+1 {{index 2 is outside of a dimension of 2}}
"test.op"() {a = sparse<[[2]], [1]> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{index -1 is outside of a dimension of 2}}
"test.op"() {a = sparse<[[-1]], [1]> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{indices of shape [1, 3] for a type of rank 2}}
"test.op"() {a = sparse<[[0, 0, 0]], [1]> : tensor<2x2xi32>} : () -> ()

// -----

// expected-error @+1 {{values of shape [2] for indices of shape [1, 2]}}
"test.op"() {a = sparse<[[0, 0]], [1, 2]> : tensor<2x2xi32>} : () -> ()

// -----

// expected-error @+1 {{expected elements; found ','}}
"test.op"() {a = sparse<, > : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{expected an integer}}
"test.op"() {a = sparse<"0x0000000000000000", 1> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{expected a float: write a decimal point}}
"test.op"() {a = sparse<[[0, 0]], 1> : tensor<2x2xf32>} : () -> ()

// -----

// expected-error @+1 {{expected ',' after the indices; found '>'}}
"test.op"() {a = sparse<[[0, 0]]> : tensor<2x2xi32>} : () -> ()

// -----

// expected-error @+1 {{expected ':' before the type of the elements; found '}'}}
"test.op"() {a = sparse<[[0, 0]], [1]>} : () -> ()

// -----

// expected-error @+1 {{elements need a tensor, vector or memref type}}
"test.op"() {a = sparse<[[0, 0]], [1]> : i32} : () -> ()

// -----

// expected-error @+1 {{elements need a type of static shape}}
"test.op"() {a = sparse<[[0, 0]], [1]> : tensor<2x?xi32>} : () -> ()

// -----

// expected-error @+1 {{expected an integer}}
"test.op"() {a = sparse<[[0.0, 0]], [1]> : tensor<2x2xi32>} : () -> ()

// -----

// expected-error @+1 {{expected an integer}}
"test.op"() {a = sparse<[["a", 0]], [1]> : tensor<2x2xi32>} : () -> ()

// -----

// expected-error @+1 {{index 0 is outside of a dimension of 0}}
"test.op"() {a = sparse<[[0,0]], [1]> : tensor<0x0xi32>} : () -> ()

// -----

// expected-error @+1 {{indices of shape [2] for a type of rank 2}}
"test.op"() {a = sparse<[0, 1], [1]> : tensor<2x2xi32>} : () -> ()

// -----

// expected-error @+1 {{indices of shape [2] for a type of rank 2}}
"test.op"() {a = sparse<[0, 1], 1> : tensor<2x2xi32>} : () -> ()

// -----

// expected-error @+1 {{elements are nested unevenly: the parts of a list must have one shape}}
"test.op"() {a = sparse<[[0, 0], [1]], [1, 2]> : tensor<2x2xi32>} : () -> ()

// -----

// expected-error @+1 {{true and false are elements of i1 only}}
"test.op"() {a = sparse<true, 0> : tensor<2xi1>} : () -> ()

// -----

// expected-error @+1 {{values of shape [1, 1] for indices of shape [1, 1]}}
"test.op"() {a = sparse<[[0]], [[1]]> : tensor<1xi32>} : () -> ()

// -----

// expected-error @+1 {{index 3 is outside of a dimension of 2}}
"test.op"() {a = sparse<3, 1> : tensor<2x2xi32>} : () -> ()

