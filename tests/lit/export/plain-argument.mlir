// The elements of a plain argument move to slots, and are encoded where they are used.
// RUN: he-translate --emit=seal-python %s 2>/dev/null | FileCheck %s

// CHECK: "p0": np.array([0, 1, 2, 3]),
// CHECK: {"shape": (1, 4), "range": (-1.0, 1.0), "stated": " (the default)", "plain": True},
// CHECK: v{{[0-9]+}} = he.encode(layout(a1, array_of("p0")), level=1, scale=40, correction={{1.0000|0.9999}}

!ct = !ckks.ct<level = 1, scale = 40, degree = 1>
!low = !ckks.ct<level = 0, scale = 40, degree = 1>
!pt = !ckks.pt<level = 1, scale = 40>
!vec = !packed.vec<shape = [1, 4], period = 4, slots = 512>
module attributes {ckks.params = #ckks.params<log_n = 11, log_q = [60, 40], log_p = [60], log_scale = 40, slots = 512, dnum = 2>, he.stage = "leveled"} {
  func.func @main(%x: !ct {nn.range = [-1.0, 1.0]}, %w: tensor<1x4xf32> {nn.plain}) -> !low {
    %0 = packed.to_plain %w {layout = !vec} : (tensor<1x4xf32>) -> tensor<512xf64>
    %1 = ckks.encode %0 : (tensor<512xf64>) -> !pt
    %2 = ckks.mul_plain %x, %1 : !ct, !pt
    %3 = ckks.rescale %2 : !ckks.ct<level = 1, scale = 80, degree = 1> -> !low
    return %3 : !low
  }
  func.func @main__encrypt__arg0(%x: tensor<1x4xf32>) -> !ct {
    %0 = packed.to_plain %x {layout = !vec} : (tensor<1x4xf32>) -> tensor<512xf64>
    %1 = ckks.encode %0 : (tensor<512xf64>) -> !pt
    %2 = ckks.encrypt %1 : (!pt) -> !ct
    return %2 : !ct
  }
  func.func @main__decrypt__result0(%x: !low) -> tensor<1x4xf32> {
    %0 = ckks.decrypt %x : (!low) -> tensor<512xf64>
    %1 = packed.from_plain %0 {layout = !vec} : (tensor<512xf64>) -> tensor<1x4xf32>
    return %1 : tensor<1x4xf32>
  }
}
