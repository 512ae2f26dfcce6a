// RUN: he-opt --relinearize=strategy=eager --rescale=strategy=eager %s 2>/dev/null | FileCheck %s

// Where the module states its primes, nothing has to be asked for. No factor is there to make up for the square's drift:
// the summand's level drop becomes a product with 1 and a rescale.
// CHECK-LABEL: @main
// CHECK: ckks.mul_scalar %arg0 {align, correction = {{.*}}, log_scale = 40, value = 1.0}
// CHECK-NEXT: ckks.rescale
// CHECK-NOT: ckks.level_drop
// CHECK: ckks.add
module attributes {ckks.params = #ckks.params<log_n = 13, log_q = [60, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4, dnum = 2, moduli = [1152921504606830593, 1099511922689, 1099511480321]>, he.stage = "ckks"} {
  func.func @main(%arg0: !ckks.ct<degree = 1>) -> !ckks.ct<degree = 1> {
    %0 = ckks.mul %arg0, %arg0 : !ckks.ct<degree = 1>, !ckks.ct<degree = 1>
    %1 = ckks.add %0, %arg0 : !ckks.ct<degree = 1>, !ckks.ct<degree = 1>
    func.return %1 : !ckks.ct<degree = 1>
  }
}
