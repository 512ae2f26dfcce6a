//! What an `nn` op says of itself: its attributes, with their defaults, and the shapes of its operands.

use he_core::exec::tensor::ShapeError;
use he_core::ir::{Attr, FloatKind, Ir, OpId, Type, TypeKind, ValueId};
use he_core::schema::Registry;
use he_core::support::Diagnostic;

use super::activation::Activation;
use super::reference::{Conv2d, Pool2d};

/// An op with the registry that knows its defaults.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// Loaded dialects.
    pub registry: &'a Registry,
    /// The module.
    pub ir: &'a Ir,
    /// The op.
    pub op: OpId,
}

/// The sizes of a static tensor of `f32` or `f64`; otherwise what is wrong with the type.
pub fn tensor_shape(ir: &Ir, ty: Type) -> Result<Vec<usize>, String> {
    let text = || ir.ctx.type_text(ty);
    let TypeKind::Tensor { shape, element, .. } = ir.ctx.type_kind(ty) else {
        return Err(format!("a tensor is expected, not {}", text()));
    };
    if !matches!(ir.ctx.type_kind(*element), TypeKind::Float(FloatKind::F32 | FloatKind::F64)) {
        return Err(format!("elements of type f32 or f64 are expected, not {}", text()));
    }
    let sizes = shape.iter().map(|size| usize::try_from(*size).ok());
    sizes.collect::<Option<_>>().ok_or_else(|| format!("a static shape is expected, not {}", text()))
}

impl<'a> Facts<'a> {
    /// The facts of an op.
    pub fn new(registry: &'a Registry, ir: &'a Ir, op: OpId) -> Self {
        Facts { registry, ir, op }
    }

    /// The op's name without its dialect.
    pub fn short_name(&self) -> &'a str {
        let name = self.ir.name_str(self.op);
        name.split_once('.').map_or(name, |(_, short)| short)
    }

    /// An error at the op.
    pub fn error(&self, text: impl std::fmt::Display) -> Diagnostic {
        Diagnostic::error(format!("'{}' op {text}", self.ir.name_str(self.op))).at(self.ir.position(self.op))
    }

    /// A shape that the op does not take, as an error at the op.
    pub fn shape_error(&self, error: ShapeError) -> Diagnostic {
        self.error(error)
    }

    /// The attribute or its default.
    pub fn attr(&self, name: &str) -> Option<Attr> {
        self.registry.attr_or_default(self.ir, self.op, name)
    }

    /// An integer attribute.
    pub fn int(&self, name: &str) -> Result<i64, Diagnostic> {
        self.optional_int(name).ok_or_else(|| self.error(format_args!("needs the integer '{name}'")))
    }

    /// An integer attribute that may be absent.
    pub fn optional_int(&self, name: &str) -> Option<i64> {
        self.attr(name).and_then(|attr| self.ir.ctx.as_i64(attr))
    }

    /// A list of integers that may be absent.
    pub fn ints(&self, name: &str) -> Vec<i64> {
        let items = self.attr(name).and_then(|attr| self.ir.ctx.as_array(attr)).unwrap_or(&[]);
        items.iter().filter_map(|item| self.ir.ctx.as_i64(*item)).collect()
    }

    /// A float attribute.
    pub fn float(&self, name: &str) -> Result<f64, Diagnostic> {
        self.optional_float(name).ok_or_else(|| self.error(format_args!("needs the number '{name}'")))
    }

    /// A float attribute that may be absent.
    pub fn optional_float(&self, name: &str) -> Option<f64> {
        self.attr(name).and_then(|attr| self.ir.ctx.as_f64(attr))
    }

    /// An attribute that is true or false.
    pub fn flag(&self, name: &str) -> bool {
        self.optional_int(name) == Some(1) || self.optional_int(name) == Some(-1)
    }

    /// A list of sizes.
    fn sizes(&self, name: &str) -> Result<Vec<usize>, Diagnostic> {
        let size = |value: i64| {
            usize::try_from(value)
                .map_err(|_| self.error(format_args!("'{name}' is {value}, but it must be at least 0")))
        };
        match self.optional_int(name) {
            Some(value) => Ok(vec![size(value)?]),
            None => self.ints(name).into_iter().map(size).collect(),
        }
    }

    /// `normalized_shape` of a layer norm.
    pub fn normalized_shape(&self) -> Result<Vec<usize>, Diagnostic> {
        self.sizes("normalized_shape")
    }

    /// One number for both dimensions, or two.
    fn pair(&self, name: &str) -> Result<[usize; 2], Diagnostic> {
        match self.sizes(name)?.as_slice() {
            [both] => Ok([*both, *both]),
            [height, width] => Ok([*height, *width]),
            other => {
                Err(self.error(format_args!("'{name}' must have one or two numbers, not {}", other.len())))
            }
        }
    }

    /// The attributes of a convolution.
    pub fn conv2d(&self) -> Result<Conv2d, Diagnostic> {
        let groups = self.sizes("groups")?.first().copied().unwrap_or(1);
        let (stride, padding) = (self.pair("stride")?, self.pair("padding")?);
        Ok(Conv2d { stride, padding, dilation: self.pair("dilation")?, groups })
    }

    /// The attributes of an average pooling.
    pub fn pool2d(&self) -> Result<Pool2d, Diagnostic> {
        let kernel_size = self.pair("kernel_size")?;
        let stride = if self.attr("stride").is_some() { self.pair("stride")? } else { kernel_size };
        Ok(Pool2d { kernel_size, stride, padding: self.pair("padding")? })
    }

    /// The function of an activation; `None` for every other op.
    pub fn activation(&self) -> Option<Activation> {
        if !self.ir.name_str(self.op).starts_with("nn.") {
            return None;
        }
        let form = self.attr("approximate").and_then(|attr| self.ir.ctx.as_str(attr));
        match (self.short_name(), form) {
            ("gelu", Some("tanh")) => Some(Activation::GeluTanh),
            (name, _) => Activation::from_name(name),
        }
    }

    /// The shape of a value of the op.
    pub fn shape_of(&self, value: ValueId) -> Result<Vec<usize>, Diagnostic> {
        tensor_shape(self.ir, self.ir.ty(value)).map_err(|why| self.error(why))
    }

    /// The shapes of the operands.
    pub fn operand_shapes(&self) -> Result<Vec<Vec<usize>>, Diagnostic> {
        self.ir.operands(self.op).map(|value| self.shape_of(value)).collect()
    }
}
