// The constructs of the rule language, one function each.
// RUN: he-opt --load-dialect %S/Inputs/language.dialect --load-rules %S/Inputs/language.rules --moves --halves --middles --constants --types --shapes %s | FileCheck %s

// CHECK-LABEL: @moving_a_region
func.func @moving_a_region(%x: i32) -> i32 {
  // CHECK-NEXT: %0 = "lang.again"(%arg0) ({
  // CHECK-NEXT: ^bb0(%arg1: i8):
  // CHECK-NEXT:   lang.yield %arg1 : i8
  // CHECK-NEXT: }) {kept = 1} : (i32) -> i32
  %0 = "lang.loop"(%x) ({
  ^bb0(%y: i8):
    lang.yield %y : i8
  }) {kept = 1} : (i32) -> i32
  // CHECK-NEXT: return
  return %0 : i32
}

// CHECK-LABEL: @once
func.func @once(%x: i32) -> i32 {
  // CHECK-NEXT: lang.turn %{{.*}} {by = 4} : i32
  // CHECK-NEXT: lang.turn %{{.*}} {by = 4} : i32
  // CHECK-NEXT: return
  %0 = lang.turn %x {by = 8} : i32
  return %0 : i32
}

// CHECK-LABEL: @variadic_in_the_middle
func.func @variadic_in_the_middle(%a: i32, %b: i32, %c: i32) -> (i32, i32) {
  %0 = lang.mark %c : i32
  // CHECK-NEXT: %[[MARKED:.*]] = lang.mark %[[C:.*]] : i32
  // CHECK-NEXT: lang.list %[[C]], %[[B:.*]], %[[B]], %[[A:.*]] : i32, i32, i32, i32
  %1 = lang.list %a, %b, %b, %0 : i32, i32, i32, i32
  // Without anything in the middle the condition does not hold.
  // CHECK-NEXT: lang.list %[[A]], %[[MARKED]] : i32, i32
  %2 = lang.list %a, %0 : i32, i32
  return %1, %2 : i32, i32
}

// CHECK-LABEL: @constants
func.func @constants(%x: i32) -> (i32, i32, i32, i32) {
  // CHECK-DAG: lang.turn %{{.*}} {by = 7} : i32
  // CHECK-DAG: lang.turn %{{.*}} {by = 1} : i32
  // CHECK-DAG: lang.shift %{{.*}} {value = dense<[2.0, 1.0]> : tensor<2xf32>} : i32
  // CHECK: return %[[X:.*]],
  %m = lang.mark %x : i32
  %0 = lang.shift %m {value = dense<0.0> : tensor<4xf64>} : i32
  %1 = lang.shift %m {value = dense<3.0> : tensor<4xf64>} : i32
  %2 = lang.shift %m {value = dense<[1.0, 2.0]> : tensor<2xf32>} : i32
  %3 = lang.shift %m {value = dense<[2.0, 1.0]> : tensor<2xf32>} : i32
  return %0, %1, %2, %3 : i32, i32, i32, i32
}

// CHECK-LABEL: @types
func.func @types(%x: !lang.word<bits = 16>, %y: !lang.word<bits = 4>) -> (!lang.word<bits = 16>, !lang.word<bits = 4>, !lang.word) {
  // CHECK-NEXT: lang.widen %{{.*}} : !lang.word<bits = 4> to !lang.word<bits = 4>
  // CHECK-NEXT: lang.widen %{{.*}} : !lang.word<bits = 16> to !lang.word
  // CHECK-NEXT: return
  %0 = lang.widen %x : !lang.word<bits = 16> to !lang.word<bits = 16>
  %1 = lang.widen %y : !lang.word<bits = 4> to !lang.word<bits = 4>
  %2 = lang.widen %x : !lang.word<bits = 16> to !lang.word
  return %0, %1, %2 : !lang.word<bits = 16>, !lang.word<bits = 4>, !lang.word
}

// CHECK-LABEL: @alternatives_and_negation
func.func @alternatives_and_negation(%x: i32) -> (i32, i32, i32, i32) {
  %0 = lang.mark %x : i32
  %1 = lang.mark %0 : i32
  %2 = lang.turn %x {by = 3} : i32
  %3 = lang.turn %2 {by = -3} : i32
  // CHECK:      %[[TURN:.*]] = lang.turn %[[X:.*]] {by = 3} : i32
  // CHECK-NEXT: %[[STAYS:.*]] = lang.shift %[[TURN]] {value = dense<1.0> : tensor<2xf32>}
  // CHECK-NEXT: %[[MARK:.*]] = lang.mark %[[X]] : i32
  // CHECK-NEXT: %[[MARKED:.*]] = lang.shift %[[MARK]] {value = dense<1.0> : tensor<2xf32>}
  %4 = lang.shift %2 {value = dense<1.0> : tensor<2xf32>} : i32
  %5 = lang.shift %x {value = dense<1.0> : tensor<2xf32>} : i32
  // CHECK-NEXT: return %[[X]], %[[X]], %[[STAYS]], %[[MARKED]]
  return %1, %3, %4, %5 : i32, i32, i32, i32
}

// CHECK-LABEL: @optionals
func.func @optionals(%x: i32, %y: i8) -> (i32, i32, i32) {
  // CHECK-NEXT: lang.pick %[[X:.*]] {side = "right"} : i32
  // CHECK-NEXT: lang.pick %[[X]] or %[[Y:.*]] {depth = 3, side = "right"} : i32 or i8
  // CHECK-NEXT: lang.pick %[[X]] {depth = 4, side = "right"} : i32
  %0 = lang.pick %x : i32
  %1 = lang.pick %x or %y {depth = 3} : i32 or i8
  %2 = lang.pick %x {side = "right", depth = 4} : i32
  return %0, %1, %2 : i32, i32, i32
}
