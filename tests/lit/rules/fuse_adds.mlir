// RUN: he-opt --load-dialect %S/../../../examples/rules/sum.dialect --load-rules %S/../../../examples/rules/fuse_adds.rules --fuse-adds %s | FileCheck %s
// RUN: he-opt --load-dialect %S/../../../examples/rules/sum.dialect --load-rules %S/../../../examples/rules/fuse_adds.rules --fuse-adds %s -o %t
// RUN: he-opt --load-dialect %S/../../../examples/rules/sum.dialect %t | FileCheck %s
// RUN: not he-opt %t 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not he-opt --load-rules %S/../../../examples/rules/fuse_adds.rules %s 2>&1 | FileCheck %s --check-prefix=NODIALECT

// Four terms become one sum; a sum that is used twice stays.
// CHECK-LABEL: @main
// CHECK-NEXT: %0 = ckks.add %arg0, %arg1
// CHECK-NEXT: %1 = sum.add_many %arg0, %arg1, %arg0, %arg1 : !ckks.ct<degree = 1>, !ckks.ct<degree = 1>, !ckks.ct<degree = 1>, !ckks.ct<degree = 1>
// CHECK-NEXT: %2 = ckks.sub %1, %0
// CHECK-NEXT: %3 = ckks.mul %0, %2

// UNKNOWN: unknown operation 'sum.add_many'
// NODIALECT: unknown op 'sum.add_many'
!ct = !ckks.ct<degree = 1>
module attributes {he.stage = "ckks"} {
  func.func @main(%x: !ct, %y: !ct) -> !ct {
    %0 = ckks.add %x, %y : !ct, !ct
    %1 = ckks.add %x, %y : !ct, !ct
    %2 = ckks.add %1, %x : !ct, !ct
    %3 = ckks.add %y, %2 : !ct, !ct
    %4 = ckks.sub %3, %0 : !ct, !ct
    %5 = ckks.mul %0, %4 : !ct, !ct
    return %5 : !ct
  }
}
