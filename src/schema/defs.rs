//! The definitions that a `.dialect` file yields.

use smallvec::SmallVec;

use super::constraint::Kind;
use super::format::FormatItem;
use super::kernel::{Extent, KernelDef};
use crate::expr::Expr;
use crate::ir::{Attr, OpName, Stages, Sym, Traits};

/// Ranges of operands or results, one for each definition.
pub type Ranges = SmallVec<[std::ops::Range<usize>; 4]>;

/// How often an operand or result occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Exactly once
    One,
    /// At most once (`?`)
    Optional,
    /// Any number of times (`...`)
    Variadic,
}

/// An operand or a result.
#[derive(Clone, Debug)]
pub struct OperandDef {
    /// Name in expressions, formats and typed views.
    pub name: String,
    /// Types it may have.
    pub kind: Kind,
    /// How often it occurs.
    pub repeat: Repeat,
}

/// A parameter of a type or attribute, or an inherent attribute of an op.
#[derive(Clone, Debug)]
pub struct ParamDef {
    /// Its name.
    pub name: String,
    /// The same, interned in the registry's context.
    pub sym: Sym,
    /// Values it may have.
    pub kind: Kind,
    /// Whether it may be absent.
    pub optional: bool,
    /// The value where it is absent and has a default.
    pub default: Option<Attr>,
}

/// An inherent attribute of an op.
pub type AttrDef = ParamDef;

/// A declared type or attribute.
#[derive(Clone, Debug)]
pub struct ParamsDef {
    /// Full name, such as `ckks.ct`.
    pub name: String,
    /// What it is.
    pub doc: String,
    /// Its parameters in order.
    pub params: Vec<ParamDef>,
    /// Traits of a type (`elementwise`).
    pub traits: Traits,
    /// Conditions on the parameters; slots are the parameters.
    pub verify: Vec<Check>,
    /// Some of its values as text: for documentation, and to generate programs.
    pub examples: Vec<String>,
}

/// A declared enum.
#[derive(Clone, Debug)]
pub struct EnumDef {
    /// Full name, such as `packed.order`.
    pub name: String,
    /// What it is.
    pub doc: String,
    /// Its words.
    pub words: Vec<String>,
}

/// An attribute that ops and arguments of functions may carry, whatever they are.
#[derive(Clone, Debug)]
pub struct DiscardableDef {
    /// Full name, such as `nn.range`.
    pub name: String,
    /// The dialect that declares it.
    pub dialect: String,
    /// What it says.
    pub doc: String,
    /// What it may be.
    pub kind: Kind,
}

/// A condition with the text for when it fails.
#[derive(Clone, Debug)]
pub struct Check {
    /// The condition.
    pub expr: Expr,
    /// The condition as written.
    pub source: String,
    /// What to say when it does not hold.
    pub otherwise: Option<String>,
}

/// How result types follow from the operands.
#[derive(Clone, Debug)]
pub enum Infer {
    /// They must be written.
    None,
    /// The type of result 0 is the value of an expression.
    Type(Expr),
    /// Result 0 has the named declared type with these parameters.
    Params {
        /// Full name of the type.
        ty: String,
        /// Parameter index and value.
        values: Vec<(usize, Expr)>,
    },
    /// A Rust function registered under the op's name computes them.
    Native,
}

/// What an op costs when it is executed.
#[derive(Clone, Debug)]
pub struct CostDef {
    /// Class in a backend profile, such as `mul`.
    pub class: String,
    /// The level it works at (limbs are one more).
    pub level: Option<Expr>,
    /// How often the class's work is done; once if absent.
    pub times: Option<Expr>,
}

/// Everything that is known of an op. Slots of expressions are operands, then results, then attributes.
#[derive(Clone, Debug)]
pub struct OpDef {
    /// Entry in the op table.
    pub op: OpName,
    /// Full name, such as `ckks.mul`.
    pub name: String,
    /// What it does.
    pub doc: String,
    /// Operands in order.
    pub operands: Vec<OperandDef>,
    /// Results in order.
    pub results: Vec<OperandDef>,
    /// Inherent attributes.
    pub attrs: Vec<AttrDef>,
    /// Names of the regions.
    pub regions: Vec<String>,
    /// Names of the successors.
    pub successors: Vec<String>,
    /// Traits.
    pub traits: Traits,
    /// Stages it is legal at.
    pub stages: Stages,
    /// Conditions.
    pub verify: Vec<Check>,
    /// Result types.
    pub infer: Infer,
    /// Cost class.
    pub cost: Option<CostDef>,
    /// Bound of the magnitude of the result, over the operands' bounds.
    pub bound: Option<Expr>,
    /// The pretty form.
    pub format: Option<Vec<FormatItem>>,
    /// Hooks written in Rust, by name: `verify`, `infer`.
    pub native: Vec<String>,
    /// What executes it where no Rust does.
    pub kernel: Option<KernelDef>,
    /// Whether the pretty form leaves result types to inference.
    pub(crate) infers_in_text: bool,
    /// What the op stands for once kernels are written out.
    pub(crate) extent: Extent,
    /// A short name for the pretty form: `module` for `builtin.module`.
    pub keyword: Option<String>,
}

impl OpDef {
    /// Slot of a name in this op's expressions.
    pub fn slot(&self, name: &str) -> Option<usize> {
        let operands = self.operands.iter().map(|o| &o.name);
        let results = self.results.iter().map(|o| &o.name);
        let attrs = self.attrs.iter().map(|a| &a.name);
        operands.chain(results).chain(attrs).position(|known| known == name)
    }

    /// Splits `count` operands (or results) among the definitions: the range of each. At most one of them is
    /// variadic; optional ones are filled from the left. `None` if the count fits no way.
    pub fn split(defs: &[OperandDef], count: usize) -> Option<Ranges> {
        let required = defs.iter().filter(|d| d.repeat == Repeat::One).count();
        let mut spare = count.checked_sub(required)?;
        let variadic = defs.iter().any(|d| d.repeat == Repeat::Variadic);
        let mut ranges = Ranges::new();
        let mut start = 0;
        for def in defs {
            let length = match def.repeat {
                Repeat::One => 1,
                Repeat::Optional if variadic => 0,
                Repeat::Optional => spare.min(1),
                Repeat::Variadic => spare,
            };
            if def.repeat != Repeat::One {
                spare -= length;
            }
            ranges.push(start..start + length);
            start += length;
        }
        (start == count).then_some(ranges)
    }
}
