// RUN: not he-opt --to-ckks %s 2>&1 | FileCheck %s

// CHECK: slots-differ.mlir:10:8: error: packed values of 8 and of 16 slots: all ciphertexts of a program have as many
// CHECK: help: write one number of slots in all types
!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
!w = !packed.vec<shape = [1, 4], period = 4, slots = 16>
module attributes {he.stage = "packed"} {
func.func @main(%x: !v, %y: !w) -> (!v, !w) {
  %0 = packed.neg %x : !v
  %1 = packed.neg %y : !w
  return %0, %1 : !v, !w
}
}
