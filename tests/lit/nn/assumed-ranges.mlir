// RUN: he-opt --preset=baseline %s 2>&1 >/dev/null | FileCheck %s
// RUN: he-opt --preset=auto %s 2>&1 >/dev/null | FileCheck %s

// One warning for all arguments whose range nobody states, and one for each domain that is too narrow.
// CHECK-COUNT-1: assumed-ranges.mlir:[[@LINE+4]]:1: warning: arguments #0, #2 of @main have no range: [-1, 1] is assumed
// CHECK: help: state where the elements lie: %x: tensor<…> {nn.range = [-1.0, 1.0]}
// CHECK: assumed-ranges.mlir:[[@LINE+5]]:8: warning: the input of 'nn.tanh' lies in [-4, 4], its domain is [-1, 1]: its polynomial is off by up to 3.022e2 there
// CHECK: help: widen the domain, or leave it out; or state narrower ranges of the arguments (nn.range)
func.func @main(%x: tensor<1x4xf32>, %y: tensor<1x4xf32> {nn.range = [-1, 1.0]}, %z: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %four = "nn.constant"() {value = dense<4.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %0 = nn.mul %x, %four : (tensor<1x4xf32>, tensor<1xf32>) -> tensor<1x4xf32>
  %1 = nn.tanh %0 {domain = [-1.0, 1.0]} : tensor<1x4xf32>
  %2 = nn.add %1, %y : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %3 = nn.add %2, %z : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  return %3 : tensor<1x4xf32>
}
