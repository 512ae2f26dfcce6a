// RUN: he-opt --print-ir-tree-dir=%t --print-ir-after-all --cse --dce %s | FileCheck %s
// RUN: he-opt %t/builtin_module_no-symbol-name/0_cse.mlir | FileCheck %s
// RUN: he-opt %t/builtin_module_no-symbol-name/1_dce.mlir | FileCheck %s

// CHECK: func.func @f
func.func @f(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  func.return %x : tensor<1x4xf32>
}
