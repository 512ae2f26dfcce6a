// RUN: he-opt --split-input-file --verify-diagnostics %s

// Every op names the result that it should have.

func.func @main(%a: tensor<1x4xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x4xf32>, but is tensor<7x7xf32>}}
  %r = "nn.relu"(%a) : (tensor<1x4xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x4xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x4xf32>, but is tensor<7x7xf32>}}
  %r = "nn.gelu"(%a) <{approximate = "tanh", degree = 5, domain = [-2.0, 2.0]}> : (tensor<1x4xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x4xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x4xf32>, but is tensor<7x7xf32>}}
  %r = "nn.silu"(%a) : (tensor<1x4xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x4xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x4xf32>, but is tensor<7x7xf32>}}
  %r = "nn.sigmoid"(%a) : (tensor<1x4xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x4xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x4xf32>, but is tensor<7x7xf32>}}
  %r = "nn.tanh"(%a) : (tensor<1x4xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x4xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x4xf32>, but is tensor<7x7xf32>}}
  %r = "nn.square"(%a) : (tensor<1x4xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x4xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x4xf32>, but is tensor<7x7xf32>}}
  %r = "nn.exp"(%a) : (tensor<1x4xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x4xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x4xf32>, but is tensor<7x7xf32>}}
  %r = "nn.rsqrt"(%a) <{domain = [0.5, 2.0]}> : (tensor<1x4xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x4xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x4xf32>, but is tensor<7x7xf32>}}
  %r = "nn.neg"(%a) : (tensor<1x4xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<2x3xf32>, but is tensor<7x7xf32>}}
  %r = "nn.softmax"(%a) <{dim = -1 : i64}> : (tensor<2x3xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x4xf32>, %b: tensor<3x4xf32>, %c: tensor<3xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x3xf32>, but is tensor<7x7xf32>}}
  %r = "nn.linear"(%a, %b, %c) : (tensor<1x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>, %b: tensor<3x5xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<2x5xf32>, but is tensor<7x7xf32>}}
  %r = "nn.matmul"(%a, %b) : (tensor<2x3xf32>, tensor<3x5xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x2x5x5xf32>, %b: tensor<4x1x3x3xf32>, %c: tensor<4xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x4x3x3xf32>, but is tensor<7x7xf32>}}
  %r = "nn.conv2d"(%a, %b, %c) <{groups = 2 : i64, padding = [1, 1], stride = 2 : i64}> : (tensor<1x2x5x5xf32>, tensor<4x1x3x3xf32>, tensor<4xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x2x4x4xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x2x2x2xf32>, but is tensor<7x7xf32>}}
  %r = "nn.avg_pool2d"(%a) <{kernel_size = 2 : i64}> : (tensor<1x2x4x4xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x2x4x4xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x2x1x1xf32>, but is tensor<7x7xf32>}}
  %r = "nn.global_avg_pool"(%a) : (tensor<1x2x4x4xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x2x3xf32>, %b: tensor<2xf32>, %c: tensor<2xf32>, %d: tensor<2xf32>, %e: tensor<2xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x2x3xf32>, but is tensor<7x7xf32>}}
  %r = "nn.batch_norm"(%a, %b, %c, %d, %e) <{eps = 0.5}> : (tensor<1x2x3xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>, %b: tensor<3xf32>, %c: tensor<3xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<2x3xf32>, but is tensor<7x7xf32>}}
  %r = "nn.layer_norm"(%a, %b, %c) <{normalized_shape = [3]}> : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x2x4xf32>, %b: tensor<1x3x4xf32>, %c: tensor<1x3x5xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x2x5xf32>, but is tensor<7x7xf32>}}
  %r = "nn.attention"(%a, %b, %c) <{scale = 0.5}> : (tensor<1x2x4xf32>, tensor<1x3x4xf32>, tensor<1x3x5xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x4xf32>, %b: tensor<4xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x4xf32>, but is tensor<7x7xf32>}}
  %r = "nn.add"(%a, %b) : (tensor<1x4xf32>, tensor<4xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x4xf32>, %b: tensor<1x4xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x4xf32>, but is tensor<7x7xf32>}}
  %r = "nn.sub"(%a, %b) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<2x1xf32>, %b: tensor<1x3xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<2x3xf32>, but is tensor<7x7xf32>}}
  %r = "nn.mul"(%a, %b) : (tensor<2x1xf32>, tensor<1x3xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x4xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<2x2xf32>, but is tensor<7x7xf32>}}
  %r = "nn.reshape"(%a) <{shape = [2, -1]}> : (tensor<1x4xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<3x2xf32>, but is tensor<7x7xf32>}}
  %r = "nn.transpose"(%a) <{dim0 = 0 : i64, dim1 = 1 : i64}> : (tensor<2x3xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x2xf32>, %b: tensor<1x3xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x5xf32>, but is tensor<7x7xf32>}}
  %r = "nn.concat"(%a, %b) <{dim = 1 : i64}> : (tensor<1x2xf32>, tensor<1x3xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x4xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x2xf32>, but is tensor<7x7xf32>}}
  %r = "nn.slice"(%a) <{dim = 1 : i64, end = 4 : i64, start = 1 : i64, step = 2 : i64}> : (tensor<1x4xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x2xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<1x5xf32>, but is tensor<7x7xf32>}}
  %r = "nn.pad"(%a) <{pad = [1, 2], value = 0.5}> : (tensor<1x2xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<2x1xf32>, but is tensor<7x7xf32>}}
  %r = "nn.reduce_mean"(%a) <{dim = [1], keepdim = true}> : (tensor<2x3xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>) -> tensor<7x7xf32> {
  // expected-error@+1 {{result should be tensor<f32>, but is tensor<7x7xf32>}}
  %r = "nn.reduce_sum"(%a) : (tensor<2x3xf32>) -> tensor<7x7xf32>
  return %r : tensor<7x7xf32>
}

// -----

func.func @main(%a: tensor<1x4xf32>, %w: tensor<3x5xf32>) -> tensor<1x3xf32> {
  // expected-error@+1 {{the last dimension of the input is 4, but 5 is expected}}
  %r = nn.linear %a, %w : (tensor<1x4xf32>, tensor<3x5xf32>) -> tensor<1x3xf32>
  return %r : tensor<1x3xf32>
}

// -----

func.func @main(%a: tensor<1x4xf32>) -> tensor<1x4xf32> {
  // expected-error@+1 {{'degree' is 1000, but it must be from 1 to 63}}
  %r = nn.gelu %a {degree = 1000} : tensor<1x4xf32>
  return %r : tensor<1x4xf32>
}

// -----

func.func @main(%a: tensor<1x4xi32>) -> tensor<1x4xi32> {
  // expected-error@+1 {{elements of type f32 or f64 are expected, not tensor<1x4xi32>}}
  %r = nn.relu %a : tensor<1x4xi32>
  return %r : tensor<1x4xi32>
}

// -----

func.func @main() -> tensor<2xf32> {
  // expected-error@+1 {{has elements of type tensor<3xf32>, but its result is tensor<2xf32>}}
  %r = nn.constant {value = dense<0.5> : tensor<3xf32>} : tensor<2xf32>
  return %r : tensor<2xf32>
}
