// RUN: he-opt --preset=baseline %s | FileCheck %s
// RUN: he-run --preset=baseline --random-input 1 %s 2>&1 | FileCheck %s --check-prefix=QUIET
// RUN: not he-opt --preset=baseline --poly-modulus-degree=8192 --coeff-modulus=43,40 --scale=2^40 %s 2>&1 | FileCheck %s --check-prefix=SMALL

// The result lies in [-1, 1], but the products on the way are as large as the inputs, which are never near 0.
// CHECK: ckks.mul_plain {{.*}}he.bound = 101.0
// CHECK: ckks.mul_plain {{.*}}he.bound = 101.0
// CHECK: ckks.add {{.*}}he.bound = 101.0
// QUIET-NOT: leaves its tracked range
// QUIET: max_abs_error
// SMALL: error: 1 level missing at 'ckks.rescale'
func.func @main(%x: tensor<1x2xf32> {nn.range = [100.0, 101.0]}) -> tensor<1x1xf32> {
  %w = "nn.constant"() {value = dense<[[1.0, -1.0]]> : tensor<1x2xf32>} : () -> tensor<1x2xf32>
  %1 = nn.linear %x, %w : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x1xf32>
  return %1 : tensor<1x1xf32>
}
