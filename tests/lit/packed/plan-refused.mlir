// RUN: not he-opt %s 2>&1 | FileCheck %s

// A plan that does not lead from one layout to the other is refused, with what would do.
// CHECK: plan-refused.mlir:12:8: error: 'packed.linear' op: the plan does not fit: its result has another layout than its folds lead to
// CHECK: packed.linear
// CHECK: help: method = bsgs, and no plan, fit any two layouts
!i = !packed.vec<shape = [1, 4], period = 4, slots = 8>
module attributes {he.stage = "packed"} {
func.func @main(%x: !i, %w: tensor<4x4xf64>) -> !i {

  // Four products in one: the results would be four slots apart.
  %0 = packed.linear %x, %w {plan = #packed.plan<method = replicated, folds = [4]>} : (!i, tensor<4x4xf64>) -> !i
  return %0 : !i
}
}
