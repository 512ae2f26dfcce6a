// RUN: he-opt --allow-unregistered-dialect --verify-roundtrip %s | FileCheck %s

// CHECK: func.func @f(%arg0: i32) -> i32
func.func @f(%a: i32) -> i32 {
  // CHECK: "a.b"(%arg0) {x = 1.5 : f32}
  %0 = "a.b"(%a) {x = 1.5 : f32} : (i32) -> i32 loc("m.py":1:2)
  func.return %0 : i32
}
