// RUN: not he-run --random-input 1 %s 2>&1 | FileCheck %s

// CHECK: weights must be finite
func.func @main(%x: tensor<1x64xf64>) -> tensor<1x64xf64> {
  %w = nn.constant {value = #nn.random<seed = 1, std = 1.0e308>} : tensor<64x64xf64>
  %0 = nn.linear %x, %w : (tensor<1x64xf64>, tensor<64x64xf64>) -> tensor<1x64xf64>
  return %0 : tensor<1x64xf64>
}
