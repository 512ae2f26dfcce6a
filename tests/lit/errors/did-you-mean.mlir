// RUN: not he-opt %s 2>&1 | FileCheck %s
// RUN: not he-opt --pass-pipeline='builtin.module(cse,func.func(canonicalise))' %s 2>&1 | FileCheck %s --check-prefix=PASS
// RUN: not he-opt --split-input-file %s 2>&1 | FileCheck %s --check-prefix=ALL
// A misspelt name of each kind, and what is near.

// PASS: <pass-pipeline>:1:30: error: unknown pass 'canonicalise'
// PASS: ^^^^^^^^^^^^
// PASS: help: did you mean 'canonicalize'?

// CHECK: error: unknown operation 'retrun'
// CHECK: help: did you mean 'return'?
func.func @f() {
  retrun
}

// -----

func.func private @square(tensor<4xf32>) -> tensor<4xf32>
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  // ALL: error: 'func.call' op names @sqare, which is not defined
  // ALL: help: did you mean '@square'?
  %0 = call @sqare(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @f(%x: tensor<4x4xf32>) -> tensor<16xf32> {
  // ALL: error: 'nn.reshape' op requires attribute 'shape'
  // ALL: help: did you mean it by 'shapes'?
  %0 = "nn.reshape"(%x) {shapes = [16]} : (tensor<4x4xf32>) -> tensor<16xf32>
  return %0 : tensor<16xf32>
}

// -----

func.func @f(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // ALL: error: 'nn.concat' op has no inherent attribute 'dimm'
  // ALL: help: did you mean 'dim'?
  %0 = "nn.concat"(%x) <{dim = 1, dimm = 1}> : (tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

#weights = dense<1.0> : tensor<4xf32>
// ALL: error: undefined attribute alias '#weigths'
// ALL: help: did you mean '#weights'?
%0 = "nn.constant"() {value = #weigths} : () -> tensor<4xf32>

// -----

// ALL: error: 'ckks.ct' has no parameter 'levels'
// ALL: help: did you mean 'level'?
func.func private @f(!ckks.ct<levels = 1>)
