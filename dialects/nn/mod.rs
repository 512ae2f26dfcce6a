//! The `nn` dialect: tensors, with the semantics of `torch.nn.functional`.

pub mod activation;
pub mod constant;
pub mod facts;
pub mod interval;
pub mod kernels;
pub mod ranges;
pub mod reference;
pub mod shapes;

/// Typed views of the dialect's ops, generated from its `.dialect` file.
pub mod views {
    include!(concat!(env!("OUT_DIR"), "/nn_views.rs"));
}

/// The dialect.
pub const DIALECT: crate::Dialect = crate::Dialect {
    name: "nn",
    schema: include_str!("nn.dialect"),
    rules: include_str!("nn.rules"),
    hooks: |registry| {
        for op in kernels::OPS {
            registry.native_verify(op, shapes::verify);
            registry.native_infer(op, shapes::infer);
        }
    },
    kernels: kernels::register,
    passes: |_| Ok(()),
};

#[cfg(test)]
mod tests;
