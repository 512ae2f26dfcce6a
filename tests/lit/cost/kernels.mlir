// Ops without a cost clause cost what their kernels are made of, keys and depth included.
// RUN: he-cost --load-dialect %S/Inputs/twice.dialect --json %s | FileCheck %s
// RUN: not he-opt --load-dialect %S/Inputs/twice.dialect %S/Inputs/twice_wrong.mlir 2>&1 | FileCheck %s --check-prefix=WRONG
// RUN: not he-cost --load-dialect %S/Inputs/twice.dialect %S/Inputs/twice_unpriced.mlir 2>&1 | FileCheck %s --check-prefix=UNPRICED

// CHECK-DAG: "add": 2
// CHECK-DAG: "rotate": 4
// CHECK-DAG: "total_operations": 6
// CHECK-DAG: "rotation_keys": 2
// CHECK-DAG: "depth": 6
// WRONG: error: 'd.sum' op does not fit its kernel: 'ckks.add' op operands have different levels: run rescale, which places level drops
// UNPRICED: error: 'd.bare' op: it yields a ciphertext, but nothing says what it costs
// UNPRICED: help: add a kernel or a cost clause to its definition, such as: cost add(lhs.level)
!ct = !ckks.ct<level = 2, scale = 40, degree = 1>
!pt = !ckks.pt<level = 2, scale = 40>

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 13, log_q = [60, 40, 40], log_p = [60], log_scale = 40, slots = 8, dnum = 3>} {
  func.func @main(%x: !ct) -> !ct {
    %0 = d.twice %x : !ct
    %1 = d.twice %0 : !ct
    %2 = d.sum %1, %1, %x : !ct, !ct, !ct
    return %2 : !ct
  }
}
