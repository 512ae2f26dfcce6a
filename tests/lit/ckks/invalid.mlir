// RUN: he-opt --verify-diagnostics --split-input-file %s

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: tensor<8xf64>) -> !ckks.pt<level = 3, scale = 40> {
    // expected-error @+1 {{encodes one number a slot: expected 4096 of them, found tensor<8xf64>}}
    %0 = "ckks.encode"(%a0) : (tensor<8xf64>) -> !ckks.pt<level = 3, scale = 40>
    func.return %0 : !ckks.pt<level = 3, scale = 40>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.pt<level = 3, scale = 40>) -> !ckks.ct<level = 2, scale = 40, degree = 1> {
    // expected-error @+1 {{requires input.level == result.level}}
    %0 = "ckks.encrypt"(%a0) : (!ckks.pt<level = 3, scale = 40>) -> !ckks.ct<level = 2, scale = 40, degree = 1>
    func.return %0 : !ckks.ct<level = 2, scale = 40, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1> {
    // expected-error @+1 {{result 'result' must be a ranked tensor}}
    %0 = "ckks.decrypt"(%a0) : (!ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1>
    func.return %0 : !ckks.ct<level = 3, scale = 40, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 1>, %a1: !ckks.ct<level = 2, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1> {
    // expected-error @+1 {{operands have different levels: run rescale, which places level drops}}
    %0 = "ckks.add"(%a0, %a1) : (!ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.ct<level = 2, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1>
    func.return %0 : !ckks.ct<level = 3, scale = 40, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 1>, %a1: !ckks.ct<level = 3, scale = 41, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1> {
    // expected-error @+1 {{operands have different scales: run rescale, which aligns them}}
    %0 = "ckks.sub"(%a0, %a1) : (!ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.ct<level = 3, scale = 41, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1>
    func.return %0 : !ckks.ct<level = 3, scale = 40, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 2, scale = 40, degree = 1> {
    // expected-error @+1 {{requires type(input) == type(result)}}
    %0 = "ckks.neg"(%a0) : (!ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 2, scale = 40, degree = 1>
    func.return %0 : !ckks.ct<level = 2, scale = 40, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 1>, %a1: !ckks.pt<level = 2, scale = 40>) -> !ckks.ct<level = 3, scale = 40, degree = 1> {
    // expected-error @+1 {{the plaintext has another level: run rescale, which encodes it anew}}
    %0 = "ckks.add_plain"(%a0, %a1) : (!ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.pt<level = 2, scale = 40>) -> !ckks.ct<level = 3, scale = 40, degree = 1>
    func.return %0 : !ckks.ct<level = 3, scale = 40, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 1>, %a1: !ckks.pt<level = 3, scale = 20>) -> !ckks.ct<level = 3, scale = 40, degree = 1> {
    // expected-error @+1 {{the plaintext has another scale: run rescale, which encodes it anew}}
    %0 = "ckks.sub_plain"(%a0, %a1) : (!ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.pt<level = 3, scale = 20>) -> !ckks.ct<level = 3, scale = 40, degree = 1>
    func.return %0 : !ckks.ct<level = 3, scale = 40, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1> {
    // expected-error @+1 {{requires attribute 'value'}}
    %0 = "ckks.add_scalar"(%a0) : (!ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1>
    func.return %0 : !ckks.ct<level = 3, scale = 40, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 1>, %a1: !ckks.ct<level = 3, scale = 40, degree = 2>) -> !ckks.ct<level = 3, scale = 80, degree = 2> {
    // expected-error @+1 {{the product would have a degree above 2: run relinearize}}
    %0 = "ckks.mul"(%a0, %a1) : (!ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.ct<level = 3, scale = 40, degree = 2>) -> !ckks.ct<level = 3, scale = 80, degree = 2>
    func.return %0 : !ckks.ct<level = 3, scale = 80, degree = 2>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 1>, %a1: !ckks.pt<level = 3, scale = 20>) -> !ckks.ct<level = 3, scale = 40, degree = 1> {
    // expected-error @+1 {{requires result.scale == lhs.scale + rhs.scale}}
    %0 = "ckks.mul_plain"(%a0, %a1) : (!ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.pt<level = 3, scale = 20>) -> !ckks.ct<level = 3, scale = 40, degree = 1>
    func.return %0 : !ckks.ct<level = 3, scale = 40, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 50, degree = 1> {
    // expected-error @+1 {{requires result.scale == input.scale + log_scale}}
    %0 = "ckks.mul_scalar"(%a0) {value = 2.0, log_scale = 20} : (!ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 50, degree = 1>
    func.return %0 : !ckks.ct<level = 3, scale = 50, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1> {
    // expected-error @+1 {{rotates by 4096, expected a step above 0 and below 4096 slots}}
    %0 = "ckks.rotate"(%a0) {by = 4096} : (!ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1>
    func.return %0 : !ckks.ct<level = 3, scale = 40, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 2>) -> !ckks.ct<level = 3, scale = 40, degree = 2> {
    // expected-error @+1 {{a rotation needs degree 1: run relinearize}}
    %0 = "ckks.rotate"(%a0) {by = 1} : (!ckks.ct<level = 3, scale = 40, degree = 2>) -> !ckks.ct<level = 3, scale = 40, degree = 2>
    func.return %0 : !ckks.ct<level = 3, scale = 40, degree = 2>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 2>) -> !ckks.ct<level = 3, scale = 40, degree = 2> {
    // expected-error @+1 {{a conjugation needs degree 1: run relinearize}}
    %0 = "ckks.conjugate"(%a0) : (!ckks.ct<level = 3, scale = 40, degree = 2>) -> !ckks.ct<level = 3, scale = 40, degree = 2>
    func.return %0 : !ckks.ct<level = 3, scale = 40, degree = 2>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1> {
    // expected-error @+1 {{only a ciphertext of degree 2 is relinearized}}
    %0 = "ckks.relinearize"(%a0) : (!ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1>
    func.return %0 : !ckks.ct<level = 3, scale = 40, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 60, degree = 1>) -> !ckks.ct<level = 2, scale = 20, degree = 1> {
    // expected-error @+1 {{'ckks.rescale' op from !ckks.ct<level = 3, scale = 60, degree = 1> to !ckks.ct<level = 2, scale = 20, degree = 1>: the scale would fall to 20 bits, below log_scale = 40}}
    %0 = "ckks.rescale"(%a0) : (!ckks.ct<level = 3, scale = 60, degree = 1>) -> !ckks.ct<level = 2, scale = 20, degree = 1>
    func.return %0 : !ckks.ct<level = 2, scale = 20, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 80, degree = 1>) -> !ckks.ct<level = 1, scale = 40, degree = 1> {
    // expected-error @+1 {{a rescale takes exactly one level}}
    %0 = "ckks.rescale"(%a0) : (!ckks.ct<level = 3, scale = 80, degree = 1>) -> !ckks.ct<level = 1, scale = 40, degree = 1>
    func.return %0 : !ckks.ct<level = 1, scale = 40, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1> {
    // expected-error @+1 {{drop at least one level}}
    %0 = "ckks.level_drop"(%a0) {levels = 0} : (!ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1>
    func.return %0 : !ckks.ct<level = 3, scale = 40, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 50, degree = 1>) -> !ckks.ct<level = 3, scale = 50, degree = 1> {
    // expected-error @+1 {{a bootstrap takes scale 40 exactly: run rescale, then bootstrap}}
    %0 = "ckks.bootstrap"(%a0) : (!ckks.ct<level = 3, scale = 50, degree = 1>) -> !ckks.ct<level = 3, scale = 50, degree = 1>
    func.return %0 : !ckks.ct<level = 3, scale = 50, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.digits<level = 2> {
    // expected-error @+1 {{requires result.level == input.level}}
    %0 = "ckks.mod_up"(%a0) : (!ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.digits<level = 2>
    func.return %0 : !ckks.digits<level = 2>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 1>, %a1: !ckks.digits<level = 2>) -> !ckks.ct<level = 3, scale = 40, degree = 1> {
    // expected-error @+1 {{requires digits.level == input.level}}
    %0 = "ckks.rotate_hoisted"(%a0, %a1) {by = 1} : (!ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.digits<level = 2>) -> !ckks.ct<level = 3, scale = 40, degree = 1>
    func.return %0 : !ckks.ct<level = 3, scale = 40, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 1>, %a1: !ckks.digits<level = 3>) -> !ckks.ext<level = 3, scale = 40> {
    // expected-error @+1 {{rotates by 0}}
    %0 = "ckks.rotate_ext"(%a0, %a1) {by = 0} : (!ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.digits<level = 3>) -> !ckks.ext<level = 3, scale = 40>
    func.return %0 : !ckks.ext<level = 3, scale = 40>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ext<level = 3, scale = 40>, %a1: !ckks.ext<level = 2, scale = 40>) -> !ckks.ext<level = 3, scale = 40> {
    // expected-error @+1 {{requires type(lhs) == type(rhs)}}
    %0 = "ckks.add_ext"(%a0, %a1) : (!ckks.ext<level = 3, scale = 40>, !ckks.ext<level = 2, scale = 40>) -> !ckks.ext<level = 3, scale = 40>
    func.return %0 : !ckks.ext<level = 3, scale = 40>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ext<level = 3, scale = 40>) -> !ckks.ct<level = 2, scale = 40, degree = 1> {
    // expected-error @+1 {{requires result.level == input.level}}
    %0 = "ckks.mod_down"(%a0) : (!ckks.ext<level = 3, scale = 40>) -> !ckks.ct<level = 2, scale = 40, degree = 1>
    func.return %0 : !ckks.ct<level = 2, scale = 40, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  // expected-error @+1 {{the highest level is 3}}
  func.func @f(%a0: !ckks.ct<level = 4, scale = 40, degree = 1>) -> !ckks.ct<level = 4, scale = 40, degree = 1> {
    // expected-error @+1 {{the highest level is 3}}
    %0 = "ckks.neg"(%a0) : (!ckks.ct<level = 4, scale = 40, degree = 1>) -> !ckks.ct<level = 4, scale = 40, degree = 1>
    func.return %0 : !ckks.ct<level = 4, scale = 40, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  // expected-error @+1 {{need more than}}
  func.func @f(%a0: !ckks.ct<level = 0, scale = 60, degree = 1>) -> !ckks.ct<level = 0, scale = 60, degree = 1> {
    // expected-error @+1 {{need more than}}
    %0 = "ckks.neg"(%a0) : (!ckks.ct<level = 0, scale = 60, degree = 1>) -> !ckks.ct<level = 0, scale = 60, degree = 1>
    func.return %0 : !ckks.ct<level = 0, scale = 60, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  // expected-error @+1 {{stage leveled needs a level and a scale}}
  func.func @f(%a0: !ckks.ct<degree = 1>) -> !ckks.ct<degree = 1> {
    // expected-error @+1 {{stage leveled needs a level and a scale}}
    %0 = "ckks.neg"(%a0) : (!ckks.ct<degree = 1>) -> !ckks.ct<degree = 1>
    func.return %0 : !ckks.ct<degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1> {
    // expected-error @+1 {{has a correction, and what it would correct depends on the exact primes}}
    %0 = "ckks.add_scalar"(%a0) {value = 1.0, correction = 1.5} : (!ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1>
    func.return %0 : !ckks.ct<level = 3, scale = 40, degree = 1>
  }
}

// -----

module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  func.func @f(%a0: !ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1> {
    // expected-error @+1 {{a correction is positive}}
    %0 = "ckks.add_scalar"(%a0) {value = 1.0, correction = 0.0} : (!ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1>
    func.return %0 : !ckks.ct<level = 3, scale = 40, degree = 1>
  }
}
