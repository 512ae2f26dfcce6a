// RUN: he-run --input %S/Inputs/one.json %s | FileCheck %s
// RUN: he-run --to-ckks --input %S/Inputs/one.json %s | FileCheck %s
// RUN: he-opt --to-ckks %s | FileCheck --check-prefix=IR %s

// The wrapped parts of an operand whose elements are repeated are as long as the copies at least: each is summed once. Here
// one product is all.
// CHECK: outputs: {{\[\[}}0.5]]
// IR-LABEL: @main(
// IR: ckks.mul_plain
// IR-NEXT: return
!i = !packed.vec<shape = [1, 1], period = 8, stride = 8, repeat = 8, slots = 8>
!o = !packed.vec<shape = [1, 1], period = 4, stride = 4, repeat = 2, slots = 8>
func.func @main(%x: !i {he.bound = 1.0}) -> !o {
  %w = "nn.constant"() {value = dense<0.5> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %r = packed.linear %x, %w {plan = #packed.plan<method = bsgs, baby = 1>} : (!i, tensor<1x1xf32>) -> !o
  return %r : !o
}
func.func @main__encrypt__arg0(%t: tensor<1x1xf32>) -> !i {
  %c = packed.pack %t : (tensor<1x1xf32>) -> !i
  return %c : !i
}
func.func @main__decrypt__result0(%c: !o) -> tensor<1x1xf32> {
  %t = packed.unpack %c : (!o) -> tensor<1x1xf32>
  return %t : tensor<1x1xf32>
}
