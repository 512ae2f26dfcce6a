// What libraries refuse unless it is folded: x - x, a sum that cancels, products with zero, a weight far below the scale alone on its
// diagonal, and a result that is a constant.
func.func @main(%x: tensor<1x4xf32> {nn.range = [-1.0, 1.0]}) -> (tensor<1x4xf32>, tensor<1x4xf32>) {
  %zero = "nn.constant"() {value = dense<0.0> : tensor<4xf32>} : () -> tensor<4xf32>
  %five = "nn.constant"() {value = dense<5.0> : tensor<4xf32>} : () -> tensor<4xf32>
  %w = "nn.constant"() {value = dense<[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 1.0e-20, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]> : tensor<4x4xf32>} : () -> tensor<4x4xf32>
  %0 = "nn.sub"(%x, %x) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %1 = "nn.mul"(%x, %zero) : (tensor<1x4xf32>, tensor<4xf32>) -> tensor<1x4xf32>
  %2 = "nn.linear"(%x, %w) : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %3 = "nn.add"(%2, %1) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %4 = "nn.add"(%3, %0) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %5 = "nn.sub"(%five, %x) : (tensor<4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %6 = "nn.add"(%5, %x) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %4, %6 : tensor<1x4xf32>, tensor<1x4xf32>
}
