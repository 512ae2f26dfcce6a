// RUN: he-opt --canonicalize %s | FileCheck %s

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
module attributes {he.stage = "packed"} {
  // CHECK-LABEL: @main
  // CHECK-NEXT: %0 = packed.rotate %arg0 {by = 1}
  // CHECK-NEXT: %1 = packed.sub %0, %arg1
  // CHECK-NEXT: %2 = packed.mul_scalar %1 {value = 6.0}
  // CHECK-NEXT: return %2
  func.func @main(%x: !v, %y: !v) -> !v {
    %0 = packed.rotate %x {by = 5} : !v
    %1 = packed.rotate %0 {by = -4} : !v
    %2 = packed.rotate %y {by = 16} : !v
    %3 = packed.neg %2 : !v
    %4 = packed.add %1, %3 : !v
    %5 = packed.mul_scalar %4 {value = 2.0} : !v
    %6 = packed.mul_scalar %5 {value = 3.0} : !v
    %7 = packed.add_scalar %6 {value = 1.5} : !v
    %8 = packed.add_scalar %7 {value = -1.5} : !v
    %9 = packed.neg %8 : !v
    %10 = packed.neg %9 : !v
    return %10 : !v
  }

  // A rotation that something else uses stays.
  // CHECK-LABEL: @shared
  // CHECK-NEXT: packed.rotate %arg0 {by = 1}
  // CHECK-NEXT: packed.rotate %0 {by = 2}
  func.func private @shared(%x: !v) -> (!v, !v) {
    %0 = packed.rotate %x {by = 1} : !v
    %1 = packed.rotate %0 {by = 2} : !v
    return %0, %1 : !v, !v
  }
}
