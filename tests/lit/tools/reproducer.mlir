// RUN: not he-opt --preset=baseline --crash-reproducer=%t.mlir %s 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=FILE < %t.mlir
// RUN: not he-opt --run-reproducer %t.mlir 2>&1 | FileCheck %s --check-prefix=AGAIN

// CHECK: error:
// CHECK: while running pass 'approximate'
// CHECK: remark: a reproducer is in '
// CHECK: help: he-opt --run-reproducer
// FILE: nn.softmax
// FILE: mlir_reproducer
// FILE: pipeline: "builtin.module(approximate
// FILE: verify_each: true
// AGAIN: while running pass 'approximate'
func.func @f(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = "nn.softmax"(%x) {dim = 1} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %0 : tensor<1x4xf32>
}
