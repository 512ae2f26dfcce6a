// RUN: he-opt --preset=auto --check-semantics %s | FileCheck %s
// RUN: he-opt --preset=auto %s 2>&1 >/dev/null | FileCheck %s --check-prefix=MADE
// RUN: he-opt --preset=auto --poly-modulus-degree=65536 --coeff-modulus=60,58x24 --scale=2^58 --special-modulus=60,60,60,60 --dnum=7 --slots=1024 --bootstrap-levels=16 --bootstrap-min-level=1 %s 2>&1 >/dev/null | FileCheck %s --check-prefix=LATE

// 80 levels fit into N = 2^17 without bootstraps. In a ring of half the size, where refreshes are of few slots, it is faster.
// CHECK: ckks.bootstrap_levels = 16, ckks.bootstrap_min_level = 1, ckks.params = #ckks.params<log_n = 16,
// CHECK-SAME: slots = 1024
// CHECK-COUNT-7: ckks.bootstrap %
// CHECK-NOT: ckks.bootstrap %

// MADE: --slots=1024 --bootstrap-levels=16 --bootstrap-min-level=1 --pass-pipeline=
// MADE-SAME: rescale{strategy=optimal},bootstrap{strategy=optimal},hoist,dce)

// A level less between refreshes: they must be between a layer and its polynomial too, where late rescales leave values at the
// nominal scale.
// LATE: relinearize{strategy=lazy},rescale{strategy=lazy},bootstrap{strategy=optimal},rescale{strategy=optimal},hoist,dce)
func.func @main(%x: tensor<1x32xf32>) -> tensor<1x32xf32> {
  %w0 = nn.constant {value = #nn.random<seed = 1, std = 0.18>} : tensor<32x32xf32>
  %l0 = nn.linear %x, %w0 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a0 = nn.tanh %l0 : tensor<1x32xf32>
  %w1 = nn.constant {value = #nn.random<seed = 2, std = 0.18>} : tensor<32x32xf32>
  %l1 = nn.linear %a0, %w1 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a1 = nn.tanh %l1 : tensor<1x32xf32>
  %w2 = nn.constant {value = #nn.random<seed = 3, std = 0.18>} : tensor<32x32xf32>
  %l2 = nn.linear %a1, %w2 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a2 = nn.tanh %l2 : tensor<1x32xf32>
  %w3 = nn.constant {value = #nn.random<seed = 4, std = 0.18>} : tensor<32x32xf32>
  %l3 = nn.linear %a2, %w3 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a3 = nn.tanh %l3 : tensor<1x32xf32>
  %w4 = nn.constant {value = #nn.random<seed = 5, std = 0.18>} : tensor<32x32xf32>
  %l4 = nn.linear %a3, %w4 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a4 = nn.tanh %l4 : tensor<1x32xf32>
  %w5 = nn.constant {value = #nn.random<seed = 6, std = 0.18>} : tensor<32x32xf32>
  %l5 = nn.linear %a4, %w5 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a5 = nn.tanh %l5 : tensor<1x32xf32>
  %w6 = nn.constant {value = #nn.random<seed = 7, std = 0.18>} : tensor<32x32xf32>
  %l6 = nn.linear %a5, %w6 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a6 = nn.tanh %l6 : tensor<1x32xf32>
  %w7 = nn.constant {value = #nn.random<seed = 8, std = 0.18>} : tensor<32x32xf32>
  %l7 = nn.linear %a6, %w7 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a7 = nn.tanh %l7 : tensor<1x32xf32>
  %w8 = nn.constant {value = #nn.random<seed = 9, std = 0.18>} : tensor<32x32xf32>
  %l8 = nn.linear %a7, %w8 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a8 = nn.tanh %l8 : tensor<1x32xf32>
  %w9 = nn.constant {value = #nn.random<seed = 10, std = 0.18>} : tensor<32x32xf32>
  %l9 = nn.linear %a8, %w9 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a9 = nn.tanh %l9 : tensor<1x32xf32>
  %w10 = nn.constant {value = #nn.random<seed = 11, std = 0.18>} : tensor<32x32xf32>
  %l10 = nn.linear %a9, %w10 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a10 = nn.tanh %l10 : tensor<1x32xf32>
  %w11 = nn.constant {value = #nn.random<seed = 12, std = 0.18>} : tensor<32x32xf32>
  %l11 = nn.linear %a10, %w11 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a11 = nn.tanh %l11 : tensor<1x32xf32>
  %w12 = nn.constant {value = #nn.random<seed = 13, std = 0.18>} : tensor<32x32xf32>
  %l12 = nn.linear %a11, %w12 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a12 = nn.tanh %l12 : tensor<1x32xf32>
  %w13 = nn.constant {value = #nn.random<seed = 14, std = 0.18>} : tensor<32x32xf32>
  %l13 = nn.linear %a12, %w13 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a13 = nn.tanh %l13 : tensor<1x32xf32>
  %w14 = nn.constant {value = #nn.random<seed = 15, std = 0.18>} : tensor<32x32xf32>
  %l14 = nn.linear %a13, %w14 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a14 = nn.tanh %l14 : tensor<1x32xf32>
  %w15 = nn.constant {value = #nn.random<seed = 16, std = 0.18>} : tensor<32x32xf32>
  %l15 = nn.linear %a14, %w15 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a15 = nn.tanh %l15 : tensor<1x32xf32>
  %w16 = nn.constant {value = #nn.random<seed = 17, std = 0.18>} : tensor<32x32xf32>
  %l16 = nn.linear %a15, %w16 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a16 = nn.tanh %l16 : tensor<1x32xf32>
  %w17 = nn.constant {value = #nn.random<seed = 18, std = 0.18>} : tensor<32x32xf32>
  %l17 = nn.linear %a16, %w17 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a17 = nn.tanh %l17 : tensor<1x32xf32>
  %w18 = nn.constant {value = #nn.random<seed = 19, std = 0.18>} : tensor<32x32xf32>
  %l18 = nn.linear %a17, %w18 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a18 = nn.tanh %l18 : tensor<1x32xf32>
  %w19 = nn.constant {value = #nn.random<seed = 20, std = 0.18>} : tensor<32x32xf32>
  %l19 = nn.linear %a18, %w19 : (tensor<1x32xf32>, tensor<32x32xf32>) -> tensor<1x32xf32>
  %a19 = nn.tanh %l19 : tensor<1x32xf32>
  return %a19 : tensor<1x32xf32>
}
