// A network wider than the slots of a ring of 2^11: its tensors of 1100 elements are two ciphertexts each.
func.func @main(%x: tensor<1x1100xf32>) -> tensor<1x1100xf32> {
  %w = nn.constant {value = #nn.random<seed = 1, std = 0.03>} : tensor<4x1100xf32>
  %b = nn.constant {value = #nn.random<seed = 2, std = 0.2>} : tensor<4xf32>
  %v = nn.constant {value = #nn.random<seed = 3, std = 0.5>} : tensor<1100x4xf32>
  %0 = nn.linear %x, %w, %b : (tensor<1x1100xf32>, tensor<4x1100xf32>, tensor<4xf32>) -> tensor<1x4xf32>
  %1 = nn.square %0 : tensor<1x4xf32>
  %2 = nn.linear %1, %v : (tensor<1x4xf32>, tensor<1100x4xf32>) -> tensor<1x1100xf32>
  %3 = nn.sub %2, %x : (tensor<1x1100xf32>, tensor<1x1100xf32>) -> tensor<1x1100xf32>
  return %3 : tensor<1x1100xf32>
}
