// RUN: he-opt --approximate %s | FileCheck %s
// RUN: he-opt --preset=bsgs-lazy --check-semantics %s | FileCheck %s --check-prefix=LEVELED
// RUN: he-run --preset=bsgs-lazy --random-input 1 %s | FileCheck %s --check-prefix=NUMBERS
// RUN: he-run --preset=auto --random-input 1 %s | FileCheck %s --check-prefix=NUMBERS

// Ops on constants are computed in the clear, whatever the stage: weights that an export transposes, negates or scales.
// A product with a constant matrix is a linear layer.
// CHECK: he.stage = "poly"
// CHECK-NOT: nn.matmul
// CHECK: %[[T:.*]] = nn.transpose
// CHECK: nn.linear %arg0, %[[T]]
// CHECK: nn.relu
// CHECK: nn.linear

// The ops stay in the program; their results are encoded.
// LEVELED: he.stage = "leveled"
// LEVELED: nn.transpose
// LEVELED: ckks.encode

// NUMBERS: max_abs_error: {{0|[0-9.]+e-1[0-9]}}
func.func @main(%x: tensor<1x2xf32> {nn.range = [-4.0, 4.0]}) -> tensor<1x2xf32> {
  %w = "nn.constant"() {value = dense<[[1.0, 3.0, -2.0], [2.0, 4.0, 0.5]]> : tensor<2x3xf32>} : () -> tensor<2x3xf32>
  %0 = nn.matmul %x, %w : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<1x3xf32>
  %half = "nn.constant"() {value = dense<0.5> : tensor<3xf32>} : () -> tensor<3xf32>
  %bias = "nn.constant"() {value = dense<[1.0, -2.0, 3.0]> : tensor<3xf32>} : () -> tensor<3xf32>
  %positive = nn.relu %bias : tensor<3xf32>
  %scaled = nn.mul %positive, %half : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %1 = nn.add %0, %scaled : (tensor<1x3xf32>, tensor<3xf32>) -> tensor<1x3xf32>
  %flat = "nn.constant"() {value = dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]> : tensor<6xf32>} : () -> tensor<6xf32>
  %shaped = nn.reshape %flat {shape = [2, 3]} : (tensor<6xf32>) -> tensor<2x3xf32>
  %negated = nn.neg %shaped : tensor<2x3xf32>
  %2 = nn.linear %1, %negated : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  return %2 : tensor<1x2xf32>
}
