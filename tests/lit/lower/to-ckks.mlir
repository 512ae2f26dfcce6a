// RUN: he-opt --to-ckks %s | FileCheck %s
// RUN: he-opt --to=leveled --coeff-modulus=60,40x3 %s | FileCheck %s --check-prefix=LEVELED

// Before levels exist a ciphertext has a degree only.
// CHECK: he.stage = "ckks"
// CHECK-LABEL: func.func @main(%arg0: !ckks.ct<degree = 1>
// CHECK: ckks.mul_plain %arg0, %{{.*}} {{.*}}: !ckks.ct<degree = 1>, !ckks.pt
// CHECK: ckks.add_plain
// CHECK-LABEL: func.func @main__encrypt__arg0
// CHECK: ckks.encode
// CHECK: ckks.encrypt
// CHECK-LABEL: func.func @main__decrypt__result0
// CHECK: ckks.decrypt

// LEVELED: he.stage = "leveled"
// LEVELED-LABEL: func.func @main(%arg0: !ckks.ct<level = 3, scale = 40, degree = 1>
// LEVELED: ckks.encode %{{.*}} -> !ckks.pt<level = 3, scale = 40>
// LEVELED: ckks.rescale %{{.*}} : !ckks.ct<level = 3, scale = 80, degree = 1> -> !ckks.ct<level = 2, scale = 40, degree = 1>
// LEVELED: ckks.encode %{{.*}} -> !ckks.pt<level = 2, scale = 40>
// LEVELED: ckks.add_plain
func.func @main(%x: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %w = nn.constant {value = dense<0.5> : tensor<1x1xf32>} : tensor<1x1xf32>
  %b = nn.constant {value = dense<1.0> : tensor<1xf32>} : tensor<1xf32>
  %0 = nn.linear %x, %w, %b : (tensor<1x1xf32>, tensor<1x1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}
