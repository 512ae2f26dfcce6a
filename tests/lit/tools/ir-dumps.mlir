// RUN: he-opt --allow-unregistered-dialect --print-ir-before-all --cse %s 2>&1 | FileCheck %s --check-prefix=BEFORE
// RUN: he-opt --allow-unregistered-dialect --mlir-print-ir-after-change --cse --dce %s 2>&1 | FileCheck %s --check-prefix=CHANGE

// BEFORE: IR Dump Before cse
// CHANGE: IR Dump After cse
// CHANGE-NOT: IR Dump After dce
func.func @f(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = "nn.neg"(%x) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %1 = "nn.neg"(%x) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %2 = "nn.add"(%0, %1) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %2 : tensor<1x4xf32>
}
