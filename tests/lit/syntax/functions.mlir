// RUN: he-opt %s | FileCheck %s
// RUN: he-opt --print-op-generic %s | he-opt | FileCheck %s
// RUN: he-opt --print-op-generic %s | FileCheck %s --check-prefix=GENERIC

// CHECK: module @named attributes {some.attr = 1}
// GENERIC: "builtin.module"() <{sym_name = "named"}> ({
module @named attributes {some.attr = 1} {
  // CHECK: func.func private @declared(tensor<4xf32>) -> (tensor<4xf32>, i32)
  func.func private @declared(tensor<4xf32>) -> (tensor<4xf32>, i32)
  // CHECK: func.func @main(%arg0: tensor<4xf32> {nn.range = [0.0, 1.0]}, %arg1: i32) -> (tensor<4xf32> {their.name = "y"}) attributes {their.note = "x"} {
  // GENERIC: "func.func"() <{arg_attrs = [{nn.range = [0.0, 1.0]}, {}], function_type = (tensor<4xf32>, i32) -> tensor<4xf32>, res_attrs = [{their.name = "y"}], sym_name = "main"}> ({
  // GENERIC-NEXT: ^bb0(%arg0: tensor<4xf32>, %arg1: i32):
  // GENERIC-NEXT: "func.return"(%arg0) : (tensor<4xf32>) -> ()
  func.func @main(%x: tensor<4xf32> {nn.range = [0.0, 1.0]}, %n: i32) -> (tensor<4xf32> {their.name = "y"}) attributes {their.note = "x"} {
    // CHECK: return %arg0 : tensor<4xf32>
    func.return %x : tensor<4xf32>
  }
}
