// RUN: he-opt %s | FileCheck %s
// RUN: he-opt --print-op-generic %s | FileCheck %s --check-prefix=GENERIC
// RUN: he-opt --print-op-generic %s | he-opt | FileCheck %s
// RUN: he-run --random-input 1 %s | FileCheck %s --check-prefix=RESULT

// CHECK: poly.eval %{{.*}} {coefficients = [1.0, 2.0, 3.0], domain = [-1.0, 1.0]} : tensor<3xf64> -> tensor<3xf64>
// CHECK: poly.eval %{{.*}} {basis = "chebyshev", coefficients = [0.0, 1.0], domain = [-1.0, 7.0], function = "gelu", max_error = 0.25}
// CHECK: poly.compose %{{.*}} {polynomials = [#poly.polynomial<{{.*}}>, #poly.polynomial<{{.*}}>]} : tensor<3xf64> -> tensor<3xf64>
// GENERIC: "poly.eval"(%{{.*}}) <{coefficients = [1.0{{.*}}], domain = [-1.0{{.*}}]}> : (tensor<3xf64>) -> tensor<3xf64>
// RESULT: backend: reference
func.func @main(%x: tensor<3xf64>) -> tensor<3xf64> {
  %0 = poly.eval %x {coefficients = [1.0, 2.0, 3.0], domain = [-1.0, 1.0]} : tensor<3xf64> -> tensor<3xf64>
  %1 = poly.eval %0 {coefficients = [0.0, 1.0], basis = "chebyshev", domain = [-1.0, 7.0], max_error = 0.25, function = "gelu"} : tensor<3xf64> -> tensor<3xf64>
  %2 = poly.compose %1 {polynomials = [#poly.polynomial<coefficients = [1.0, 2.0], domain = [-1.0, 1.0]>, #poly.polynomial<coefficients = [0.0, 0.0, 1.0], domain = [-1.0, 3.0]>]} : tensor<3xf64> -> tensor<3xf64>
  return %2 : tensor<3xf64>
}
