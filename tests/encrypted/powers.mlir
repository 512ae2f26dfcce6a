// x + x^2 + x^4 + x^8: no factor makes up for what the primes are off by.
func.func @main(%a: tensor<1x4xf32> {nn.range = [0.5, 0.9]}) -> tensor<1x4xf32> {
  %1 = "nn.mul"(%a, %a) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %2 = "nn.mul"(%1, %1) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %3 = "nn.mul"(%2, %2) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %4 = "nn.add"(%a, %1) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %5 = "nn.add"(%4, %2) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %6 = "nn.add"(%5, %3) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %6 : tensor<1x4xf32>
}
