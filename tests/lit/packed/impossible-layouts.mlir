// RUN: he-opt --verify-diagnostics --split-input-file %s

// Layouts and plans that nothing can be packed by.

// expected-error @below {{the elements do not fit in a period: it takes (elements - 1) * stride + repeat slots}}
func.func @main(%x: !packed.vec<shape = [1, 4], period = 2, slots = 8>) {
  return
}

// -----

// expected-error @below {{the elements do not fit in a period: it takes (elements - 1) * stride + repeat slots}}
func.func @main(%x: !packed.vec<shape = [1, 4], period = 4, stride = 2, slots = 8>) {
  return
}

// -----

// expected-error @below {{the elements do not fit in a period: it takes (elements - 1) * stride + repeat slots}}
func.func @main(%x: !packed.vec<shape = [1, 2], period = 4, stride = 4, slots = 8>) {
  return
}

// -----

// expected-error @below {{the elements do not fit in a period: it takes (elements - 1) * stride + repeat slots}}
func.func @main(%x: !packed.vec<shape = [1, 1], period = 2, stride = 4, repeat = 4, slots = 8>) {
  return
}

// -----

// expected-error @below {{the elements do not fit in a period: it takes (elements - 1) * stride + repeat slots}}
func.func @main(%x: !packed.vec<shape = [2, 3], order = diagonal, period = 4, slots = 8>) {
  return
}

// -----

// expected-error @below {{the elements do not fit in a period: it takes (elements - 1) * stride + repeat slots}}
func.func @main(%x: !packed.vec<shape = [1, 16], period = 8, slots = 8>) {
  return
}

// -----

// expected-error @below {{the elements do not fit in a period: it takes (elements - 1) * stride + repeat slots}}
func.func @main(%x: !packed.vec<shape = [], period = 1, stride = 2, repeat = 2, slots = 8>) {
  return
}

// -----

// expected-error @below {{the elements do not fit in a period: it takes (elements - 1) * stride + repeat slots}}
func.func @main(%x: !packed.vec<shape = [1, 1], period = 8, stride = 9223372036854775807, slots = 8>) {
  return
}

// -----

// expected-error @below {{cannot check product(shape)}}
func.func @main(%x: !packed.vec<shape = [4611686018427387904, 4], period = 8, slots = 8>) {
  return
}

// -----

// expected-error @below {{every dimension is at least 1}}
func.func @main(%x: !packed.vec<shape = [0, 4], period = 4, slots = 8>) {
  return
}

// -----

// expected-error @below {{every dimension is at least 1}}
func.func @main(%x: !packed.vec<shape = [4, 0], order = column_major, period = 4, slots = 8>) {
  return
}

// -----

// expected-error @below {{every dimension is at least 1}}
func.func @main(%x: !packed.vec<shape = [-1, -4], period = 4, slots = 8>) {
  return
}

// -----

// expected-error @below {{slots are a power of two, at most 65536}}
func.func @main(%x: !packed.vec<shape = [1, 4], period = 4, slots = 12>) {
  return
}

// -----

// expected-error @below {{slots are a power of two, at most 65536}}
func.func @main(%x: !packed.vec<shape = [1, 4], period = 4, slots = 0>) {
  return
}

// -----

// expected-error @below {{slots are a power of two, at most 65536}}
func.func @main(%x: !packed.vec<shape = [1, 4], period = 4, slots = -8>) {
  return
}

// -----

// expected-error @below {{slots are a power of two, at most 65536}}
func.func @main(%x: !packed.vec<shape = [1, 4], period = 4, slots = 131072>) {
  return
}

// -----

// expected-error @below {{the period must divide the slots}}
func.func @main(%x: !packed.vec<shape = [1, 4], period = 0, slots = 8>) {
  return
}

// -----

// expected-error @below {{the period must divide the slots}}
func.func @main(%x: !packed.vec<shape = [1, 4], period = 16, slots = 8>) {
  return
}

// -----

// expected-error @below {{repeat must divide stride}}
func.func @main(%x: !packed.vec<shape = [1, 2], period = 8, stride = 0, slots = 8>) {
  return
}

// -----

// expected-error @below {{repeat must divide stride}}
func.func @main(%x: !packed.vec<shape = [1, 2], period = 8, stride = 2, repeat = 0, slots = 8>) {
  return
}

// -----

// expected-error @below {{repeat must divide stride}}
func.func @main(%x: !packed.vec<shape = [1, 2], period = 8, stride = 3, repeat = 2, slots = 8>) {
  return
}

// -----

// expected-error @below {{repeat must divide stride}}
func.func @main(%x: !packed.vec<shape = [1, 2], period = 8, repeat = 2, slots = 8>) {
  return
}

// -----

// expected-error @below {{fill is a magnitude}}
func.func @main(%x: !packed.vec<shape = [1, 2], period = 8, slots = 8, fill = -1.0>) {
  return
}

// -----

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%x: !v, %w: tensor<4x4xf64>) -> !v {
  // expected-error @below {{there is at least one baby step}}
  %0 = packed.linear %x, %w {plan = #packed.plan<method = bsgs, baby = 0>} : (!v, tensor<4x4xf64>) -> !v
  return %0 : !v
}

// -----

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%x: !v, %w: tensor<4x4xf64>) -> !v {
  // expected-error @below {{there is at least one baby step}}
  %0 = packed.linear %x, %w {plan = #packed.plan<method = bsgs, baby = -2>} : (!v, tensor<4x4xf64>) -> !v
  return %0 : !v
}

// -----

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%x: !v, %w: tensor<4x4xf64>) -> !v {
  // expected-error @below {{the plain diagonal method has no baby steps: use method = bsgs}}
  %0 = packed.linear %x, %w {plan = #packed.plan<method = diagonal, baby = 2>} : (!v, tensor<4x4xf64>) -> !v
  return %0 : !v
}

// -----

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%x: !v, %w: tensor<4x4xf64>) -> !v {
  // expected-error @below {{only method = replicated has folds and wraps}}
  %0 = packed.linear %x, %w {plan = #packed.plan<method = bsgs, baby = 2, folds = [2]>} : (!v, tensor<4x4xf64>) -> !v
  return %0 : !v
}

// -----

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%x: !v, %w: tensor<4x4xf64>) -> !v {
  // expected-error @below {{folds are at least 1}}
  %0 = packed.linear %x, %w {plan = #packed.plan<method = replicated, folds = [-2]>} : (!v, tensor<4x4xf64>) -> !v
  return %0 : !v
}

// -----

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
func.func @main(%x: !v, %w: tensor<4x4xf64>) -> !v {
  // expected-error @below {{wraps are at least 1}}
  %0 = packed.linear %x, %w {plan = #packed.plan<method = replicated, wraps = [2, 0]>} : (!v, tensor<4x4xf64>) -> !v
  return %0 : !v
}

// -----

!s = !packed.vec<shape = [1, 4], period = 16, stride = 4, slots = 16>
!d = !packed.vec<shape = [1, 4], period = 16, stride = 4, repeat = 4, slots = 16>
func.func @main(%s: !s) -> !d {
  // expected-error @below {{groups are at least 1}}
  %0 = packed.spread %s {groups = [-1, 4]} : !s -> !d
  return %0 : !d
}
