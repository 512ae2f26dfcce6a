// RUN: not he-opt --to=leveled --coeff-modulus=60,40x2 %s 2>&1 | FileCheck %s
// RUN: not he-cost --coeff-modulus=60,40x2 %s 2>&1 | FileCheck %s
// RUN: not he-opt --to=leveled --coeff-modulus=60,40x2 %s 2>/dev/null | FileCheck %s --check-prefix=NOTHING --allow-empty
// NOTHING-NOT: {{.}}

// CHECK: levels.mlir:{{[0-9]+}}:{{[0-9]+}}: error: {{[0-9]+}} level{{s?}} missing at 'ckks.
// CHECK: help: add --bootstrap, give --coeff-modulus more primes

func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = "nn.square"(%x) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %1 = "nn.square"(%0) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %2 = "nn.square"(%1) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %3 = "nn.square"(%2) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %3 : tensor<1x4xf32>
}
