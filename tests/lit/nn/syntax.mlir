// RUN: he-opt %s | FileCheck %s
// RUN: he-opt %s | he-opt | FileCheck %s
// RUN: he-opt --print-op-generic %s | FileCheck %s --check-prefix=GENERIC
// RUN: he-opt --print-op-generic %s | he-opt | FileCheck %s

// Every op of the dialect in both forms.

// CHECK-LABEL: @relu
// CHECK: nn.relu %{{.*}} : tensor<1x4xf32>
// GENERIC: "nn.relu"(%{{.*}}) : (tensor<1x4xf32>) -> tensor<1x4xf32>
func.func private @relu(%a: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %r = "nn.relu"(%a) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %r : tensor<1x4xf32>
}

// CHECK-LABEL: @gelu
// CHECK: nn.gelu %{{.*}} {approximate = "tanh", degree = 5, domain = [-2.0, 2.0]} : tensor<1x4xf32>
// GENERIC: "nn.gelu"(%{{.*}}) <{approximate = "tanh", degree = 5, domain = [-2.0, 2.0]}> : (tensor<1x4xf32>) -> tensor<1x4xf32>
func.func private @gelu(%a: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %r = "nn.gelu"(%a) <{approximate = "tanh", degree = 5, domain = [-2.0, 2.0]}> : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %r : tensor<1x4xf32>
}

// CHECK-LABEL: @silu
// CHECK: nn.silu %{{.*}} : tensor<1x4xf32>
// GENERIC: "nn.silu"(%{{.*}}) : (tensor<1x4xf32>) -> tensor<1x4xf32>
func.func private @silu(%a: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %r = "nn.silu"(%a) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %r : tensor<1x4xf32>
}

// CHECK-LABEL: @sigmoid
// CHECK: nn.sigmoid %{{.*}} : tensor<1x4xf32>
// GENERIC: "nn.sigmoid"(%{{.*}}) : (tensor<1x4xf32>) -> tensor<1x4xf32>
func.func private @sigmoid(%a: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %r = "nn.sigmoid"(%a) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %r : tensor<1x4xf32>
}

// CHECK-LABEL: @tanh
// CHECK: nn.tanh %{{.*}} : tensor<1x4xf32>
// GENERIC: "nn.tanh"(%{{.*}}) : (tensor<1x4xf32>) -> tensor<1x4xf32>
func.func private @tanh(%a: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %r = "nn.tanh"(%a) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %r : tensor<1x4xf32>
}

// CHECK-LABEL: @square
// CHECK: nn.square %{{.*}} : tensor<1x4xf32>
// GENERIC: "nn.square"(%{{.*}}) : (tensor<1x4xf32>) -> tensor<1x4xf32>
func.func private @square(%a: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %r = "nn.square"(%a) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %r : tensor<1x4xf32>
}

// CHECK-LABEL: @exp
// CHECK: nn.exp %{{.*}} : tensor<1x4xf32>
// GENERIC: "nn.exp"(%{{.*}}) : (tensor<1x4xf32>) -> tensor<1x4xf32>
func.func private @exp(%a: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %r = "nn.exp"(%a) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %r : tensor<1x4xf32>
}

// CHECK-LABEL: @rsqrt
// CHECK: nn.rsqrt %{{.*}} {domain = [0.5, 2.0]} : tensor<1x4xf32>
// GENERIC: "nn.rsqrt"(%{{.*}}) <{domain = [0.5, 2.0]}> : (tensor<1x4xf32>) -> tensor<1x4xf32>
func.func private @rsqrt(%a: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %r = "nn.rsqrt"(%a) <{domain = [0.5, 2.0]}> : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %r : tensor<1x4xf32>
}

// CHECK-LABEL: @neg
// CHECK: nn.neg %{{.*}} : tensor<1x4xf32>
// GENERIC: "nn.neg"(%{{.*}}) : (tensor<1x4xf32>) -> tensor<1x4xf32>
func.func private @neg(%a: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %r = "nn.neg"(%a) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %r : tensor<1x4xf32>
}

// CHECK-LABEL: @softmax
// CHECK: nn.softmax %{{.*}} {dim = -1} : tensor<2x3xf32>
// GENERIC: "nn.softmax"(%{{.*}}) <{dim = -1}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
func.func private @softmax(%a: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = "nn.softmax"(%a) <{dim = -1 : i64}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// CHECK-LABEL: @linear
// CHECK: nn.linear %{{.*}}, %{{.*}}, %{{.*}} : (tensor<1x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<1x3xf32>
// GENERIC: "nn.linear"(%{{.*}}, %{{.*}}, %{{.*}}) : (tensor<1x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<1x3xf32>
func.func private @linear(%a: tensor<1x4xf32>, %b: tensor<3x4xf32>, %c: tensor<3xf32>) -> tensor<1x3xf32> {
  %r = "nn.linear"(%a, %b, %c) : (tensor<1x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<1x3xf32>
  return %r : tensor<1x3xf32>
}

// CHECK-LABEL: @matmul
// CHECK: nn.matmul %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<3x5xf32>) -> tensor<2x5xf32>
// GENERIC: "nn.matmul"(%{{.*}}, %{{.*}}) : (tensor<2x3xf32>, tensor<3x5xf32>) -> tensor<2x5xf32>
func.func private @matmul(%a: tensor<2x3xf32>, %b: tensor<3x5xf32>) -> tensor<2x5xf32> {
  %r = "nn.matmul"(%a, %b) : (tensor<2x3xf32>, tensor<3x5xf32>) -> tensor<2x5xf32>
  return %r : tensor<2x5xf32>
}

// CHECK-LABEL: @conv2d
// CHECK: nn.conv2d %{{.*}}, %{{.*}}, %{{.*}} {groups = 2, padding = [1, 1], stride = 2} : (tensor<1x2x5x5xf32>, tensor<4x1x3x3xf32>, tensor<4xf32>) -> tensor<1x4x3x3xf32>
// GENERIC: "nn.conv2d"(%{{.*}}, %{{.*}}, %{{.*}}) <{groups = 2, padding = [1, 1], stride = 2}> : (tensor<1x2x5x5xf32>, tensor<4x1x3x3xf32>, tensor<4xf32>) -> tensor<1x4x3x3xf32>
func.func private @conv2d(%a: tensor<1x2x5x5xf32>, %b: tensor<4x1x3x3xf32>, %c: tensor<4xf32>) -> tensor<1x4x3x3xf32> {
  %r = "nn.conv2d"(%a, %b, %c) <{groups = 2 : i64, padding = [1, 1], stride = 2 : i64}> : (tensor<1x2x5x5xf32>, tensor<4x1x3x3xf32>, tensor<4xf32>) -> tensor<1x4x3x3xf32>
  return %r : tensor<1x4x3x3xf32>
}

// CHECK-LABEL: @avg_pool2d
// CHECK: nn.avg_pool2d %{{.*}} {kernel_size = 2} : (tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32>
// GENERIC: "nn.avg_pool2d"(%{{.*}}) <{kernel_size = 2}> : (tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32>
func.func private @avg_pool2d(%a: tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32> {
  %r = "nn.avg_pool2d"(%a) <{kernel_size = 2 : i64}> : (tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32>
  return %r : tensor<1x2x2x2xf32>
}

// CHECK-LABEL: @global_avg_pool
// CHECK: nn.global_avg_pool %{{.*}} : (tensor<1x2x4x4xf32>) -> tensor<1x2x1x1xf32>
// GENERIC: "nn.global_avg_pool"(%{{.*}}) : (tensor<1x2x4x4xf32>) -> tensor<1x2x1x1xf32>
func.func private @global_avg_pool(%a: tensor<1x2x4x4xf32>) -> tensor<1x2x1x1xf32> {
  %r = "nn.global_avg_pool"(%a) : (tensor<1x2x4x4xf32>) -> tensor<1x2x1x1xf32>
  return %r : tensor<1x2x1x1xf32>
}

// CHECK-LABEL: @batch_norm
// CHECK: nn.batch_norm %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {eps = 0.5} : (tensor<1x2x3xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x3xf32>
// GENERIC: "nn.batch_norm"(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) <{eps = 0.5}> : (tensor<1x2x3xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x3xf32>
func.func private @batch_norm(%a: tensor<1x2x3xf32>, %b: tensor<2xf32>, %c: tensor<2xf32>, %d: tensor<2xf32>, %e: tensor<2xf32>) -> tensor<1x2x3xf32> {
  %r = "nn.batch_norm"(%a, %b, %c, %d, %e) <{eps = 0.5}> : (tensor<1x2x3xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x3xf32>
  return %r : tensor<1x2x3xf32>
}

// CHECK-LABEL: @layer_norm
// CHECK: nn.layer_norm %{{.*}}, %{{.*}}, %{{.*}} {normalized_shape = [3]} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
// GENERIC: "nn.layer_norm"(%{{.*}}, %{{.*}}, %{{.*}}) <{normalized_shape = [3]}> : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
func.func private @layer_norm(%a: tensor<2x3xf32>, %b: tensor<3xf32>, %c: tensor<3xf32>) -> tensor<2x3xf32> {
  %r = "nn.layer_norm"(%a, %b, %c) <{normalized_shape = [3]}> : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// CHECK-LABEL: @attention
// CHECK: nn.attention %{{.*}}, %{{.*}}, %{{.*}} {scale = 0.5} : (tensor<1x2x4xf32>, tensor<1x3x4xf32>, tensor<1x3x5xf32>) -> tensor<1x2x5xf32>
// GENERIC: "nn.attention"(%{{.*}}, %{{.*}}, %{{.*}}) <{scale = 0.5}> : (tensor<1x2x4xf32>, tensor<1x3x4xf32>, tensor<1x3x5xf32>) -> tensor<1x2x5xf32>
func.func private @attention(%a: tensor<1x2x4xf32>, %b: tensor<1x3x4xf32>, %c: tensor<1x3x5xf32>) -> tensor<1x2x5xf32> {
  %r = "nn.attention"(%a, %b, %c) <{scale = 0.5}> : (tensor<1x2x4xf32>, tensor<1x3x4xf32>, tensor<1x3x5xf32>) -> tensor<1x2x5xf32>
  return %r : tensor<1x2x5xf32>
}

// CHECK-LABEL: @add
// CHECK: nn.add %{{.*}}, %{{.*}} : (tensor<1x4xf32>, tensor<4xf32>) -> tensor<1x4xf32>
// GENERIC: "nn.add"(%{{.*}}, %{{.*}}) : (tensor<1x4xf32>, tensor<4xf32>) -> tensor<1x4xf32>
func.func private @add(%a: tensor<1x4xf32>, %b: tensor<4xf32>) -> tensor<1x4xf32> {
  %r = "nn.add"(%a, %b) : (tensor<1x4xf32>, tensor<4xf32>) -> tensor<1x4xf32>
  return %r : tensor<1x4xf32>
}

// CHECK-LABEL: @sub
// CHECK: nn.sub %{{.*}}, %{{.*}} : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
// GENERIC: "nn.sub"(%{{.*}}, %{{.*}}) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
func.func private @sub(%a: tensor<1x4xf32>, %b: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %r = "nn.sub"(%a, %b) : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  return %r : tensor<1x4xf32>
}

// CHECK-LABEL: @mul
// CHECK: nn.mul %{{.*}}, %{{.*}} : (tensor<2x1xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
// GENERIC: "nn.mul"(%{{.*}}, %{{.*}}) : (tensor<2x1xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
func.func private @mul(%a: tensor<2x1xf32>, %b: tensor<1x3xf32>) -> tensor<2x3xf32> {
  %r = "nn.mul"(%a, %b) : (tensor<2x1xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// CHECK-LABEL: @reshape
// CHECK: nn.reshape %{{.*}} {shape = [2, -1]} : (tensor<1x4xf32>) -> tensor<2x2xf32>
// GENERIC: "nn.reshape"(%{{.*}}) <{shape = [2, -1]}> : (tensor<1x4xf32>) -> tensor<2x2xf32>
func.func private @reshape(%a: tensor<1x4xf32>) -> tensor<2x2xf32> {
  %r = "nn.reshape"(%a) <{shape = [2, -1]}> : (tensor<1x4xf32>) -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}

// CHECK-LABEL: @transpose
// CHECK: nn.transpose %{{.*}} {dim0 = 0, dim1 = 1} : (tensor<2x3xf32>) -> tensor<3x2xf32>
// GENERIC: "nn.transpose"(%{{.*}}) <{dim0 = 0, dim1 = 1}> : (tensor<2x3xf32>) -> tensor<3x2xf32>
func.func private @transpose(%a: tensor<2x3xf32>) -> tensor<3x2xf32> {
  %r = "nn.transpose"(%a) <{dim0 = 0 : i64, dim1 = 1 : i64}> : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return %r : tensor<3x2xf32>
}

// CHECK-LABEL: @concat
// CHECK: nn.concat %{{.*}}, %{{.*}} {dim = 1} : (tensor<1x2xf32>, tensor<1x3xf32>) -> tensor<1x5xf32>
// GENERIC: "nn.concat"(%{{.*}}, %{{.*}}) <{dim = 1}> : (tensor<1x2xf32>, tensor<1x3xf32>) -> tensor<1x5xf32>
func.func private @concat(%a: tensor<1x2xf32>, %b: tensor<1x3xf32>) -> tensor<1x5xf32> {
  %r = "nn.concat"(%a, %b) <{dim = 1 : i64}> : (tensor<1x2xf32>, tensor<1x3xf32>) -> tensor<1x5xf32>
  return %r : tensor<1x5xf32>
}

// CHECK-LABEL: @slice
// CHECK: nn.slice %{{.*}} {dim = 1, end = 4, start = 1, step = 2} : (tensor<1x4xf32>) -> tensor<1x2xf32>
// GENERIC: "nn.slice"(%{{.*}}) <{dim = 1, end = 4, start = 1, step = 2}> : (tensor<1x4xf32>) -> tensor<1x2xf32>
func.func private @slice(%a: tensor<1x4xf32>) -> tensor<1x2xf32> {
  %r = "nn.slice"(%a) <{dim = 1 : i64, end = 4 : i64, start = 1 : i64, step = 2 : i64}> : (tensor<1x4xf32>) -> tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}

// CHECK-LABEL: @pad
// CHECK: nn.pad %{{.*}} {pad = [1, 2], value = 0.5} : (tensor<1x2xf32>) -> tensor<1x5xf32>
// GENERIC: "nn.pad"(%{{.*}}) <{pad = [1, 2], value = 0.5}> : (tensor<1x2xf32>) -> tensor<1x5xf32>
func.func private @pad(%a: tensor<1x2xf32>) -> tensor<1x5xf32> {
  %r = "nn.pad"(%a) <{pad = [1, 2], value = 0.5}> : (tensor<1x2xf32>) -> tensor<1x5xf32>
  return %r : tensor<1x5xf32>
}

// CHECK-LABEL: @reduce_mean
// CHECK: nn.reduce_mean %{{.*}} {dim = [1], keepdim = true} : (tensor<2x3xf32>) -> tensor<2x1xf32>
// GENERIC: "nn.reduce_mean"(%{{.*}}) <{dim = [1], keepdim = true}> : (tensor<2x3xf32>) -> tensor<2x1xf32>
func.func private @reduce_mean(%a: tensor<2x3xf32>) -> tensor<2x1xf32> {
  %r = "nn.reduce_mean"(%a) <{dim = [1], keepdim = true}> : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return %r : tensor<2x1xf32>
}

// CHECK-LABEL: @reduce_sum
// CHECK: nn.reduce_sum %{{.*}} : (tensor<2x3xf32>) -> tensor<f32>
// GENERIC: "nn.reduce_sum"(%{{.*}}) : (tensor<2x3xf32>) -> tensor<f32>
func.func private @reduce_sum(%a: tensor<2x3xf32>) -> tensor<f32> {
  %r = "nn.reduce_sum"(%a) : (tensor<2x3xf32>) -> tensor<f32>
  return %r : tensor<f32>
}

// CHECK-LABEL: @constants
// CHECK: nn.constant {value = dense<0.5> : tensor<2xf32>} : tensor<2xf32>
// CHECK: nn.constant {value = #nn.weights<"w.safetensors", "fc1.weight">} : tensor<2xf32>
// CHECK: nn.constant {value = #nn.random<seed = 1, std = 0.5>} : tensor<2xf32>
func.func private @constants() -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %0 = "nn.constant"() {value = dense<0.5> : tensor<2xf32>} : () -> tensor<2xf32>
  %1 = "nn.constant"() {value = #nn.weights<"w.safetensors", "fc1.weight">} : () -> tensor<2xf32>
  %2 = nn.constant {value = #nn.random<seed = 1, std = 0.5>} : tensor<2xf32>
  return %0, %1, %2 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}
