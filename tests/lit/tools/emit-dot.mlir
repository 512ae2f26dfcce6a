// RUN: he-opt --emit=dot %s | FileCheck %s

// CHECK: digraph {
// CHECK: label = "nn.neg"
func.func @f(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = "nn.neg"(%x) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %0 : tensor<1x4xf32>
}
