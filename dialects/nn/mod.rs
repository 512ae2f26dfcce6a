//! The `nn` dialect: tensors, with the semantics of `torch.nn.functional`.

pub mod activation;
pub mod interval;
pub mod reference;
