// RUN: he-opt --relinearize=strategy=lazy --rescale=strategy=lazy --fit-primes=library=seal %s 2>/dev/null | FileCheck %s
// RUN: he-opt --relinearize=strategy=lazy --rescale=strategy=lazy --fit-primes %s 2>/dev/null | FileCheck %s --check-prefix=OPENFHE

// CHECK: moduli = [1152921504606830593, 1099511922689, 1099511480321]
// OPENFHE: moduli = [1152921504606830593, 1099511480321, 1099511922689]
module attributes {ckks.params = #ckks.params<log_n = 13, log_q = [60, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4, dnum = 2>, he.stage = "ckks"} {
  // The factor is encoded so that the square drifts as much as the summand, not at all.
  // CHECK-LABEL: @main
  // CHECK: ckks.mul_scalar %arg0 {correction = 1.00000000{{[0-9]+}}, log_scale = 40, value = 0.3}
  // CHECK: ckks.add_scalar %{{.*}} {correction = 1.00000000{{[0-9]+}}, value = 0.25}
  // CHECK-NOT: align
  func.func @main(%arg0: !ckks.ct<degree = 1>) -> !ckks.ct<degree = 1> {
    %0 = ckks.mul_scalar %arg0 {value = 0.3} : !ckks.ct<degree = 1> -> !ckks.ct<degree = 1>
    %1 = ckks.add_scalar %0 {value = 0.25} : !ckks.ct<degree = 1>
    %2 = ckks.mul %1, %1 : !ckks.ct<degree = 1>, !ckks.ct<degree = 1>
    %3 = ckks.add %2, %arg0 : !ckks.ct<degree = 1>, !ckks.ct<degree = 1>
    func.return %3 : !ckks.ct<degree = 1>
  }
}
