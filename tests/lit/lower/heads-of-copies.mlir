// RUN: he-run --pack=strategy=replicated --bsgs=min-size=1 --lazy-rescale --input %S/Inputs/heads.json %s | FileCheck %s
// RUN: he-opt --pack=strategy=replicated --bsgs=min-size=1 --to-ckks --check-semantics %s -o /dev/null

// Two layers of different widths read one value: it has as many copies as the wider one takes.
// CHECK: outputs: {{\[\[\[}}1.0]],{{\[\[}}0.5,0.25]]]
// CHECK: max_abs_error: 0
func.func @main(%x: tensor<1x2xf32>) -> (tensor<1x1xf32>, tensor<1x2xf32>) {
  %w1 = "nn.constant"() {value = dense<[[1.0, 2.0]]> : tensor<1x2xf32>} : () -> tensor<1x2xf32>
  %w2 = "nn.constant"() {value = dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>} : () -> tensor<2x2xf32>
  %1 = nn.linear %x, %w1 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x1xf32>
  %2 = nn.linear %x, %w2 : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %1, %2 : tensor<1x1xf32>, tensor<1x2xf32>
}
