// RUN: he-translate --emit=dot %s | FileCheck %s

// CHECK: digraph {
// CHECK: label = "nn.square" shape = box
// CHECK: -> {{[0-9]+}} [ label = "tensor<1x4xf32>"]

func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = "nn.square"(%x) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %0 : tensor<1x4xf32>
}
