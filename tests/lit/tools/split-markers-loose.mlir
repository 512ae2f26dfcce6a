// A marker may be indented, and no marker is the usual one; a longer line of dashes is a comment.
// RUN: he-opt --split-input-file= --output-split-marker= %s | FileCheck %s

// CHECK: func.func private @a
// CHECK: func.func private @b
// CHECK: }
// CHECK-EMPTY:
// CHECK-EMPTY:
// CHECK-NEXT: module
// CHECK: func.func private @c
func.func private @a()
// ------
func.func private @b()
  // -----
func.func private @c()
