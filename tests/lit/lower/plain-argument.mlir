// RUN: he-opt --pack %s | FileCheck %s
// RUN: he-opt --preset=bsgs-lazy --check-semantics %s | FileCheck %s --check-prefix=LEVELED
// RUN: he-run --preset=auto --random-input 2 %s | FileCheck %s --check-prefix=NUMBERS
// RUN: he-run --preset=lazy --random-input 2 %s | FileCheck %s --check-prefix=NUMBERS

// An argument that the client does not encrypt stays a tensor.
// CHECK: func.func @main(%arg0: !packed.vec<shape = [1, 4], {{.*}} %arg1: tensor<1x4xf32> {{[{].*}}nn.plain}, %arg2: tensor<4xf32> {{[{].*}}nn.plain
// CHECK: %[[P:.*]] = packed.to_plain %arg1
// CHECK: packed.mul_plain %arg0, %[[P]]
// CHECK: packed.to_plain %arg2
// CHECK: packed.add_plain

// LEVELED: ckks.encode
// LEVELED: ckks.mul_plain

// NUMBERS: max_abs_error: {{0|[0-9.]+e-1[0-9]}}
func.func @main(%x: tensor<1x4xf32>, %p: tensor<1x4xf32> {nn.plain}, %q: tensor<4xf32> {nn.plain, nn.range = [0.0, 2.0]}) -> tensor<1x4xf32> {
  %0 = nn.mul %x, %p : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %1 = nn.sub %q, %0 : (tensor<4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}
