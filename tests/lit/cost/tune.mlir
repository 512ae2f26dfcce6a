// RUN: he-cost tune --degrees=2,8 --methods=chebyshev --scales=40 %s | FileCheck %s
// RUN: he-cost tune --degrees=2,8 --methods=chebyshev --scales=40 --json %s | FileCheck %s --check-prefix=JSON
// RUN: not he-cost tune --degrees=0 %s 2>&1 | FileCheck %s --check-prefix=ERROR

// Less error takes more time: both are on the front, the least error first.
// CHECK: error  {{.*}}command
// CHECK-NEXT: he-cost --auto='degree=8 method=chebyshev log-scale=40'
// CHECK-NEXT: he-cost --auto='degree=2 method=chebyshev log-scale=40'
// CHECK-NOT: he-cost

// JSON: "error":
// JSON: "latency_ms":
// JSON: "command": "he-cost --auto='degree=8 method=chebyshev log-scale=40'

// ERROR: error: --degrees must be a whole number from 1 to 63, not '0'
func.func @main(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
  %w = nn.constant {value = #nn.random<seed = 1, std = 0.5>} : tensor<8x8xf32>
  %0 = nn.linear %x, %w : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32>
  %1 = nn.gelu %0 : tensor<1x8xf32>
  return %1 : tensor<1x8xf32>
}
