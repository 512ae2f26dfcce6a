// RUN: he-opt --preset=baseline --slots=16 --poly-modulus-degree=2048 --coeff-modulus=60,40x6 %s | he-run --random-input 2 - | FileCheck %s
// RUN: he-opt --preset=bsgs-lazy --slots=16 --poly-modulus-degree=2048 --coeff-modulus=60,40x6 %s | he-run --random-input 2 - | FileCheck %s
// RUN: he-opt --preset=auto --slots=16 --poly-modulus-degree=2048 --coeff-modulus=60,40x6 %s | he-run --random-input 2 - | FileCheck %s
// RUN: he-run --preset=bsgs-lazy --slots=2 --poly-modulus-degree=2048 --coeff-modulus=60,40x6 --random-input 2 %s | FileCheck %s

// Blocks have all rows. A reshape that leaves the last dimension leaves them, too.
// CHECK: max_abs_error: {{0|[0-9.]+e-1[0-9]}}
func.func @main(%x: tensor<2x20xf32>, %y: tensor<20xf32> {nn.plain}) -> tensor<1x2x20xf32> {
  %w = nn.constant {value = #nn.random<seed = 1, std = 0.2>} : tensor<20x20xf32>
  %b = nn.constant {value = #nn.random<seed = 3, std = 0.2>} : tensor<20xf32>
  %0 = nn.linear %x, %w, %b : (tensor<2x20xf32>, tensor<20x20xf32>, tensor<20xf32>) -> tensor<2x20xf32>
  %1 = nn.reshape %0 {shape = [1, 2, 20]} : (tensor<2x20xf32>) -> tensor<1x2x20xf32>
  %2 = nn.mul %1, %1 : (tensor<1x2x20xf32>, tensor<1x2x20xf32>) -> tensor<1x2x20xf32>
  %3 = nn.add %2, %y : (tensor<1x2x20xf32>, tensor<20xf32>) -> tensor<1x2x20xf32>
  return %3 : tensor<1x2x20xf32>
}
