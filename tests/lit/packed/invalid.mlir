// RUN: he-opt --verify-diagnostics --split-input-file %s

// expected-error @below {{'packed.vec': the period must divide the slots}}
func.func @main(%x: !packed.vec<shape = [1, 4], period = 3, slots = 8>) {
  return
}

// -----

// expected-error @below {{'packed.vec' needs the parameter 'period'}}
func.func @main(%x: !packed.vec<shape = [1, 4], slots = 8>) {
  return
}

// -----

// expected-error @below {{expected one of row_major, column_major, diagonal}}
func.func @main(%x: !packed.vec<shape = [1, 4], order = rows, period = 4, slots = 8>) {
  return
}

// -----

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%x: !v, %y: !packed.vec<shape = [1, 2], period = 2, slots = 8>) -> !v {
  // expected-error @below {{operands must have one layout}}
  %0 = "packed.add"(%x, %y) : (!v, !packed.vec<shape = [1, 2], period = 2, slots = 8>) -> !v
  return %0 : !v
}

// -----

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%x: !v, %p: tensor<4xf64>) -> !v {
  // expected-error @below {{the plaintext must have one element a slot}}
  %0 = packed.mul_plain %x, %p : !v, tensor<4xf64>
  return %0 : !v
}

// -----

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%x: !v) -> !v {
  // expected-error @below {{requires attribute 'by'}}
  %0 = packed.rotate %x : !v
  return %0 : !v
}

// -----

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%x: !v) -> !v {
  // expected-error @below {{attribute 'value' must be a float, but is 2}}
  %0 = packed.mul_scalar %x {value = 2} : !v
  return %0 : !v
}

// -----

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%x: !v, %w: tensor<3x5xf64>) -> !v {
  // expected-error @below {{a weight of shape [3, 5] does not map [1, 4] to [1, 4]}}
  %0 = packed.linear %x, %w : (!v, tensor<3x5xf64>) -> !v
  return %0 : !v
}

// -----

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%x: !v) -> !v {
  // expected-error @below {{unknown operation 'packed.rotat'}}
  %0 = packed.rotat %x {by = 1} : !v
  return %0 : !v
}
