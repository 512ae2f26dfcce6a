//! The functions that expressions may call, with their signatures.

use indexmap::IndexMap;

use super::eval::{EvalError, Val};
use crate::ir::{Ir, TypeKind};

/// The most arguments that a function takes.
pub const MAX_ARITY: usize = 4;

/// What is known of an expression's value before it is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// Nothing
    Any,
    /// An integer
    Int,
    /// An integer or a float
    Number,
    /// A truth value
    Bool,
    /// A string, or a word of an enum
    Str,
    /// Several values or attributes
    List,
    /// An SSA value
    Value,
    /// A type
    Type,
    /// An attribute that is none of the above
    Attr,
}

impl ValueKind {
    /// Every kind with its name in a signature.
    pub const ALL: [(&'static str, ValueKind); 9] = [
        ("any", ValueKind::Any),
        ("int", ValueKind::Int),
        ("number", ValueKind::Number),
        ("bool", ValueKind::Bool),
        ("string", ValueKind::Str),
        ("list", ValueKind::List),
        ("value", ValueKind::Value),
        ("type", ValueKind::Type),
        ("attr", ValueKind::Attr),
    ];

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<ValueKind> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("any", |(name, _)| name)
    }

    /// Its name with its article.
    pub fn described(self) -> &'static str {
        match self {
            ValueKind::Any => "anything",
            ValueKind::Int => "an int",
            ValueKind::Number => "a number",
            ValueKind::Bool => "a bool",
            ValueKind::Str => "a string",
            ValueKind::List => "a list",
            ValueKind::Value => "a value",
            ValueKind::Type => "a type",
            ValueKind::Attr => "an attr",
        }
    }

    /// Whether a value of kind `other` can be one of this kind.
    pub fn admits(self, other: ValueKind) -> bool {
        use ValueKind::{Any, Int, Number};
        self == other || matches!((self, other), (Any, _) | (_, Any) | (Number, Int) | (Int, Number))
    }
}

/// What a function takes and yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Kinds of the arguments.
    pub params: Vec<ValueKind>,
    /// Kind of the result.
    pub result: ValueKind,
}

impl Signature {
    /// Parses `(value, int) -> bool`. `None` where it is none.
    pub fn parse(text: &str) -> Option<Signature> {
        let (params, result) = text.split_once("->")?;
        let params = params.trim().strip_prefix('(')?.strip_suffix(')')?;
        let names = params.split(',').map(str::trim).filter(|name| !name.is_empty());
        let params = names.map(ValueKind::from_name).collect::<Option<Vec<_>>>()?;
        (params.len() <= MAX_ARITY)
            .then_some(Signature { params, result: ValueKind::from_name(result.trim())? })
    }
}

impl std::fmt::Display for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let params: Vec<_> = self.params.iter().map(|kind| kind.name()).collect();
        write!(f, "({}) -> {}", params.join(", "), self.result.name())
    }
}

/// What a function does.
pub type FunctionBody = fn(&Ir, &[Val]) -> Result<Val, EvalError>;

/// A native predicate or function.
#[derive(Clone)]
pub struct Function {
    /// What it takes and yields.
    pub signature: Signature,
    /// What it does, one line.
    pub doc: &'static str,
    /// The function itself.
    pub call: FunctionBody,
}

/// The functions that expressions may call, by name. Their positions do not change.
#[derive(Clone)]
pub struct Functions {
    table: IndexMap<&'static str, Function>,
}

impl Functions {
    /// Adds a function; a later one of the same name replaces the earlier.
    ///
    /// # Panics
    /// If the signature is not of the form `(kind, …) -> kind`: signatures are constants of the program.
    pub fn add(
        &mut self,
        name: &'static str,
        signature: &'static str,
        doc: &'static str,
        call: FunctionBody,
    ) {
        let signature = Signature::parse(signature).expect("a signature is a constant of the program");
        self.table.insert(name, Function { signature, doc, call });
    }

    /// The function of that name.
    pub fn get(&self, name: &str) -> Option<&Function> {
        self.table.get(name)
    }

    /// The position of the function of that name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.table.get_index_of(name)
    }

    /// The function at a position.
    pub fn at(&self, index: usize) -> Option<&Function> {
        self.table.get_index(index).map(|(_, function)| function)
    }

    /// The name of the function at a position.
    pub fn name_at(&self, index: usize) -> &'static str {
        self.table.get_index(index).map_or("", |(name, _)| name)
    }

    /// All names, in the order in which they were added.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.table.keys().copied()
    }

    /// All functions with their names.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &Function)> {
        self.table.iter().map(|(name, function)| (*name, function))
    }
}

impl Default for Functions {
    fn default() -> Self {
        let mut functions = Functions { table: IndexMap::new() };
        add_of_values(&mut functions);
        add_of_lists(&mut functions);
        add_of_numbers(&mut functions);
        add_of_constants(&mut functions);
        functions
    }
}

fn add_of_values(functions: &mut Functions) {
    functions.add(
        "one_use",
        "(value) -> bool",
        "exactly one operand uses the value",
        |ir, args| match args {
            [Val::Value(value)] => Ok(Val::Bool(ir.has_one_use(*value))),
            _ => operands("one_use takes a value"),
        },
    );
    functions.add("unused", "(value) -> bool", "nothing uses the value", |ir, args| match args {
        [Val::Value(value)] => Ok(Val::Bool(ir.is_unused(*value))),
        _ => operands("unused takes a value"),
    });
    let doc = "a constant, or computed from constants alone";
    functions.add("plain", "(value) -> bool", doc, |ir, args| match args {
        [Val::Value(value)] => Ok(Val::Bool(ir.def_op(*value).some().is_some_and(|op| ir.is_plain(op)))),
        _ => operands("plain takes a value"),
    });
    functions.add("type", "(any) -> type", "the type of a value", |ir, args| match args {
        [Val::Value(value)] => Ok(Val::Type(ir.ty(*value))),
        [Val::List(items)] => match items.first() {
            Some(Val::Value(value)) => Ok(Val::Type(ir.ty(*value))),
            _ => Ok(Val::Null),
        },
        [Val::Null] => Ok(Val::Null),
        _ => operands("type takes a value"),
    });
    functions.add("present", "(any) -> bool", "whether the optional thing is there", |_, args| {
        Ok(Val::Bool(args[0] != Val::Null))
    });
    let doc = "the second if the first holds, else the third";
    functions.add("select", "(bool, any, any) -> any", doc, |_, args| match args {
        [Val::Bool(true), value, _] | [Val::Bool(false), _, value] => Ok(value.clone()),
        _ => operands("select takes a condition and two values"),
    });
}

fn add_of_lists(functions: &mut Functions) {
    let doc = "number of elements of a list or variadic";
    functions.add("count", "(any) -> int", doc, |_, args| match args {
        [Val::List(items)] => Ok(Val::Int(items.len() as i64)),
        [Val::Null] => Ok(Val::Int(0)),
        _ => Ok(Val::Int(1)),
    });
    functions.add("same", "(any) -> bool", "whether all elements are equal", |_, args| match args {
        [Val::List(items)] => Ok(Val::Bool(items.windows(2).all(|w| w[0] == w[1]))),
        _ => Ok(Val::Bool(true)),
    });
    functions.add("first", "(any) -> any", "the first element of a list", |_, args| match args {
        [Val::List(items)] => Ok(items.first().cloned().unwrap_or(Val::Null)),
        [other] => Ok(other.clone()),
        _ => operands("first takes a list"),
    });
    functions.add("maximum", "(any) -> number", "the largest element of a list", |_, args| {
        reduce(args, |a, b| fold_numbers(&[a, b], |a, b| Some(a.max(b)), f64::max))
    });
    functions.add("minimum", "(any) -> number", "the smallest element of a list", |_, args| {
        reduce(args, |a, b| fold_numbers(&[a, b], |a, b| Some(a.min(b)), f64::min))
    });
    functions.add("total", "(any) -> number", "the sum of a list", |_, args| {
        reduce(args, |a, b| fold_numbers(&[a, b], i64::checked_add, |a, b| a + b))
    });
    functions.add("product", "(any) -> number", "the product of a list; 1 of an empty one", |_, args| {
        match args {
            [Val::List(items)] if items.is_empty() => Ok(Val::Int(1)),
            [Val::Null] => Ok(Val::Int(1)),
            _ => reduce(args, |a, b| fold_numbers(&[a, b], i64::checked_mul, |a, b| a * b)),
        }
    });
    functions.add("concat", "(list, list) -> list", "one list after the other", |_, args| match args {
        [Val::List(a), Val::List(b)] => Ok(Val::List([a.as_slice(), b].concat())),
        [Val::Null, other] | [other, Val::Null] => Ok(other.clone()),
        _ => operands("concat takes two lists"),
    });
    functions.add("at", "(list, int) -> any", "the element of that number, from 0", |_, args| match args {
        [Val::List(items), Val::Int(index)] => {
            let item = usize::try_from(*index).ok().and_then(|index| items.get(index));
            item.cloned().ok_or_else(|| EvalError::Operands(format!("the list has no element {index}")))
        }
        [Val::Null, _] => Ok(Val::Null),
        _ => operands("at takes a list and an integer"),
    });
}

fn add_of_numbers(functions: &mut Functions) {
    functions.add("mod", "(int, int) -> int", "the remainder, from 0 to below the second", |_, args| {
        match args {
            [Val::Int(a), Val::Int(b)] if *b > 0 => Ok(Val::Int(a.rem_euclid(*b))),
            [Val::Null, _] | [_, Val::Null] => Ok(Val::Null),
            _ => operands("mod takes two integers, the second above 0"),
        }
    });
    functions.add("max", "(number, number) -> number", "the larger", |_, args| {
        fold_numbers(args, |a, b| Some(a.max(b)), f64::max)
    });
    functions.add("min", "(number, number) -> number", "the smaller", |_, args| {
        fold_numbers(args, |a, b| Some(a.min(b)), f64::min)
    });
    functions.add("abs", "(number) -> number", "absolute value", |_, args| match args {
        [Val::Int(a)] => a.checked_abs().map(Val::Int).ok_or(EvalError::Arithmetic("integer overflow")),
        [Val::Float(a)] => Ok(Val::Float(a.abs())),
        [Val::Null] => Ok(Val::Null),
        _ => operands("abs takes a number"),
    });
}

fn add_of_constants(functions: &mut Functions) {
    functions.add("tensor_of", "(list) -> type", "the type of a tensor of f64 of that shape", |_, args| {
        let size = |item: &Val| match item {
            Val::Int(size) if *size >= 0 => Some(*size),
            _ => None,
        };
        match args {
            [Val::List(items)] => {
                let shape: Option<Vec<i64>> = items.iter().map(size).collect();
                shape.map(Val::NewTensor).ok_or_else(|| EvalError::Operands("a shape has sizes".to_owned()))
            }
            _ => operands("tensor_of takes a list"),
        }
    });
    let doc = "the one number in all elements of a dense constant; null where they differ";
    functions.add("splat_of", "(any) -> number", doc, |ir, args| match args {
        [Val::Attr(attr)] => Ok(ir.ctx.splat_value(*attr).map_or(Val::Null, Val::Float)),
        _ => Ok(Val::Null),
    });
    let doc = "a dense constant of that type with one number in all elements";
    functions.add("splat", "(number, type) -> attr", doc, |ir, args| match args {
        [number, Val::Type(ty)] => match (number.as_f64(), ir.ctx.type_kind(*ty)) {
            (Some(number), TypeKind::Tensor { .. }) => Ok(Val::Dense(*ty, vec![number])),
            _ => operands("splat takes a number and the type of a tensor"),
        },
        _ => operands("splat takes a number and the type of a tensor"),
    });
    let doc = "the sum of two dense constants of one type, element by element; null where they are not known";
    functions.add("dense_add", "(any, any) -> attr", doc, |ir, args| Ok(fold_dense(ir, args, |a, b| a + b)));
    let doc = "their difference";
    functions.add("dense_sub", "(any, any) -> attr", doc, |ir, args| Ok(fold_dense(ir, args, |a, b| a - b)));
    let doc = "their product";
    functions.add("dense_mul", "(any, any) -> attr", doc, |ir, args| Ok(fold_dense(ir, args, |a, b| a * b)));
}

/// A dense constant from two of one type; null where either is not written in the program, or a number would have to
/// be rounded.
fn fold_dense(ir: &Ir, args: &[Val], f: impl Fn(f64, f64) -> f64) -> Val {
    let numbers = |value: &Val| match value {
        Val::Attr(attr) => ir.ctx.dense_numbers(*attr),
        Val::Dense(ty, numbers) => Some((*ty, numbers.clone())),
        _ => None,
    };
    let [Some((ty, a)), Some((other, b))] = [numbers(&args[0]), numbers(&args[1])] else { return Val::Null };
    if ty != other {
        return Val::Null;
    }
    let count = a.len().max(b.len());
    let of = |list: &[f64], index: usize| if list.len() == 1 { list[0] } else { list[index] };
    let numbers: Vec<f64> = (0..count).map(|index| f(of(&a, index), of(&b, index))).collect();
    if ir.ctx.holds_exactly(ty, &numbers) { Val::Dense(ty, numbers) } else { Val::Null }
}

pub(super) fn operands(text: &str) -> Result<Val, EvalError> {
    Err(EvalError::Operands(text.to_owned()))
}

fn reduce(args: &[Val], f: impl Fn(Val, Val) -> Result<Val, EvalError>) -> Result<Val, EvalError> {
    match args {
        [Val::List(items)] => {
            let mut items = items.iter().cloned();
            let first = items.next().unwrap_or(Val::Null);
            items.try_fold(first, f)
        }
        [other] => Ok(other.clone()),
        _ => operands("a list expected"),
    }
}

fn fold_numbers(
    args: &[Val],
    ints: fn(i64, i64) -> Option<i64>,
    floats: fn(f64, f64) -> f64,
) -> Result<Val, EvalError> {
    match args {
        [Val::Null, _] | [_, Val::Null] => Ok(Val::Null),
        [Val::Int(a), Val::Int(b)] => {
            ints(*a, *b).map(Val::Int).ok_or(EvalError::Arithmetic("integer overflow"))
        }
        [a, b] => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => Ok(Val::Float(floats(a, b))),
            _ => operands("numbers expected"),
        },
        _ => operands("two numbers expected"),
    }
}
