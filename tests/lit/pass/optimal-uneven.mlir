// On primes of 60 bits at a scale of 2^40 levels depend on scales: they are searched with them.
// RUN: he-opt --optimal-rescale %s | he-opt | FileCheck %s
// RUN: he-opt --optimal-rescale --optimal-bootstrap --bootstrap-levels=1 %s | FileCheck %s
// RUN: he-opt --optimal-rescale --optimal-relin %s | FileCheck %s --check-prefix=BOTH
// RUN: he-opt --lazy-rescale %s | FileCheck %s --check-prefix=LAZY

// The argument's scale is raised, so that its square can be rescaled; the factor is encoded so that both terms have one
// scale; the result ends at level 0.
// CHECK-LABEL: @main
// CHECK: ckks.level_drop %arg1 {levels = 3}
// CHECK: ckks.level_drop %arg1 {levels = 2}
// CHECK: %[[X:.*]] = ckks.level_drop %arg0 {levels = 1}
// CHECK: %[[WIDE:.*]] = ckks.mul_scalar %[[X]] {align, log_scale = 20, value = 1.0}
// CHECK: ckks.mul %[[WIDE]], %[[WIDE]]
// CHECK-NEXT: ckks.rescale
// CHECK-NEXT: ckks.relinearize
// CHECK-NEXT: ckks.mul_scalar %[[X]] {log_scale = 80, value = 0.5}
// CHECK-NEXT: ckks.rescale
// CHECK-NEXT: ckks.add
// CHECK-NEXT: ckks.mul
// CHECK-NEXT: ckks.rescale
// CHECK-NEXT: ckks.relinearize
// CHECK-NEXT: ckks.rotate
// CHECK-NEXT: ckks.add
// CHECK-NEXT: return {{.*}} : !ckks.ct<level = 0, scale = 40, degree = 1>

// With both kinds of ops free the terms are added before one rescale and one relinearization.
// BOTH: ckks.mul_scalar %{{.*}} {log_scale = 80, value = 0.5}
// BOTH-NEXT: ckks.add
// BOTH-NEXT: ckks.rescale
// BOTH-NEXT: ckks.relinearize
// BOTH-NEXT: ckks.mul

// The square waits at twice the scale, the product of all is above it, and a level is left.
// LAZY: ckks.mul %arg0, %arg0
// LAZY: ckks.rotate {{.*}} : !ckks.ct<level = 2, scale = 120, degree = 1>
// LAZY: return {{.*}} : !ckks.ct<level = 1, scale = 60, degree = 1>
!ct = !ckks.ct<degree = 1>
module attributes {he.stage = "ckks", ckks.params = #ckks.params<log_n = 12, log_q = [60, 60, 60, 60], log_p = [60, 60], log_scale = 40, slots = 2048, dnum = 2>} {
  func.func @main(%x: !ct, %y: !ct) -> !ct {
    %0 = ckks.mul %x, %x : !ct, !ct
    %1 = ckks.mul_scalar %x {value = 0.5} : !ct -> !ct
    %2 = ckks.add %0, %1 : !ct, !ct
    %3 = ckks.mul %2, %y : !ct, !ct
    %4 = ckks.rotate %3 {by = 1} : !ct
    %5 = ckks.add %4, %y : !ct, !ct
    return %5 : !ct
  }
}
