// RUN: he-opt --bsgs --lazy-rescale %s | FileCheck %s

// 64 -> 32 -> 16 -> 8. Written by make_weights.py, with mlp.safetensors.

// CHECK: he.stage = "leveled"
// CHECK: ckks.rotate
// CHECK: ckks.rescale

func.func @main(%arg0: tensor<1x64xf32> {nn.range = [-1.0, 1.0]}) -> tensor<1x8xf32> {
  %w1 = "nn.constant"() {value = #nn.weights<"mlp.safetensors", "fc1.weight">} : () -> tensor<32x64xf32>
  %b1 = "nn.constant"() {value = #nn.weights<"mlp.safetensors", "fc1.bias">} : () -> tensor<32xf32>
  %1 = "nn.linear"(%arg0, %w1, %b1) : (tensor<1x64xf32>, tensor<32x64xf32>, tensor<32xf32>) -> tensor<1x32xf32>
  %a1 = "nn.gelu"(%1) : (tensor<1x32xf32>) -> tensor<1x32xf32>
  %w2 = "nn.constant"() {value = #nn.weights<"mlp.safetensors", "fc2.weight">} : () -> tensor<16x32xf32>
  %b2 = "nn.constant"() {value = #nn.weights<"mlp.safetensors", "fc2.bias">} : () -> tensor<16xf32>
  %2 = "nn.linear"(%a1, %w2, %b2) : (tensor<1x32xf32>, tensor<16x32xf32>, tensor<16xf32>) -> tensor<1x16xf32>
  %a2 = "nn.gelu"(%2) : (tensor<1x16xf32>) -> tensor<1x16xf32>
  %w3 = "nn.constant"() {value = #nn.weights<"mlp.safetensors", "fc3.weight">} : () -> tensor<8x16xf32>
  %b3 = "nn.constant"() {value = #nn.weights<"mlp.safetensors", "fc3.bias">} : () -> tensor<8xf32>
  %3 = "nn.linear"(%a2, %w3, %b3) : (tensor<1x16xf32>, tensor<8x16xf32>, tensor<8xf32>) -> tensor<1x8xf32>
  %a3 = "nn.sigmoid"(%3) : (tensor<1x8xf32>) -> tensor<1x8xf32>
  func.return %a3 : tensor<1x8xf32>
}
