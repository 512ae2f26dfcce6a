// RUN: not he-opt --approximate %s 2>&1 | FileCheck %s
// RUN: he-run --random-input 1 %s | FileCheck %s --check-prefix=RESULT

// CHECK: not_lowered.mlir:9:8: error: 'nn.softmax' cannot be lowered to poly yet
// RESULT: max_abs_error: 0.000000e0

// Executed at stage nn, refused by name below it.
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = nn.softmax %x {dim = 1} : tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}
