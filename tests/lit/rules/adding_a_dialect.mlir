// The example of docs/adding-a-dialect.md.
// RUN: he-opt --load-dialect %S/Inputs/pick.dialect --load-rules %S/Inputs/pick.rules --lower-pick %s | FileCheck %s
// RUN: not he-run --load-dialect %S/Inputs/pick.dialect --random-input 1 %s 2>&1 | FileCheck %s --check-prefix=KERNEL
// RUN: he-run --load-dialect %S/Inputs/pick.dialect --load-rules %S/Inputs/pick.rules --lower-pick --preset=baseline --random-input 1 %s | FileCheck %s --check-prefix=RESULT

// CHECK-LABEL: @main
// CHECK-NEXT: %0 = nn.square %arg0
// CHECK-NEXT: return %0
// KERNEL: 'pick.one': has no kernel, so it cannot be executed
// RESULT: max_abs_error: 0.000000e0
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = nn.square %x : tensor<1x4xf32>
  %1 = pick.one %x, %0 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %2 = pick.one %1, %0 {side = "right"} : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  return %2 : tensor<1x4xf32>
}
