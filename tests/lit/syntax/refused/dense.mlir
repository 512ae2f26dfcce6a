// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+1 {{the elements have shape [2], the type has [3]}}
"test.op"() {a = dense<[1, 2]> : tensor<3xi32>} : () -> ()

// -----

// expected-error @+1 {{elements are nested unevenly: the parts of a list must have one shape}}
"test.op"() {a = dense<[[1, 2], [3]]> : tensor<2x2xi32>} : () -> ()

// -----

// expected-error @+1 {{the elements have shape [4], the type has [2, 2]}}
"test.op"() {a = dense<[1, 2, 3, 4]> : tensor<2x2xi32>} : () -> ()

// -----

// expected-error @+1 {{there are no elements, the type has 2}}
"test.op"() {a = dense<> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{the elements have shape [0], the type has [2]}}
"test.op"() {a = dense<[]> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{the elements have shape [1], the type has []}}
"test.op"() {a = dense<[1]> : tensor<i32>} : () -> ()

// -----

// expected-error @+1 {{elements need a type of static shape}}
"test.op"() {a = dense<1> : tensor<?xi32>} : () -> ()

// -----

// expected-error @+1 {{elements need a type of static shape}}
"test.op"() {a = dense<1> : tensor<*xi32>} : () -> ()

// -----

// expected-error @+1 {{elements need a tensor, vector or memref type}}
"test.op"() {a = dense<1> : i32} : () -> ()

// -----

// expected-error @+1 {{expected a float: write a decimal point}}
"test.op"() {a = dense<1> : tensor<2xf32>} : () -> ()

// -----

// expected-error @+1 {{expected an integer}}
"test.op"() {a = dense<1.0> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{true and false are elements of i1 only}}
"test.op"() {a = dense<true> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit the element type}}
"test.op"() {a = dense<2> : tensor<2xi1>} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit the element type}}
"test.op"() {a = dense<256> : tensor<2xi8>} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit the element type}}
"test.op"() {a = dense<-129> : tensor<2xi8>} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit the element type}}
"test.op"() {a = dense<-1> : tensor<2xui8>} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit the element type}}
"test.op"() {a = dense<128> : tensor<2xsi8>} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit the element type}}
"test.op"() {a = dense<256> : tensor<2xui8>} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit the element type}}
"test.op"() {a = dense<0x1FF> : tensor<2xi8>} : () -> ()

// -----

// expected-error @+1 {{the bit pattern does not fit the float type}}
"test.op"() {a = dense<-0x7FC00000> : tensor<2xf32>} : () -> ()

// -----

// expected-error @+1 {{the bit pattern does not fit the float type}}
"test.op"() {a = dense<0x7FC000000> : tensor<2xf32>} : () -> ()

// -----

// expected-error @+1 {{the data has 3 bytes, the type 2 elements}}
"test.op"() {a = dense<"0x000000"> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{expected a hexadecimal string: "0x…" with two digits a byte}}
"test.op"() {a = dense<"0x0000000"> : tensor<1xi32>} : () -> ()

// -----

// expected-error @+1 {{the data has 0 bytes, the type 2 elements}}
"test.op"() {a = dense<"0x"> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{expected a hexadecimal string: "0x…" with two digits a byte}}
"test.op"() {a = dense<"0x0G"> : tensor<1xi8>} : () -> ()

// -----

// expected-error @+1 {{the data has 2 bytes, the type 2 elements}}
"test.op"() {a = dense<"0x0001"> : tensor<2xi1>} : () -> ()

// -----

// expected-error @+1 {{the data has 2 bytes, the type 1 elements}}
"test.op"() {a = dense<"0x0000"> : tensor<1xi4>} : () -> ()

// -----

// expected-error @+1 {{expected a hexadecimal string: "0x…" with two digits a byte}}
"test.op"() {a = dense<"a"> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{expected an integer}}
"test.op"() {a = dense<["a"]> : tensor<1xi32>} : () -> ()

// -----

// expected-error @+1 {{the elements have shape [2], the type has [3]}}
"test.op"() {a = dense<["a", "b"]> : tensor<3x!foo.bar>} : () -> ()

// -----

// expected-error @+1 {{elements of this type are strings}}
"test.op"() {a = dense<["a", 1]> : tensor<2x!foo.bar>} : () -> ()

// -----

// expected-error @+1 {{elements of this type are strings}}
"test.op"() {a = dense<1> : tensor<2x!foo.bar>} : () -> ()

// -----

// expected-error @+1 {{expected a float: write a decimal point}}
"test.op"() {a = dense<(1, 2)> : tensor<2xcomplex<f32>>} : () -> ()

// -----

// expected-error @+1 {{elements of a complex type are pairs: (1.0, 2.0)}}
"test.op"() {a = dense<1.0> : tensor<2xcomplex<f32>>} : () -> ()

// -----

// expected-error @+1 {{the elements have shape [2], the type has [1]}}
"test.op"() {a = dense<[1.0, 2.0]> : tensor<1xcomplex<f32>>} : () -> ()

// -----

// expected-error @+1 {{expected ',' in a complex number; found ')'}}
"test.op"() {a = dense<(1.0)> : tensor<1xcomplex<f32>>} : () -> ()

// -----

// expected-error @+1 {{expected ')' after a complex number; found ','}}
"test.op"() {a = dense<(1.0, 2.0, 3.0)> : tensor<1xcomplex<f32>>} : () -> ()

// -----

// expected-error @+1 {{elements of a complex type are pairs: (1.0, 2.0)}}
"test.op"() {a = dense<[(1.0, 2.0), 3.0]> : tensor<2xcomplex<f32>>} : () -> ()

// -----

// expected-error @+1 {{expected an element; found '('}}
"test.op"() {a = dense<((1.0, 2.0), 3.0)> : tensor<1xcomplex<f32>>} : () -> ()

// -----

// expected-error @+1 {{expected an element; found ')'}}
"test.op"() {a = dense<()> : tensor<1xcomplex<f32>>} : () -> ()

// -----

// expected-error @+1 {{expected ':' before the type of the elements; found '}'}}
"test.op"() {a = dense<1>} : () -> ()

// -----

// expected-error @+1 {{expected ':' before the type of the elements; found 'tensor'}}
"test.op"() {a = dense<1> tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{expected a type; found '}'}}
"test.op"() {a = dense<1> :} : () -> ()

// -----

// expected-error @+1 {{expected '<' after 'dense'; found '1'}}
"test.op"() {a = dense 1 : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{expected '>' after the elements; found ':'}}
"test.op"() {a = dense<1 : i32> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{expected '>' after the elements; found ','}}
"test.op"() {a = dense<1, 2> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{expected ',' or ']'; found '2'}}
"test.op"() {a = dense<[1 2]> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{expected an element; found ']'}}
"test.op"() {a = dense<[1, 2,]> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{elements are nested unevenly: the parts of a list must have one shape}}
"test.op"() {a = dense<[[1], 2]> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{elements are nested unevenly: the parts of a list must have one shape}}
"test.op"() {a = dense<[1, [2]]> : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{expected an element; found '@a'}}
"test.op"() {a = dense<@a> : tensor<1xi32>} : () -> ()

// -----

// expected-error @+1 {{expected an element; found 'unit'}}
"test.op"() {a = dense<unit> : tensor<1xi32>} : () -> ()

// -----

// expected-error @+1 {{expected an element; found 'i32'}}
"test.op"() {a = dense<i32> : tensor<1xi32>} : () -> ()

// -----

// expected-error @+1 {{expected an element; found '-'}}
"test.op"() {a = dense<--1> : tensor<1xi32>} : () -> ()

// -----

// expected-error @+1 {{expected an element; found 'true'}}
"test.op"() {a = dense<-true> : tensor<1xi1>} : () -> ()

// -----

// expected-error @+1 {{expected an element; found '+'}}
"test.op"() {a = dense<+1> : tensor<1xi32>} : () -> ()

// -----

// expected-error @+1 {{invalid element type of tensor}}
"test.op"() {a = dense<1> : tensor<2xnone>} : () -> ()

// -----

// expected-error @+1 {{invalid element type of tensor}}
"test.op"() {a = dense<1> : tensor<2xtuple<i32>>} : () -> ()

// -----

// expected-error @+1 {{elements of this type are strings}}
"test.op"() {a = dense<1> : tensor<2xvector<2xi32>>} : () -> ()

// -----

// expected-error @+1 {{expected a float: write a decimal point}}
"test.op"() {a = dense<1> : tensor<2xf32, #foo.bar>} : () -> ()

// -----

// expected-error @+1 {{the elements have shape [1, 1, 1], the type has [1, 1]}}
"test.op"() {a = dense<[[[1]]]> : tensor<1x1xi32>} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit the element type}}
"test.op"() {a = dense<123456789012345678901> : tensor<2xi64>} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit the element type}}
"test.op"() {a = dense<1> : tensor<2xi0>} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit the element type}}
"test.op"() {a = dense<16> : tensor<3xi4>} : () -> ()

// -----

// expected-error @+1 {{elements need a tensor, vector or memref type}}
"test.op"() {a = dense<1> : !foo.bar} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found ':'}}
"test.op"() {a = dense<1> : tensor<2xi32> : i32} : () -> ()

// -----

// expected-error @+1 {{expected an integer}}
"test.op"() {a = dense<1.0> : tensor<2xindex>} : () -> ()

// -----

// expected-error @+1 {{expected a float: write a decimal point}}
"test.op"() {a = dense<[1.0, 2]> : tensor<2xf32>} : () -> ()

// -----

// expected-error @+1 {{elements need a type of static shape}}
"test.op"() {a = dense<"0x00000000"> : tensor<?xi32>} : () -> ()

// -----

// expected-error @+1 {{expected a hexadecimal string: "0x…" with two digits a byte}}
"test.op"() {a = dense<"0X00000000"> : tensor<1xi32>} : () -> ()

// -----

// expected-error @+1 {{the data has 8 bytes, the type 1 elements}}
"test.op"() {a = dense<"0x0000000000000000"> : tensor<1xf80>} : () -> ()

// -----

// expected-error @+1 {{the data has 16 bytes, the type 1 elements}}
"test.op"() {a = dense<"0x00000000000000000000000000000000"> : tensor<1xf80>} : () -> ()

// -----

// expected-error @+1 {{expected an element; found 'inf'}}
"test.op"() {a = dense<inf> : tensor<1xf32>} : () -> ()

// -----

// expected-error @+1 {{elements of a complex type are pairs: (1.0, 2.0)}}
"test.op"() {a = dense<1> : tensor<1xcomplex<i32>>} : () -> ()

// -----

// expected-error @+1 {{the number '1e5' needs a decimal point}}
"test.op"() {a = dense<1e5> : tensor<1xf32>} : () -> ()

// -----

// expected-error @below {{the elements have shape [0], the type has [0, 2]}}
"t.a"() {a = dense<[]> : tensor<0x2xi32>} : () -> ()

// -----

// expected-error @below {{the elements have shape [0], the type has [2, 0]}}
"t.a"() {a = dense<[]> : tensor<2x0xi32>} : () -> ()

// -----

// expected-error @below {{the elements have shape [1, 0], the type has [0]}}
"t.a"() {a = dense<[[]]> : tensor<0xi32>} : () -> ()

// -----

// expected-error @below {{the integer does not fit the element type}}
"t.a"() {a = dense<[9223372036854775808, 2]> : tensor<2xindex>} : () -> ()

// -----

// expected-error @below {{the integer does not fit the element type}}
"t.a"() {a = dense<[0xFFFFFFFFFFFFFFFF, 1]> : tensor<2xindex>} : () -> ()

// -----

// expected-error @below {{the elements have shape [2, 2], the type has [4]}}
"t.a"() {a = dense<[[1, 2], [3, 4]]> : tensor<4xi32>} : () -> ()

// -----

// expected-error @below {{expected an element; found ']'}}
"t.a"() {a = dense<[1, 2,]> : tensor<2xi32>} : () -> ()

// -----

// expected-error @below {{expected ',' or ']'; found the character '.'}}
"t.a"() {a = dense<[1.5.5, 2.0]> : tensor<2xf32>} : () -> ()

// -----

// expected-error @below {{the data has 1 bytes, the type 3 elements}}
"t.a"() {a = dense<"0x05"> : tensor<3xi0>} : () -> ()

// -----

// expected-error @below {{there are no elements, the type has 1}}
"t.a"() {a = dense< > : tensor<i32>} : () -> ()
