// RUN: he-opt --split-input-file %s | FileCheck %s
// RUN: he-opt --split-input-file --verify-diagnostics %s
// RUN: not he-opt --verify-diagnostics %S/verify-diagnostics.mlir 2>&1 | FileCheck %s --check-prefix=UNEXPECTED

// CHECK: func.func @main
// CHECK: // -----
// CHECK: func.func @other
// UNEXPECTED: error: expected error "{{.*}}" was not produced

func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  func.return %x : tensor<1x4xf32>
}

// -----

func.func @other(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  func.return %x : tensor<1x4xf32>
}
