// RUN: not he-translate --emit=seal-python %s 2>&1 | FileCheck %s --check-prefix=SEAL
// RUN: not he-translate --emit=openfhe-python %s 2>&1 | FileCheck %s --check-prefix=SCALE

// SEAL: error: 'ckks.bootstrap' op cannot be exported: SEAL cannot refresh a ciphertext
// SEAL: help: give more primes (--coeff-modulus) and compile without bootstrap, or export to openfhe
// SCALE: error: 'ckks.bootstrap' op runs on OpenFHE with a scale of 55 to 59 bits, not 40
// SCALE: help: compile with --scale=2^58 --coeff-modulus=60,58xL

!low = !ckks.ct<level = 1, scale = 40, degree = 1>
!high = !ckks.ct<level = 2, scale = 40, degree = 1>
module attributes {ckks.params = #ckks.params<log_n = 11, log_q = [60, 40, 40], log_p = [60, 60], log_scale = 40, slots = 1024, dnum = 2>, he.stage = "leveled"} {
  func.func @main(%x: !low) -> !high {
    %0 = ckks.bootstrap %x : !low -> !high
    func.return %0 : !high
  }
}
