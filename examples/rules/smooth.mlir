// RUN: he-opt --load-dialect %S/smooth.dialect --load-rules %S/smooth.rules --fuse-smooth --lower-smooth %s | FileCheck %s
// CHECK-COUNT-1: packed.rotate
// CHECK-NOT: packed.rotate
!t = !packed.vec<shape = [1, 8], period = 8, slots = 512>

func.func @main(%x: tensor<1x8xf64>) -> tensor<1x8xf64> {
  %0 = packed.pack %x : (tensor<1x8xf64>) -> !t
  %1 = smooth.average %0 {by = 2} : !t
  %2 = smooth.difference %1 {by = 2} : !t
  %3 = packed.unpack %2 : (!t) -> tensor<1x8xf64>
  return %3 : tensor<1x8xf64>
}
