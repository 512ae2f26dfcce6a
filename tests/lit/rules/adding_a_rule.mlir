// The example of docs/adding-a-rule.md.
// RUN: he-opt --load-rules %S/Inputs/squares.rules --squares --check-semantics %s | FileCheck %s

// CHECK-LABEL: @main
// CHECK-NEXT: %0 = nn.square %arg0
// CHECK-NEXT: return %0
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = nn.neg %x : tensor<1x4xf32>
  %1 = nn.mul %0, %0 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}
