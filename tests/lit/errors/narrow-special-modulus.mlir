// RUN: not he-opt --coeff-modulus=60,40x12 --special-modulus=60 %s 2>&1 | FileCheck %s

// CHECK: P has 60 bits, and the widest digit of Q 220
// CHECK: write --special-modulus=60x4, or --dnum=13
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  func.return %x : tensor<1x4xf32>
}
