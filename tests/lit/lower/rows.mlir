// RUN: he-opt --pack='slots=8' %s | FileCheck %s
// RUN: he-opt --preset=bsgs-lazy --slots=8 --coeff-modulus=60,40x3 --check-semantics %s | FileCheck %s --check-prefix=LEVELED
// RUN: he-opt --preset=auto --slots=8 --coeff-modulus=60,40x3 --poly-modulus-degree=8192 --check-semantics %s | FileCheck %s --check-prefix=LEVELED

// 20 rows are 8, 8 and 4; each group has its columns, and the same layer.
// CHECK-LABEL: func.func @main(
// CHECK-SAME: %arg0: !packed.vec<shape = [8, 1], period = 8, slots = 8> {he.bound = 1.0}, %arg1: !packed.vec<shape = [8, 1], {{.*}}, %arg4: !packed.vec<shape = [4, 1], period = 4, slots = 8> {he.bound = 1.0}, %arg5: !packed.vec<shape = [4, 1], {{.*}}, %arg6: tensor<20x3xf32>
// CHECK: packed.linear %arg0, %arg1, %[[W:.*]] :
// CHECK: packed.linear %arg2, %arg3, %[[W]] :
// CHECK: packed.linear %arg4, %arg5, %[[W]] :
// A bias is the same for all rows; what has rows is cut.
// CHECK: packed.block %[[BIAS:[0-9]+]] : (tensor<3xf32>) -> tensor<1xf32>
// CHECK: packed.block %arg6 : (tensor<20x3xf32>) -> tensor<8x1xf32>
// CHECK: packed.block %arg6 {row = 8, start = 2} : (tensor<20x3xf32>) -> tensor<8x1xf32>
// CHECK: packed.block %arg6 {row = 16} : (tensor<20x3xf32>) -> tensor<4x1xf32>
// CHECK-LABEL: func.func @main__encrypt__arg0(%arg0: tensor<20x2xf32>)
// CHECK: packed.block %arg0 {row = 8} : (tensor<20x2xf32>) -> tensor<8x1xf32>
// CHECK-LABEL: func.func @main__decrypt__result0(
// CHECK-COUNT-9: packed.unpack
// CHECK: packed.concat {{.*}} -> tensor<20x3xf32>

// LEVELED: func.func @main__decrypt__result0(%arg0: !ckks.ct<{{.*}}, %arg8: !ckks.ct<

func.func @main(%x: tensor<20x2xf32>, %p: tensor<20x3xf32> {nn.plain}) -> tensor<20x3xf32> {
  %w = nn.constant {value = #nn.random<seed = 1, std = 0.2>} : tensor<3x2xf32>
  %b = nn.constant {value = #nn.random<seed = 3, std = 0.2>} : tensor<3xf32>
  %0 = nn.linear %x, %w, %b : (tensor<20x2xf32>, tensor<3x2xf32>, tensor<3xf32>) -> tensor<20x3xf32>
  %1 = nn.mul %0, %0 : (tensor<20x3xf32>, tensor<20x3xf32>) -> tensor<20x3xf32>
  %2 = nn.reshape %1 {shape = [20, 1, 3]} : (tensor<20x3xf32>) -> tensor<20x1x3xf32>
  %3 = nn.reshape %2 {shape = [20, 3]} : (tensor<20x1x3xf32>) -> tensor<20x3xf32>
  %4 = nn.add %3, %p : (tensor<20x3xf32>, tensor<20x3xf32>) -> tensor<20x3xf32>
  return %4 : tensor<20x3xf32>
}
