// RUN: not he-translate --emit=openfhe-python %s 2>&1 | FileCheck %s

// CHECK: conjugate.mlir:[[# @LINE + 6]]:10: error: 'ckks.conjugate' op cannot be exported: OpenFHE's Python binding has no conjugation
// CHECK: help: leave conjugations out: values are real; or export to seal

!ct = !ckks.ct<level = 1, scale = 40, degree = 1>
module attributes {ckks.params = #ckks.params<log_n = 11, log_q = [60, 40], log_p = [60, 60], log_scale = 40, slots = 1024, dnum = 1>, he.stage = "leveled"} {
  func.func @main(%x: !ct) -> !ct {
    %0 = ckks.conjugate %x : !ct
    func.return %0 : !ct
  }
}
