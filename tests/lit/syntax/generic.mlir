// RUN: he-opt --allow-unregistered-dialect %s | FileCheck %s
// RUN: he-opt --allow-unregistered-dialect --print-op-generic %s | he-opt --allow-unregistered-dialect | FileCheck %s

#map = affine_map<(d0) -> (d0 + 1)>
!alias = tensor<4x?xf32>

// CHECK: "test.multi"() : () -> (i32, i64)
%a:2 = "test.multi"() : () -> (i32, i64)
// CHECK: "test.use"(%0#1, %0#0) <{inherent = 1 : i32}> {other = "text\0A\22"} : (i64, i32) -> ()
"test.use"(%a#1, %a#0) <{inherent = 1 : i32}> {other = "text\n\""} : (i64, i32) -> ()

// A module is a graph: a value may be used before it is defined.
// CHECK: "test.early"(%1) : (f32) -> ()
// CHECK-NEXT: %1 = "test.late"() : () -> f32
"test.early"(%late) : (f32) -> ()
%late = "test.late"() : () -> f32

// CHECK: "test.regions"() ({
// CHECK-NEXT: ^bb0(%arg0: i32):
// CHECK-NEXT: "test.branch"(%arg0)[^bb1] : (i32) -> ()
// CHECK-NEXT: ^bb1:
// CHECK-NEXT: "test.end"() : () -> ()
// CHECK-NEXT: }, {
// CHECK-NEXT: }) : () -> ()
"test.regions"() ({
^entry(%x: i32):
  "test.branch"(%x)[^next] : (i32) -> ()
^next:
  "test.end"() : () -> ()
}, {}) : () -> ()

// CHECK: "test.attributes"()
// CHECK-SAME: a = [1, -2 : i8, true, unit]
// CHECK-SAME: b = {x = 0.5, y = 1.5 : f32}
// CHECK-SAME: c = dense<[1, 2]> : tensor<2xi32>
// CHECK-SAME: d = dense<1.5> : tensor<4xf64>
// CHECK-SAME: e = array<i64: 1, 2>
// CHECK-SAME: f = @outer::@inner
// CHECK-SAME: g = 0x7FC00000 : f32
// CHECK-SAME: h = tensor<4x?xf32>
// CHECK-SAME: i = (i32, !alien.type<"x" -> [1]>) -> ()
// CHECK-SAME: j = #alien.attr<{1, (2)}>
// CHECK-SAME: k = affine_map<(d0) -> (d0 + 1)>
"test.attributes"() {
  a = [1, -2 : i8, true, unit], b = {y = 1.5 : f32, x = 0.5}, c = dense<[1, 2]> : tensor<2xi32>,
  d = dense<1.5> : tensor<4xf64>, e = array<i64: 1, 2>, f = @outer::@inner, g = 0x7FC00000 : f32,
  h = !alias, i = (i32, !alien.type<"x" -> [1]>) -> (), j = #alien.attr<{1, (2)}>, k = #map
} : () -> ()

// CHECK: "test.types"() : () -> (si8, ui16, index, none, bf16, complex<f32>, tuple<i1, f64>, vector<4x[8]xi32>, tensor<*xf32>, memref<2x?xf32, 1>)
"test.types"() : () -> (si8, ui16, index, none, bf16, complex<f32>, tuple<i1, f64>, vector<4x[8]xi32>, tensor<*xf32>, memref<2x?xf32, 1>)
