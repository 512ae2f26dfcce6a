//! The `nn` dialect: tensors, with the semantics of `torch.nn.functional`.

pub mod activation;
pub mod interval;
pub mod reference;

/// Typed views of the dialect's ops, generated from its `.dialect` file.
pub mod views {
    include!(concat!(env!("OUT_DIR"), "/nn_views.rs"));
}

/// The dialect.
pub const DIALECT: crate::Dialect = crate::Dialect {
    name: "nn",
    schema: include_str!("nn.dialect"),
    rules: include_str!("nn.rules"),
    hooks: |_| {},
    kernels: |_| {},
    passes: |_| Ok(()),
};
