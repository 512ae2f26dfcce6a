// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+1 {{integer width 16777216 is larger than 16777215}}
"test.op"() : () -> i16777216

// -----

// expected-error @+1 {{integer width 99999999999999999999 is larger than 16777215}}
"test.op"() : () -> i99999999999999999999

// -----

// expected-error @+1 {{expected a type; found 'i'}}
"test.op"() : () -> i-1

// -----

// expected-error @+1 {{expected a type; found 'i'}}
"test.op"() : () -> i

// -----

// expected-error @+1 {{expected a type; found 'si'}}
"test.op"() : () -> si

// -----

// expected-error @+1 {{expected a type; found 'I32'}}
"test.op"() : () -> I32

// -----

// expected-error @+1 {{expected a type; found 'i'}}
"test.op"() : () -> i 32

// -----

// expected-error @+1 {{expected a type; found 's32'}}
"test.op"() : () -> s32

// -----

// expected-error @+1 {{expected a type; found 'f8'}}
"test.op"() : () -> f8

// -----

// expected-error @+1 {{expected a type; found 'f31'}}
"test.op"() : () -> f31

// -----

// expected-error @+1 {{expected a type; found 'f32x'}}
"test.op"() : () -> f32x

// -----

// expected-error @+1 {{expected a type; found 'bf32'}}
"test.op"() : () -> bf32

// -----

// expected-error @+1 {{expected a type; found 'bf8'}}
"test.op"() : () -> bf8

// -----

// expected-error @+1 {{the element of complex must be a float or an integer}}
"test.op"() : () -> complex<index>

// -----

// expected-error @+1 {{the element of complex must be a float or an integer}}
"test.op"() : () -> complex<complex<f32>>

// -----

// expected-error @+1 {{the element of complex must be a float or an integer}}
"test.op"() : () -> complex<tensor<2xf32>>

// -----

// expected-error @+1 {{expected a type; found '>'}}
"test.op"() : () -> complex<>

// -----

// expected-error @+3 {{expected '<' after 'complex'; the file ends here}}
"test.op"() : () -> complex

// -----

// expected-error @+1 {{expected '>' after the element type; found ','}}
"test.op"() : () -> complex<f32, f32>

// -----

// expected-error @+1 {{the element of complex must be a float or an integer}}
"test.op"() : () -> complex<none>

// -----

// expected-error @+1 {{the element of complex must be a float or an integer}}
"test.op"() : () -> complex<!foo.bar>

// -----

// expected-error @+3 {{expected '<' after 'tuple'; the file ends here}}
"test.op"() : () -> tuple

// -----

// expected-error @+1 {{expected a type; found '>'}}
"test.op"() : () -> tuple<i32,>

// -----

// expected-error @+1 {{expected a type; found ','}}
"test.op"() : () -> tuple<,>

// -----

// expected-error @+1 {{expected ',' or '>'; found 'f32'}}
"test.op"() : () -> tuple<i32 f32>

// -----

// expected-error @+1 {{dimension #0 of a vector must be positive}}
"test.op"() : () -> vector<0xf32>

// -----

// expected-error @+1 {{expected a type; found '?'}}
"test.op"() : () -> vector<?xf32>

// -----

// expected-error @+1 {{expected a type; found '*'}}
"test.op"() : () -> vector<*xf32>

// -----

// expected-error @+1 {{invalid element type of vector}}
"test.op"() : () -> vector<4xcomplex<f32>>

// -----

// expected-error @+1 {{invalid element type of vector}}
"test.op"() : () -> vector<4xvector<4xf32>>

// -----

// expected-error @+1 {{invalid element type of vector}}
"test.op"() : () -> vector<4xtensor<4xf32>>

// -----

// expected-error @+1 {{invalid element type of vector}}
"test.op"() : () -> vector<4xnone>

// -----

// expected-error @+1 {{invalid element type of vector}}
"test.op"() : () -> vector<4xtuple<>>

// -----

// expected-error @+1 {{invalid element type of vector}}
"test.op"() : () -> vector<4x!foo.bar>

// -----

// expected-error @+1 {{expected a type; found '-'}}
"test.op"() : () -> vector<-1xf32>

// -----

// expected-error @+1 {{expected 'x' after a dimension}}
"test.op"() : () -> vector<4x4>

// -----

// expected-error @+1 {{expected 'x' after a dimension}}
"test.op"() : () -> vector<4f32>

// -----

// expected-error @+1 {{expected a type; found 'x4xf32'}}
"test.op"() : () -> vector<x4xf32>

// -----

// expected-error @+1 {{expected ']' after a scalable dimension}}
"test.op"() : () -> vector<[4xf32>

// -----

// expected-error @+1 {{expected 'x' after a dimension}}
"test.op"() : () -> vector<4]xf32>

// -----

// expected-error @+1 {{expected a scalable dimension; found ']'}}
"test.op"() : () -> vector<[]xf32>

// -----

// expected-error @+1 {{expected a scalable dimension; found '?'}}
"test.op"() : () -> vector<[?]xf32>

// -----

// expected-error @+1 {{dimension #0 of a vector must be positive}}
"test.op"() : () -> vector<[0]xf32>

// -----

// expected-error @+1 {{dimension #0 of a vector must be positive}}
"test.op"() : () -> vector<0x10xf32>

// -----

// expected-error @+1 {{dimension #0 of a vector must be positive}}
"test.op"() : () -> vector<0x1xf32>

// -----

// expected-error @+1 {{dimension does not fit in 64 bits}}
"test.op"() : () -> vector<9223372036854775808xf32>

// -----

// expected-error @+1 {{expected '>' after the vector's element type; found ','}}
"test.op"() : () -> vector<4xf32, 1>

// -----

// expected-error @+1 {{invalid element type of vector}}
"test.op"() : () -> vector<4xmemref<2xf32>>

// -----

// expected-error @+1 {{invalid element type of vector}}
"test.op"() : () -> vector<4x(i32) -> i32>

// -----

// expected-error @+3 {{expected '<' after 'vector'; the file ends here}}
"test.op"() : () -> vector

// -----

// expected-error @+1 {{expected a type; found '>'}}
"test.op"() : () -> vector<>

// -----

// expected-error @+1 {{expected '<' after 'vector'; found '4'}}
"test.op"() : () -> vector 4xf32>

// -----

// expected-error @+3 {{expected '>' after the vector's element type; the file ends here}}
"test.op"() : () -> vector<4xf32

// -----

// expected-error @+1 {{expected 'x' after '*'}}
"test.op"() : () -> tensor<*>

// -----

// expected-error @+1 {{expected 'x' after '*'}}
"test.op"() : () -> tensor<*f32>

// -----

// expected-error @+1 {{expected 'x' after '*'}}
"test.op"() : () -> tensor<**xf32>

// -----

// expected-error @+1 {{expected a type; found '*'}}
"test.op"() : () -> tensor<*x*xf32>

// -----

// expected-error @+1 {{expected a type; found '*'}}
"test.op"() : () -> tensor<4x*xf32>

// -----

// expected-error @+1 {{expected a type; found '4'}}
"test.op"() : () -> tensor<*x4xf32>

// -----

// expected-error @+1 {{expected a type; found '-'}}
"test.op"() : () -> tensor<-1xf32>

// -----

// expected-error @+1 {{expected '>' after the tensor's element type; found ','}}
"test.op"() : () -> tensor<4xf32, #foo.bar, 1>

// -----

// expected-error @+1 {{expected '>' after the element type; found ','}}
"test.op"() : () -> tensor<*xf32, #foo.bar>

// -----

// expected-error @+1 {{invalid element type of tensor}}
"test.op"() : () -> tensor<4xnone>

// -----

// expected-error @+1 {{invalid element type of tensor}}
"test.op"() : () -> tensor<4xtuple<>>

// -----

// expected-error @+1 {{invalid element type of tensor}}
"test.op"() : () -> tensor<4xtensor<4xf32>>

// -----

// expected-error @+1 {{invalid element type of tensor}}
"test.op"() : () -> tensor<4xmemref<4xf32>>

// -----

// expected-error @+1 {{invalid element type of tensor}}
"test.op"() : () -> tensor<4x(i32) -> i32>

// -----

// expected-error @+1 {{expected 'x' after a dimension}}
"test.op"() : () -> tensor<4>

// -----

// expected-error @+1 {{expected a type; found '>'}}
"test.op"() : () -> tensor<4x>

// -----

// expected-error @+1 {{expected 'x' after a dimension}}
"test.op"() : () -> tensor<4x4>

// -----

// expected-error @+1 {{expected a type; found 'x4xf32'}}
"test.op"() : () -> tensor<x4xf32>

// -----

// expected-error @+1 {{expected a type; found '>'}}
"test.op"() : () -> tensor<4x4x>

// -----

// expected-error @+1 {{expected 'x' after a dimension}}
"test.op"() : () -> tensor<0x1Fxf32>

// -----

// expected-error @+1 {{expected 'x' after a dimension}}
"test.op"() : () -> tensor<?f32>

// -----

// expected-error @+1 {{expected a type; found '['}}
"test.op"() : () -> tensor<[4]xf32>

// -----

// expected-error @+1 {{dimension does not fit in 64 bits}}
"test.op"() : () -> tensor<9223372036854775808xf32>

// -----

// expected-error @+1 {{dimension does not fit in 64 bits}}
"test.op"() : () -> tensor<99999999999999999999xf32>

// -----

// expected-error @+3 {{expected '<' after 'tensor'; the file ends here}}
"test.op"() : () -> tensor

// -----

// expected-error @+1 {{expected a type; found '>'}}
"test.op"() : () -> tensor<>

// -----

// expected-error @+3 {{expected '>' after the tensor's element type; the file ends here}}
"test.op"() : () -> tensor<4xf32

// -----

// expected-error @+1 {{expected an operation; found '>'}}
"test.op"() : () -> tensor<4xf32>>

// -----

// expected-error @+1 {{expected a type; found 'f33'}}
"test.op"() : () -> tensor<4xf33>

// -----

// expected-error @+1 {{expected a type; found 'xf32'}}
"test.op"() : () -> tensor<xf32>

// -----

// expected-error @+1 {{expected 'x' after a dimension}}
"test.op"() : () -> tensor<4X4xf32>

// -----

// expected-error @+1 {{expected a type; found '-'}}
"test.op"() : () -> tensor<-xf32>

// -----

// expected-error @+1 {{a memref has one memory space}}
"test.op"() : () -> memref<*xf32, 1, 2>

// -----

// expected-error @+1 {{an unranked memref has no layout}}
"test.op"() : () -> memref<*xf32, affine_map<(d0) -> (d0)>>

// -----

// expected-error @+1 {{a memory space is an integer, a string, a dictionary or a dialect's attribute}}
"test.op"() : () -> memref<4xf32, #foo.bar>

// -----

// expected-error @+1 {{the layout is for rank 2, the memref has rank 1}}
"test.op"() : () -> memref<4xf32, affine_map<(d0, d1) -> (d0, d1)>>

// -----

// expected-error @+1 {{the layout is for rank 1, the memref has rank 2}}
"test.op"() : () -> memref<4x4xf32, affine_map<(d0) -> (d0)>>

// -----

// expected-error @+1 {{the memory space comes last in a memref}}
"test.op"() : () -> memref<4xf32, 1, affine_map<(d0) -> (d0)>>

// -----

// expected-error @+1 {{the layout is for rank 2, the memref has rank 1}}
"test.op"() : () -> memref<4xf32, strided<[1, 2]>>

// -----

// expected-error @+1 {{a memref has one memory space}}
"test.op"() : () -> memref<4xf32, 1, 2>

// -----

// expected-error @+1 {{a memref has one memory space}}
"test.op"() : () -> memref<4xf32, 1, 2, 3>

// -----

// expected-error @+1 {{expected an attribute; found '>'}}
"test.op"() : () -> memref<4xf32,>

// -----

// expected-error @+1 {{invalid element type of memref}}
"test.op"() : () -> memref<4xnone>

// -----

// expected-error @+1 {{invalid element type of memref}}
"test.op"() : () -> memref<4xtensor<4xf32>>

// -----

// expected-error @+1 {{invalid element type of memref}}
"test.op"() : () -> memref<4xtuple<i32>>

// -----

// expected-error @+1 {{invalid element type of memref}}
"test.op"() : () -> memref<4x!foo.bar>

// -----

// expected-error @+1 {{invalid element type of memref}}
"test.op"() : () -> memref<4x(i32) -> i32>

// -----

// expected-error @+1 {{expected a type; found '-'}}
"test.op"() : () -> memref<-1xf32>

// -----

// expected-error @+3 {{expected '<' after 'memref'; the file ends here}}
"test.op"() : () -> memref

// -----

// expected-error @+1 {{expected a type; found '>'}}
"test.op"() : () -> memref<>

// -----

// expected-error @+1 {{expected 'x' after a dimension}}
"test.op"() : () -> memref<4>

// -----

// expected-error @+1 {{a memory space is an integer, a string, a dictionary or a dialect's attribute}}
"test.op"() : () -> memref<4xf32, i32>

// -----

// expected-error @+1 {{a memory space is an integer, a string, a dictionary or a dialect's attribute}}
"test.op"() : () -> memref<4xf32, @a>

// -----

// expected-error @+1 {{a memory space is an integer, a string, a dictionary or a dialect's attribute}}
"test.op"() : () -> memref<4xf32, 1.0>

// -----

// expected-error @+1 {{a memory space is an integer, a string, a dictionary or a dialect's attribute}}
"test.op"() : () -> memref<4xf32, [1]>

// -----

// expected-error @+1 {{a memory space is an integer, a string, a dictionary or a dialect's attribute}}
"test.op"() : () -> memref<4xf32, unit>

// -----

// expected-error @+1 {{a memory space is an integer, a string, a dictionary or a dialect's attribute}}
"test.op"() : () -> memref<4xf32, affine_set<(d0) : (d0 >= 0)>>

// -----

// expected-error @+1 {{expected a type; found '['}}
"test.op"() : () -> memref<[4]xf32>

// -----

// expected-error @+1 {{the memory space comes last in a memref}}
"test.op"() : () -> memref<4xf32, "l", strided<[1]>>

// -----

// expected-error @+1 {{a memory space is an integer, a string, a dictionary or a dialect's attribute}}
"test.op"() : () -> memref<4xf32, #foo.layout, 1>

// -----

// expected-error @+1 {{undefined type alias '!foo'}}
"test.op"() : () -> !foo

// -----

// expected-error @+1 {{'' is no name of a dialect}}
"test.op"() : () -> !.foo

// -----

// expected-error @+1 {{expected an operation; found '<'}}
"test.op"() : () -> !foo.bar <1>

// -----

// expected-error @+1 {{undefined type alias '!foo'}}
"test.op"() : () -> !foo <bar>

// -----

// expected-error @+1 {{unbalanced bracket}}
"test.op"() : () -> !foo.bar<(>

// -----

// expected-error @+1 {{unbalanced bracket}}
"test.op"() : () -> !foo.bar<)>

// -----

// expected-error @+1 {{expected an operation; found the character '\''}}
"test.op"() : () -> !foo.bar<'>'>

// -----

// expected-error @+1 {{unknown operation 'b'}}
"test.op"() : () -> !foo.bar<a>b>

// -----

// expected-error @+1 {{unbalanced bracket}}
"test.op"() : () -> !foo.bar<[>]>

// -----

// expected-error @+1 {{this bracket is never closed}}
"test.op"() : () -> !foo.bar<-->

// -----

// expected-error @+1 {{expected an operation; found '>'}}
"test.op"() : () -> !foo.bar<>>

// -----

// expected-error @+1 {{undefined type alias '!1'}}
"test.op"() : () -> !1

// -----

// expected-error @+1 {{undefined type alias '!1'}}
"test.op"() : () -> !1.foo

// -----

// expected-error @+1 {{'foo-bar' is no name of a dialect}}
"test.op"() : () -> !foo-bar<1>

// -----

// expected-error @+1 {{'$foo' is no name of a dialect}}
"test.op"() : () -> !$foo<"bar">

// -----

// expected-error @+1 {{unknown type 'builtin.integer'}}
"test.op"() : () -> !builtin.integer

// -----

// expected-error @+1 {{unknown type 'builtin.foo'}}
"test.op"() : () -> !builtin.foo

// -----

// expected-error @+1 {{unknown type 'func.foo'}}
"test.op"() : () -> !func.foo

// -----

// expected-error @+1 {{unknown type 'func'}}
"test.op"() : () -> !func<foo>

// -----

// expected-error @+1 {{unknown type 'builtin'}}
"test.op"() : () -> !builtin<foo>

// -----

// expected-error @+1 {{this bracket is never closed}}
"test.op"() : () -> !foo.bar<{

// -----

// expected-error @+1 {{expected an operation; found ':'}}
"test.op"() : () -> !foo.bar : i32

// -----

// expected-error @+1 {{expected an operation; found '<'}}
"test.op"() : () -> none<>

// -----

// expected-error @+1 {{expected an operation; found '<'}}
"test.op"() : () -> index<1>

// -----

// expected-error @+1 {{expected a type; found 'unit'}}
"test.op"() : () -> unit

// -----

// expected-error @+1 {{expected a type; found 'dense'}}
"test.op"() : () -> dense

// -----

// expected-error @+1 {{expected a type; found 'opaque'}}
"test.op"() : () -> opaque<"a", "b">

// -----

// expected-error @+1 {{expected a type; found 'true'}}
"test.op"() : () -> true

// -----

// expected-error @+1 {{expected a type; found '@a'}}
"test.op"() : () -> @a

// -----

// expected-error @+1 {{expected a type; found '1'}}
"test.op"() : () -> 1

// -----

// expected-error @+1 {{expected a type; found '"i32"'}}
"test.op"() : () -> "i32"

// -----

// expected-error @+1 {{expected a type; found '%a'}}
"test.op"() : () -> %a

// -----

// expected-error @+1 {{expected a type; found 'type'}}
"test.op"() : () -> type

// -----

// expected-error @+1 {{expected a type; found 'foo'}}
"test.op"() : () -> foo

// -----

// expected-error @+1 {{expected a type; found 'f32.x'}}
"test.op"() : () -> f32.x

// -----

// expected-error @+1 {{expected a type; found 'i32.x'}}
"test.op"() : () -> i32.x

// -----

// expected-error @+1 {{expected a type; found 'loc'}}
"test.op"() : () -> loc

// -----

// expected-error @+1 {{expected a type; found '?'}}
"test.op"() : () -> ?

// -----

// expected-error @+1 {{expected an operation; found ','}}
"test.op"() : () -> i32, i32

// -----

// expected-error @+1 {{expected an operation; found '->'}}
"test.op"() : () -> (i32) -> i32

// -----

// expected-error @+1 {{expected an operation; found '->'}}
"test.op"() : () -> () -> ()

// -----

// expected-error @+1 {{expected an operation; found '->'}}
"test.op"() : () -> () -> (() -> ())

// -----

// expected-error @+1 {{expected an operation; found '->'}}
"test.op"() : () -> () -> () -> ()

// -----

// expected-error @+1 {{expected an operation; found '->'}}
"test.op"() : () -> (i32) -> (i32, i32)

// -----

// expected-error @+1 {{expected a type; found ')'}}
"test.op"() : () -> (i32, ) -> i32

// -----

// expected-error @+1 {{expected an operation; found '->'}}
"test.op"() : () -> (() -> ()) -> ()

// -----

// expected-error @+1 {{expected '->' in a function type; found ')'}}
"test.op"() : () -> (())

// -----

// expected-error @+1 {{expected ',' or ')'; found '->'}}
"test.op"() : () -> (() -> () -> ())

// -----

// expected-error @+1 {{expected '->' in a function type; found ')'}}
"test.op"() : () -> ((i32))

// -----

// expected-error @+1 {{expected a type; found ')'}}
"test.op"() : () -> ((i32, ) -> i32)

// -----

// expected-error @+1 {{expected '->' in a function type; found ')'}}
"test.op"() : () -> ((i32, i32))

// -----

// expected-error @+1 {{expected '->' in a function type; found '}'}}
"test.op"() {a = ()} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found '->'}}
"test.op"() {a = () -> () -> ()} : () -> ()

// -----

// expected-error @+1 {{expected '->' in a function type; found '}'}}
"test.op"() {a = (i32)} : () -> ()

// -----

// expected-error @+1 {{expected a type; found ')'}}
"test.op"() {a = (i32, ) -> i32} : () -> ()

// -----

// expected-error @+1 {{expected '->' in a function type; found '}'}}
"test.op"() {a = (i32, i32)} : () -> ()

// -----

// expected-error @+1 {{expected 'x' after a dimension; found the character '\u{c}'}}
"a.b"() : () -> tensor<2x i32>

// -----

// expected-error @+1 {{expected a type; found the character '\u{c}'}}
"a.b"() : () -> tensor<2xi32>

// -----

// expected-error @+1 {{invalid element type of memref}}
"a.b"() : () -> memref<*x!a.b>

// -----

// expected-error @+1 {{invalid element type of tensor}}
"a.b"() : () -> tensor<*xtuple<>>

// -----

// expected-error @+1 {{expected a scalable dimension; found ']'}}
"a.b"() : () -> vector<[]xi32>

// -----

// expected-error @+1 {{dimension does not fit in 64 bits}}
"a.b"() : () -> tensor<9223372036854775808xi32>
