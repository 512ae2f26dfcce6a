// RUN: he-opt --canonicalize %s | FileCheck %s

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  // Two rotations in a row are one, modulo the slots.
  // CHECK-LABEL: @rotations
  // CHECK: ckks.rotate %{{.*}} {by = 4}
  // CHECK-NOT: ckks.rotate
  func.func @rotations(%x: !ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1> {
    %0 = ckks.rotate %x {by = 4000} : !ckks.ct<level = 3, scale = 40, degree = 1>
    %1 = ckks.rotate %0 {by = 100} : !ckks.ct<level = 3, scale = 40, degree = 1>
    func.return %1 : !ckks.ct<level = 3, scale = 40, degree = 1>
  }
  // CHECK-LABEL: @negations
  // CHECK: ckks.sub
  // CHECK-NOT: ckks.neg
  func.func @negations(%x: !ckks.ct<level = 3, scale = 40, degree = 1>, %y: !ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1> {
    %0 = ckks.neg %x : !ckks.ct<level = 3, scale = 40, degree = 1>
    %1 = ckks.add %0, %y : !ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.ct<level = 3, scale = 40, degree = 1>
    func.return %1 : !ckks.ct<level = 3, scale = 40, degree = 1>
  }
  // CHECK-LABEL: @drops
  // CHECK: ckks.level_drop %{{.*}} {levels = 3}
  // CHECK-NOT: ckks.level_drop
  func.func @drops(%x: !ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 0, scale = 40, degree = 1> {
    %0 = ckks.level_drop %x {levels = 1} : !ckks.ct<level = 3, scale = 40, degree = 1> -> !ckks.ct<level = 2, scale = 40, degree = 1>
    %1 = ckks.level_drop %0 {levels = 2} : !ckks.ct<level = 2, scale = 40, degree = 1> -> !ckks.ct<level = 0, scale = 40, degree = 1>
    func.return %1 : !ckks.ct<level = 0, scale = 40, degree = 1>
  }
}
