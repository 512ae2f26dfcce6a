//! Evaluating expressions.

use std::fmt;

use super::functions::{Functions, MAX_ARITY, operands};
use super::parse::{Binary, Expr, Unary};
use crate::ir::{Attr, AttrKind, Context, FloatKind, Ir, Type, TypeKind, ValueId};

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
    /// A declared type that a type literal wrote: full name and parameters in order. [`Val::to_type`] interns it.
    NewType(String, Vec<Val>),
    /// A tensor type of `f64`. [`Val::to_type`] interns it.
    NewTensor(Vec<i64>),
    /// A dense constant of that tensor type, of one number for all elements or one for each. [`Val::to_attr`]
    /// interns it.
    Dense(Type, Vec<f64>),
}

impl Val {
    /// What it is, for messages.
    fn described(&self) -> String {
        match self {
            Val::Null => "nothing".to_owned(),
            Val::Int(value) => value.to_string(),
            Val::Float(value) => value.to_string(),
            Val::Bool(value) => value.to_string(),
            Val::Str(text) => format!("the text '{text}'"),
            Val::Attr(_) | Val::Dense(..) => "an attribute".to_owned(),
            Val::Type(_) | Val::NewType(..) | Val::NewTensor(_) => "a type".to_owned(),
            Val::Value(_) => "a value".to_owned(),
            Val::List(_) => "a list".to_owned(),
        }
    }

    /// The value of an attribute: plain numbers, strings and lists become themselves.
    pub fn from_attr(ctx: &Context, attr: Attr) -> Val {
        let Some(attr) = attr.some() else { return Val::Null };
        match ctx.attr_kind(attr) {
            AttrKind::Integer { value, ty } => match ctx.type_kind(*ty) {
                TypeKind::Integer { width: 1, .. } => Val::Bool(*value != 0),
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
            Val::NewType(..) | Val::NewTensor(_) => {
                let ty = self.to_type(ctx)?;
                ctx.type_attr(ty)
            }
            Val::Dense(ty, numbers) => ctx.dense_attr(*ty, numbers)?,
            Val::List(items) => {
                let items = items.iter().map(|item| item.to_attr(ctx)).collect::<Option<Vec<_>>>()?;
                ctx.array_attr(items)
            }
        })
    }

    /// The type that the value is; `None` where it is none.
    pub fn to_type(&self, ctx: &mut Context) -> Option<Type> {
        match self {
            Val::Type(ty) => Some(*ty),
            Val::NewTensor(shape) => {
                let element = ctx.float_type(FloatKind::F64);
                Some(ctx.tensor_type(shape, element))
            }
            Val::NewType(name, params) => {
                let params = params.iter().map(|param| param.to_attr(ctx)).collect::<Option<Vec<_>>>()?;
                let name = ctx.sym(name);
                Some(ctx.ty(TypeKind::Declared { name, params }))
            }
            _ => None,
        }
    }

    /// Whether two values are the same to a rule: numbers are compared as numbers.
    pub fn same(&self, other: &Val) -> bool {
        match (self.as_f64(), other.as_f64()) {
            (Some(a), Some(b)) => a == b,
            _ => self == other,
        }
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
            Expr::Slot(slot) => match self.slots.get(*slot) {
                // A rule binds attributes as they are; what they hold is looked at here.
                Some(Val::Attr(attr)) => Val::from_attr(&self.ir.ctx, *attr),
                Some(value) => value.clone(),
                None => Val::Null,
            },
            Expr::Name(name, _) => return Err(EvalError::Operands(format!("'{name}' is not bound"))),
            Expr::Field(inner, field) => self.field(&self.eval(inner)?, field)?,
            Expr::List(items) => Val::List(items.iter().map(|i| self.eval(i)).collect::<Result<_, _>>()?),
            Expr::Call(name, ..) => return Err(EvalError::Function(format!("no function '{name}'"))),
            Expr::Apply(index, args) => self.apply(*index, args)?,
            Expr::Type(literal) => {
                let params = literal.params.iter().map(|param| self.eval(param)).collect::<Result<_, _>>()?;
                Val::NewType(literal.name.clone(), params)
            }
            Expr::Unary(operator, inner) => unary(*operator, self.eval(inner)?)?,
            Expr::Binary(Binary::And, sides) => match self.eval(&sides[0])? {
                Val::Bool(false) => Val::Bool(false),
                _ => self.eval(&sides[1])?,
            },
            Expr::Binary(Binary::Or, sides) => match self.eval(&sides[0])? {
                Val::Bool(true) => Val::Bool(true),
                _ => self.eval(&sides[1])?,
            },
            Expr::Binary(operator, sides) => {
                binary(*operator, &self.eval(&sides[0])?, &self.eval(&sides[1])?)?
            }
        })
    }

    /// Calls a function. No function takes more than [`MAX_ARITY`] arguments, so they need no heap.
    fn apply(&self, index: usize, args: &[Expr]) -> Result<Val, EvalError> {
        let Some(function) = self.functions.at(index) else {
            return Err(EvalError::Function("an unknown function".to_owned()));
        };
        let mut values: [Val; MAX_ARITY] = [const { Val::Null }; MAX_ARITY];
        for (value, arg) in values.iter_mut().zip(args) {
            *value = self.eval(arg)?;
        }
        (function.call)(self.ir, &values[..args.len().min(MAX_ARITY)])
    }

    /// Whether `expr` holds; `null` counts as true.
    pub fn holds(&self, expr: &Expr) -> Result<bool, EvalError> {
        match self.eval(expr)? {
            Val::Bool(value) => Ok(value),
            Val::Null => Ok(true),
            other => {
                let text = format!("a condition must be true or false, not {}", other.described());
                Err(EvalError::Operands(text))
            }
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
                TypeKind::Declared { name, params } => (name, params),
                TypeKind::Tensor { shape, element, .. } => {
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
        (operator, value) => {
            let symbol = if operator == Unary::Neg { "-" } else { "!" };
            return Err(EvalError::Operands(format!("'{symbol}' does not take {}", value.described())));
        }
    })
}

fn binary(operator: Binary, a: &Val, b: &Val) -> Result<Val, EvalError> {
    use Binary::*;
    if let Eq | Ne = operator {
        return Ok(Val::Bool(a.same(b) == (operator == Eq)));
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
    let (symbol, a, b) = (operator.symbol(), a.described(), b.described());
    Err(EvalError::Operands(format!("'{symbol}' does not take {a} and {b}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(outcome: Result<Val, EvalError>) -> String {
        outcome.expect_err("it is refused").to_string()
    }

    #[test]
    fn what_an_operator_does_not_take_is_said_in_words() {
        let (text, list) = (Val::Str("a".into()), Val::List(vec![Val::Int(1)]));
        assert_eq!(refusal(unary(Unary::Neg, text.clone())), "'-' does not take the text 'a'");
        assert_eq!(refusal(unary(Unary::Not, Val::Int(3))), "'!' does not take 3");
        assert_eq!(
            refusal(binary(Binary::Add, &text, &Val::Float(0.5))),
            "'+' does not take the text 'a' and 0.5"
        );
        assert_eq!(refusal(binary(Binary::Lt, &list, &Val::Bool(true))), "'<' does not take a list and true");
        assert_eq!(refusal(binary(Binary::Div, &Val::Int(1), &Val::Int(0))), "division by zero");
        assert_eq!(refusal(binary(Binary::Mul, &Val::Int(i64::MAX), &Val::Int(2))), "integer overflow");
        assert_eq!(refusal(unary(Unary::Neg, Val::Int(i64::MIN))), "integer overflow");
        let truth = "numbers where truth values are expected";
        assert_eq!(refusal(binary(Binary::And, &Val::Int(1), &Val::Int(2))), truth);
        assert_eq!(refusal(binary(Binary::Or, &Val::Float(1.0), &Val::Int(2))), truth);
    }

    #[test]
    fn conditions_names_and_fields_are_checked() {
        let (ir, functions) = (Ir::new(Context::default()), Functions::default());
        let env = Env { ir: &ir, functions: &functions, slots: &[], param_index: &|_, _| None };
        let holds = |expr: Expr| env.holds(&expr).map(Val::Bool);
        assert_eq!(refusal(holds(Expr::Int(3))), "a condition must be true or false, not 3");
        assert_eq!(refusal(holds(Expr::Name("x".into(), 0))), "'x' is not bound");
        assert_eq!(refusal(holds(Expr::Apply(usize::MAX, Vec::new()))), "an unknown function");
        let field = Expr::Field(Box::new(Expr::Str("a".into())), "level".into());
        assert_eq!(refusal(holds(field)), "there is no field 'level'");
        assert_eq!(holds(Expr::Null).ok(), Some(Val::Bool(true)));
    }
}
