// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

!a = i32
"a.b"() : () -> !a

// -----

!b = i32
!a = !b
"a.b"() : () -> !a

// -----

!a$b = i32
"a.b"() : () -> !a$b

// -----

!a-b = i32
"a.b"() : () -> !a-b

// -----

!1 = i32
"a.b"() : () -> !1

// -----

!a1 = i32
"a.b"() : () -> tensor<2x!a1>

// -----

!_a = i32
"a.b"() : () -> !_a

// -----

!a = (i32) -> i32
"a.b"() : () -> !a

// -----

!a = i32
"a.b"() : () -> !a<1>

// -----

!a = i32
"a.b"() {x = !a} : () -> ()

// -----

!a = i32
"a.b"() {x = 1 : !a} : () -> ()

// -----

!a = f32
"a.b"() {x = 1.0 : !a} : () -> ()

// -----

!a = tensor<2xi32>
"a.b"() {x = dense<1> : !a} : () -> ()

// -----

!a = i32
"a.b"() {x = array<!a: 1>} : () -> ()

// -----

#a = 1
"a.b"() {x = #a} : () -> ()

// -----

#1 = 1
"a.b"() {x = #1} : () -> ()

// -----

#a-b = 1
"a.b"() {x = #a-b} : () -> ()

// -----

#a = [1, 2]
#b = [#a, #a]
"a.b"() {x = #b} : () -> ()

// -----

#a = #foo.bar<1>
"a.b"() {x = #a} : () -> ()

// -----

#a = affine_map<(d0) -> (d0)>
"a.b"() {x = #a} : () -> ()

// -----

#a = i32
"a.b"() {x = #a} : () -> ()

// -----

#a = loc("x")
"a.b"() : () -> () loc(#a)

// -----

"a.b"() : () -> () loc(#a)
#a = loc("x")

// -----

#a = loc("x")
#b = loc(fused[#a, "c"])
"a.b"() : () -> () loc(#b)

// -----

#a = loc("x")
#b = loc(#a)
"a.b"() : () -> () loc(#b)

// -----

#a = loc("x")
#b = loc(callsite(#a at #a))
"a.b"() : () -> () loc(#b)

// -----

#a = loc("x")
"a.b"() {x = loc(#a)} : () -> ()

// -----

#a = loc("x")
"a.b"() {x = #a} : () -> ()

// -----

"a.b"() ({
^bb0(%x: i32 loc(#a)):
  "a.c"() : () -> ()
}) : () -> ()
#a = loc("x")

// -----

func.func @f(%x: i32 loc(#a)) { return }
#a = loc("x")

// -----

#x = 1
#a = loc(unknown)
#b = loc(fused<#x>[#a])

// -----

#a = 1 : i32
"a.b"() {x = [#a, #a], y = {z = #a}} : () -> ()

// -----

#a = {x = 1}
"a.b"() {y = #a} : () -> ()

// -----

#set = affine_set<(d0) : (d0 >= 0)>
"a.b"() {x = #set} : () -> ()

// -----

#map = affine_map<(d0) -> (d0 + 1)>
"a.b"() : () -> memref<4xf32, #map>

// -----

#enc = #foo.bar<x>
"a.b"() : () -> tensor<4xf32, #enc>

// -----

#a = dense<1> : tensor<2xi32>
"a.b"() {x = #a} : () -> ()

// -----

#i32 = 1
!i32 = f32
"a.b"() {x = #i32} : () -> !i32

// -----

#loc = loc("x")
#loc1 = loc("y")
"a.b"() : () -> () loc(#loc)

// -----

#a = @x::@y
"a.b"() {x = #a} : () -> ()

// -----

#a = distinct[0]<1>
"a.b"() {x = #a} : () -> ()

// -----

#a = strided<[1]>
"a.b"() : () -> memref<2xi32, #a>

// -----

{-# #-}

// -----

{-# dialect_resources: {} #-}

// -----

{-# dialect_resources: { builtin: { a: "0x0400000001000000" } } #-}

// -----

"a.b"() {x = dense_resource<a> : tensor<1xi32>} : () -> ()
{-# dialect_resources: { builtin: { a: "0x0400000001000000" } } #-}

// -----

{-# dialect_resources: { builtin: { a: "0x0400000001000000" } } #-}
"a.b"() {x = dense_resource<a> : tensor<1xi32>} : () -> ()

// -----

{-# dialect_resources: { builtin: { a: "0x04000000010000" } } #-}
"a.b"() {x = dense_resource<a> : tensor<1xi32>} : () -> ()

// -----

{-# dialect_resources: { builtin: { a: "0x0400000001000000", a: "0x0400000001000000" } } #-}

// -----

{-# dialect_resources: { builtin: { }, builtin: { } } #-}

// -----

{-# dialect_resources: { builtin: { "a b": "0x0400000001000000" } } #-}

// -----

{-# external_resources: { } #-}

// -----

{-# external_resources: { foo: { a: "x", b: true, c: "0x0400000001000000" } } #-}

// -----

{-# external_resources: { mlir_reproducer: { pipeline: "builtin.module()", disable_threading: true, verify_each: true } } #-}

// -----

{-# external_resources: { mlir_reproducer: { foo: "x" } } #-}

// -----

{-# dialect_resources: { builtin: { a: "0x0400000001000000" } }, external_resources: { } #-}

// -----

{-# dialect_resources: { }, dialect_resources: { } #-}

// -----

{-# #-} {-# #-}

// -----

"a.b"() {x = dense_resource<a> : tensor<1xi32>, y = dense_resource<a> : tensor<1xi32>} : () -> ()

// -----

{-# dialect_resources: { builtin: { a: "0x0400000001000000" } } #-}
{-# dialect_resources: { builtin: { b: "0x0400000001000000" } } #-}

// -----

{-# dialect_resources: { builtin: { a.b: "0x0400000001000000" } } #-}

// -----

{-# dialect_resources: { builtin: { i32: "0x0400000001000000" } } #-}

// -----

{-# external_resources: { foo: { c: "0x0400000001" } } #-}

// -----

{-# external_resources: { foo: { c: "0X1" } } #-}

// -----

{-# external_resources: { foo: { c: " 0x1" } } #-}
