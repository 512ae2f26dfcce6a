!ct = !ckks.ct<degree = 1>
module attributes {he.stage = "ckks", ckks.params = #ckks.params<log_n = 15, log_q = [60, 40], log_p = [60], log_scale = 40, slots = 16384, dnum = 2>} {
  func.func @main(%x: !ct) -> !ct {
    %0 = ckks.rotate %x {by = 1} : !ct
    return %0 : !ct
  }
}
