// Plain arguments: their elements move to slots and are encoded. A small ring: not secure.
!ct2 = !ckks.ct<level = 2, scale = 40, degree = 1>
!ct2x = !ckks.ct<level = 2, scale = 80, degree = 1>
!ct1 = !ckks.ct<level = 1, scale = 40, degree = 1>
!pt = !ckks.pt<level = 2, scale = 40>
!ptx = !ckks.pt<level = 2, scale = 80>
!vec = !packed.vec<shape = [1, 8], period = 8, slots = 512>
module attributes {ckks.params = #ckks.params<log_n = 11, log_q = [60, 40, 40], log_p = [60, 60], log_scale = 40, slots = 512, dnum = 3>, he.stage = "leveled"} {
  func.func @main(%x: !ct2 {nn.range = [-1.0, 1.0]}, %w: tensor<1x8xf32> {nn.plain, nn.range = [-1.0, 1.0]}, %b: tensor<1x8xf32> {nn.plain}) -> !ct1 {
    %0 = packed.to_plain %w {layout = !vec} : (tensor<1x8xf32>) -> tensor<512xf64>
    %1 = ckks.encode %0 : (tensor<512xf64>) -> !pt
    %2 = ckks.mul_plain %x, %1 : !ct2, !pt
    %3 = packed.to_plain %b {layout = !vec} : (tensor<1x8xf32>) -> tensor<512xf64>
    %4 = ckks.encode %3 : (tensor<512xf64>) -> !ptx
    %5 = ckks.add_plain %2, %4 : !ct2x, !ptx
    %6 = ckks.rescale %5 : !ct2x -> !ct1
    return %6 : !ct1
  }
  func.func @main__encrypt__arg0(%x: tensor<1x8xf32>) -> !ct2 {
    %0 = packed.to_plain %x {layout = !vec} : (tensor<1x8xf32>) -> tensor<512xf64>
    %1 = ckks.encode %0 : (tensor<512xf64>) -> !pt
    %2 = ckks.encrypt %1 : (!pt) -> !ct2
    return %2 : !ct2
  }
  func.func @main__decrypt__result0(%x: !ct1) -> tensor<1x8xf32> {
    %0 = ckks.decrypt %x : (!ct1) -> tensor<512xf64>
    %1 = packed.from_plain %0 {layout = !vec} : (tensor<512xf64>) -> tensor<1x8xf32>
    return %1 : tensor<1x8xf32>
  }
}
