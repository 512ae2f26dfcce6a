// The cheapest placements of rescales, relinearizations and level drops.
// RUN: he-opt --optimal-rescale %s | FileCheck %s
// RUN: he-opt --optimal-relin %s | FileCheck %s
// RUN: he-opt --optimal-rescale --optimal-relin --optimal-rescale %s | FileCheck %s
// RUN: he-opt --optimal-rescale --coeff-modulus=60,40,40,50,40 --scale=2^40 %s | he-opt | FileCheck %s --check-prefix=UNEVEN
// RUN: he-opt --relinearize='strategy=optimal output-degree=2' %s | FileCheck %s --check-prefix=WIDE

// Two levels are spare: the arguments are dropped at once. The square is returned and summed: it is rescaled and
// relinearized for both users, and so is the other product, where the sum is rotated.
// CHECK-LABEL: @main
// CHECK-DAG: ckks.level_drop %arg0 {levels = 2}
// CHECK-DAG: ckks.level_drop %arg1 {levels = 2}
// CHECK: ckks.mul %
// CHECK-NEXT: ckks.rescale
// CHECK-NEXT: ckks.relinearize
// CHECK-NEXT: ckks.mul %
// CHECK-NEXT: ckks.rescale
// CHECK-NEXT: ckks.relinearize
// CHECK-NEXT: ckks.add
// CHECK-NEXT: ckks.rotate
// CHECK-NEXT: ckks.rotate
// CHECK-NEXT: ckks.add
// CHECK-NEXT: return

// Where the square is returned at degree 2, one relinearization of the sum is left.
// WIDE: ckks.output_degree = 2
// WIDE: ckks.mul %
// WIDE-NEXT: ckks.rescale
// WIDE-NEXT: ckks.mul %
// WIDE-NEXT: ckks.rescale
// WIDE-NEXT: ckks.add
// WIDE-NEXT: ckks.relinearize
// WIDE-NEXT: ckks.rotate
// WIDE-NOT: ckks.relinearize

// A wider prime in between is dropped with others: its levels are spare.
// UNEVEN-DAG: ckks.level_drop %arg0 {levels = 3}
// UNEVEN-DAG: ckks.level_drop %arg1 {levels = 3}
// UNEVEN: ckks.mul %
// UNEVEN-NEXT: ckks.rescale
// UNEVEN-NEXT: ckks.relinearize
// UNEVEN-NEXT: ckks.mul %
// UNEVEN-NEXT: ckks.rescale
// UNEVEN-NEXT: ckks.relinearize
// UNEVEN-NEXT: ckks.add
// UNEVEN-NOT: ckks.rescale
!ct = !ckks.ct<degree = 1>
module attributes {he.stage = "ckks", ckks.params = #ckks.params<log_n = 12, log_q = [60, 40, 40, 40], log_p = [60], log_scale = 40, slots = 2048, dnum = 4>} {
  func.func @main(%x: !ct, %y: !ct) -> (!ct, !ct) {
    %0 = ckks.mul %x, %y : !ct, !ct
    %1 = ckks.mul %x, %x : !ct, !ct
    %2 = ckks.add %0, %1 : !ct, !ct
    %3 = ckks.rotate %2 {by = 1} : !ct
    %4 = ckks.rotate %2 {by = 2} : !ct
    %5 = ckks.add %3, %4 : !ct, !ct
    return %5, %1 : !ct, !ct
  }
}
