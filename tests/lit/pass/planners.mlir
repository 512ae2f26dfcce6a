// Planners can run again: the order in which they are named does not change legality.
// RUN: he-opt --relinearize='strategy=eager' --rescale='strategy=eager' %s | FileCheck %s --check-prefix=EAGER
// RUN: he-opt --lazy-relin --lazy-rescale %s | FileCheck %s --check-prefix=LAZY
// RUN: he-opt --lazy-rescale --lazy-relin %s | FileCheck %s --check-prefix=LAZY
// RUN: he-opt --relinearize --rescale --lazy-rescale --lazy-relin %s | FileCheck %s --check-prefix=LAZY
// RUN: he-opt --lazy-relin --lazy-rescale %s | he-opt --print-op-generic | he-opt | FileCheck %s --check-prefix=LAZY

// Each product is relinearized and rescaled at once.
// EAGER-LABEL: @main
// EAGER: ckks.mul %
// EAGER-NEXT: ckks.rescale
// EAGER-NEXT: ckks.relinearize
// EAGER-NEXT: ckks.mul %
// EAGER-NEXT: ckks.rescale
// EAGER-NEXT: ckks.relinearize
// EAGER-NEXT: ckks.mul %
// EAGER-NEXT: ckks.rescale
// EAGER-NEXT: ckks.relinearize
// EAGER-NEXT: ckks.add
// EAGER-NEXT: ckks.add
// EAGER-NEXT: return

// Three products are summed first: one relinearization, one rescale, none before the sum.
// LAZY-LABEL: @main
// LAZY: ckks.mul %
// LAZY-NEXT: ckks.mul %
// LAZY-NEXT: ckks.mul %
// LAZY-NEXT: ckks.add
// LAZY-NEXT: ckks.add
// LAZY-DAG: ckks.rescale %{{.*}}<level = 4, scale = 80{{.*}} -> !ckks.ct<level = 3, scale = 40
// LAZY-DAG: ckks.relinearize %{{.*}} degree = 2> -> {{.*}} degree = 1>
// LAZY-NEXT: return
// LAZY-NOT: ckks.re
!ct = !ckks.ct<degree = 1>
module attributes {he.stage = "ckks", ckks.params = #ckks.params<log_n = 12, log_q = [60, 40, 40, 40, 40], log_p = [60], log_scale = 40, slots = 2048, dnum = 5>} {
  func.func @main(%x: !ct, %y: !ct) -> !ct {
    %0 = ckks.mul %x, %y : !ct, !ct
    %1 = ckks.mul %x, %x : !ct, !ct
    %2 = ckks.mul %y, %y : !ct, !ct
    %3 = ckks.add %0, %1 : !ct, !ct
    %4 = ckks.add %3, %2 : !ct, !ct
    return %4 : !ct
  }
}
