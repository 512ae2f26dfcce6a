func.func @main(%x: tensor<1x4xf32>) -> tensor<1x3xf32> {
  %w = "nn.constant"() {value = #nn.weights<"pointer.safetensors", "w">} : () -> tensor<3x4xf32>
  %1 = nn.linear %x, %w : (tensor<1x4xf32>, tensor<3x4xf32>) -> tensor<1x3xf32>
  return %1 : tensor<1x3xf32>
}
