// RUN: he-run --preset=bsgs-lazy --random-input 3 %s | FileCheck %s
// RUN: he-run --preset=bsgs-lazy --slots=2 --random-input 3 %s | FileCheck %s
// RUN: he-run --pack=strategy=column_major --lazy-rescale --random-input 3 %s | FileCheck %s

// One number, of any rank up to that of the tensor, is the same for every element, over one ciphertext or several.
// CHECK: max_abs_error: {{0|[0-9.]+e-1[0-9]}}
func.func @main(%x: tensor<2x3xf32> {nn.range = [-1.0, 1.0]}) -> tensor<2x3xf32> {
  %a = "nn.constant"() {value = dense<4.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %b = "nn.constant"() {value = dense<0.5> : tensor<f32>} : () -> tensor<f32>
  %c = "nn.constant"() {value = dense<-3.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %0 = nn.mul %x, %a : (tensor<2x3xf32>, tensor<1xf32>) -> tensor<2x3xf32>
  %1 = nn.add %0, %b : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %2 = nn.sub %c, %1 : (tensor<1x1xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %2 : tensor<2x3xf32>
}
