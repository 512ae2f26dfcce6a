!ct = !ckks.ct<level = 2, scale = 40, degree = 1>
!pt = !ckks.pt<level = 2, scale = 40>

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 13, log_q = [60, 40, 40], log_p = [60], log_scale = 40, slots = 8, dnum = 3>} {
  func.func @main(%x: !ct, %y: !ckks.ct<level = 1, scale = 40, degree = 1>) -> !ct {
    %0 = d.twice %x : !ct
    %1 = d.twice %0 : !ct
    %2 = d.sum %x, %y : !ct, !ckks.ct<level = 1, scale = 40, degree = 1>
    return %2 : !ct
  }
}
