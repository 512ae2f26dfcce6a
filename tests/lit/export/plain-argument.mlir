// An exported program moves the elements of a plain argument to slots; it does not compute with them.
// RUN: not he-translate --emit=seal-python %s 2>&1 | FileCheck %s

// CHECK: plain-argument.mlir:[[# @LINE + 10]]:5: error: 'ckks.encode' op takes numbers that are computed from a plain argument
// CHECK: help: an exported program only moves them to slots: compute them before, and pass the results

!ct = !ckks.ct<level = 1, scale = 40, degree = 1>
!pt = !ckks.pt<level = 1, scale = 40>
!vec = !packed.vec<shape = [1, 4], period = 4, slots = 512>
module attributes {ckks.params = #ckks.params<log_n = 11, log_q = [60, 40], log_p = [60], log_scale = 40, slots = 512, dnum = 2>, he.stage = "leveled"} {
  func.func @main(%x: !ct, %w: tensor<1x4xf32> {nn.plain}) -> !ckks.ct<level = 0, scale = 40, degree = 1> {
    %s = "nn.square"(%w) : (tensor<1x4xf32>) -> tensor<1x4xf32>
    %0 = packed.to_plain %s {layout = !vec} : (tensor<1x4xf32>) -> tensor<512xf64>
    %1 = ckks.encode %0 : (tensor<512xf64>) -> !pt
    %2 = ckks.mul_plain %x, %1 : !ct, !pt
    %3 = ckks.rescale %2 : !ckks.ct<level = 1, scale = 80, degree = 1> -> !ckks.ct<level = 0, scale = 40, degree = 1>
    return %3 : !ckks.ct<level = 0, scale = 40, degree = 1>
  }
}
