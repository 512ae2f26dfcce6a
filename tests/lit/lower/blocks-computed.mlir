// RUN: he-run --preset=baseline --slots=16 --poly-modulus-degree=2048 --coeff-modulus=60,40x12 --random-input 2 %s | FileCheck %s
// RUN: he-run --preset=bsgs --slots=16 --poly-modulus-degree=2048 --coeff-modulus=60,40x12 --random-input 2 %s | FileCheck %s
// RUN: he-run --preset=lazy --slots=16 --poly-modulus-degree=2048 --coeff-modulus=60,40x12 --random-input 2 %s | FileCheck %s
// RUN: he-run --preset=bsgs-lazy --slots=16 --poly-modulus-degree=2048 --coeff-modulus=60,40x12 --random-input 2 %s | FileCheck %s
// RUN: he-run --preset=full --slots=16 --poly-modulus-degree=2048 --coeff-modulus=60,40x12 --random-input 2 %s | FileCheck %s
// RUN: he-run --preset=auto --slots=16 --poly-modulus-degree=2048 --coeff-modulus=60,40x12 --random-input 2 %s | FileCheck %s
// RUN: he-run --pass-pipeline='builtin.module(approximate,pack{strategy=column_major slots=8},bsgs{min-size=1},expand-poly,to-ckks,relinearize,rescale)' --poly-modulus-degree=2048 --coeff-modulus=60,40x12 --random-input 2 %s | FileCheck %s
// RUN: he-run --pass-pipeline='builtin.module(approximate,pack{strategy=diagonal slots=8},bsgs{min-size=1},expand-poly,to-ckks,relinearize,rescale)' --poly-modulus-degree=2048 --coeff-modulus=60,40x12 --random-input 2 %s | FileCheck %s
// RUN: he-run --pass-pipeline='builtin.module(approximate,pack{strategy=auto slots=8},bsgs{min-size=1},expand-poly,to-ckks,relinearize,rescale)' --poly-modulus-degree=2048 --coeff-modulus=60,40x12 --random-input 2 %s | FileCheck %s
// RUN: he-opt --preset=full --slots=4 --poly-modulus-degree=2048 --coeff-modulus=60,40x12 --check-semantics %s | he-run --random-input 2 - | FileCheck %s
// RUN: he-run --preset=auto --noise --slots=16 --poly-modulus-degree=2048 --coeff-modulus=60,40x12 --random-input 2 %s | FileCheck %s --check-prefix=NOISE

// Whatever is done with tensors of several ciphertexts computes what the network does.
// CHECK: max_abs_error: {{0|[0-9.]+e-1[0-9]}}
// NOISE: max_abs_error: {{[0-9.]+e-[0-9]+}}
func.func @main(%x: tensor<1x40xf32> {nn.range = [-1.0, 1.0]}, %y: tensor<1x20xf32>, %p: tensor<1x20xf32> {nn.plain}, %q: tensor<40xf32> {nn.plain, nn.range = [0.0, 2.0]}) -> (tensor<1x20xf32>, tensor<1x40xf32>) {
  %w = nn.constant {value = #nn.random<seed = 1, std = 0.2>} : tensor<20x40xf32>
  %b = nn.constant {value = #nn.random<seed = 3, std = 0.2>} : tensor<20xf32>
  %v = nn.constant {value = #nn.random<seed = 2, std = 0.2>} : tensor<20x20xf32>
  %c = nn.constant {value = dense<0.5> : tensor<1x20xf32>} : tensor<1x20xf32>
  %s = nn.sub %q, %x : (tensor<40xf32>, tensor<1x40xf32>) -> tensor<1x40xf32>
  %0 = nn.linear %s, %w, %b : (tensor<1x40xf32>, tensor<20x40xf32>, tensor<20xf32>) -> tensor<1x20xf32>
  %1 = nn.square %0 : tensor<1x20xf32>
  %2 = nn.linear %1, %v : (tensor<1x20xf32>, tensor<20x20xf32>) -> tensor<1x20xf32>
  %3 = nn.add %2, %1 : (tensor<1x20xf32>, tensor<1x20xf32>) -> tensor<1x20xf32>
  %4 = nn.mul %3, %y : (tensor<1x20xf32>, tensor<1x20xf32>) -> tensor<1x20xf32>
  %5 = nn.sub %4, %2 : (tensor<1x20xf32>, tensor<1x20xf32>) -> tensor<1x20xf32>
  %6 = nn.mul %5, %p : (tensor<1x20xf32>, tensor<1x20xf32>) -> tensor<1x20xf32>
  %7 = nn.square %6 : tensor<1x20xf32>
  %8 = nn.neg %7 : tensor<1x20xf32>
  %9 = nn.mul %8, %c : (tensor<1x20xf32>, tensor<1x20xf32>) -> tensor<1x20xf32>
  return %9, %s : tensor<1x20xf32>, tensor<1x40xf32>
}
