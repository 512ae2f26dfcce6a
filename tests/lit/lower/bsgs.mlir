// RUN: he-opt --bsgs %s | FileCheck %s
// RUN: he-opt --bsgs='min-size=32' %s 2>&1 | FileCheck %s --check-prefix=LEFT
// RUN: he-opt --bsgs --to-ckks %s | FileCheck %s --check-prefix=STEPS
// RUN: he-opt --to-ckks %s | FileCheck %s --check-prefix=DIAGONALS

// CHECK: packed.linear {{.*}}plan = #packed.plan<method = bsgs, baby = 4>

// LEFT: bsgs: 0 of 1 layers at least min-size 32; largest left alone 16
// LEFT-NOT: plan =

// 16 x 16: three baby steps and three giant steps.
// STEPS-LABEL: func.func @main(
// STEPS-COUNT-6: ckks.rotate
// STEPS-NOT: ckks.rotate
// STEPS: return

// The plain diagonal method: fifteen rotations.
// DIAGONALS-LABEL: func.func @main(
// DIAGONALS-COUNT-15: ckks.rotate
// DIAGONALS-NOT: ckks.rotate
// DIAGONALS: return
func.func @main(%x: tensor<1x16xf32>) -> tensor<1x16xf32> {
  %w = nn.constant {value = #nn.random<seed = 1>} : tensor<16x16xf32>
  %0 = nn.linear %x, %w : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  return %0 : tensor<1x16xf32>
}
