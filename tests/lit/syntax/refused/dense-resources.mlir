// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+1 {{expected ':' before the type of the elements; found '}'}}
"test.op"() {a = dense_resource<a>} : () -> ()

// -----

// expected-error @+1 {{elements need a tensor, vector or memref type}}
"test.op"() {a = dense_resource<a> : i32} : () -> ()

// -----

// expected-error @+1 {{expected a resource key; found '>'}}
"test.op"() {a = dense_resource<> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{expected a resource key; found '1'}}
"test.op"() {a = dense_resource<1> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{expected '<' after 'dense_resource'; found 'a'}}
"test.op"() {a = dense_resource a : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{expected '>' after the key; found ','}}
"test.op"() {a = dense_resource<a, b> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{expected a resource key; found '@a'}}
"test.op"() {a = dense_resource<@a> : tensor<1xi32>} : () -> ()

// -----

// expected-error @+1 {{expected '>' after the key; found ':'}}
"test.op"() {a = dense_resource<a : tensor<2xi32>} : () -> ()

