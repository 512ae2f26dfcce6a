// RUN: he-opt --canonicalize %s | FileCheck %s

// CHECK-LABEL: @main
// CHECK-NOT: nn.neg
// CHECK: nn.sub %arg0, %arg1
// CHECK-NOT: nn.
func.func @main(%x: tensor<2x2xf32>, %y: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %0 = nn.neg %x : tensor<2x2xf32>
  %1 = nn.neg %0 : tensor<2x2xf32>
  %2 = nn.reshape %1 {shape = [1, 4]} : (tensor<2x2xf32>) -> tensor<1x4xf32>
  %3 = nn.reshape %2 {shape = [2, 2]} : (tensor<1x4xf32>) -> tensor<2x2xf32>
  %4 = nn.neg %y : tensor<2x2xf32>
  %5 = nn.add %3, %4 : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %5 : tensor<2x2xf32>
}
