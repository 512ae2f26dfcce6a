// A refresh, and a product with the levels that it returns. A small ring: not secure.
!low = !ckks.ct<level = 1, scale = 55, degree = 1>
!high = !ckks.ct<level = 2, scale = 55, degree = 1>
!product = !ckks.ct<level = 2, scale = 110, degree = 2>
!linear = !ckks.ct<level = 2, scale = 110, degree = 1>
!vec = !packed.vec<shape = [1, 8], period = 8, slots = 1024>
module attributes {ckks.bootstrap_levels = 16, ckks.bootstrap_min_level = 1, ckks.params = #ckks.params<log_n = 11, log_q = [60, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55], log_p = [60, 60, 60, 60, 60, 60, 60], log_scale = 55, slots = 1024, dnum = 3>, he.stage = "leveled"} {
  func.func @main(%x: !low {nn.range = [-1.0, 1.0]}) -> !low {
    %0 = ckks.bootstrap %x : !low -> !high
    %1 = ckks.mul %0, %0 : !high, !high
    %2 = ckks.relinearize %1 : !product -> !linear
    %3 = ckks.rescale %2 : !linear -> !low
    return %3 : !low
  }
  func.func @main__encrypt__arg0(%x: tensor<1x8xf32>) -> !low {
    %0 = packed.to_plain %x {layout = !vec} : (tensor<1x8xf32>) -> tensor<1024xf64>
    %1 = ckks.encode %0 : (tensor<1024xf64>) -> !ckks.pt<level = 1, scale = 55>
    %2 = ckks.encrypt %1 : (!ckks.pt<level = 1, scale = 55>) -> !low
    return %2 : !low
  }
  func.func @main__decrypt__result0(%x: !low) -> tensor<1x8xf32> {
    %0 = ckks.decrypt %x : (!low) -> tensor<1024xf64>
    %1 = packed.from_plain %0 {layout = !vec} : (tensor<1024xf64>) -> tensor<1x8xf32>
    return %1 : tensor<1x8xf32>
  }
}
