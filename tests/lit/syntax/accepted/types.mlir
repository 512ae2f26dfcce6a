// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

"test.op"() : () -> i1

// -----

"test.op"() : () -> i0

// -----

"test.op"() : () -> i16777215

// -----

"test.op"() : () -> si1

// -----

"test.op"() : () -> ui1

// -----

"test.op"() : () -> si0

// -----

"test.op"() : () -> ui0

// -----

"test.op"() : () -> i01

// -----

"test.op"() : () -> i032

// -----

"test.op"() : () -> f16

// -----

"test.op"() : () -> bf16

// -----

"test.op"() : () -> tf32

// -----

"test.op"() : () -> f32

// -----

"test.op"() : () -> f64

// -----

"test.op"() : () -> f80

// -----

"test.op"() : () -> f128

// -----

"test.op"() : () -> f8E5M2

// -----

"test.op"() : () -> f8E4M3

// -----

"test.op"() : () -> f8E4M3FN

// -----

"test.op"() : () -> f8E5M2FNUZ

// -----

"test.op"() : () -> f8E4M3FNUZ

// -----

"test.op"() : () -> f8E4M3B11FNUZ

// -----

"test.op"() : () -> f8E3M4

// -----

"test.op"() : () -> f8E8M0FNU

// -----

"test.op"() : () -> f4E2M1FN

// -----

"test.op"() : () -> f6E2M3FN

// -----

"test.op"() : () -> f6E3M2FN

// -----

"test.op"() : () -> index

// -----

"test.op"() : () -> none

// -----

"test.op"() : () -> complex<f32>

// -----

"test.op"() : () -> complex<i32>

// -----

"test.op"() : () -> complex<si32>

// -----

"test.op"() : () -> complex<bf16>

// -----

"test.op"() : () -> complex<i1>

// -----

"test.op"() : () -> tuple<>

// -----

"test.op"() : () -> tuple<i32>

// -----

"test.op"() : () -> tuple<i32, f32>

// -----

"test.op"() : () -> tuple<tuple<>, i32>

// -----

"test.op"() : () -> tuple<(i32) -> i32>

// -----

"test.op"() : () -> tuple<none>

// -----

"test.op"() : () -> vector<4xf32>

// -----

"test.op"() : () -> vector<4x4xi32>

// -----

"test.op"() : () -> vector<[4]xf32>

// -----

"test.op"() : () -> vector<4x[4]xf32>

// -----

"test.op"() : () -> vector<[4]x4xf32>

// -----

"test.op"() : () -> vector<[4]x[4]xf32>

// -----

"test.op"() : () -> vector<f32>

// -----

"test.op"() : () -> vector<4xindex>

// -----

"test.op"() : () -> vector<4xsi8>

// -----

"test.op"() : () -> vector<4xbf16>

// -----

"test.op"() : () -> vector<4xf8E4M3FN>

// -----

"test.op"() : () -> vector<4xi0>

// -----

"test.op"() : () -> vector<4 x f32>

// -----

"test.op"() : () -> vector<4 xf32>

// -----

"test.op"() : () -> vector<4x f32>

// -----

"test.op"() : () -> vector<9223372036854775807xf32>

// -----

"test.op"() : () -> vector<[ 4 ]xf32>

// -----

"test.op"() : () -> vector<[4] x f32>

// -----

"test.op"() : () -> tensor<4xf32>

// -----

"test.op"() : () -> tensor<f32>

// -----

"test.op"() : () -> tensor<?xf32>

// -----

"test.op"() : () -> tensor<?x?xf32>

// -----

"test.op"() : () -> tensor<*xf32>

// -----

"test.op"() : () -> tensor<* xf32>

// -----

"test.op"() : () -> tensor<*x f32>

// -----

"test.op"() : () -> tensor<0xf32>

// -----

"test.op"() : () -> tensor<0x4xf32>

// -----

"test.op"() : () -> tensor<4xf32, #foo.bar>

// -----

"test.op"() : () -> tensor<4xf32, "a">

// -----

"test.op"() : () -> tensor<4xf32, 1 : i32>

// -----

"test.op"() : () -> tensor<4xf32, {a = 1}>

// -----

"test.op"() : () -> tensor<4xf32, >

// -----

"test.op"() : () -> tensor<4xf32, i32>

// -----

"test.op"() : () -> tensor<4xvector<4xf32>>

// -----

"test.op"() : () -> tensor<4xcomplex<f32>>

// -----

"test.op"() : () -> tensor<4x!foo.bar>

// -----

"test.op"() : () -> tensor<4x!foo.bar<x>>

// -----

"test.op"() : () -> tensor<4xindex>

// -----

"test.op"() : () -> tensor<4xi0>

// -----

"test.op"() : () -> tensor<4xsi8>

// -----

"test.op"() : () -> tensor<4 x f32>

// -----

"test.op"() : () -> tensor<4x 4xf32>

// -----

"test.op"() : () -> tensor<0x10xf32>

// -----

"test.op"() : () -> tensor<? x f32>

// -----

"test.op"() : () -> tensor<9223372036854775807xf32>

// -----

"test.op"() : () -> tensor<1x2x3x4x5x6x7x8xf32>

// -----

"test.op"() : () -> tensor<?x4x?xi1>

// -----

"test.op"() : () -> tensor<4xf32,#foo.bar>

// -----

"test.op"() : () -> tensor<4xf32, @a>

// -----

"test.op"() : () -> tensor<4xf32, affine_map<(d0) -> (d0)>>

// -----

"test.op"() : () -> tensor<4xf32, unit>

// -----

"test.op"() : () -> tensor<4xf32, []>

// -----

"test.op"() : () -> memref<4xf32>

// -----

"test.op"() : () -> memref<f32>

// -----

"test.op"() : () -> memref<?xf32>

// -----

"test.op"() : () -> memref<*xf32>

// -----

"test.op"() : () -> memref<*xf32, 1>

// -----

"test.op"() : () -> memref<*xf32, "a">

// -----

"test.op"() : () -> memref<4xf32, 1>

// -----

"test.op"() : () -> memref<4xf32, 1 : i32>

// -----

"test.op"() : () -> memref<4xf32, 0>

// -----

"test.op"() : () -> memref<4xf32, -1>

// -----

"test.op"() : () -> memref<4xf32, "a">

// -----

"test.op"() : () -> memref<4xf32, affine_map<(d0) -> (d0)>>

// -----

"test.op"() : () -> memref<4xf32, affine_map<(d0) -> (d0)>, 1>

// -----

"test.op"() : () -> memref<4xf32, affine_map<(d0) -> (d0 + 1)>, 1>

// -----

"test.op"() : () -> memref<4xf32, strided<[1]>>

// -----

"test.op"() : () -> memref<4xf32, strided<[1], offset: 2>, 1>

// -----

"test.op"() : () -> memref<4xf32, strided<[2], offset: ?>>

// -----

"test.op"() : () -> memref<?x?xf32, strided<[?, ?], offset: ?>>

// -----

"test.op"() : () -> memref<4xf32, strided<[0]>>

// -----

"test.op"() : () -> memref<f32, strided<[]>>

// -----

"test.op"() : () -> memref<f32, strided<[], offset: 1>>

// -----

"test.op"() : () -> memref<4xmemref<4xf32>>

// -----

"test.op"() : () -> memref<4xvector<4xf32>>

// -----

"test.op"() : () -> memref<4xcomplex<f32>>

// -----

"test.op"() : () -> memref<4xindex>

// -----

"test.op"() : () -> memref<4xmemref<*xf32>>

// -----

"test.op"() : () -> memref<0xf32>

// -----

"test.op"() : () -> memref<4xf32, affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>>

// -----

"test.op"() : () -> memref<4xf32, affine_map<(d0)[s0] -> (d0 + s0)>>

// -----

"test.op"() : () -> memref<4xf32, affine_map<(d0) -> (d0, d0)>>

// -----

"test.op"() : () -> memref<4xf32, {a}>

// -----

"test.op"() : () -> memref<4xf32, true>

// -----

"test.op"() : () -> memref<4xf32, 5 : ui32>

// -----

"test.op"() : () -> memref<4xf32, 1 : index>

// -----

"test.op"() : () -> memref<4xf32, strided<[1]>, "l">

// -----

"test.op"() : () -> memref<4xf32, 0 : i32>

// -----

"test.op"() : () -> memref<*xf32, 0>

// -----

"test.op"() : () -> memref<4x4xf32, affine_map<(d0, d1) -> (d1, d0)>>

// -----

"test.op"() : () -> !foo.bar

// -----

"test.op"() : () -> !foo.bar<1>

// -----

"test.op"() : () -> !foo.bar<"a">

// -----

"test.op"() : () -> !foo.bar<a -> b>

// -----

"test.op"() : () -> !foo.bar<[{(<>)}]>

// -----

"test.op"() : () -> !foo.bar<>

// -----

"test.op"() : () -> !foo<bar>

// -----

"test.op"() : () -> !foo<"bar">

// -----

"test.op"() : () -> !foo<"bar<1>">

// -----

"test.op"() : () -> !foo<bar<1>>

// -----

"test.op"() : () -> !foo<>

// -----

"test.op"() : () -> !foo.

// -----

"test.op"() : () -> !foo.bar.baz

// -----

"test.op"() : () -> !foo.bar.baz<1>

// -----

"test.op"() : () -> !foo.bar<">">

// -----

"test.op"() : () -> !foo.bar<-> >

// -----

"test.op"() : () -> !foo.bar-baz

// -----

"test.op"() : () -> !foo.bar<tensor<2xf32>>

// -----

"test.op"() : () -> !foo.bar<!foo.bar<!foo.bar>>

// -----

"test.op"() : () -> !foo.bar<#foo.bar, !x>

// -----

"test.op"() : () -> !foo.bar<
>

// -----

"test.op"() : () -> !foo.bar<	a  b>

// -----

"test.op"() : () -> !foo.bar

// -----

"test.op"() : () -> !llvm.ptr

// -----

"test.op"() : () -> ()

// -----

"test.op"() : () -> (i32)

// -----

"test.op"() : () -> (i32, i32)

// -----

"test.op"() : () -> ((i32) -> i32)

// -----

"test.op"() : () -> (() -> ())

// -----

"test.op"() : () -> (() -> (() -> ()))

// -----

"test.op"() : () -> ((i32) -> (i32, i32))

// -----

"test.op"() : () -> ((() -> ()) -> ())

// -----

"test.op"() {a = (i32) -> i32} : () -> ()

// -----

"test.op"() {a = () -> ()} : () -> ()

// -----

"test.op"() {a = () -> (() -> ())} : () -> ()

// -----

"test.op"() {a = (i32) -> (i32, i32)} : () -> ()

// -----

"test.op"() {a = (() -> ()) -> ()} : () -> ()

