// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+1 {{expected an element after ':'; found '>'}}
"test.op"() {a = array<i32:>} : () -> ()

// -----

// expected-error @+1 {{expected an element after ':'; found '>'}}
"test.op"() {a = array<i32: >} : () -> ()

// -----

// expected-error @+1 {{expected an element; found '>'}}
"test.op"() {a = array<i32: 1,>} : () -> ()

// -----

// expected-error @+1 {{expected '>' after the element type; found '1'}}
"test.op"() {a = array<i32 1>} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit the element type}}
"test.op"() {a = array<i8: 256>} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit the element type}}
"test.op"() {a = array<i8: -129>} : () -> ()

// -----

// expected-error @+1 {{expected true or false; found '1'}}
"test.op"() {a = array<i1: 1, 0>} : () -> ()

// -----

// expected-error @+1 {{expected true or false; found '2'}}
"test.op"() {a = array<i1: 2>} : () -> ()

// -----

// expected-error @+1 {{expected true or false; found '-'}}
"test.op"() {a = array<i1: -1>} : () -> ()

// -----

// expected-error @+1 {{expected a float: write a decimal point}}
"test.op"() {a = array<f32: 1>} : () -> ()

// -----

// expected-error @+1 {{the bit pattern does not fit the float type}}
"test.op"() {a = array<f32: -0x7FC00000>} : () -> ()

// -----

// expected-error @+1 {{the element type of an array must be i1, or an integer or float of whole bytes}}
"test.op"() {a = array<i7: 1>} : () -> ()

// -----

// expected-error @+1 {{the element type of an array must be i1, or an integer or float of whole bytes}}
"test.op"() {a = array<i4: 1>} : () -> ()

// -----

// expected-error @+1 {{expected a type; found '>'}}
"test.op"() {a = array<>} : () -> ()

// -----

// expected-error @+1 {{expected an integer}}
"test.op"() {a = array<i32: "a">} : () -> ()

// -----

// expected-error @+1 {{true and false are elements of i1 only}}
"test.op"() {a = array<i32: true>} : () -> ()

// -----

// expected-error @+1 {{expected an integer}}
"test.op"() {a = array<i32: 1.0>} : () -> ()

// -----

// expected-error @+1 {{expected an element; found '['}}
"test.op"() {a = array<i32: [1]>} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '>'; found ':'}}
"test.op"() {a = array<i32: 1 : i32>} : () -> ()

// -----

// expected-error @+1 {{the element type of an array must be i1, or an integer or float of whole bytes}}
"test.op"() {a = array<tensor<2xi32>: 1>} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '>'; found '}'}}
"test.op"() {a = array<i32: 1} : () -> ()

// -----

// expected-error @+1 {{expected '<' after 'array'; found '}'}}
"test.op"() {a = array} : () -> ()

// -----

// expected-error @+1 {{the element type of an array must be i1, or an integer or float of whole bytes}}
"test.op"() {a = array<!foo.bar: 1>} : () -> ()

// -----

// expected-error @+1 {{the element type of an array must be i1, or an integer or float of whole bytes}}
"test.op"() {a = array<none>} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit the element type}}
"test.op"() {a = array<i32: -0>} : () -> ()

// -----

// expected-error @+1 {{the element type of an array must be i1, or an integer or float of whole bytes}}
"test.op"() {a = array<complex<f32>: 1.0>} : () -> ()

// -----

// expected-error @+1 {{expected a float}}
"test.op"() {a = array<f32: true>} : () -> ()

// -----

// expected-error @+1 {{expected an element; found 'inf'}}
"test.op"() {a = array<f64: inf>} : () -> ()

