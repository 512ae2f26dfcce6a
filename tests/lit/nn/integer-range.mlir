// RUN: he-opt --pack %s | FileCheck %s

// A range in integers is one in floats.
// CHECK: {he.bound = 3.0, nn.range = [-3, 3]}
func.func @main(%x: tensor<1x4xf32> {nn.range = [-3, 3]}) -> tensor<1x4xf32> {
  // CHECK: packed.mul %arg0, %arg0 {he.bound = 9.0
  %0 = nn.mul %x, %x : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}
