// Rotations of a rotation: each value's rotations share its decomposition, also where it was hoisted itself.
// RUN: he-opt --hoist %s | FileCheck %s

// CHECK-LABEL: func.func @main(
// CHECK: %[[D:.*]] = ckks.mod_up %arg0
// CHECK: %[[A:.*]] = ckks.rotate_hoisted %arg0, %[[D]] {by = 1}
// CHECK: ckks.rotate_hoisted %arg0, %[[D]] {by = 2}
// CHECK: %[[E:.*]] = ckks.mod_up %[[A]]
// CHECK: ckks.rotate_hoisted %[[A]], %[[E]] {by = 3}
// CHECK: ckks.rotate_hoisted %[[A]], %[[E]] {by = 4}
!ct = !ckks.ct<level = 3, scale = 40, degree = 1>
module attributes {ckks.params = #ckks.params<log_n = 13, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @main(%x: !ct) -> (!ct, !ct, !ct) {
    %0 = ckks.rotate %x {by = 1} : !ct
    %1 = ckks.rotate %x {by = 2} : !ct
    %2 = ckks.rotate %0 {by = 3} : !ct
    %3 = ckks.rotate %0 {by = 4} : !ct
    return %1, %2, %3 : !ct, !ct, !ct
  }
}
