// RUN: he-opt --verify-diagnostics --split-input-file --pack='slots=8' %s

// Blocks are of the first and the last dimension: what is between them must fit.
// expected-error @below {{pack: a tensor of shape [2, 9, 2] cannot be cut into ciphertexts: one column of 9 rows does not fit in 8 slots}}
func.func @main(%x: tensor<2x9x2xf32> {nn.range = [-1.0, 1.0]}) -> tensor<2x9x2xf32> {
  return %x : tensor<2x9x2xf32>
}

// -----

func.func @main(%x: tensor<9x2xf32> {nn.range = [-1.0, 1.0]}) -> tensor<3x3x2xf32> {
  // expected-error @below {{cannot be packed yet: it moves elements between the 4 ciphertexts of its operand}}
  %0 = nn.reshape %x {shape = [3, 3, 2]} : (tensor<9x2xf32>) -> tensor<3x3x2xf32>
  return %0 : tensor<3x3x2xf32>
}

// -----

// expected-error @below {{1 rows of 2049 elements take 257 ciphertexts of 8 slots, and 256 is the most}}
func.func @main(%x: tensor<1x2049xf32> {nn.range = [-1.0, 1.0]}) -> tensor<1x2049xf32> {
  return %x : tensor<1x2049xf32>
}

// -----

func.func @main(%x: tensor<2x8xf32> {nn.range = [-1.0, 1.0]}) -> tensor<1x16xf32> {
  // expected-error @below {{cannot be packed yet: it moves elements between the 2 ciphertexts of its operand}}
  %0 = nn.reshape %x {shape = [1, 16]} : (tensor<2x8xf32>) -> tensor<1x16xf32>
  return %0 : tensor<1x16xf32>
}
