// RUN: not he-opt --split-input-file %s 2>&1 | FileCheck %s
// RUN: he-opt --load-dialect=%S/../../../examples/rules/sum.dialect --load-rules=%S/../../../examples/rules/fuse_adds.rules --fuse-adds %S/Inputs/pointer.mlir 2>&1 | FileCheck %s --check-prefix=SILENT

// What newcomers write, and what they are told.

// SILENT: remark: fuse-adds: no rule fired: its ops belong to stage 'ckks' and 'leveled', and the program is at stage 'nn'
// SILENT: help: name the passes that lower to stage 'ckks' before it

// CHECK: error: expected an SSA value as an operand; found '('
// CHECK: help: operands stand without parentheses: 'nn.gelu %x : type', or in generic form, "nn.gelu"(%x) : (type) -> type
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %1 = nn.gelu(%x) : tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}
// -----
// CHECK: newcomers.mlir:[[@LINE+4]]:18: error: expected ':'; the line ends here
// CHECK: %1 = nn.gelu %x
// CHECK: help: an operation ends with its types, such as ': tensor<1x4xf32>'
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %1 = nn.gelu %x
  return %1 : tensor<1x4xf32>
}
// -----
// CHECK: error: expected ':' before the operation's type; the line ends here
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %1 = "nn.gelu"(%x)
  return %1 : tensor<1x4xf32>
}
// -----
// CHECK: error: the number '5e-05' needs a decimal point
// CHECK: ^^^^^
// CHECK: help: write 5.0e-05
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %1 = nn.tanh %x {domain = [-5e-05, 1.0]} : tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}
// -----
// CHECK: error: the number '1e3' needs a decimal point
// CHECK: help: write 1.0e3
func.func @main() -> tensor<2xf32> {
  %1 = "nn.constant"() {value = dense<[1.0, 1e3]> : tensor<2xf32>} : () -> tensor<2xf32>
  return %1 : tensor<2xf32>
}
// -----
// CHECK: error: unknown operation 'nn.flatten'
// CHECK: help: write nn.reshape; its result type has the new shape
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %1 = nn.flatten %x : tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}
// -----
// CHECK: error: unregistered operation 'nn.max_pool2d'
// CHECK: help: a maximum is no polynomial: use nn.avg_pool2d, and train the network with it
func.func @main(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x2x2xf32> {
  %1 = "nn.max_pool2d"(%x) : (tensor<1x1x4x4xf32>) -> tensor<1x1x2x2xf32>
  return %1 : tensor<1x1x2x2xf32>
}
// -----
// CHECK: error: unregistered operation 'onnx.Gemm'
// CHECK: help: write nn.linear %x, %weight, %bias; the weight has the shape (outputs, inputs)
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %1 = "onnx.Gemm"(%x) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}
// -----
// CHECK: error: unknown operation 'torch.relu'
// CHECK: help: did you mean 'nn.relu'?
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %1 = torch.relu %x : tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}
// -----
// CHECK: error: unknown operation 'nn.leaky_relu'
// CHECK: help: write a*x + (1 - a)*relu(x)
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %1 = nn.leaky_relu %x : tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}
// -----
// CHECK: error: unknown operation 'nn.dropout'
// CHECK: help: leave it out: it changes nothing when a network is run
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %1 = nn.dropout %x : tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}
