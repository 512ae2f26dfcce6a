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

// -----

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%x: !v, %w: tensor<4x5xf64>) -> !v {
  // expected-error @below {{a weight of shape [4, 5] does not map [1, 4], [1, 4] to [1, 4]}}
  %0 = packed.linear %x, %x, %w : (!v, !v, tensor<4x5xf64>) -> !v
  return %0 : !v
}

// -----

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%w: tensor<4x4xf64>) -> !v {
  // expected-error @below {{it maps at least one vector to at least one}}
  %0 = packed.linear %w : (tensor<4x4xf64>) -> !v
  return %0 : !v
}

// -----

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%w: tensor<4x8xf64>) {
  // expected-error @below {{a weight of shape [4, 8] has no 4 rows and 4 columns from row 0 and column 5 on}}
  %0 = packed.matrix %w {input = !v, output = !v, column = 5} : (tensor<4x8xf64>) -> !packed.matrix
  return
}

// -----

func.func @main(%t: tensor<2x8xf64>) {
  // expected-error @below {{[2, 4] from 5 on is no block of [2, 8]}}
  %0 = packed.block %t {start = 5} : (tensor<2x8xf64>) -> tensor<2x4xf64>
  return
}

// -----

func.func @main(%t: tensor<4x8xf64>) {
  // expected-error @below {{[2, 8] from row 3 and 0 on is no block of [4, 8]}}
  %0 = packed.block %t {row = 3} : (tensor<4x8xf64>) -> tensor<2x8xf64>
  return
}

// -----

func.func @main(%s: tensor<2x4xf64>, %t: tensor<1x8xf64>) {
  // expected-error @below {{the operands side by side are not of shape [3, 8]}}
  %0 = packed.concat %s, %t, %s : (tensor<2x4xf64>, tensor<1x8xf64>, tensor<2x4xf64>) -> tensor<3x8xf64>
  return
}

// -----

func.func @main(%s: tensor<2x4xf64>, %t: tensor<2x3xf64>) {
  // expected-error @below {{the operands side by side are not of shape [2, 8]}}
  %0 = packed.concat %s, %t : (tensor<2x4xf64>, tensor<2x3xf64>) -> tensor<2x8xf64>
  return
}

// -----

!s = !packed.vec<shape = [1, 4], period = 16, stride = 4, slots = 16>
!d = !packed.vec<shape = [1, 4], period = 16, stride = 4, repeat = 4, slots = 16>
func.func @main(%s: !s) -> !d {
  // expected-error @below {{groups of [2] do not make 4 copies of 1}}
  %0 = packed.spread %s {groups = [2]} : !s -> !d
  return %0 : !d
}

// -----

!s = !packed.vec<shape = [1, 4], period = 16, stride = 4, slots = 16>
!d = !packed.vec<shape = [1, 4], period = 8, stride = 2, repeat = 2, slots = 16>
func.func @main(%s: !s) -> !d {
  // expected-error @below {{the result must have the elements in the slots of the operand's}}
  %0 = packed.spread %s {groups = [2]} : !s -> !d
  return %0 : !d
}

// -----

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%w: tensor<4x4xf64>) {
  %0 = packed.matrix %w {input = !v, output = !v} : (tensor<4x4xf64>) -> !packed.matrix
  // expected-error @below {{index and shift are not negative}}
  %1 = packed.diagonal %0 {index = -1} : (!packed.matrix) -> tensor<8xf64>
  return
}

// -----

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%t: tensor<1x3xf64>) -> !v {
  // expected-error @below {{a tensor of shape [1, 3] is not what a layout of shape [1, 4] holds}}
  %0 = packed.pack %t : (tensor<1x3xf64>) -> !v
  return %0 : !v
}

// -----

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%v: !v) -> tensor<4x1xf64> {
  // expected-error @below {{a tensor of shape [4, 1] is not what a layout of shape [1, 4] holds}}
  %0 = packed.unpack %v : (!v) -> tensor<4x1xf64>
  return %0 : tensor<4x1xf64>
}

// -----

!v = !packed.vec<shape = [2, 4], period = 8, slots = 8>
func.func @main(%row: tensor<1x4xf64>, %column: tensor<2x1xf64>) {
  // Each row is the same.
  %0 = packed.to_plain %row {layout = !v} : (tensor<1x4xf64>) -> tensor<8xf64>
  // expected-error @below {{a tensor of shape [2, 1] is not what a layout of shape [2, 4] holds}}
  %1 = packed.to_plain %column {layout = !v} : (tensor<2x1xf64>) -> tensor<8xf64>
  return
}

// -----

!v = !packed.vec<shape = [2, 4], period = 8, slots = 8>
func.func @main(%p: tensor<16xf64>) -> tensor<2x4xf64> {
  // expected-error @below {{a plaintext of shape [16] does not have the 8 slots of the layout}}
  %0 = packed.from_plain %p {layout = !v} : (tensor<16xf64>) -> tensor<2x4xf64>
  return %0 : tensor<2x4xf64>
}
