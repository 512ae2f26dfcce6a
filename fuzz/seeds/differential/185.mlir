// Seed 185: slots=16 --poly-modulus-degree=1024 --coeff-modulus=60,40x24 --scale=2^40 --pass-pipeline='builtin.module(pack)'
// pack: refused: 'packed.block' op: [2, 1] from row 2 and 0 on is no block of [2, 2]
func.func @main(%v0: tensor<3x1x3x2x2xf32> {nn.range = [-1.0, 1.0]}) -> (tensor<3x1x3x2x2xf32>) {
  %c1 = "nn.constant"() {value = dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>} : () -> tensor<2x2xf32>
  %v1 = "nn.mul"(%c1, %v0) : (tensor<2x2xf32>, tensor<3x1x3x2x2xf32>) -> tensor<3x1x3x2x2xf32>
  func.return %v1 : tensor<3x1x3x2x2xf32>
}
