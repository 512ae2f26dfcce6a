// RUN: not he-opt %s 2>&1 | FileCheck %s

// CHECK: error: no attribute 'nn.rang' is declared by the dialect 'nn'
// CHECK: help: did you mean 'nn.range'?
func.func @main(%x: tensor<4xf32> {nn.rang = [-1.0, 1.0]}) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
