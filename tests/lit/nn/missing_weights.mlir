// RUN: not he-opt --approximate %s 2>&1 | FileCheck %s
// RUN: not he-run %s 2>&1 | FileCheck %s

// CHECK: missing_weights.mlir:[[# @LINE + 2]]:8: error: 'nn.constant' op cannot read
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x3xf32> {
  %w = nn.constant {value = #nn.weights<"nothing.safetensors", "fc1.weight">} : tensor<3x4xf32>
  %0 = nn.linear %x, %w : (tensor<1x4xf32>, tensor<3x4xf32>) -> tensor<1x3xf32>
  %1 = nn.relu %0 : tensor<1x3xf32>
  return %1 : tensor<1x3xf32>
}
