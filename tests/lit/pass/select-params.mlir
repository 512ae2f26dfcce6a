// The smallest secure parameters that fit: levels that are spent, special primes and digits included.
// RUN: he-opt --select-params %s | FileCheck %s
// RUN: he-opt --select-params %s | he-opt --select-params | FileCheck %s
// RUN: he-opt --select-params='security=256' %s | FileCheck %s --check-prefix=HIGH
// RUN: not he-opt --select-params='max-log-n=12' %s 2>&1 | FileCheck %s --check-prefix=RING
// RUN: not he-opt --select-params='max-log-n=11' %s 2>&1 | FileCheck %s --check-prefix=SLOTS
// RUN: not he-opt --select-params='precision=20 scale=widest' %s 2>&1 | FileCheck %s --check-prefix=BOTH
// RUN: not he-opt --select-params='security=100' %s 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not he-opt --select-params %S/Inputs/sparse.mlir 2>&1 | FileCheck %s --check-prefix=SPARSE
// The ring follows from the slots; of eight slots fewer are left only after packing anew.
// RUN: he-opt --select-params %S/Inputs/wide.mlir 2>&1 | FileCheck %s --check-prefix=WIDE
// A scale for a precision: one bit more of it takes one bit more.
// RUN: he-opt --select-params='precision=12' %s | FileCheck %s --check-prefix=BITS12
// RUN: he-opt --select-params='precision=22' %s | FileCheck %s --check-prefix=BITS22
// RUN: not he-opt --select-params='precision=50' %s 2>&1 | FileCheck %s --check-prefix=BITS50
// RUN: not he-opt --select-params='precision=22 max-log-n=12' %s 2>&1 | FileCheck %s --check-prefix=SMALL
// RUN: not he-opt --select-params --scale=2^16 %s 2>&1 | FileCheck %s --check-prefix=PRIMES
// RUN: he-opt --select-params='secret=sparse_encapsulated' %s 2>&1 | FileCheck %s --check-prefix=SECRET
// The widest scale: the same ops in as many primes of the same ring. 214 bits of Q*P are secure at 2^13.
// RUN: he-opt --select-params='scale=widest' %s | FileCheck %s --check-prefix=WIDEST
// RUN: he-opt --select-params='scale=widest' --profile=seal %s | FileCheck %s --check-prefix=SEAL

// BOTH: error: select-params: 'precision' and 'scale' both choose the scale
// BOTH: help: leave out one of them

// WIDEST: ckks.params = #ckks.params<log_n = 13, log_q = [54, 49, 49], log_p = [60], log_scale = 49,
// SEAL: ckks.params = #ckks.params<log_n = 13, log_q = [56, 51, 51], log_p = [56], log_scale = 51,

// BITS12: ckks.params = #ckks.params<log_n = 13, log_q = [35, 30, 30], log_p = [60], log_scale = 30,
// BITS22: ckks.params = #ckks.params<log_n = 13, log_q = [45, 40, 40], log_p = [60], log_scale = 40,
// BITS50: error: select-params: the noise leaves less than 50 bits after the point, even at a scale of 2^59
// SMALL: error: select-params: the program spends 2 levels of {{[0-9]+}} bits
// SMALL: note: tried with a scale of 2^{{[0-9]+}}, for 22 bits of precision
// PRIMES: error: select-params: the program spends {{[12]}} levels of 16 bits, and the rings that are secure have fewer primes of that width
// SECRET: secret = sparse_encapsulated

// Two products take two levels, not the ten that are stated; primes are as wide as the scale, where the first has room
// for values up to 8. A rescale that primes of 60 bits had put off is placed.
// CHECK: ckks.params = #ckks.params<log_n = 13, log_q = [45, 40, 40], log_p = [60], log_scale = 40, slots = 2048, dnum = 3>
// CHECK-LABEL: @main
// CHECK: ckks.rescale %{{.*}}<level = 2, scale = 80, degree = 1> -> !ckks.ct<level = 1, scale = 40
// CHECK: ckks.rescale %{{.*}}<level = 1, scale = 80, degree = 1> -> !ckks.ct<level = 0, scale = 40
// CHECK-NEXT: return

// HIGH: ckks.params = #ckks.params<log_n = 14, log_q = [45, 40, 40]

// RING: error: select-params: the program spends 2 levels of 40 bits: 185 bits of Q*P, but at 128 bits of security N = 2^12 allows 106
// RING: help: what would fit: a larger ring: max-log-n=13; a smaller --scale

// SLOTS: error: select-params: the program has 2048 slots, and N = 2^11 only 1024
// SLOTS: help: use max-log-n=12, or pack into fewer slots (--slots)

// OPTION: option 'security' must be one of 128, 192, 256, not '100'

// SPARSE: error: select-params: the security table holds for uniform ternary secrets, and this one is sparse
// SPARSE: help: state secret = uniform_ternary, or keep the parameters

// WIDE: remark: select-params: the ring is N = 2^15 for the program's 16384 slots; the modulus alone would fit N = 2^12: pack into fewer slots (--slots)
// WIDE: ckks.params = #ckks.params<log_n = 15, log_q = [42], log_p = [60], log_scale = 40, slots = 16384, dnum = 1>
// WIDE: @main(%arg0: !ckks.ct<level = 0, scale = 40, degree = 1>)
!ct = !ckks.ct<degree = 1>
module attributes {he.stage = "ckks", ckks.params = #ckks.params<log_n = 12, log_q = [60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60], log_p = [60, 60, 60, 60, 60], log_scale = 40, slots = 2048, dnum = 3>} {
  func.func @main(%x: !ct) -> !ct {
    %0 = ckks.mul %x, %x {he.bound = 1.0} : !ct, !ct
    %1 = ckks.mul %0, %0 {he.bound = 8.0} : !ct, !ct
    return %1 : !ct
  }
}
