!i = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%x: !i {he.bound = 3.5}) -> !i {
  return %x : !i
}
func.func @main__encrypt__arg0(%t: tensor<1x4xf32>) -> !i {
  %c = packed.pack %t : (tensor<1x4xf32>) -> !i
  return %c : !i
}
func.func @main__decrypt__result0(%c: !i) -> tensor<1x4xf32> {
  %t = packed.unpack %c : (!i) -> tensor<1x4xf32>
  return %t : tensor<1x4xf32>
}
