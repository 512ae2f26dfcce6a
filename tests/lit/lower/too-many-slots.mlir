// RUN: not he-opt --to-ckks %s 2>&1 | FileCheck %s

// Nothing is expanded for a ring that has not as many slots.
// CHECK: error: the layouts have 32768 slots, the ring at most 16384
// CHECK: help: pack again, or use a larger ring
!s = !packed.vec<shape = [1, 1], period = 32768, stride = 32768, slots = 32768>
!d = !packed.vec<shape = [1, 1], period = 32768, stride = 32768, repeat = 32768, slots = 32768>
module attributes {he.stage = "packed"} {
func.func @main(%s: !s) -> !d {
  %0 = packed.spread %s {groups = [32768]} : !s -> !d
  return %0 : !d
}
}
