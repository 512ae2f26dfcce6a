//! The `nn` dialect: tensors, with the semantics of `torch.nn.functional`.

pub mod activation;
pub mod constant;
pub mod facts;
mod foreign;
pub mod interval;
pub mod kernels;
pub mod random;
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
    schema: shipped!("nn.dialect"),
    rules: Some(shipped!("nn.rules")),
    hooks: |registry| {
        registry.native_dialect("nn", shapes::verify, shapes::infer);
        registry.native_verify_is_local("nn");
        registry.foreign_ops.extend(foreign::FOREIGN_OPS);
    },
    kernels: kernels::register,
    passes: |_| Ok(()),
    sample: |ir, ty, next| {
        let shape = facts::tensor_shape(ir, ty).ok()?;
        let count = he_core::exec::tensor::element_count(&shape).ok()?;
        let tensor = he_core::exec::tensor::Tensor::new(shape, (0..count).map(|_| next()).collect());
        Some(std::rc::Rc::new(tensor.ok()?))
    },
    numbers: |value| {
        value.downcast_ref::<he_core::exec::tensor::Tensor>().map(|tensor| (tensor.data.clone(), Vec::new()))
    },
};

#[cfg(test)]
mod tests;
