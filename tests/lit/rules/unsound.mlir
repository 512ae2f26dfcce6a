// RUN: not he-opt --load-rules=%S/Inputs/unsound.rules --unsound --check-semantics %s 2>&1 | FileCheck %s

// A pass that changes the results is told with the rule that does it.

// CHECK: error: pass 'unsound' changed what the program computes
// CHECK: note: rewrite {{[0-9]}} of the pass is the first that changes the results: by rule 'sign'

func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = nn.mul %x, %x : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %1 = nn.neg %0 : tensor<1x4xf32>
  %2 = nn.mul %1, %1 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %3 = nn.add %1, %2 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  return %3 : tensor<1x4xf32>
}
