// An error in a reproducer's pipeline is shown where the reproducer spells it.
// RUN: not he-opt --run-reproducer %s 2>&1 | FileCheck %s

// CHECK: reproducer-pipeline.mlir:[[@LINE+7]]:37: error: unknown pass 'nosuch'
// CHECK: "builtin.module(cse,nosuch)"
// CHECK: ^^^^^^
func.func @f() { return }
{-#
  external_resources: {
    mlir_reproducer: {
      pipeline: "builtin.module(cse,nosuch)",
      disable_threading: true,
      verify_each: true
    }
  }
#-}
