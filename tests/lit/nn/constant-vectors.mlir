// RUN: he-opt --approximate %s | FileCheck %s
// RUN: he-run --preset=bsgs-lazy --random-input 1 %s | FileCheck %s --check-prefix=NUMBERS

// CHECK-NOT: nn.matmul
// NUMBERS: max_abs_error: {{0|[0-9.]+e-1[0-9]}}

// A matrix times a vector, and a vector times a vector: a tensor of rank 0.
func.func @main(%x: tensor<4xf32>) -> tensor<f32> {
  %w = "nn.constant"() {value = #nn.random<seed = 1, std = 1.0>} : () -> tensor<3x4xf32>
  %0 = nn.matmul %w, %x : (tensor<3x4xf32>, tensor<4xf32>) -> tensor<3xf32>
  %v = "nn.constant"() {value = dense<[1.0, -2.0, 3.0]> : tensor<3xf32>} : () -> tensor<3xf32>
  %1 = nn.matmul %0, %v : (tensor<3xf32>, tensor<3xf32>) -> tensor<f32>
  return %1 : tensor<f32>
}
