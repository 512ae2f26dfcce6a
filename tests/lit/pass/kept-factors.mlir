// Three products in two levels: the factors have the scale, not the width of the primes. A pass that keeps the rescales
// keeps them, and one that chooses other primes does not.
// RUN: he-opt --optimal-rescale %s | he-opt --lazy-relin | FileCheck %s
// RUN: he-opt --optimal-rescale %s | he-opt --minimal-bootstrap --bootstrap-levels=1 | FileCheck %s
// RUN: he-opt --lazy-rescale --coeff-modulus=60,30x6 --scale=2^40 %s | FileCheck %s --check-prefix=NARROW
// RUN: he-opt --lazy-rescale --coeff-modulus=60,30x6 --scale=2^40 %s | he-opt --select-params | FileCheck %s --check-prefix=OTHER

// CHECK: ckks.mul_scalar %arg0 {log_scale = 40, value = 0.5}
// CHECK: ckks.encode {{.*}} -> !ckks.pt<level = 2, scale = 40>
// CHECK: ckks.mul_plain
// CHECK-NEXT: ckks.rescale {{.*}} -> !ckks.ct<level = 1, scale = 60, degree = 1>
// CHECK: return {{.*}} : !ckks.ct<level = 0, scale = 40, degree = 1>

// NARROW: ckks.mul_scalar {{.*}}log_scale = 30
// OTHER: log_q = [{{[0-9]+}}, 40, 40, 40]
// OTHER: ckks.mul_scalar {{.*}}log_scale = 40
!ct = !ckks.ct<degree = 1>
module attributes {he.stage = "ckks", ckks.params = #ckks.params<log_n = 12, log_q = [60, 60, 60], log_p = [60, 60], log_scale = 40, slots = 2048, dnum = 3>} {
  func.func @main(%x: !ct) -> !ct {
    %0 = ckks.mul_scalar %x {value = 0.5} : !ct -> !ct
    %v = nn.constant {value = dense<0.25> : tensor<2048xf64>} : tensor<2048xf64>
    %p = ckks.encode %v : (tensor<2048xf64>) -> !ckks.pt
    %1 = ckks.mul_plain %0, %p : !ct, !ckks.pt
    %2 = ckks.mul %1, %x : !ct, !ct
    return %2 : !ct
  }
}
