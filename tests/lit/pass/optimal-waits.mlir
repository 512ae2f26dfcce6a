// Rescales wait behind products with plaintexts where a sum then shares them: two instead of the three of either strategy.
// RUN: he-opt --optimal-rescale %s | FileCheck %s
// RUN: he-opt --lazy-rescale %s | FileCheck %s --check-prefix=LAZY

// CHECK-LABEL: @main
// CHECK: ckks.mul_scalar
// CHECK-NEXT: ckks.mul_scalar
// CHECK-NEXT: ckks.mul_scalar
// CHECK-NEXT: ckks.mul_scalar
// CHECK-NEXT: ckks.add
// CHECK-NEXT: ckks.rescale {{.*}}<level = 2, scale = 120, {{.*}} -> !ckks.ct<level = 1, scale = 80,
// CHECK-NEXT: ckks.rescale {{.*}} -> !ckks.ct<level = 0, scale = 40,
// CHECK-NEXT: return

// LAZY-COUNT-3: ckks.rescale
// LAZY-NOT: ckks.rescale
!ct = !ckks.ct<degree = 1>
module attributes {he.stage = "ckks", ckks.params = #ckks.params<log_n = 12, log_q = [60, 40, 40], log_p = [60], log_scale = 40, slots = 2048, dnum = 3>} {
  func.func @main(%x: !ct, %y: !ct) -> !ct {
    %0 = ckks.mul_scalar %x {value = 0.5} : !ct -> !ct
    %1 = ckks.mul_scalar %0 {value = 0.25} : !ct -> !ct
    %2 = ckks.mul_scalar %y {value = 0.125} : !ct -> !ct
    %3 = ckks.mul_scalar %2 {value = 0.75} : !ct -> !ct
    %4 = ckks.add %1, %3 : !ct, !ct
    return %4 : !ct
  }
}
