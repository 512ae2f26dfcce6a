// A dialect and rules of one's own, from the tutorial: tested, checked, explained, lowered.
// RUN: he-opt --load-dialect %S/../../../examples/rules/smooth.dialect --test-rules %S/../../../examples/rules/smooth.rules | FileCheck %s --check-prefix=TEST
// RUN: he-opt --load-dialect %S/../../../examples/rules/smooth.dialect --check-rules %S/../../../examples/rules/smooth.rules | FileCheck %s --check-prefix=SOUND
// RUN: he-opt --load-dialect %S/../../../examples/rules/smooth.dialect --load-rules %S/../../../examples/rules/smooth.rules --fuse-smooth --lower-smooth --check-semantics %s | FileCheck %s
// RUN: he-opt --load-dialect %S/../../../examples/rules/smooth.dialect --load-rules %S/../../../examples/rules/smooth.rules --lower-smooth --fuse-smooth --explain difference-of-average -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=EXPLAIN
// RUN: he-opt --load-dialect %S/../../../examples/rules/smooth.dialect --load-rules %S/../../../examples/rules/smooth.rules --fuse-smooth --rewrite-limit=0 %s | FileCheck %s --check-prefix=LIMIT
// RUN: he-opt --load-dialect %S/../../../examples/rules/smooth.dialect --load-rules %S/../../../examples/rules/smooth.rules --fuse-smooth --trace-rewrites -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=TRACE
// TEST:  2 tests, 0 failed
// SOUND: holds      average
// SOUND: 3 hold, 0 unchecked, 0 wrong
// EXPLAIN: remark: rule 'difference-of-average' meets no 'smooth.difference'
// TRACE: remark: rule 'difference-of-average' fires at 'smooth.difference'
!t = !packed.vec<shape = [1, 8], period = 8, slots = 512>

func.func @main(%x: tensor<1x8xf64>) -> tensor<1x8xf64> {
  // CHECK:      packed.pack
  // CHECK-NEXT: packed.rotate %{{.*}} {by = 4}
  // CHECK-NEXT: packed.sub
  // CHECK-NEXT: packed.mul_scalar %{{.*}} {value = 0.5}
  // LIMIT: smooth.average
  // LIMIT: smooth.difference
  %0 = packed.pack %x : (tensor<1x8xf64>) -> !t
  %1 = smooth.average %0 {by = 2} : !t
  %2 = smooth.difference %1 {by = 2} : !t
  %3 = packed.unpack %2 : (!t) -> tensor<1x8xf64>
  return %3 : tensor<1x8xf64>
}
