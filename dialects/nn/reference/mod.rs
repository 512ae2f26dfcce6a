//! What the `nn` ops mean, in double precision: pure functions over [`Tensor`](he_core::exec::tensor::Tensor) with
//! the semantics of `torch.nn.functional`.
//!
//! Each kernel first asks the shape function of its op (`shape_of_*`), so a shape is accepted by inference exactly
//! when the kernel runs.

mod convolution;
mod elementwise;
mod layout;
mod linear;
mod normalization;
mod shape;

pub use convolution::{avg_pool2d, conv2d, global_avg_pool};
pub use elementwise::{
    add, exp, gelu, gelu_tanh, gelu_tanh_value, gelu_value, mul, neg, relu, rsqrt, sigmoid, sigmoid_value,
    silu, silu_value, square, sub, tanh,
};
pub use layout::{concat, pad, reduce_mean, reduce_sum, reshape, slice, transpose};
pub(crate) use linear::matmul_visit;
pub use linear::{attention, linear, matmul, shifted_bias};
pub use normalization::{batch_norm, layer_norm, softmax};
pub use shape::{
    Conv2d, Pool2d, Slice, shape_of_attention, shape_of_avg_pool2d, shape_of_batch_norm, shape_of_binary,
    shape_of_concat, shape_of_conv2d, shape_of_global_avg_pool, shape_of_layer_norm, shape_of_linear,
    shape_of_matmul, shape_of_pad, shape_of_reduce, shape_of_reshape, shape_of_shifted_bias, shape_of_slice,
    shape_of_softmax, shape_of_transpose, shape_of_unary,
};
