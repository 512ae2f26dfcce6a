// RUN: he-opt --pack='slots=16' %s | FileCheck %s
// RUN: he-opt --pack='slots=16' --bsgs %s | FileCheck %s --check-prefix=BSGS
// RUN: he-opt --pack='slots=16' --bsgs --to-ckks %s | FileCheck %s --check-prefix=CKKS
// RUN: he-opt --slots=16 --pack='strategy=auto' --poly-modulus-degree=8192 --coeff-modulus=60,40x8 %s | FileCheck %s --check-prefix=AUTO
// RUN: he-opt --preset=bsgs-lazy --slots=16 --coeff-modulus=60,40x3 --check-semantics %s | FileCheck %s --check-prefix=LEVELED

// 40 elements are 16, 16 and 8; a block has a layout of its own, the last one a shorter period.
// CHECK-LABEL: func.func @main(
// CHECK-SAME: %arg0: !packed.vec<shape = [1, 16], period = 16, slots = 16> {he.bound = 1.0}, %arg1: !packed.vec<shape = [1, 16], period = 16, slots = 16> {he.bound = 1.0}, %arg2: !packed.vec<shape = [1, 8], period = 8, slots = 16> {he.bound = 1.0}, %arg3: tensor<20xf32>
// CHECK-SAME: -> (!packed.vec<shape = [1, 16], period = 16, slots = 16>, !packed.vec<shape = [1, 4], period = 4, slots = 16>)
// A layer maps all blocks to all; the bias is cut.
// CHECK: %[[L:.*]]:2 = packed.linear %arg0, %arg1, %arg2, %
// CHECK: %[[B:.*]] = packed.block %[[BIAS:.*]] : (tensor<20xf32>) -> tensor<16xf32>
// CHECK: %[[P:.*]] = packed.to_plain %[[B]]
// CHECK: packed.add_plain %[[L]]#0, %[[P]]
// CHECK: packed.block %[[BIAS]] {start = 16} : (tensor<20xf32>) -> tensor<4xf32>
// CHECK: packed.add_plain %[[L]]#1
// Everything else is block by block.
// CHECK-COUNT-2: packed.mul %
// CHECK-COUNT-2: packed.add_plain
// CHECK-NOT: packed.block %arg3 : (tensor<20xf32>) -> tensor<20xf32>
// CHECK-LABEL: func.func @main__encrypt__arg0(%arg0: tensor<1x40xf32>) -> (!packed.vec
// CHECK: packed.block %arg0 : (tensor<1x40xf32>) -> tensor<1x16xf32>
// CHECK: packed.block %arg0 {start = 16} : (tensor<1x40xf32>) -> tensor<1x16xf32>
// CHECK: packed.block %arg0 {start = 32} : (tensor<1x40xf32>) -> tensor<1x8xf32>
// CHECK-LABEL: func.func @main__decrypt__result0(
// CHECK-COUNT-2: packed.unpack
// CHECK: packed.concat {{.*}} : (tensor<1x16xf32>, tensor<1x4xf32>) -> tensor<1x20xf32>

// BSGS: packed.linear {{.*}}plan = #packed.plan<method = bsgs, baby = 4>{{.*}} : (!packed.vec{{.*}}, !packed.vec{{.*}}, !packed.vec{{.*}}, tensor<20x40xf32>) -> (

// Each operand is rotated by the baby steps once, for both results; giant steps are taken of sums over all operands, and
// of what has the same folds: 3 + 3 + 3 rotations, 3 for the first result; for the second one 2 folds, the last of which is
// that of the short operand, too.
// CKKS-LABEL: func.func @main(
// CKKS-COUNT-14: ckks.rotate
// CKKS-NOT: ckks.rotate
// CKKS: return

// AUTO: packed.linear %arg0, %arg1, %arg2, {{.*}}plan = #packed.plan<method =

// LEVELED: func.func @main(%arg0: !ckks.ct<level = 3, scale = 40, degree = 1> {{.*}}, %arg1: !ckks.ct<level = 3, {{.*}}, %arg2: !ckks.ct<level = 3,
// LEVELED: func.func @main__decrypt__result0(%arg0: !ckks.ct<level = 1, scale = 40, degree = 1>, %arg1: !ckks.ct<level = 1, scale = 40, degree = 1>)

func.func @main(%x: tensor<1x40xf32>, %p: tensor<20xf32> {nn.plain}) -> tensor<1x20xf32> {
  %w = nn.constant {value = #nn.random<seed = 1, std = 0.2>} : tensor<20x40xf32>
  %b = nn.constant {value = #nn.random<seed = 3, std = 0.2>} : tensor<20xf32>
  %0 = nn.linear %x, %w, %b : (tensor<1x40xf32>, tensor<20x40xf32>, tensor<20xf32>) -> tensor<1x20xf32>
  %1 = nn.mul %0, %0 : (tensor<1x20xf32>, tensor<1x20xf32>) -> tensor<1x20xf32>
  %2 = nn.add %1, %p : (tensor<1x20xf32>, tensor<20xf32>) -> tensor<1x20xf32>
  return %2 : tensor<1x20xf32>
}
