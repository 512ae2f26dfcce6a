// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

"test.op"() {a = dense<1> : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = dense<[1, 2]> : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = dense<[[1, 2], [3, 4]]> : tensor<2x2xi32>} : () -> ()

// -----

"test.op"() {a = dense<[]> : tensor<0xi32>} : () -> ()

// -----

"test.op"() {a = dense<> : tensor<0xi32>} : () -> ()

// -----

"test.op"() {a = dense<[[], []]> : tensor<2x0xi32>} : () -> ()

// -----

"test.op"() {a = dense<> : tensor<2x0xi32>} : () -> ()

// -----

"test.op"() {a = dense<1> : tensor<0xi32>} : () -> ()

// -----

"test.op"() {a = dense<1> : tensor<i32>} : () -> ()

// -----

"test.op"() {a = dense<1> : memref<2xi32>} : () -> ()

// -----

"test.op"() {a = dense<1> : vector<2xi32>} : () -> ()

// -----

"test.op"() {a = dense<1> : vector<[2]xi32>} : () -> ()

// -----

"test.op"() {a = dense<[1, 2]> : vector<[2]xi32>} : () -> ()

// -----

"test.op"() {a = dense<1.0> : tensor<2xf32>} : () -> ()

// -----

"test.op"() {a = dense<true> : tensor<2xi1>} : () -> ()

// -----

"test.op"() {a = dense<[true, false]> : tensor<2xi1>} : () -> ()

// -----

"test.op"() {a = dense<[1, 0]> : tensor<2xi1>} : () -> ()

// -----

"test.op"() {a = dense<-1> : tensor<2xi1>} : () -> ()

// -----

"test.op"() {a = dense<128> : tensor<2xi8>} : () -> ()

// -----

"test.op"() {a = dense<255> : tensor<2xi8>} : () -> ()

// -----

"test.op"() {a = dense<-1> : tensor<2xindex>} : () -> ()

// -----

"test.op"() {a = dense<0xFF> : tensor<2xi8>} : () -> ()

// -----

"test.op"() {a = dense<0x7FC00000> : tensor<2xf32>} : () -> ()

// -----

"test.op"() {a = dense<[0x7FC00000, 1.0]> : tensor<2xf32>} : () -> ()

// -----

"test.op"() {a = dense<"0x00000000"> : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = dense<"0x0000000000000000"> : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = dense<"0x00000001"> : tensor<1xi32>} : () -> ()

// -----

"test.op"() {a = dense<"0x"> : tensor<0xi32>} : () -> ()

// -----

"test.op"() {a = dense<"0xFF"> : tensor<8xi1>} : () -> ()

// -----

"test.op"() {a = dense<"0x05"> : tensor<3xi1>} : () -> ()

// -----

"test.op"() {a = dense<"0x00FF"> : tensor<2xi8>} : () -> ()

// -----

"test.op"() {a = dense<"0x00ff"> : tensor<2xi8>} : () -> ()

// -----

"test.op"() {a = dense<"0x3F800000"> : tensor<2xf32>} : () -> ()

// -----

"test.op"() {a = dense<"0x00"> : tensor<2xi1>} : () -> ()

// -----

"test.op"() {a = dense<"0x01"> : tensor<2xi1>} : () -> ()

// -----

"test.op"() {a = dense<"0xFF"> : tensor<2xi1>} : () -> ()

// -----

"test.op"() {a = dense<"0x00"> : tensor<1xi4>} : () -> ()

// -----

"test.op"() {a = dense<"0x0F"> : tensor<2xi4>} : () -> ()

// -----

"test.op"() {a = dense<"0x0F0F"> : tensor<2xi4>} : () -> ()

// -----

"test.op"() {a = dense<"0x00000000000000000000000000000000"> : tensor<2xindex>} : () -> ()

// -----

"test.op"() {a = dense<"0x0000000000000000"> : tensor<1xcomplex<f32>>} : () -> ()

// -----

"test.op"() {a = dense<"a"> : tensor<2x!foo.bar>} : () -> ()

// -----

"test.op"() {a = dense<["a", "b"]> : tensor<2x!foo.bar>} : () -> ()

// -----

"test.op"() {a = dense<"a\0A\22"> : tensor<1x!foo.bar>} : () -> ()

// -----

"test.op"() {a = dense<(1.0, 2.0)> : tensor<2xcomplex<f32>>} : () -> ()

// -----

"test.op"() {a = dense<[(1.0, 2.0), (3.0, 4.0)]> : tensor<2xcomplex<f32>>} : () -> ()

// -----

"test.op"() {a = dense<(1, 2)> : tensor<2xcomplex<i32>>} : () -> ()

// -----

"test.op"() {a = dense<(-1, 2)> : tensor<1xcomplex<i8>>} : () -> ()

// -----

"test.op"() {a = dense<(0x7FC00000, 2.0)> : tensor<1xcomplex<f32>>} : () -> ()

// -----

"test.op"() {a = dense<-1> : tensor<1xi32>} : () -> ()

// -----

"test.op"() {a = dense<- 1> : tensor<1xi32>} : () -> ()

// -----

"test.op"() {a = dense<-1.5> : tensor<1xf32>} : () -> ()

// -----

"test.op"() {a = dense<[-1, 2]> : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = dense<1> : tensor<2xi32, "enc">} : () -> ()

// -----

"test.op"() {a = dense<1> : vector<i32>} : () -> ()

// -----

"test.op"() {a = dense<1> : tensor<99999999x99999999xi32>} : () -> ()

// -----

"test.op"() {a = dense<1> : tensor<9223372036854775807x9223372036854775807xi32>} : () -> ()

// -----

"test.op"() {a = dense<[[[1]]]> : tensor<1x1x1xi32>} : () -> ()

// -----

"test.op"() {a = dense<1.5> : tensor<2xf16>} : () -> ()

// -----

"test.op"() {a = dense<1.5> : tensor<2xbf16>} : () -> ()

// -----

"test.op"() {a = dense<1.5> : tensor<2xf80>} : () -> ()

// -----

"test.op"() {a = dense<1.5> : tensor<2xf128>} : () -> ()

// -----

"test.op"() {a = dense<1.5> : tensor<2xf8E4M3FN>} : () -> ()

// -----

"test.op"() {a = dense<1.5> : tensor<2xf4E2M1FN>} : () -> ()

// -----

"test.op"() {a = dense<1.5> : tensor<2xtf32>} : () -> ()

// -----

"test.op"() {a = dense<[1.5, 2.5]> : tensor<2xf80>} : () -> ()

// -----

"test.op"() {a = dense<[1.5, 0.1]> : tensor<2xf128>} : () -> ()

// -----

"test.op"() {a = dense<[0.1, 2.0]> : tensor<2xf8E4M3FN>} : () -> ()

// -----

"test.op"() {a = dense<12345678901234567890> : tensor<2xi64>} : () -> ()

// -----

"test.op"() {a = dense<123456789012345678901234567890> : tensor<2xi128>} : () -> ()

// -----

"test.op"() {a = dense<0> : tensor<2xi0>} : () -> ()

// -----

"test.op"() {a = dense<"0x"> : tensor<3xi0>} : () -> ()

// -----

"test.op"() {a = dense<[1, 2, 3]> : tensor<3xi4>} : () -> ()

// -----

"test.op"() {a = dense<[-8, 7, 15]> : tensor<3xi4>} : () -> ()

// -----

"test.op"() {a = dense<[1, 2]> : tensor<2xsi8>} : () -> ()

// -----

"test.op"() {a = dense<[1, 2]> : tensor<2xui64>} : () -> ()

// -----

"test.op"() {a = dense<18446744073709551615> : tensor<2xui64>} : () -> ()

// -----

"test.op"() {a = dense<[0xFFFFFFFFFFFFFFFF]> : tensor<1xi64>} : () -> ()

// -----

"test.op"() {a = dense<"0x0102"> : tensor<2xui8>} : () -> ()

// -----

"test.op"() {a = dense<[true, 1]> : tensor<2xi1>} : () -> ()

// -----

"test.op"() {a = dense<"0xZZ"> : tensor<1x!foo.bar>} : () -> ()

// -----

"test.op"() {a = dense<"0x00"> : tensor<1x!foo.bar>} : () -> ()

// -----

"test.op"() {a = dense<1> : tensor<1x1x1x1x1xi1>} : () -> ()

// -----

"test.op"() {a = dense<[1,2]>:tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = dense< [ 1 , 2 ] > : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = dense<"0x0000"> : tensor<1xi9>} : () -> ()

// -----

"test.op"() {a = dense<"0xFFFF"> : tensor<1xi9>} : () -> ()

// -----

"test.op"() {a = dense<"0xFF"> : tensor<1xi7>} : () -> ()

// -----

"test.op"() {a = dense<"0xFF"> : tensor<1xf4E2M1FN>} : () -> ()

// -----

"test.op"() {a = dense<"0xFF"> : tensor<2xf6E2M3FN>} : () -> ()

// -----

"t.a"() {a = dense<[[], []]> : tensor<2x0xi32>} : () -> ()

// -----

"t.a"() {a = dense<> : tensor<2x0xi32>} : () -> ()

// -----

"t.a"() {a = dense<[1., 2.e5, 3.5E-2, -0.0]> : tensor<4xf32>} : () -> ()

// -----

"t.a"() {a = dense<[1, // c
 2]> // d
 : tensor<2xi32>} : () -> ()

// -----

"t.a"() {a = dense<[9223372036854775807, -9223372036854775808]> : tensor<2xindex>} : () -> ()

// -----

"t.a"() {a = dense<> : tensor<0x!a.b>} : () -> ()
