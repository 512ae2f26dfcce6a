// RUN: he-opt --split-input-file --verify-diagnostics %s

func.func @main(%x: tensor<3xf64>) -> tensor<3xf64> {
  // expected-error@+1 {{a polynomial has 1 to 1000 coefficients, not 0}}
  %0 = poly.eval %x {coefficients = [], domain = [-1.0, 1.0]} : tensor<3xf64> -> tensor<3xf64>
  return %0 : tensor<3xf64>
}

// -----

func.func @main(%x: tensor<3xf64>) -> tensor<3xf64> {
  // expected-error@+1 {{attribute 'coefficients' must be a list of floats}}
  %0 = poly.eval %x {coefficients = ["a"], domain = [-1.0, 1.0]} : tensor<3xf64> -> tensor<3xf64>
  return %0 : tensor<3xf64>
}

// -----

func.func @main(%x: tensor<3xf64>) -> tensor<3xf64> {
  // expected-error@+1 {{'domain' must be two numbers in increasing order}}
  %0 = poly.eval %x {coefficients = [1.0], domain = [1.0, -1.0]} : tensor<3xf64> -> tensor<3xf64>
  return %0 : tensor<3xf64>
}

// -----

func.func @main(%x: tensor<3xf64>) -> tensor<3xf32> {
  // expected-error@+1 {{result should be tensor<3xf64>, as the input, but is tensor<3xf32>}}
  %0 = poly.eval %x {coefficients = [1.0], domain = [-1.0, 1.0]} : tensor<3xf64> -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----

func.func @main(%x: tensor<3xf64>) -> tensor<3xf64> {
  // expected-error@+1 {{composes #poly.polynomial<…>, not 3}}
  %0 = poly.compose %x {polynomials = [3]} : tensor<3xf64> -> tensor<3xf64>
  return %0 : tensor<3xf64>
}

// -----

func.func @main(%x: tensor<3xf64>) -> tensor<3xf64> {
  // expected-error@+1 {{'range' must be two numbers in increasing order, not [1.0, -1.0]}}
  %0 = poly.eval %x {coefficients = [1.0], domain = [-1.0, 1.0], range = [1.0, -1.0]} : tensor<3xf64> -> tensor<3xf64>
  return %0 : tensor<3xf64>
}
