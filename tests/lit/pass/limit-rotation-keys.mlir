// RUN: he-opt --limit-rotation-keys='max=2' %s | FileCheck %s
// RUN: he-opt --max-rotation-keys=2 --rescale %s | FileCheck %s
// RUN: he-opt --limit-rotation-keys='max=3' %s | FileCheck %s --check-prefix=KEPT
// RUN: not he-opt --limit-rotation-keys='max=1' %s 2>&1 | FileCheck %s --check-prefix=ERROR

// CHECK-LABEL: func.func @main(
// CHECK-DAG: ckks.rotate %{{.*}} {by = 1}
// CHECK-DAG: ckks.rotate %{{.*}} {by = 500}
// CHECK-NOT: {by = 501}
// CHECK: return

// KEPT: ckks.rotate %{{.*}} {by = 501}

// ERROR: error: limit-rotation-keys: 1 rotation keys are too few: some rotation would take more than 64
// ERROR: help: allow more rotation keys: a key for each power of two always suffices
!ct = !ckks.ct<level = 3, scale = 40, degree = 1>
module attributes {ckks.params = #ckks.params<log_n = 13, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @main(%x: !ct) -> !ct {
    %0 = ckks.rotate %x {by = 1} : !ct
    %1 = ckks.rotate %x {by = 500} : !ct
    %2 = ckks.rotate %x {by = 501} : !ct
    %3 = ckks.add %0, %1 : !ct, !ct
    %4 = ckks.add %3, %2 : !ct, !ct
    return %4 : !ct
  }
}
