// A refresh takes level 1 or more on OpenFHE: the preset places none at level 0, and the program is exported.
// RUN: he-translate --emit=openfhe-python --preset=full --profile=openfhe --poly-modulus-degree=2048 --coeff-modulus=60,55x19 --scale=2^55 %s 2>/dev/null | FileCheck %s --check-prefix=PYTHON
// PYTHON: he.bootstrap(
// RUN: he-opt --preset=full --profile=openfhe --poly-modulus-degree=2048 --coeff-modulus=60,55x19 --scale=2^55 %s 2>/dev/null | FileCheck %s --check-prefix=LEVELS
// RUN: he-opt --approximate --pack --expand-poly --to-ckks --lazy-relin --lazy-rescale --minimal-bootstrap --profile=openfhe --poly-modulus-degree=2048 --coeff-modulus=60,55x19 --scale=2^55 %s 2>/dev/null | FileCheck %s --check-prefix=LEVELS
// LEVELS-NOT: ckks.bootstrap {{.*}}: !ckks.ct<level = 0,
// LEVELS: ckks.bootstrap {{.*}}: !ckks.ct<level = {{[1-9]}}{{.*}} -> !ckks.ct<level = 3,
// LEVELS-NOT: ckks.bootstrap {{.*}}: !ckks.ct<level = 0,

func.func @main(%x: tensor<1x4xf32> {nn.range = [-1.0, 1.0]}) -> tensor<1x4xf32> {
  %1 = "nn.square"(%x) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %2 = "nn.square"(%1) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %3 = "nn.square"(%2) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %4 = "nn.square"(%3) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %5 = "nn.square"(%4) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %6 = "nn.square"(%5) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %7 = "nn.square"(%6) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %8 = "nn.square"(%7) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %9 = "nn.square"(%8) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %10 = "nn.square"(%9) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %11 = "nn.square"(%10) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %12 = "nn.square"(%11) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %13 = "nn.square"(%12) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %14 = "nn.square"(%13) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %15 = "nn.square"(%14) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %16 = "nn.square"(%15) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %17 = "nn.square"(%16) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %18 = "nn.square"(%17) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %19 = "nn.square"(%18) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %20 = "nn.square"(%19) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %21 = "nn.square"(%20) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %22 = "nn.square"(%21) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %23 = "nn.square"(%22) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %24 = "nn.square"(%23) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %24 : tensor<1x4xf32>
}
