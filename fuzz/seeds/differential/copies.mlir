// Seed 0: slots=0 --poly-modulus-degree=1024 --coeff-modulus=60,40x24 --scale=2^40 --pass-pipeline='builtin.module(pack{strategy=replicated},bsgs{min-size=1},to-ckks)'
// Found in the field: the copies of an element were summed.
func.func @main(%x: tensor<1x2xf32>) -> (tensor<1x1xf32>, tensor<1x2xf32>) {
  %w1 = "nn.constant"() {value = dense<[[1.0, 2.0]]> : tensor<1x2xf32>} : () -> tensor<1x2xf32>
  %w2 = "nn.constant"() {value = dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>} : () -> tensor<2x2xf32>
  %1 = nn.linear %x, %w1 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x1xf32>
  %2 = nn.linear %x, %w2 : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %1, %2 : tensor<1x1xf32>, tensor<1x2xf32>
}
