// RUN: he-opt --pack %s | FileCheck %s
// RUN: he-run --preset=baseline --random-input 3 %s | FileCheck %s --check-prefix=NUMBERS
// RUN: he-run --preset=bsgs-lazy --random-input 3 %s | FileCheck %s --check-prefix=NUMBERS
// RUN: he-run --preset=auto --random-input 3 %s | FileCheck %s --check-prefix=NUMBERS
// RUN: he-run --pack=strategy=replicated --lazy-rescale --random-input 3 %s | FileCheck %s --check-prefix=NUMBERS
// RUN: he-run --pack=strategy=diagonal --lazy-rescale --random-input 3 %s | FileCheck %s --check-prefix=NUMBERS

// Tensors of every rank are packed.
// CHECK: func.func @main(%arg0: !packed.vec<shape = [], period = 1, {{.*}}%arg1: !packed.vec<shape = [1, 1, 1, 1, 1, 1],
// NUMBERS: max_abs_error: {{0|[0-9.]+e-1[0-9]}}
func.func @main(%x: tensor<f32> {nn.range = [-8.0, 8.0]}, %y: tensor<1x1x1x1x1x1xf32>) -> (tensor<f32>, tensor<1x1x1x1x1x1xf32>) {
  %0 = nn.reshape %y {shape = []} : (tensor<1x1x1x1x1x1xf32>) -> tensor<f32>
  %1 = nn.mul %x, %0 : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %c = "nn.constant"() {value = dense<2.5> : tensor<f32>} : () -> tensor<f32>
  %2 = nn.add %1, %c : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %3 = nn.square %2 : tensor<f32>
  %4 = nn.reshape %3 {shape = [1, 1, 1, 1, 1, 1]} : (tensor<f32>) -> tensor<1x1x1x1x1x1xf32>
  return %1, %4 : tensor<f32>, tensor<1x1x1x1x1x1xf32>
}
