// Two layers of one value meet in the layout that both have: their results are not brought back to a dense one.
// RUN: he-opt --pass-pipeline='builtin.module(approximate,fold-poly,pack{strategy=auto})' --poly-modulus-degree=4096 --coeff-modulus=60,40x6 --check-semantics %s | FileCheck %s
// RUN: he-opt --pass-pipeline='builtin.module(approximate,fold-poly,pack{strategy=auto explain=true})' --poly-modulus-degree=4096 --coeff-modulus=60,40x6 %s 2>&1 | FileCheck %s --check-prefix=WHY
// RUN: he-opt --preset=auto --poly-modulus-degree=4096 --coeff-modulus=60,40x6 --check-semantics -o /dev/null %s
// RUN: he-opt --preset=auto --check-semantics -o /dev/null %s

// CHECK: packed.add %{{.*}}stride = {{[0-9]+}}
// WHY-COUNT-4: chosen: the least cost with all that follows
func.func @main(%x: tensor<1x16xf32>) -> tensor<1x2xf32> {
  %u = nn.constant {value = #nn.random<seed = 1, std = 0.2>} : tensor<4x16xf32>
  %v = nn.constant {value = #nn.random<seed = 2, std = 0.2>} : tensor<4x16xf32>
  %w = nn.constant {value = #nn.random<seed = 3, std = 0.2>} : tensor<2x4xf32>
  %t = nn.constant {value = #nn.random<seed = 4, std = 0.2>} : tensor<16x16xf32>
  %h = nn.linear %x, %t : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  %0 = nn.linear %h, %u : (tensor<1x16xf32>, tensor<4x16xf32>) -> tensor<1x4xf32>
  %1 = nn.square %0 : tensor<1x4xf32>
  %2 = nn.linear %h, %v : (tensor<1x16xf32>, tensor<4x16xf32>) -> tensor<1x4xf32>
  %3 = nn.add %1, %2 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %4 = nn.linear %3, %w : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
  return %4 : tensor<1x2xf32>
}
