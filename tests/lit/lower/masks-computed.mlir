// RUN: he-run --slots=64 --poly-modulus-degree=16384 --coeff-modulus=60,40x14 --preset=auto --random-input 2 %s | FileCheck %s
// RUN: he-opt --slots=64 --poly-modulus-degree=16384 --coeff-modulus=60,40x14 --pack='strategy=auto' %s | FileCheck %s --check-prefix=MASKED
// RUN: he-run --slots=256 --poly-modulus-degree=16384 --coeff-modulus=60,40x14 --preset=auto --random-input 2 %s | FileCheck %s
// RUN: he-opt --slots=256 --poly-modulus-degree=16384 --coeff-modulus=60,40x14 --pack='strategy=auto' %s | FileCheck %s --check-prefix=MASKED
// RUN: he-run --slots=1024 --poly-modulus-degree=16384 --coeff-modulus=60,40x14 --preset=auto --random-input 2 %s | FileCheck %s
// RUN: he-opt --slots=1024 --poly-modulus-degree=16384 --coeff-modulus=60,40x14 --pack='strategy=auto' %s | FileCheck %s --check-prefix=MASKED

// Masks, copies and layers from them compute what the network does, for sizes that are no powers of two.
// CHECK: max_abs_error: {{0|[0-9.]+e-1[0-9]}}
// MASKED: packed.spread
func.func @main(%x: tensor<1x12xf32>) -> tensor<1x14xf32> {
  %w0 = nn.constant {value = #nn.random<seed = 1, std = 0.2>} : tensor<11x12xf32>
  %b0 = nn.constant {value = #nn.random<seed = 50, std = 0.3>} : tensor<11xf32>
  %l0 = nn.linear %x, %w0, %b0 : (tensor<1x12xf32>, tensor<11x12xf32>, tensor<11xf32>) -> tensor<1x11xf32>
  %a0 = nn.square %l0 : tensor<1x11xf32>
  %w1 = nn.constant {value = #nn.random<seed = 2, std = 0.2>} : tensor<13x11xf32>
  %b1 = nn.constant {value = #nn.random<seed = 51, std = 0.3>} : tensor<13xf32>
  %l1 = nn.linear %a0, %w1, %b1 : (tensor<1x11xf32>, tensor<13x11xf32>, tensor<13xf32>) -> tensor<1x13xf32>
  %a1 = nn.square %l1 : tensor<1x13xf32>
  %w2 = nn.constant {value = #nn.random<seed = 3, std = 0.2>} : tensor<10x13xf32>
  %b2 = nn.constant {value = #nn.random<seed = 52, std = 0.3>} : tensor<10xf32>
  %l2 = nn.linear %a1, %w2, %b2 : (tensor<1x13xf32>, tensor<10x13xf32>, tensor<10xf32>) -> tensor<1x10xf32>
  %a2 = nn.square %l2 : tensor<1x10xf32>
  %w3 = nn.constant {value = #nn.random<seed = 4, std = 0.2>} : tensor<9x10xf32>
  %b3 = nn.constant {value = #nn.random<seed = 53, std = 0.3>} : tensor<9xf32>
  %l3 = nn.linear %a2, %w3, %b3 : (tensor<1x10xf32>, tensor<9x10xf32>, tensor<9xf32>) -> tensor<1x9xf32>
  %a3 = nn.square %l3 : tensor<1x9xf32>
  %w4 = nn.constant {value = #nn.random<seed = 5, std = 0.2>} : tensor<14x9xf32>
  %b4 = nn.constant {value = #nn.random<seed = 54, std = 0.3>} : tensor<14xf32>
  %l4 = nn.linear %a3, %w4, %b4 : (tensor<1x9xf32>, tensor<14x9xf32>, tensor<14xf32>) -> tensor<1x14xf32>
  return %l4 : tensor<1x14xf32>
}
