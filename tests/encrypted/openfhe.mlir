// Every op of the ckks dialect that OpenFHE runs. A small ring: not secure.
!ct2 = !ckks.ct<level = 2, scale = 40, degree = 1>
!ct2x = !ckks.ct<level = 2, scale = 80, degree = 1>
!ct2xx = !ckks.ct<level = 2, scale = 80, degree = 2>
!ct1 = !ckks.ct<level = 1, scale = 40, degree = 1>
!ct1x = !ckks.ct<level = 1, scale = 80, degree = 1>
!ct0 = !ckks.ct<level = 0, scale = 40, degree = 1>
!digits = !ckks.digits<level = 1>
!ext = !ckks.ext<level = 1, scale = 40>
!vec = !packed.vec<shape = [1, 8], period = 8, slots = 512>
module attributes {ckks.params = #ckks.params<log_n = 11, log_q = [60, 40, 40], log_p = [60, 60], log_scale = 40, slots = 512, dnum = 2>, he.stage = "leveled"} {
  func.func @main(%x: !ct2 {nn.range = [-1.0, 1.0]}) -> !ct0 {
    %c = "nn.constant"() {value = dense<[0.5, -0.25, 0.125, 1.0, 0.75, 0.5, -0.5, 0.25]> : tensor<8xf64>} : () -> tensor<8xf64>
    %w = packed.to_plain %c {layout = !vec} : (tensor<8xf64>) -> tensor<512xf64>
    %p = ckks.encode %w : (tensor<512xf64>) -> !ckks.pt<level = 2, scale = 40>
    %pp = ckks.encode %w : (tensor<512xf64>) -> !ckks.pt<level = 2, scale = 80>
    %a = ckks.mul_plain %x, %p : !ct2, !ckks.pt<level = 2, scale = 40>
    %b = ckks.add_plain %a, %pp : !ct2x, !ckks.pt<level = 2, scale = 80>
    %d = ckks.sub_plain %b, %pp : !ct2x, !ckks.pt<level = 2, scale = 80>
    %e = ckks.add_scalar %d {value = 0.1} : !ct2x
    %f = ckks.mul %x, %x : !ct2, !ct2
    %g = ckks.add %f, %e : !ct2xx, !ct2x
    %h = ckks.relinearize %g : !ct2xx -> !ct2x
    %i = ckks.rescale %h : !ct2x -> !ct1
    %j = ckks.neg %i : !ct1
    %k = ckks.level_drop %x {levels = 1} : !ct2 -> !ct1
    %l = ckks.sub %k, %j : !ct1, !ct1
    %m = ckks.rotate %l {by = 3} : !ct1
    %n = ckks.mod_up %m : !ct1 -> !digits
    %o = ckks.rotate_hoisted %m, %n {by = 1} : !ct1, !digits
    %q = ckks.rotate_ext %m, %n {by = 2} : !ct1, !digits
    %r = ckks.rotate_ext %m, %n {by = 4} : !ct1, !digits
    %s = ckks.add_ext %q, %r : !ext
    %t = ckks.mod_down %s : !ext -> !ct1
    %u = ckks.add %o, %t : !ct1, !ct1
    %v = ckks.add_scalar %u {value = 0.0} : !ct1
    %z = ckks.mul_scalar %v {value = 0.25, log_scale = 40} : !ct1 -> !ct1x
    %y = ckks.rescale %z : !ct1x -> !ct0
    %yy = ckks.add_scalar %y {value = -0.5} : !ct0
    return %yy : !ct0
  }
  func.func @main__encrypt__arg0(%x: tensor<1x8xf32>) -> !ct2 {
    %0 = packed.to_plain %x {layout = !vec} : (tensor<1x8xf32>) -> tensor<512xf64>
    %1 = ckks.encode %0 : (tensor<512xf64>) -> !ckks.pt<level = 2, scale = 40>
    %2 = ckks.encrypt %1 : (!ckks.pt<level = 2, scale = 40>) -> !ct2
    return %2 : !ct2
  }
  func.func @main__decrypt__result0(%x: !ct0) -> tensor<1x8xf32> {
    %0 = ckks.decrypt %x : (!ct0) -> tensor<512xf64>
    %1 = packed.from_plain %0 {layout = !vec} : (tensor<512xf64>) -> tensor<1x8xf32>
    return %1 : tensor<1x8xf32>
  }
}
