// RUN: he-run --pack=slots=16 --random-input=1 %s | FileCheck %s

// Rows are cut, and the factor is the same for all of them.
// CHECK: max_abs_error: 0
func.func @main(%x: tensor<3x1x3x2x2xf32> {nn.range = [-1.0, 1.0]}) -> tensor<3x1x3x2x2xf32> {
  %c = "nn.constant"() {value = dense<[[1.0, 2.0], [-0.5, 1.0]]> : tensor<2x2xf32>} : () -> tensor<2x2xf32>
  %y = "nn.mul"(%c, %x) : (tensor<2x2xf32>, tensor<3x1x3x2x2xf32>) -> tensor<3x1x3x2x2xf32>
  return %y : tensor<3x1x3x2x2xf32>
}
