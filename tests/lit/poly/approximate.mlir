// RUN: he-opt --approximate='degree=3 method=remez' %s | FileCheck %s
// RUN: he-opt --approximate='domain=[-2,2]' %s | FileCheck %s --check-prefix=DOMAIN
// RUN: he-opt --check-semantics --approximate %s | FileCheck %s
// RUN: he-opt --dump-ranges %s 2>&1 | FileCheck %s --check-prefix=RANGES
// RUN: he-run --approximate --random-input 3 %s | FileCheck %s --check-prefix=RESULT
// RUN: not he-opt --approximate=degree=0 %s 2>&1 | FileCheck %s --check-prefix=DEGREE
// RUN: not he-opt --approximate=degree=1000 %s 2>&1 | FileCheck %s --check-prefix=DEGREE

// CHECK: he.stage = "poly"
// CHECK-LABEL: @main(
// CHECK: poly.eval {{.*}}function = "gelu", max_error = {{.*}}my.note
// CHECK: poly.eval {{.*}}coefficients = [0.0, 0.0, 1.0]{{.*}}function = "square", max_error = 0.0
// CHECK: func.func private @main__reference
// CHECK: nn.gelu
// CHECK: nn.square
// DOMAIN: domain = [-2.0, 2.0], function = "gelu"
// DOMAIN: domain = [-9.0, 9.0], function = "square"
// RANGES: approximate.mlir:[[# @LINE + 5]]:8: nn.gelu: [-0.169971, 2.995950]
// RESULT: max_abs_error:
// RESULT: error_bound:
// DEGREE: option 'degree' must be an integer from 1 to 63
func.func @main(%x: tensor<1x4xf32> {nn.range = [-3.0, 3.0]}) -> tensor<1x4xf32> {
  %0 = nn.gelu %x {my.note = 1} : tensor<1x4xf32>
  %1 = nn.square %0 {domain = [-9.0, 9.0]} : tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}
