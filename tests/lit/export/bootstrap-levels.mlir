// RUN: not he-translate --emit=openfhe-python %s 2>&1 | FileCheck %s

// CHECK: error: 'ckks.bootstrap' op uses 16 levels on OpenFHE, and the program was made for 0
// CHECK: help: compile with --profile=openfhe, or with --bootstrap-levels=16

!low = !ckks.ct<level = 1, scale = 58, degree = 1>
!high = !ckks.ct<level = 2, scale = 58, degree = 1>
module attributes {ckks.params = #ckks.params<log_n = 11, log_q = [60, 58, 58], log_p = [60, 60], log_scale = 58, slots = 1024, dnum = 2>, he.stage = "leveled"} {
  func.func @main(%x: !low) -> !high {
    %0 = ckks.bootstrap %x : !low -> !high
    func.return %0 : !high
  }
}
