// RUN: he-opt --to-ckks --canonicalize --check-semantics %s | FileCheck %s

// A number that takes over a sign has no correction before the primes are known.
// CHECK: he.stage = "ckks"
func.func @main(%x: tensor<1xf32> {nn.range = [-1.0, 1.0]}) -> tensor<1xf32> {
  %0 = nn.neg %x : tensor<1xf32>
  %1 = nn.silu %0 : tensor<1xf32>
  return %1 : tensor<1xf32>
}
