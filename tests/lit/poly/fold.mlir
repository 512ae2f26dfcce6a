// RUN: he-opt --approximate='symmetric=true degree=7' --fold-poly %s | FileCheck %s
// RUN: he-opt --approximate='symmetric=true degree=7' --fold-poly --check-semantics %s | FileCheck %s --check-prefix=MEANING
// RUN: he-opt --approximate --fold-poly %s 2>&1 | FileCheck %s --check-prefix=LEFT

// The leading coefficient of an even polynomial is negative here: its sign, and the constant, go to the layer behind.
// CHECK-LABEL: func.func @main(
// CHECK: %[[W:.*]] = nn.affine %{{.*}} {factor = {{.*}}} : tensor<6x4xf32>
// CHECK: %[[B:.*]] = nn.affine %{{.*}} {factor = {{.*}}} : tensor<6xf32>
// CHECK: nn.linear %{{.*}}, %[[W]], %[[B]]
// CHECK: poly.eval {{.*}}coefficients = [0.0, {{.*}}, 1.0]
// CHECK: %[[SHIFTED:.*]] = nn.shifted_bias %{{.*}} {offset = {{.*}}}
// CHECK: nn.affine %{{.*}} {factor = {{.*}}} : tensor<3x6xf32>
// The last one is an output: it keeps its constant.
// CHECK: poly.eval {{.*}}coefficients = [0.{{[0-9]+}}, {{.*}}, 1.0]

// MEANING: func.func @main(

// LEFT: fold-poly: polynomial left alone: no linear layer of constants stands alone before it
module {
  func.func @main(%x: tensor<1x4xf32>) -> tensor<1x3xf32> {
    %w = nn.constant {value = #nn.random<seed = 1, std = 0.7>} : tensor<6x4xf32>
    %b = nn.constant {value = #nn.random<seed = 2, std = 0.1>} : tensor<6xf32>
    %v = nn.constant {value = #nn.random<seed = 3, std = 0.4>} : tensor<3x6xf32>
    %s = nn.square %x : tensor<1x4xf32>
    %0 = nn.linear %s, %w, %b : (tensor<1x4xf32>, tensor<6x4xf32>, tensor<6xf32>) -> tensor<1x6xf32>
    %1 = nn.relu %0 : tensor<1x6xf32>
    %2 = nn.linear %1, %v : (tensor<1x6xf32>, tensor<3x6xf32>) -> tensor<1x3xf32>
    %3 = nn.sigmoid %2 : tensor<1x3xf32>
    return %3 : tensor<1x3xf32>
  }
}
