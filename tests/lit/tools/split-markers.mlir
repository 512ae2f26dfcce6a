// RUN: he-opt --split-input-file='// ###' --output-split-marker='// +++' %s | FileCheck %s

// CHECK: func.func private @a
// CHECK: // +++
// CHECK: func.func private @b
func.func private @a()
// ###
func.func private @b()
