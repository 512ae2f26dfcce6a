// RUN: he-run --preset=bsgs-lazy --input %S/Inputs/seven.json --input %S/Inputs/eight.json %s | FileCheck %s
// RUN: he-run --preset=auto --input=%S/Inputs/seven.json --input=%S/Inputs/eight.json %s | FileCheck %s

// One file for each argument.
// CHECK: outputs: 56.0
func.func @main(%x: tensor<f32> {nn.range = [-8.0, 8.0]}, %y: tensor<f32> {nn.range = [-8.0, 8.0]}) -> tensor<f32> {
  %0 = nn.mul %x, %y : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
