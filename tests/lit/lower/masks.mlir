// RUN: he-opt --slots=256 --poly-modulus-degree=16384 --coeff-modulus=60,40x12 --pack='strategy=auto' %s | FileCheck %s
// RUN: he-opt --slots=256 --poly-modulus-degree=16384 --coeff-modulus=60,40x12 --pack='strategy=auto' --to-ckks %s | FileCheck %s --check-prefix=CKKS
// RUN: he-opt --slots=256 --poly-modulus-degree=16384 --coeff-modulus=60,40x12 --pack='strategy=auto masks=none' %s | FileCheck %s --check-prefix=NONE
// RUN: he-opt --slots=256 --poly-modulus-degree=16384 --coeff-modulus=60,40x9 --pack='strategy=auto' %s | FileCheck %s --check-prefix=NONE
// RUN: he-opt --slots=256 --poly-modulus-degree=16384 --coeff-modulus=60,40x9 --pack='strategy=auto masks=any' %s | FileCheck %s
// RUN: he-opt --slots=256 --poly-modulus-degree=16384 --coeff-modulus=60,40x12 --pack='strategy=auto' --explain-plan %s 2>&1 >/dev/null | FileCheck %s --check-prefix=WHY
// RUN: he-run --slots=256 --poly-modulus-degree=16384 --coeff-modulus=60,40x12 --preset=auto --random-input 2 %s | FileCheck %s --check-prefix=COMPUTED

// Where the slots between strided elements are used up, a level is spent on a mask, so that elements can be copied there.
// CHECK: %[[X:.*]] = packed.spread %{{.*}} {groups = [4, 4], he.bound = {{.*}}} : !packed.vec<shape = [1, 16], period = 256, stride = 16, slots = 256, fill = {{.*}}> -> !packed.vec<shape = [1, 16], period = 256, stride = 16, repeat = 16, slots = 256>
// CHECK: packed.linear %[[X]], %{{.*}} {plan = #packed.plan<method = replicated, folds = [4, 4]>{{.*}} -> !packed.vec<shape = [1, 16], period = 16, slots = 256>

// CKKS: %[[ONES:.*]] = nn.constant {value = dense<1.0> : tensor<1xf64>} : tensor<1xf64>
// CKKS: %[[MASK:.*]] = packed.to_plain %[[ONES]] {layout = !packed.vec<shape = [1, 16], period = 256, stride = 16, slots = 256>}
// CKKS: %[[CLEAN:.*]] = ckks.mul_plain
// CKKS: ckks.rotate %[[CLEAN]] {by = 255,
// CKKS: ckks.rotate %[[CLEAN]] {by = 254,
// CKKS: ckks.rotate %[[CLEAN]] {by = 253,
// CKKS: %[[FOUR:.*]] = ckks.add
// CKKS: ckks.rotate %[[FOUR]] {by = 252,
// CKKS: ckks.rotate %[[FOUR]] {by = 248,
// CKKS: ckks.rotate %[[FOUR]] {by = 244,

// Without a level to spend, or masks, there are none.
// NONE-NOT: packed.spread

// WHY: layer 16 -> 16 at level {{[0-9]+}}, from stride 16, period 256
// WHY: masked, copies [4, 4], replicated, baby 1, folds [4, 4] to dense, period 16 {{.*}}chosen

// COMPUTED: max_abs_error: {{0|[0-9.]+e-(1[89]|2[0-9])}}
func.func @main(%x: tensor<1x16xf32>) -> tensor<1x16xf32> {
  %w0 = nn.constant {value = #nn.random<seed = 1, std = 0.25>} : tensor<16x16xf32>
  %l0 = nn.linear %x, %w0 : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  %a0 = nn.square %l0 : tensor<1x16xf32>
  %w1 = nn.constant {value = #nn.random<seed = 2, std = 0.25>} : tensor<16x16xf32>
  %l1 = nn.linear %a0, %w1 : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  %a1 = nn.square %l1 : tensor<1x16xf32>
  %w2 = nn.constant {value = #nn.random<seed = 3, std = 0.25>} : tensor<16x16xf32>
  %l2 = nn.linear %a1, %w2 : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  %a2 = nn.square %l2 : tensor<1x16xf32>
  %w3 = nn.constant {value = #nn.random<seed = 4, std = 0.25>} : tensor<16x16xf32>
  %l3 = nn.linear %a2, %w3 : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  %a3 = nn.square %l3 : tensor<1x16xf32>
  %w4 = nn.constant {value = #nn.random<seed = 5, std = 0.25>} : tensor<16x16xf32>
  %l4 = nn.linear %a3, %w4 : (tensor<1x16xf32>, tensor<16x16xf32>) -> tensor<1x16xf32>
  return %l4 : tensor<1x16xf32>
}
