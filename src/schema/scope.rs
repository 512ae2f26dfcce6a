//! Names in rules and kernels, and what can be said of expressions before they are evaluated.

use std::cell::Cell;
use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::constraint::Kind;
use super::registry::Registry;
use crate::expr::{Binary, Expr, SourceText, TypeLiteral, Unary, Val, ValueKind};
use crate::support::{Diagnostic, did_you_mean};

/// Most parts that the expressions of one rule get from the definitions that they call.
const MAX_EXPRESSION_PARTS: usize = 10_000;

type Result<T> = std::result::Result<T, Diagnostic>;

/// What a name stands for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meaning {
    /// A value of that kind
    Value(Kind),
    /// Any number of them
    Values(Kind),
    /// An attribute, or a parameter of a type
    Attr(Kind),
    /// A type
    Type,
    /// A region
    Region,
}

/// A predicate or function that a rule file defines.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    /// Parameters with their sigils.
    pub params: Vec<String>,
    /// The expression; its calls are resolved, its names are the parameters.
    pub body: Expr,
}

/// What a name is bound to, if anything yet.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub meaning: Meaning,
    pub bound: bool,
}

/// The names of one rule or kernel, and where errors about them point.
pub(crate) struct Scope<'a> {
    pub registry: &'a Registry,
    pub source: &'a SourceText<'a>,
    pub definitions: &'a BTreeMap<String, Definition>,
    pub names: FxHashMap<String, usize>,
    pub slots: Vec<Slot>,
    /// Parts of expressions that definitions have become.
    pub written_out: Cell<usize>,
    /// Who binds names, for messages.
    pub bound_by: &'static str,
    /// Whether values become values of other types before they are operands.
    pub converts: bool,
}

impl<'a> Scope<'a> {
    pub fn new(
        registry: &'a Registry,
        source: &'a SourceText<'a>,
        definitions: &'a BTreeMap<String, Definition>,
    ) -> Self {
        Scope {
            registry,
            source,
            definitions,
            names: FxHashMap::default(),
            slots: Vec::new(),
            written_out: Cell::new(0),
            bound_by: "here",
            converts: false,
        }
    }

    /// An error at a byte range; the caret stays on its first line.
    pub fn error_at(&self, offset: usize, text: &str, message: impl Into<String>) -> Diagnostic {
        let length = text.lines().next().map_or(1, |line| line.trim_end().len());
        Diagnostic::error(message).at(self.source.position(offset, length))
    }

    /// An error at the name that begins at a byte offset.
    pub fn error_at_word(&self, offset: usize, message: impl Into<String>) -> Diagnostic {
        let rest = self.source.text.get(offset..).unwrap_or("");
        let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '%' | '$');
        let length = rest.find(|c| !part(c)).unwrap_or(rest.len()).max(1);
        Diagnostic::error(message).at(self.source.position(offset, length))
    }

    /// The slot of a name, made if it is new.
    pub fn slot(&mut self, name: &str, meaning: Meaning) -> usize {
        match self.names.get(name) {
            Some(slot) => *slot,
            None => {
                self.slots.push(Slot { meaning, bound: false });
                self.names.insert(name.to_owned(), self.slots.len() - 1);
                self.slots.len() - 1
            }
        }
    }

    /// The slot of a name that has a value from here on. A kind that a later place narrows is narrowed.
    pub fn bind(&mut self, name: &str, meaning: Meaning) -> usize {
        let slot = self.slot(name, meaning.clone());
        let known = &mut self.slots[slot];
        if matches!(known.meaning, Meaning::Value(Kind::Any) | Meaning::Attr(Kind::Any)) {
            known.meaning = meaning;
        }
        known.bound = true;
        slot
    }

    /// The slot of a name that must be bound.
    pub fn use_name(&self, name: &str, offset: usize) -> Result<usize> {
        match self.names.get(name) {
            Some(slot) if self.slots[*slot].bound => Ok(*slot),
            _ => Err(self.unbound(name, offset)),
        }
    }

    fn unbound(&self, name: &str, offset: usize) -> Diagnostic {
        if !name.starts_with(['$', '%', '^']) {
            let text = format!("'{name}' is not a value: names begin with %, $ or ^");
            return self.error_at(offset, name, text);
        }
        let error = self.error_at(offset, name, format!("'{name}' is not bound {}", self.bound_by));
        let bound = self.names.iter().filter(|(_, slot)| self.slots[**slot].bound);
        let names = bound.map(|(name, _)| name.as_str()).filter(|near| *near != name && !near.contains('<'));
        match did_you_mean(name, names) {
            Some(near) => error.help(format!("did you mean '{near}'?")),
            None => error,
        }
    }

    /// Writes out definitions, and finds the functions and types that the expression names.
    pub fn resolved(&self, mut expr: Expr) -> Result<Expr> {
        expr.rewrite(&mut |expr| self.resolve(expr))?;
        Ok(expr)
    }

    /// Refuses to write out a definition whose text would be too long.
    fn check_parts(&self, definition: &Definition, args: &[Expr], name: &str, offset: usize) -> Result<()> {
        let sizes: Vec<usize> = args.iter().map(Expr::parts).collect();
        let mut parts = definition.body.parts();
        definition.body.visit(&mut |part| {
            if let Expr::Name(name, _) = part
                && let Some(index) = definition.params.iter().position(|param| param == name)
            {
                parts += sizes[index];
            }
        });
        let written = self.written_out.get() + parts;
        self.written_out.set(written);
        if written <= MAX_EXPRESSION_PARTS {
            return Ok(());
        }
        let text = format!("with '{name}' written out this has more than {MAX_EXPRESSION_PARTS} parts");
        Err(self.error_at(offset, name, text))
    }

    fn resolve(&self, expr: &mut Expr) -> Result<()> {
        match expr {
            Expr::Call(name, args, offset) => {
                let known = self.definitions.get(name.as_str());
                if let Some(definition) = known {
                    self.check_arity(name, definition.params.len(), args.len(), *offset)?;
                    self.check_parts(definition, args, name, *offset)?;
                    let mut body = definition.body.clone();
                    let substituted = body.rewrite(&mut |part| {
                        if let Expr::Name(name, _) = part
                            && let Some(index) = definition.params.iter().position(|param| param == name)
                        {
                            *part = args[index].clone();
                        }
                        Ok::<(), Diagnostic>(())
                    });
                    substituted?;
                    *expr = body;
                    return Ok(());
                }
                let functions = &self.registry.functions;
                let Some(index) = functions.index_of(name) else {
                    let error = self.error_at(*offset, name, format!("unknown function '{name}'"));
                    let mut names: Vec<&str> = self.definitions.keys().map(String::as_str).collect();
                    for function in functions.names() {
                        names.push(function);
                    }
                    return Err(match did_you_mean(name, names) {
                        Some(near) => error.help(format!("did you mean '{near}'?")),
                        None => error,
                    });
                };
                let arity = functions.at(index).map_or(0, |function| function.signature.params.len());
                self.check_arity(name, arity, args.len(), *offset)?;
                *expr = Expr::Apply(index, std::mem::take(args));
                Ok(())
            }
            Expr::Type(literal) => self.resolve_type(literal),
            _ => Ok(()),
        }
    }

    fn check_arity(&self, name: &str, expected: usize, found: usize, offset: usize) -> Result<()> {
        if expected == found {
            return Ok(());
        }
        let plural = if expected == 1 { "argument" } else { "arguments" };
        Err(self.error_at(offset, name, format!("'{name}' takes {expected} {plural}, not {found}")))
    }

    /// Puts the parameters of a type literal into their order and adds the defaults.
    fn resolve_type(&self, literal: &mut TypeLiteral) -> Result<()> {
        let Some(def) = self.registry.type_def(&literal.name) else {
            let error =
                self.error_at(literal.offset, &literal.name, format!("unknown type '!{}'", literal.name));
            let names = self.registry.type_defs().map(|def| def.name.as_str());
            return Err(match did_you_mean(&literal.name, names) {
                Some(near) => error.help(format!("did you mean '!{near}'?")),
                None => error,
            });
        };
        let mut params = vec![None; def.params.len()];
        for ((name, offset), value) in literal.written.drain(..).zip(literal.params.drain(..)) {
            let index = self.param_index(&literal.name, &name, offset)?;
            params[index] = Some(self.of_kind(value, &def.params[index].kind)?);
        }
        for (param, value) in def.params.iter().zip(params) {
            literal.params.push(match (value, param.default) {
                (Some(value), _) => value,
                (None, Some(default)) => constant(&Val::from_attr(&self.registry.prototype, default)),
                (None, None) if param.optional => Expr::Null,
                (None, None) => {
                    let text = format!("'!{}' needs the parameter '{}'", literal.name, param.name);
                    return Err(self.error_at(literal.offset, &literal.name, text));
                }
            });
        }
        Ok(())
    }

    /// The position of a parameter of a declared type or attribute.
    pub fn param_index(&self, declared: &str, name: &str, offset: usize) -> Result<usize> {
        if let Some(index) = self.registry.param_index(declared, name) {
            return Ok(index);
        }
        let error = self.error_at(offset, name, format!("{declared} has no parameter '{name}'"));
        let def = self.registry.type_def(declared).or_else(|| self.registry.attr_def(declared));
        let names = def.map_or(&[][..], |def| def.params.as_slice()).iter().map(|param| param.name.as_str());
        Err(match did_you_mean(name, names) {
            Some(near) => error.help(format!("did you mean '{near}'?")),
            None => error,
        })
    }

    /// The expression as a value of a declared kind: words of an enum need no quotes, a whole number may stand for a
    /// float.
    pub fn of_kind(&self, expr: Expr, kind: &Kind) -> Result<Expr> {
        Ok(match (expr, kind) {
            (Expr::Name(word, offset), Kind::Enum(name)) if !word.starts_with(['$', '%']) => {
                self.check_word(&word, name, offset)?;
                Expr::Str(word)
            }
            (Expr::Int(value), Kind::Float) => Expr::Float(value as f64),
            (expr, _) => expr,
        })
    }

    fn check_word(&self, word: &str, name: &str, offset: usize) -> Result<()> {
        let words = self.registry.enum_words(name);
        if words.iter().any(|known| known == word) {
            return Ok(());
        }
        let error = self.error_at(offset, word, format!("'{word}' is not a word of {name}"));
        Err(match did_you_mean(word, words.iter().map(String::as_str)) {
            Some(near) => error.help(format!("did you mean '{near}'?")),
            None => error.help(format!("it is one of {}", words.join(", "))),
        })
    }

    /// Resolves the expression, binds its names to slots, and checks what its parts are. `offset` and `text` are where
    /// it stands.
    pub fn checked(&self, expr: Expr, offset: usize, text: &str) -> Result<Expr> {
        let mut expr = self.resolved(expr)?;
        expr.rewrite(&mut |part| {
            if let Expr::Name(name, offset) = part {
                *part = Expr::Slot(self.use_name(name, *offset)?);
            }
            Ok::<(), Diagnostic>(())
        })?;
        self.kind_of(&expr).map_err(|(why, help)| {
            let error = self.error_at(offset, text, why);
            match help {
                Some(help) => error.help(help),
                None => error,
            }
        })?;
        Ok(expr)
    }

    /// The kind of a checked expression. The error is what does not fit, and what may be meant.
    pub fn kind_of(&self, expr: &Expr) -> std::result::Result<ValueKind, (String, Option<String>)> {
        let wrong = |text: String| Err((text, None));
        match expr {
            Expr::Int(_) => Ok(ValueKind::Int),
            Expr::Float(_) => Ok(ValueKind::Number),
            Expr::Str(_) => Ok(ValueKind::Str),
            Expr::Bool(_) => Ok(ValueKind::Bool),
            Expr::Null | Expr::Name(..) | Expr::Call(..) => Ok(ValueKind::Any),
            Expr::List(items) => {
                items.iter().try_for_each(|item| self.kind_of(item).map(|_| ()))?;
                Ok(ValueKind::List)
            }
            Expr::Type(literal) => {
                literal.params.iter().try_for_each(|item| self.kind_of(item).map(|_| ()))?;
                Ok(ValueKind::Type)
            }
            Expr::Slot(slot) => Ok(match self.slots.get(*slot).map(|slot| &slot.meaning) {
                Some(Meaning::Value(_)) => ValueKind::Value,
                Some(Meaning::Values(_)) => ValueKind::List,
                Some(Meaning::Attr(kind)) => value_kind(kind),
                Some(Meaning::Type) => ValueKind::Type,
                _ => ValueKind::Any,
            }),
            Expr::Field(base, field) => self.field_kind(base, field),
            Expr::Apply(index, args) => {
                let functions = &self.registry.functions;
                let Some(function) = functions.at(*index) else { return Ok(ValueKind::Any) };
                for (position, (arg, wanted)) in args.iter().zip(&function.signature.params).enumerate() {
                    let found = self.kind_of(arg)?;
                    if !wanted.admits(found) {
                        let name = functions.name_at(*index);
                        let (wanted, found) = (wanted.described(), found.described());
                        let ordinal = position + 1;
                        return wrong(format!(
                            "argument {ordinal} of '{name}' must be {wanted}, not {found}"
                        ));
                    }
                }
                Ok(function.signature.result)
            }
            Expr::Unary(operator, inner) => {
                let (wanted, sign) = match operator {
                    Unary::Neg => (ValueKind::Number, "-"),
                    Unary::Not => (ValueKind::Bool, "not"),
                };
                let found = self.kind_of(inner)?;
                if wanted.admits(found) {
                    return Ok(if *operator == Unary::Neg { found } else { wanted });
                }
                wrong(format!("'{sign}' takes {}, not {}", wanted.described(), found.described()))
            }
            Expr::Binary(operator, sides) => {
                let (a, b) = (self.kind_of(&sides[0])?, self.kind_of(&sides[1])?);
                binary_kind(*operator, a, b).map_or_else(|text| Err((text, None)), Ok)
            }
        }
    }

    fn field_kind(
        &self,
        base: &Expr,
        field: &str,
    ) -> std::result::Result<ValueKind, (String, Option<String>)> {
        let Expr::Slot(slot) = base else {
            let kind = self.kind_of(base)?;
            let plain = matches!(kind, ValueKind::Int | ValueKind::Number | ValueKind::Bool | ValueKind::Str);
            return match plain {
                true => Err((format!("{} has no field '{field}'", kind.described()), None)),
                false => Ok(ValueKind::Any),
            };
        };
        let (kind, many) = match self.slots.get(*slot).map(|slot| &slot.meaning) {
            Some(Meaning::Value(kind) | Meaning::Attr(kind)) => (kind, false),
            Some(Meaning::Values(kind)) => (kind, true),
            _ => return Ok(ValueKind::Any),
        };
        let names: Vec<&str> = match kind {
            Kind::Declared(name) => {
                let def = self.registry.type_def(name).or_else(|| self.registry.attr_def(name));
                let params = def.map_or(&[][..], |def| def.params.as_slice());
                if let Some(param) = params.iter().find(|param| param.name == field) {
                    return Ok(if many { ValueKind::List } else { value_kind(&param.kind) });
                }
                params.iter().map(|param| param.name.as_str()).collect()
            }
            Kind::Tensor => match field {
                "shape" => return Ok(ValueKind::List),
                "rank" => return Ok(if many { ValueKind::List } else { ValueKind::Int }),
                "element" => return Ok(if many { ValueKind::List } else { ValueKind::Type }),
                _ => vec!["shape", "rank", "element"],
            },
            Kind::Int | Kind::Float | Kind::Number | Kind::Bool | Kind::Str | Kind::Enum(_) => Vec::new(),
            _ => return Ok(ValueKind::Any),
        };
        let text = format!("{} has no field '{field}'", kind.describe());
        let help = match did_you_mean(field, names.iter().copied()) {
            Some(near) => Some(format!("did you mean '{near}'?")),
            None => (!names.is_empty()).then(|| format!("it has {}", names.join(", "))),
        };
        Err((text, help))
    }
}

fn binary_kind(operator: Binary, a: ValueKind, b: ValueKind) -> std::result::Result<ValueKind, String> {
    use Binary::{Add, And, Div, Eq, Ge, Gt, Le, Lt, Mul, Ne, Or, Sub};
    let sign = match operator {
        Or => "||",
        And => "&&",
        Eq => "==",
        Ne => "!=",
        Le => "<=",
        Ge => ">=",
        Lt => "<",
        Gt => ">",
        Add => "+",
        Sub => "-",
        Mul => "*",
        Div => "/",
    };
    let all = |wanted: ValueKind| match [a, b].into_iter().find(|kind| !wanted.admits(*kind)) {
        Some(kind) => {
            Err(format!("'{sign}' takes {} on both sides, not {}", wanted.described(), kind.described()))
        }
        None => Ok(()),
    };
    match operator {
        Or | And => all(ValueKind::Bool).map(|()| ValueKind::Bool),
        Eq | Ne => match a.admits(b) {
            true => Ok(ValueKind::Bool),
            false => Err(format!("{} is never equal to {}", a.described(), b.described())),
        },
        Le | Ge | Lt | Gt => all(ValueKind::Number).map(|()| ValueKind::Bool),
        Add | Sub | Mul | Div => all(ValueKind::Number).map(|()| match (a, b) {
            (ValueKind::Int, ValueKind::Int) => ValueKind::Int,
            _ => ValueKind::Number,
        }),
    }
}

/// What the value of an attribute of that kind is to an expression.
pub(crate) fn value_kind(kind: &Kind) -> ValueKind {
    match kind {
        Kind::Int | Kind::Index => ValueKind::Int,
        Kind::Float | Kind::Number => ValueKind::Number,
        Kind::Bool => ValueKind::Bool,
        Kind::Str | Kind::SymbolName | Kind::Enum(_) => ValueKind::Str,
        Kind::Ints | Kind::Floats | Kind::Array => ValueKind::List,
        Kind::Type | Kind::Tensor | Kind::Function => ValueKind::Type,
        _ => ValueKind::Any,
    }
}

/// A value as an expression; `null` for what no expression writes.
fn constant(value: &Val) -> Expr {
    match value {
        Val::Int(value) => Expr::Int(*value),
        Val::Float(value) => Expr::Float(*value),
        Val::Bool(value) => Expr::Bool(*value),
        Val::Str(text) => Expr::Str(text.clone()),
        Val::List(items) => Expr::List(items.iter().map(constant).collect()),
        _ => Expr::Null,
    }
}
