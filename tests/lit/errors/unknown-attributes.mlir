// RUN: he-opt --split-input-file --verify-diagnostics %s

// expected-error @+1 {{no attribute 'nn.rang' is declared by the dialect 'nn'}}
func.func @main(%x: tensor<4xf32> {nn.rang = [-1.0, 1.0]}) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// -----

func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{no attribute 'he.bond' is declared by the dialect 'he'}}
  %0 = nn.neg %x {he.bond = 1.0} : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{attribute 'he.bound' must be a number, not "large"}}
  %0 = nn.neg %x {he.bound = "large"} : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// Other dialects' attributes are nobody's business.
func.func @main(%x: tensor<4xf32> {their.note = 1 : i32}) -> tensor<4xf32> {
  %0 = nn.neg %x {note, their.other} : tensor<4xf32>
  return %0 : tensor<4xf32>
}
