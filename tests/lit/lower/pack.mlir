// RUN: he-opt --pack %s | FileCheck %s
// RUN: he-opt --pack='strategy=replicated slots=64' %s | FileCheck %s --check-prefix=COPIES
// RUN: not he-opt --pack='strategy=replicated slots=8' %s 2>&1 | FileCheck %s --check-prefix=SMALL

// CHECK: he.stage = "packed"
// CHECK: func.func @main(%arg0: !packed.vec<shape = [1, 4], period = 4, slots = 16384> {he.bound = 2.0, nn.range = [-1.0, 2.0]})
// CHECK: packed.linear %arg0
// CHECK: packed.to_plain
// CHECK: packed.add_plain
// CHECK: func.func @main__encrypt__arg0(%arg0: tensor<1x4xf32>)
// CHECK: packed.pack
// CHECK: func.func @main__decrypt__result0
// CHECK: packed.unpack

// Three outputs are padded to four: each input four times.
// COPIES: func.func @main(%arg0: !packed.vec<shape = [1, 4], period = 16, stride = 4, repeat = 4, slots = 64>

// SMALL: 4 inputs of 3 copies each do not fit in 8 slots
func.func @main(%x: tensor<1x4xf32> {nn.range = [-1.0, 2.0]}) -> tensor<1x3xf32> {
  %w = nn.constant {value = dense<0.5> : tensor<3x4xf32>} : tensor<3x4xf32>
  %b = nn.constant {value = dense<1.0> : tensor<3xf32>} : tensor<3xf32>
  %0 = nn.linear %x, %w, %b : (tensor<1x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}
