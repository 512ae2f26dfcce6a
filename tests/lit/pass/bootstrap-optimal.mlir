// RUN: he-opt --optimal-bootstrap %s | FileCheck %s
// RUN: he-cost --pass-pipeline='builtin.module(approximate,pack,to-ckks,rescale{strategy=lazy},bootstrap{strategy=optimal})' --json %s | FileCheck %s --check-prefix=COST

// Four levels and a product with a number: a refresh is needed, where one value is live, and is dropped to what is still
// spent behind it.
// CHECK-LABEL: func.func @main(
// CHECK: ckks.bootstrap {{.*}}target = [[TARGET:[0-9]+]]{{.*}} -> !ckks.ct<level = 3, scale = 40, degree = 1>
// CHECK-NEXT: ckks.level_drop {{.*}} -> !ckks.ct<level = [[TARGET]], scale = 40, degree = 1>
// CHECK-NOT: ckks.bootstrap
// CHECK: return

// COST: "bootstrap": 1
// COST: "avoidable_bootstraps": 0,
module attributes {ckks.params = #ckks.params<log_n = 12, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 2048, dnum = 2>} {
  func.func @main(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
    %0 = nn.square %x : tensor<1x8xf32>
    %1 = nn.square %0 : tensor<1x8xf32>
    %2 = nn.square %1 : tensor<1x8xf32>
    %3 = nn.square %2 : tensor<1x8xf32>
    return %3 : tensor<1x8xf32>
  }
}
