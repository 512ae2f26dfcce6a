// RUN: not he-opt --pack --weights-dir=%S/../../../examples %s 2>&1 | FileCheck %s --check-prefix=TENSOR
// RUN: not he-opt --pack --weights-dir=%S %s 2>&1 | FileCheck %s --check-prefix=FILE

// TENSOR: weights.mlir:{{[0-9]+}}:{{[0-9]+}}: error: {{.*}}'mlp.safetensors' has no tensor 'fc1.wieght'; did you mean 'fc1.weight'? (it has 'fc1.bias', 'fc1.weight'
// TENSOR: note: while running pass '{{.*}}'
// FILE: weights.mlir:{{[0-9]+}}:{{[0-9]+}}: error: {{.*}}cannot read '{{.*}}mlp.safetensors': no such file

func.func @main(%x: tensor<1x64xf32>) -> tensor<1x32xf32> {
  %w = "nn.constant"() {value = #nn.weights<"mlp.safetensors", "fc1.wieght">} : () -> tensor<32x64xf32>
  %0 = "nn.linear"(%x, %w) : (tensor<1x64xf32>, tensor<32x64xf32>) -> tensor<1x32xf32>
  func.return %0 : tensor<1x32xf32>
}
