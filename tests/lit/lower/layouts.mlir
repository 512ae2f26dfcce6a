// RUN: he-opt --pack='strategy=auto' --poly-modulus-degree=8192 --coeff-modulus=60,40x8 %s | FileCheck %s
// RUN: he-opt --pack='strategy=auto objective=rotations' --poly-modulus-degree=8192 --coeff-modulus=60,40x8 --to-ckks %s | FileCheck %s --check-prefix=ROTATIONS
// RUN: he-opt --pack='strategy=auto' --explain-plan --poly-modulus-degree=8192 --coeff-modulus=60,40x8 %s 2>&1 >/dev/null | FileCheck %s --check-prefix=WHY

// Each input is repeated for the outputs of the first layer; the results of the second are apart.
// CHECK: func.func @main(%{{.*}}: !packed.vec<shape = [1, 16], period = 128, stride = 8, repeat = 8, slots = 4096>
// CHECK: packed.linear {{.*}}plan = #packed.plan<method = replicated, folds = [4, 4]>{{.*}} -> !packed.vec<shape = [1, 8], period = 8, slots = 4096>
// CHECK: packed.linear {{.*}}plan = #packed.plan<method = replicated{{.*}} -> !packed.vec<shape = [1, 4], period = {{.*}}, stride = {{.*}}, fill = {{.*}}>

// log2 16 + log2 8 rotations, and a product for each layer.
// ROTATIONS-LABEL: func.func @main(
// ROTATIONS-COUNT-1: ckks.mul_plain
// ROTATIONS-COUNT-4: ckks.rotate
// ROTATIONS: ckks.mul %
// ROTATIONS-COUNT-1: ckks.mul_plain
// ROTATIONS-COUNT-3: ckks.rotate
// ROTATIONS-NOT: ckks.rotate
// ROTATIONS-NOT: ckks.mul_plain
// ROTATIONS: return

// WHY: layouts.mlir:{{[0-9]+}}:8: layer 16 -> 8 at level 3, from stride 8, repeat 8, period 128
// WHY: chosen: the least cost with all that follows
// WHY: layer 8 -> 4 at level 1, from dense, period 8
func.func @main(%x: tensor<1x16xf32>) -> tensor<1x4xf32> {
  %w = nn.constant {value = #nn.random<seed = 1, std = 0.2>} : tensor<8x16xf32>
  %v = nn.constant {value = #nn.random<seed = 2, std = 0.2>} : tensor<4x8xf32>
  %0 = nn.linear %x, %w : (tensor<1x16xf32>, tensor<8x16xf32>) -> tensor<1x8xf32>
  %1 = nn.square %0 : tensor<1x8xf32>
  %2 = nn.linear %1, %v : (tensor<1x8xf32>, tensor<4x8xf32>) -> tensor<1x4xf32>
  return %2 : tensor<1x4xf32>
}
