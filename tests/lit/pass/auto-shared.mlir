// Two layers of one value share its rotations. In so few slots it is dense.
// RUN: he-opt --preset=auto --poly-modulus-degree=4096 --slots=32 --coeff-modulus=60,40x4 --check-semantics %s 2>/dev/null | FileCheck %s
// RUN: he-cost --preset=auto --objective=rotations --poly-modulus-degree=4096 --slots=32 --coeff-modulus=60,40x4 --json %s 2>/dev/null | FileCheck %s --check-prefix=COST

// CHECK-COUNT-1: ckks.rotate{{.*}} {by = 1}
// CHECK-NOT: ckks.rotate{{.*}} {by = 1}

// Seven baby steps for both, and three giant steps for each.
// COST: "rotate": 13,
func.func @main(%x: tensor<1x32xf32>) -> tensor<1x32xf32> {
  %w = nn.constant {value = #nn.random<seed = 1, std = 0.1>} : tensor<32x32xf32>
  %v = nn.constant {value = #nn.random<seed = 2, std = 0.1>} : tensor<32x32xf32>
  %0 = nn.linear %x, %w : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %1 = nn.linear %x, %v : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %2 = nn.mul %0, %1 : (tensor<1x32xf32>, tensor<1x32xf32>) -> tensor<1x32xf32>
  return %2 : tensor<1x32xf32>
}
