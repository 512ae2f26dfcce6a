// What a `format` can say: successors, groups with an else, unit attributes, regions, lists, spaces.
// RUN: he-opt --load-dialect %S/Inputs/forms.dialect --verify-roundtrip %s | FileCheck %s
// RUN: he-opt --load-dialect %S/Inputs/forms.dialect --print-op-generic %s | he-opt --load-dialect %S/Inputs/forms.dialect - | FileCheck %s
// RUN: he-opt --load-dialect %S/Inputs/forms.dialect --print-op-generic %s | FileCheck %s --check-prefix=GENERIC
// RUN: he-opt --load-dialect %S/Inputs/forms.dialect --dialect-docs forms | FileCheck %s --check-prefix=DOCS

// DOCS: forms.copy $input (inplace $inplace)? (by $by) : (whole)? ($side)? attr-dict
func.func @blocks(%c: i1, %x: i32) -> i32 {
  // CHECK: forms.choose %arg0, ^bb1, ^bb2 {hot} : i1
  // GENERIC: "forms.choose"(%arg0)[^bb1, ^bb2] {hot} : (i1) -> ()
  forms.choose %c, ^left, ^right {hot} : i1
^left:
  // CHECK: forms.branch ^bb3(%arg1 : i32)
  // GENERIC: "forms.branch"(%arg1)[^bb3] : (i32) -> ()
  forms.branch ^end(%x : i32)
^right:
  // CHECK: forms.branch ^bb3(%arg1, %arg1 : i32, i32) {twice}
  forms.branch ^end(%x, %x : i32, i32) {twice}
^end:
  return %x : i32
}

func.func @regions(%c: i1, %x: i32) {
  // CHECK: forms.if %arg0 {
  // GENERIC: "forms.if"(%arg0) ({
  // GENERIC: }, {
  // GENERIC: }) : (i1) -> ()
  forms.if %c {
    // CHECK: forms.yield
    forms.yield
  }
  // CHECK: %0:2 = forms.if %arg0 -> i32, i32 attributes {a = 1} {
  %0:2 = forms.if %c -> i32, i32 attributes {a = 1} {
    // CHECK: forms.yield %arg1, %arg1 : i32, i32
    forms.yield %x, %x : i32, i32
  // CHECK: } else {
  } else {
    forms.yield %x, %x : i32, i32
  }
  return
}

func.func @attributes(%x: i32) {
  // CHECK: forms.copy %arg0 whole
  %0 = forms.copy %x whole
  // CHECK: forms.copy %arg0 inplace by 3 right
  // GENERIC: "forms.copy"(%arg0) <{by = 3, inplace, side = "right"}> : (i32) -> i32
  %1 = forms.copy %x inplace by 3 right
  // CHECK: forms.copy %arg0 inplace whole {loose = 2}
  %2 = forms.copy %x inplace whole {loose = 2}
  // The unit attribute is read from the dictionary as well.
  // CHECK: forms.copy %arg0 inplace by -1
  %3 = forms.copy %x by -1 {inplace}
  // CHECK: forms.share %arg0, %0, %1 : i32, i32, i32 to i32, i64
  %4:2 = forms.share %x, %0, %1 : i32, i32, i32 to i32, i64
  // CHECK: forms.share %arg0 : i32 to i8
  %5 = forms.share %x : i32 to i8
  // CHECK: forms.at %arg0[4]
  %6 = forms.at %x[4]
  // CHECK: forms.at %arg0[4 : i8] masked %4#1 : i64 {loose}
  %7 = forms.at %x[4 : i8] masked %4#1 : i64 {loose}
  return
}
