// RUN: not he-opt --print-ir-after-failure --preset=baseline %s 2>&1 | FileCheck %s

// CHECK: IR Dump After Failure of approximate
// CHECK: nn.softmax
// CHECK: error:
func.func @f(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = "nn.softmax"(%x) {dim = 1} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %0 : tensor<1x4xf32>
}
