//! Evaluating expressions.

use std::collections::BTreeMap;
use std::fmt;

use super::parse::{Binary, Expr, Unary};
use crate::ir::{Attr, AttrKind, Context, Ir, Type, ValueId};

/// The value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Val {
    /// Unknown or absent
    Null,
    /// An integer
    Int(i64),
    /// A float
    Float(f64),
    /// A truth value
    Bool(bool),
    /// A string
    Str(String),
    /// An attribute that is none of the above
    Attr(Attr),
    /// A type
    Type(Type),
    /// An SSA value
    Value(ValueId),
    /// Several
    List(Vec<Val>),
}

impl Val {
    /// The value of an attribute: plain numbers, strings and lists become themselves.
    pub fn from_attr(ctx: &Context, attr: Attr) -> Val {
        let Some(attr) = attr.some() else { return Val::Null };
        match ctx.attr_kind(attr) {
            AttrKind::Integer { value, ty } => match ctx.type_kind(*ty) {
                crate::ir::TypeKind::Integer { width: 1, .. } => Val::Bool(*value != 0),
                _ => i64::try_from(*value).map_or(Val::Attr(attr), Val::Int),
            },
            AttrKind::Float { .. } | AttrKind::FloatBits { .. } => {
                Val::Float(ctx.as_f64(attr).unwrap_or(f64::NAN))
            }
            AttrKind::String { text, .. } => Val::Str(ctx.str(*text).to_owned()),
            AttrKind::Array(items) => Val::List(items.iter().map(|a| Val::from_attr(ctx, *a)).collect()),
            AttrKind::Type(ty) => Val::Type(*ty),
            _ => Val::Attr(attr),
        }
    }

    /// The attribute that stands for the value; `None` for SSA values.
    pub fn to_attr(&self, ctx: &mut Context) -> Option<Attr> {
        Some(match self {
            Val::Null => Attr::NONE,
            Val::Int(value) => ctx.i64_attr(*value),
            Val::Float(value) => ctx.f64_attr(*value),
            Val::Bool(value) => ctx.bool_attr(*value),
            Val::Str(text) => ctx.string_attr(text),
            Val::Attr(attr) => *attr,
            Val::Type(ty) => ctx.type_attr(*ty),
            Val::Value(_) => return None,
            Val::List(items) => {
                let items = items.iter().map(|item| item.to_attr(ctx)).collect::<Option<Vec<_>>>()?;
                ctx.array_attr(items)
            }
        })
    }

    /// A number as `f64`.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Val::Int(value) => Some(*value as f64),
            Val::Float(value) => Some(*value),
            _ => None,
        }
    }
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvalError {
    /// The operator or function does not take such operands.
    Operands(String),
    /// Integer overflow or division by zero.
    Arithmetic(&'static str),
    /// No such field.
    Field(String),
    /// A function said no.
    Function(String),
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EvalError::Operands(what) => write!(f, "{what}"),
            EvalError::Arithmetic(what) => write!(f, "{what}"),
            EvalError::Field(name) => write!(f, "there is no field '{name}'"),
            EvalError::Function(text) => write!(f, "{text}"),
        }
    }
}

/// A native predicate or function with its declared arity (`None`: any number).
#[derive(Clone)]
pub struct Function {
    /// Number of arguments, or `None` for any.
    pub arity: Option<usize>,
    /// What it does, one line.
    pub doc: &'static str,
    /// The function itself.
    pub call: fn(&Ir, &[Val]) -> Result<Val, EvalError>,
}

/// The functions that expressions may call, by name.
#[derive(Clone)]
pub struct Functions {
    table: BTreeMap<&'static str, Function>,
}

impl Default for Functions {
    fn default() -> Self {
        let mut functions = Functions { table: BTreeMap::new() };
        functions.add("one_use", Some(1), "exactly one operand uses the value", |ir, args| match args {
            [Val::Value(value)] => Ok(Val::Bool(ir.has_one_use(*value))),
            _ => operands("one_use takes a value"),
        });
        functions.add("unused", Some(1), "nothing uses the value", |ir, args| match args {
            [Val::Value(value)] => Ok(Val::Bool(ir.is_unused(*value))),
            _ => operands("unused takes a value"),
        });
        functions.add("count", Some(1), "number of elements of a list or variadic", |_, args| match args {
            [Val::List(items)] => Ok(Val::Int(items.len() as i64)),
            [Val::Null] => Ok(Val::Int(0)),
            _ => Ok(Val::Int(1)),
        });
        functions.add("same", Some(1), "all elements are equal", |_, args| match args {
            [Val::List(items)] => Ok(Val::Bool(items.windows(2).all(|w| w[0] == w[1]))),
            _ => Ok(Val::Bool(true)),
        });
        functions.add("first", Some(1), "the first element of a list", |_, args| match args {
            [Val::List(items)] => Ok(items.first().cloned().unwrap_or(Val::Null)),
            [other] => Ok(other.clone()),
            _ => operands("first takes a list"),
        });
        functions.add("maximum", Some(1), "the largest element of a list", |_, args| {
            reduce(args, |a, b| fold_numbers(&[a, b], i64::max, f64::max))
        });
        functions.add("minimum", Some(1), "the smallest element of a list", |_, args| {
            reduce(args, |a, b| fold_numbers(&[a, b], i64::min, f64::min))
        });
        functions.add("total", Some(1), "the sum of a list", |_, args| {
            reduce(args, |a, b| fold_numbers(&[a, b], i64::saturating_add, |a, b| a + b))
        });
        functions.add("present", Some(1), "the optional thing is there", |_, args| {
            Ok(Val::Bool(args[0] != Val::Null))
        });
        functions.add(
            "select",
            Some(3),
            "the second if the first holds, else the third",
            |_, args| match args {
                [Val::Bool(true), value, _] | [Val::Bool(false), _, value] => Ok(value.clone()),
                _ => operands("select takes a condition and two values"),
            },
        );
        functions.add("type", Some(1), "the type of a value", |ir, args| match args {
            [Val::Value(value)] => Ok(Val::Type(ir.ty(*value))),
            [Val::List(items)] => match items.first() {
                Some(Val::Value(value)) => Ok(Val::Type(ir.ty(*value))),
                _ => Ok(Val::Null),
            },
            [Val::Null] => Ok(Val::Null),
            _ => operands("type takes a value"),
        });
        functions.add("mod", Some(2), "Euclidean remainder", |_, args| match args {
            [Val::Int(a), Val::Int(b)] if *b != 0 => Ok(Val::Int(a.rem_euclid(*b))),
            [Val::Null, _] | [_, Val::Null] => Ok(Val::Null),
            _ => operands("mod takes two integers, the second not 0"),
        });
        functions.add("max", Some(2), "the larger", |_, args| fold_numbers(args, i64::max, f64::max));
        functions.add("min", Some(2), "the smaller", |_, args| fold_numbers(args, i64::min, f64::min));
        functions.add("abs", Some(1), "absolute value", |_, args| match args {
            [Val::Int(a)] => Ok(Val::Int(a.saturating_abs())),
            [Val::Float(a)] => Ok(Val::Float(a.abs())),
            [Val::Null] => Ok(Val::Null),
            _ => operands("abs takes a number"),
        });
        functions
    }
}

fn operands(text: &str) -> Result<Val, EvalError> {
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
    ints: fn(i64, i64) -> i64,
    floats: fn(f64, f64) -> f64,
) -> Result<Val, EvalError> {
    match args {
        [Val::Null, _] | [_, Val::Null] => Ok(Val::Null),
        [Val::Int(a), Val::Int(b)] => Ok(Val::Int(ints(*a, *b))),
        [a, b] => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => Ok(Val::Float(floats(a, b))),
            _ => operands("numbers expected"),
        },
        _ => operands("two numbers expected"),
    }
}

impl Functions {
    /// Adds a function; a later one of the same name replaces the earlier.
    pub fn add(
        &mut self,
        name: &'static str,
        arity: Option<usize>,
        doc: &'static str,
        call: fn(&Ir, &[Val]) -> Result<Val, EvalError>,
    ) {
        self.table.insert(name, Function { arity, doc, call });
    }

    /// The function of that name.
    pub fn get(&self, name: &str) -> Option<&Function> {
        self.table.get(name)
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.table.keys().copied()
    }
}

/// What an expression is evaluated in: the IR, the functions, a value per slot, and the names of the
/// parameters of declared types.
pub struct Env<'a> {
    /// The IR that values and attributes belong to.
    pub ir: &'a Ir,
    /// Callable functions.
    pub functions: &'a Functions,
    /// Values of the slots that names were bound to.
    pub slots: &'a [Val],
    /// Position of a parameter of a declared type or attribute: `(full name, parameter) -> index`.
    pub param_index: &'a dyn Fn(&str, &str) -> Option<usize>,
}

impl Env<'_> {
    /// The value of `expr`.
    pub fn eval(&self, expr: &Expr) -> Result<Val, EvalError> {
        Ok(match expr {
            Expr::Int(value) => Val::Int(*value),
            Expr::Float(value) => Val::Float(*value),
            Expr::Str(text) => Val::Str(text.clone()),
            Expr::Bool(value) => Val::Bool(*value),
            Expr::Null => Val::Null,
            Expr::Slot(slot) => self.slots.get(*slot).cloned().unwrap_or(Val::Null),
            Expr::Name(name, _) => return Err(EvalError::Operands(format!("'{name}' is not bound"))),
            Expr::Field(inner, field) => self.field(&self.eval(inner)?, field)?,
            Expr::List(items) => Val::List(items.iter().map(|i| self.eval(i)).collect::<Result<_, _>>()?),
            Expr::Call(name, args, _) => {
                let args = args.iter().map(|arg| self.eval(arg)).collect::<Result<Vec<_>, _>>()?;
                let function = self.functions.get(name);
                let function =
                    function.ok_or_else(|| EvalError::Function(format!("no function '{name}'")))?;
                (function.call)(self.ir, &args)?
            }
            Expr::Unary(operator, inner) => unary(*operator, self.eval(inner)?)?,
            Expr::Binary(Binary::And, a, b) => match self.eval(a)? {
                Val::Bool(false) => Val::Bool(false),
                _ => self.eval(b)?,
            },
            Expr::Binary(Binary::Or, a, b) => match self.eval(a)? {
                Val::Bool(true) => Val::Bool(true),
                _ => self.eval(b)?,
            },
            Expr::Binary(operator, a, b) => binary(*operator, &self.eval(a)?, &self.eval(b)?)?,
        })
    }

    /// Whether `expr` holds; `null` counts as true.
    pub fn holds(&self, expr: &Expr) -> Result<bool, EvalError> {
        match self.eval(expr)? {
            Val::Bool(value) => Ok(value),
            Val::Null => Ok(true),
            other => Err(EvalError::Operands(format!("a condition must be true or false, not {other:?}"))),
        }
    }

    fn field(&self, base: &Val, field: &str) -> Result<Val, EvalError> {
        let ctx = &self.ir.ctx;
        let (name, params) = match base {
            Val::Null => return Ok(Val::Null),
            Val::List(items) => {
                return Ok(Val::List(
                    items.iter().map(|item| self.field(item, field)).collect::<Result<_, _>>()?,
                ));
            }
            Val::Value(value) => return self.field(&Val::Type(self.ir.ty(*value)), field),
            Val::Type(ty) => match ctx.type_kind(*ty) {
                crate::ir::TypeKind::Declared { name, params } => (name, params),
                crate::ir::TypeKind::Tensor { shape, element, .. } => {
                    return match field {
                        "shape" => Ok(Val::List(shape.iter().map(|d| Val::Int(*d)).collect())),
                        "element" => Ok(Val::Type(*element)),
                        "rank" => Ok(Val::Int(shape.len() as i64)),
                        _ => Err(EvalError::Field(field.to_owned())),
                    };
                }
                _ => return Err(EvalError::Field(field.to_owned())),
            },
            Val::Attr(attr) => match ctx.attr_kind(*attr) {
                AttrKind::Declared { name, params } => (name, params),
                _ => return Err(EvalError::Field(field.to_owned())),
            },
            _ => return Err(EvalError::Field(field.to_owned())),
        };
        let index = (self.param_index)(ctx.str(*name), field);
        let index = index.ok_or_else(|| EvalError::Field(field.to_owned()))?;
        Ok(params.get(index).map_or(Val::Null, |param| Val::from_attr(ctx, *param)))
    }
}

fn unary(operator: Unary, value: Val) -> Result<Val, EvalError> {
    Ok(match (operator, value) {
        (_, Val::Null) => Val::Null,
        (Unary::Neg, Val::Int(value)) => {
            Val::Int(value.checked_neg().ok_or(EvalError::Arithmetic("integer overflow"))?)
        }
        (Unary::Neg, Val::Float(value)) => Val::Float(-value),
        (Unary::Not, Val::Bool(value)) => Val::Bool(!value),
        (operator, value) => return Err(EvalError::Operands(format!("{operator:?} of {value:?}"))),
    })
}

fn binary(operator: Binary, a: &Val, b: &Val) -> Result<Val, EvalError> {
    use Binary::*;
    if let Eq | Ne = operator {
        let equal = match (a.as_f64(), b.as_f64()) {
            (Some(x), Some(y)) => x == y,
            _ => a == b,
        };
        return Ok(Val::Bool(equal == (operator == Eq)));
    }
    if *a == Val::Null || *b == Val::Null {
        return Ok(match operator {
            Le | Ge | Lt | Gt => Val::Bool(true),
            _ => Val::Null,
        });
    }
    if let (Val::Int(x), Val::Int(y)) = (a, b) {
        let value = match operator {
            Add => x.checked_add(*y),
            Sub => x.checked_sub(*y),
            Mul => x.checked_mul(*y),
            Div if *y == 0 => return Err(EvalError::Arithmetic("division by zero")),
            Div => x.checked_div(*y),
            Le => return Ok(Val::Bool(x <= y)),
            Ge => return Ok(Val::Bool(x >= y)),
            Lt => return Ok(Val::Bool(x < y)),
            Gt => return Ok(Val::Bool(x > y)),
            _ => return operands("numbers where truth values are expected"),
        };
        return value.map(Val::Int).ok_or(EvalError::Arithmetic("integer overflow"));
    }
    if let (Some(x), Some(y)) = (a.as_f64(), b.as_f64()) {
        return Ok(match operator {
            Add => Val::Float(x + y),
            Sub => Val::Float(x - y),
            Mul => Val::Float(x * y),
            Div => Val::Float(x / y),
            Le => Val::Bool(x <= y),
            Ge => Val::Bool(x >= y),
            Lt => Val::Bool(x < y),
            Gt => Val::Bool(x > y),
            _ => return operands("numbers where truth values are expected"),
        });
    }
    Err(EvalError::Operands(format!("{operator:?} does not take {a:?} and {b:?}")))
}
