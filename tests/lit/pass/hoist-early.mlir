// Hoisting before there are levels: the planners relinearize what is decomposed.
// RUN: he-opt --hoist --lazy-relin --lazy-rescale --check-semantics %s | FileCheck %s

// CHECK-LABEL: func.func @main(
// CHECK: ckks.mul
// CHECK: %[[R:.*]] = ckks.relinearize
// CHECK: ckks.mod_up %[[R]]
// CHECK: ckks.rotate_hoisted %[[R]]
module attributes {ckks.params = #ckks.params<log_n = 12, log_q = [60, 40, 40], log_p = [60, 60], log_scale = 40, slots = 2048, dnum = 2>} {
  func.func @main(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
    %w = nn.constant {value = #nn.random<seed = 1, std = 0.3>} : tensor<8x8xf32>
    %0 = nn.square %x : tensor<1x8xf32>
    %1 = nn.linear %0, %w : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32>
    return %1 : tensor<1x8xf32>
  }
}
