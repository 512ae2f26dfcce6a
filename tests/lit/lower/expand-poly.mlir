// RUN: he-opt --expand-poly %s | FileCheck %s
// RUN: he-opt --expand-poly='schedule=horner' %s | FileCheck %s --check-prefix=HORNER
// RUN: he-opt --expand-poly='schedule=auto' %s | FileCheck %s --check-prefix=AUTO

// Two products here too, and none with a number.
// AUTO-LABEL: @main
// AUTO-COUNT-2: packed.mul %
// AUTO-NOT: packed.mul
// AUTO: return

// x^4 + x^2: two products by squaring; Horner in x^2 the same.
// CHECK-LABEL: @main
// CHECK: %[[X2:.*]] = packed.mul %{{.*}}, %{{.*}}
// CHECK: packed.mul
// CHECK-NOT: packed.mul %
// CHECK-NOT: poly.eval
// CHECK: return

// HORNER-COUNT-2: packed.mul %
// HORNER-NOT: packed.mul %
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = poly.eval %x {coefficients = [0.0, 0.0, 1.0, 0.0, 1.0], basis = "monomial", domain = [-1.0, 1.0]} : tensor<1x4xf32> -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}
