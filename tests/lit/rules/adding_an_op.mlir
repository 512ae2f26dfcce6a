// The example of docs/adding-an-op.md.
// RUN: echo '[1, 2, 3, 4]' > x.json
// RUN: he-opt --load-dialect %S/Inputs/far.dialect --coeff-modulus=60,40x3 --slots=4 --lazy-rescale %s | FileCheck %s
// RUN: he-run --load-dialect %S/Inputs/far.dialect --coeff-modulus=60,40x3 --slots=4 --lazy-rescale --input x.json %s | FileCheck %s --check-prefix=RESULT
// RUN: he-cost --load-dialect %S/Inputs/far.dialect --coeff-modulus=60,40x3 --slots=4 %s | FileCheck %s --check-prefix=COST

// CHECK: ckks.level_drop %{{.*}} {levels = 1}
// CHECK: far.sub_many %3, %5, %0 : !ckks.ct<level = 2, scale = 40, degree = 1>
// RESULT: outputs: [-2.0,-1.0,2.0,11.0]
// COST: sub 2
!ct = !ckks.ct<degree = 1>
func.func @main(%x: !ct) -> !ct {
  %0 = ckks.mul %x, %x : !ct, !ct
  %1 = ckks.rotate %x {by = 1} : !ct
  %2 = far.sub_many %0, %1, %x : !ct, !ct, !ct
  return %2 : !ct
}
func.func @main__encrypt__arg0(%x: tensor<4xf64>) -> !ct {
  %0 = ckks.encode %x : (tensor<4xf64>) -> !ckks.pt
  %1 = ckks.encrypt %0 : (!ckks.pt) -> !ct
  return %1 : !ct
}
func.func @main__decrypt__result0(%x: !ct) -> tensor<4xf64> {
  %0 = ckks.decrypt %x : (!ct) -> tensor<4xf64>
  return %0 : tensor<4xf64>
}
