// RUN: not he-translate --emit=openfhe-python %s 2>&1 | FileCheck %s
// RUN: not he-run --backend=openfhe %s 2>&1 | FileCheck %s

// CHECK: error: 'ckks.mul_plain' op has type !ckks.ct<level = 1, scale = 60, degree = 1>, and OpenFHE represents scales that are powers of 2^40 only
// CHECK: help: compile with primes of 40 bits (--coeff-modulus=60,40xL), or run on seal

!ct = !ckks.ct<level = 1, scale = 40, degree = 1>
!pt = !ckks.pt<level = 1, scale = 20>
module attributes {ckks.params = #ckks.params<log_n = 11, log_q = [60, 40], log_p = [60, 60], log_scale = 40, slots = 1024, dnum = 1>, he.stage = "leveled"} {
  func.func @main(%x: !ct, %p: !pt) -> !ckks.ct<level = 1, scale = 60, degree = 1> {
    %0 = ckks.mul_plain %x, %p : !ct, !pt
    func.return %0 : !ckks.ct<level = 1, scale = 60, degree = 1>
  }
}
