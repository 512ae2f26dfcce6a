// RUN: he-opt --preset=full %s | FileCheck %s

// 32 -> 32 -> 32 -> 32 -> 32 -> 32 -> 32 -> 32 -> 32 -> 32 -> 32. Written by make_weights.py, with mlp_10x32.safetensors.

// CHECK: he.stage = "leveled"
// CHECK: ckks.rotate
// CHECK: ckks.rescale

func.func @main(%arg0: tensor<1x32xf32> {nn.range = [-1.0, 1.0]}) -> tensor<1x32xf32> {
  %w1 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc1.weight">} : () -> tensor<32x32xf32>
  %b1 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc1.bias">} : () -> tensor<32xf32>
  %1 = "nn.linear"(%arg0, %w1, %b1) : (tensor<1x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x32xf32>
  %a1 = "nn.gelu"(%1) : (tensor<1x32xf32>) -> tensor<1x32xf32>
  %w2 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc2.weight">} : () -> tensor<32x32xf32>
  %b2 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc2.bias">} : () -> tensor<32xf32>
  %2 = "nn.linear"(%a1, %w2, %b2) : (tensor<1x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x32xf32>
  %a2 = "nn.gelu"(%2) : (tensor<1x32xf32>) -> tensor<1x32xf32>
  %w3 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc3.weight">} : () -> tensor<32x32xf32>
  %b3 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc3.bias">} : () -> tensor<32xf32>
  %3 = "nn.linear"(%a2, %w3, %b3) : (tensor<1x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x32xf32>
  %a3 = "nn.gelu"(%3) : (tensor<1x32xf32>) -> tensor<1x32xf32>
  %w4 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc4.weight">} : () -> tensor<32x32xf32>
  %b4 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc4.bias">} : () -> tensor<32xf32>
  %4 = "nn.linear"(%a3, %w4, %b4) : (tensor<1x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x32xf32>
  %a4 = "nn.gelu"(%4) : (tensor<1x32xf32>) -> tensor<1x32xf32>
  %w5 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc5.weight">} : () -> tensor<32x32xf32>
  %b5 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc5.bias">} : () -> tensor<32xf32>
  %5 = "nn.linear"(%a4, %w5, %b5) : (tensor<1x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x32xf32>
  %a5 = "nn.gelu"(%5) : (tensor<1x32xf32>) -> tensor<1x32xf32>
  %w6 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc6.weight">} : () -> tensor<32x32xf32>
  %b6 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc6.bias">} : () -> tensor<32xf32>
  %6 = "nn.linear"(%a5, %w6, %b6) : (tensor<1x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x32xf32>
  %a6 = "nn.gelu"(%6) : (tensor<1x32xf32>) -> tensor<1x32xf32>
  %w7 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc7.weight">} : () -> tensor<32x32xf32>
  %b7 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc7.bias">} : () -> tensor<32xf32>
  %7 = "nn.linear"(%a6, %w7, %b7) : (tensor<1x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x32xf32>
  %a7 = "nn.gelu"(%7) : (tensor<1x32xf32>) -> tensor<1x32xf32>
  %w8 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc8.weight">} : () -> tensor<32x32xf32>
  %b8 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc8.bias">} : () -> tensor<32xf32>
  %8 = "nn.linear"(%a7, %w8, %b8) : (tensor<1x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x32xf32>
  %a8 = "nn.gelu"(%8) : (tensor<1x32xf32>) -> tensor<1x32xf32>
  %w9 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc9.weight">} : () -> tensor<32x32xf32>
  %b9 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc9.bias">} : () -> tensor<32xf32>
  %9 = "nn.linear"(%a8, %w9, %b9) : (tensor<1x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x32xf32>
  %a9 = "nn.gelu"(%9) : (tensor<1x32xf32>) -> tensor<1x32xf32>
  %w10 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc10.weight">} : () -> tensor<32x32xf32>
  %b10 = "nn.constant"() {value = #nn.weights<"mlp_10x32.safetensors", "fc10.bias">} : () -> tensor<32xf32>
  %10 = "nn.linear"(%a9, %w10, %b10) : (tensor<1x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<1x32xf32>
  %a10 = "nn.gelu"(%10) : (tensor<1x32xf32>) -> tensor<1x32xf32>
  func.return %a10 : tensor<1x32xf32>
}
