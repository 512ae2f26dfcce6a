// RUN: he-opt --hoist %s | FileCheck %s
// RUN: he-opt --hoist --rescale='strategy=lazy' %s | FileCheck %s

// The rotations that are only summed are summed before the division by P; the ones with users of their own are not.
// CHECK-LABEL: func.func @main(
// CHECK: %[[D:.*]] = ckks.mod_up %arg0
// CHECK-DAG: %[[A:.*]] = ckks.rotate_hoisted %arg0, %[[D]] {by = 1}
// CHECK-DAG: %[[B:.*]] = ckks.rotate_ext %arg0, %[[D]] {by = 2}
// CHECK-DAG: %[[C:.*]] = ckks.rotate_ext %arg0, %[[D]] {by = 3}
// CHECK: %[[S:.*]] = ckks.add_ext
// CHECK: ckks.mod_down %[[S]]
// CHECK: ckks.rotate %{{.*}} {by = 5
!ct = !ckks.ct<level = 3, scale = 40, degree = 1>
module attributes {ckks.params = #ckks.params<log_n = 13, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @main(%x: !ct) -> (!ct, !ct) {
    %0 = ckks.rotate %x {by = 1} : !ct
    %1 = ckks.rotate %x {by = 2} : !ct
    %2 = ckks.rotate %x {by = 3} : !ct
    %3 = ckks.add %1, %2 : !ct, !ct
    %4 = ckks.add %3, %x : !ct, !ct
    %5 = ckks.add %0, %x : !ct, !ct
    %6 = ckks.rotate %5 {by = 5} : !ct
    %7 = ckks.sub %6, %0 : !ct, !ct
    return %4, %7 : !ct, !ct
  }
}
