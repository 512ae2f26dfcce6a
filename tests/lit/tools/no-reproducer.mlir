// RUN: not he-opt --run-reproducer %s 2>&1 | FileCheck %s

// CHECK: error: this file holds no pipeline: it is no reproducer
// CHECK: help: --crash-reproducer=FILE writes one when a pass fails
module {}
