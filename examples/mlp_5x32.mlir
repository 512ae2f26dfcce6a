// RUN: he-opt --bsgs --lazy-rescale %s | FileCheck %s

// 32 -> 32 -> 32 -> 32 -> 32 -> 32. Written by make_weights.py, with mlp_5x32.safetensors.

// CHECK: he.stage = "leveled"
// CHECK: ckks.rotate
// CHECK: ckks.rescale

func.func @main(%arg0: tensor<1x32xf32> {nn.range = [-1.0, 1.0]}) -> tensor<1x32xf32> {
  %w1 = "nn.constant"() {value = #nn.weights<"mlp_5x32.safetensors", "fc1.weight">} : () -> tensor<32x32xf32>
  %b1 = "nn.constant"() {value = #nn.weights<"mlp_5x32.safetensors", "fc1.bias">} : () -> tensor<32xf32>
  %1 = "nn.linear"(%arg0, %w1, %b1) : (tensor<1x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x32xf32>
  %a1 = "nn.tanh"(%1) : (tensor<1x32xf32>) -> tensor<1x32xf32>
  %w2 = "nn.constant"() {value = #nn.weights<"mlp_5x32.safetensors", "fc2.weight">} : () -> tensor<32x32xf32>
  %b2 = "nn.constant"() {value = #nn.weights<"mlp_5x32.safetensors", "fc2.bias">} : () -> tensor<32xf32>
  %2 = "nn.linear"(%a1, %w2, %b2) : (tensor<1x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x32xf32>
  %a2 = "nn.tanh"(%2) : (tensor<1x32xf32>) -> tensor<1x32xf32>
  %w3 = "nn.constant"() {value = #nn.weights<"mlp_5x32.safetensors", "fc3.weight">} : () -> tensor<32x32xf32>
  %b3 = "nn.constant"() {value = #nn.weights<"mlp_5x32.safetensors", "fc3.bias">} : () -> tensor<32xf32>
  %3 = "nn.linear"(%a2, %w3, %b3) : (tensor<1x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x32xf32>
  %a3 = "nn.tanh"(%3) : (tensor<1x32xf32>) -> tensor<1x32xf32>
  %w4 = "nn.constant"() {value = #nn.weights<"mlp_5x32.safetensors", "fc4.weight">} : () -> tensor<32x32xf32>
  %b4 = "nn.constant"() {value = #nn.weights<"mlp_5x32.safetensors", "fc4.bias">} : () -> tensor<32xf32>
  %4 = "nn.linear"(%a3, %w4, %b4) : (tensor<1x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x32xf32>
  %a4 = "nn.tanh"(%4) : (tensor<1x32xf32>) -> tensor<1x32xf32>
  %w5 = "nn.constant"() {value = #nn.weights<"mlp_5x32.safetensors", "fc5.weight">} : () -> tensor<32x32xf32>
  %b5 = "nn.constant"() {value = #nn.weights<"mlp_5x32.safetensors", "fc5.bias">} : () -> tensor<32xf32>
  %5 = "nn.linear"(%a4, %w5, %b5) : (tensor<1x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x32xf32>
  func.return %5 : tensor<1x32xf32>
}
