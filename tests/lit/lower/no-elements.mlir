// RUN: not he-opt --pack %s 2>&1 | FileCheck %s

// CHECK: error: pack: a tensor of shape [0, 4] cannot be cut into ciphertexts: it has no elements
// CHECK: help: leave it out: there is nothing to encrypt
func.func @main(%x: tensor<0x4xf32> {nn.range = [-1.0, 1.0]}) -> tensor<0x4xf32> {
  %1 = nn.add %x, %x : (tensor<0x4xf32>, tensor<0x4xf32>) -> tensor<0x4xf32>
  return %1 : tensor<0x4xf32>
}
