// RUN: not he-opt %s 2>&1 | FileCheck %s
// RUN: he-opt --allow-unregistered-dialect %s | FileCheck %s --check-prefix=READ
// The definitions of the networks' dialect are not loaded for this text; a name that is near to one of them is told.

// CHECK: far-dialect.mlir:{{[0-9]+}}:8: error: unregistered operation 'mn.relu'
// CHECK: help: did you mean '{{n.}}.relu'?
// READ: "mn.relu"(%arg0)
func.func @f(%x: tensor<4xf32>) {
  %0 = "mn.relu"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return
}
