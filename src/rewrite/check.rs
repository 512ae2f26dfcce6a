//! Conditions that never hold, and rules that match their own result.

use super::rules::{DefPattern, Rule, ValuePattern};
use crate::expr::{Binary, Expr, Unary, number_of};
use crate::schema::{Argument, Kind, Meaning, Registry, Scope};
use crate::support::Diagnostic;

/// Why a condition never holds, by itself or together with those before it. `None` where it may.
pub(super) fn check_conditions(scope: &Scope<'_>, known: &[&Expr], condition: &Expr) -> Option<String> {
    let mut terms = Vec::new();
    known.iter().for_each(|expr| conjuncts(expr, &mut terms));
    let first = terms.len();
    conjuncts(condition, &mut terms);
    for (number, term) in terms.iter().enumerate().skip(first) {
        if let Some(why) = alone(scope, term) {
            return Some(why);
        }
        let contradicts = |other: &&&Expr| is_negation_of(other, term) || is_negation_of(term, other);
        if terms[..number].iter().any(|other| contradicts(&other)) {
            return Some("a condition before it says the opposite".to_owned());
        }
    }
    let mut ranges: Vec<(&Expr, Range)> = Vec::new();
    for term in &terms {
        let Some((subject, range)) = bounded(scope, term) else { continue };
        match ranges.iter_mut().find(|(other, _)| *other == subject) {
            Some((_, all)) => {
                *all = all.and(range);
                if all.is_empty() {
                    return Some("no number fulfils this and the conditions before it".to_owned());
                }
            }
            None => ranges.push((subject, range)),
        }
    }
    None
}

fn conjuncts<'e>(expr: &'e Expr, terms: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Binary(Binary::And, sides) => sides.iter().for_each(|side| conjuncts(side, terms)),
        _ => terms.push(expr),
    }
}

fn is_negation_of(a: &Expr, b: &Expr) -> bool {
    matches!(a, Expr::Unary(Unary::Not, inner) if **inner == *b)
}

/// Why a term never holds whatever else does.
fn alone(scope: &Scope<'_>, term: &Expr) -> Option<String> {
    match term {
        Expr::Bool(false) => Some("it is false".to_owned()),
        Expr::Unary(Unary::Not, inner) if **inner == Expr::Bool(true) => Some("it is false".to_owned()),
        Expr::Binary(Binary::Ne, sides) if sides[0] == sides[1] => Some("both sides are the same".to_owned()),
        Expr::Binary(operator @ (Binary::Lt | Binary::Gt), sides)
            if sides[0] == sides[1] && !may_be_null(scope, &sides[0]) =>
        {
            let _ = operator;
            Some("both sides are the same".to_owned())
        }
        Expr::Binary(operator, sides) => {
            if let (Some(a), Some(b)) = (number_of(&sides[0]), number_of(&sides[1])) {
                let holds = match operator {
                    Binary::Eq => a == b,
                    Binary::Ne => a != b,
                    Binary::Le => a <= b,
                    Binary::Ge => a >= b,
                    Binary::Lt => a < b,
                    Binary::Gt => a > b,
                    _ => true,
                };
                return (!holds).then(|| "it compares two constants".to_owned());
            }
            let (Expr::Slot(slot), Expr::Str(word), Binary::Eq) = (&sides[0], &sides[1], operator) else {
                return None;
            };
            match &scope.slots[*slot].meaning {
                Meaning::Attr(Kind::Enum(name)) => {
                    let words = scope.registry.enum_words(name);
                    let known = words.iter().any(|known| known == word);
                    (!known)
                        .then(|| format!("'{word}' is not a word of {name}, which has {}", words.join(", ")))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Numbers between two ends, each in it or not.
#[derive(Clone, Copy)]
struct Range {
    low: (f64, bool),
    high: (f64, bool),
    whole: bool,
}

impl Range {
    fn and(self, other: Range) -> Range {
        let low = if (other.low.0, !other.low.1) > (self.low.0, !self.low.1) { other.low } else { self.low };
        let high =
            if (other.high.0, other.high.1) < (self.high.0, self.high.1) { other.high } else { self.high };
        Range { low, high, whole: self.whole && other.whole }
    }

    fn is_empty(self) -> bool {
        let (mut low, mut high) = (self.low, self.high);
        if self.whole {
            low = (if low.1 { low.0.ceil() } else { low.0.floor() + 1.0 }, true);
            high = (if high.1 { high.0.floor() } else { high.0.ceil() - 1.0 }, true);
        }
        low.0 > high.0 || low.0 == high.0 && !(low.1 && high.1)
    }
}

/// What a comparison with a constant says of its other side.
fn bounded<'e>(scope: &Scope<'_>, term: &'e Expr) -> Option<(&'e Expr, Range)> {
    let Expr::Binary(operator, sides) = term else { return None };
    let (subject, number, operator) = match (number_of(&sides[0]), number_of(&sides[1])) {
        (None, Some(number)) => (&sides[0], number, *operator),
        (Some(number), None) => (&sides[1], number, mirrored(*operator)),
        _ => return None,
    };
    // An ordering against null holds, so it says nothing of what may be absent.
    if operator != Binary::Eq && may_be_null(scope, subject) {
        return None;
    }
    let whole = scope.kind_of(subject) == Ok(crate::expr::ValueKind::Int);
    let (all, none) = ((f64::NEG_INFINITY, true), (f64::INFINITY, true));
    let (low, high) = match operator {
        Binary::Eq => ((number, true), (number, true)),
        Binary::Le => (all, (number, true)),
        Binary::Lt => (all, (number, false)),
        Binary::Ge => ((number, true), none),
        Binary::Gt => ((number, false), none),
        _ => return None,
    };
    Some((subject, Range { low, high, whole }))
}

fn mirrored(operator: Binary) -> Binary {
    match operator {
        Binary::Le => Binary::Ge,
        Binary::Lt => Binary::Gt,
        Binary::Ge => Binary::Le,
        Binary::Gt => Binary::Lt,
        same => same,
    }
}

/// Whether an expression can be `null`: only attributes that are always there cannot.
fn may_be_null(scope: &Scope<'_>, expr: &Expr) -> bool {
    match expr {
        Expr::Slot(slot) => !matches!(scope.slots[*slot].meaning, Meaning::Attr(_)),
        Expr::Field(base, field) => {
            let Expr::Slot(slot) = &**base else { return true };
            let Meaning::Value(Kind::Declared(name)) = &scope.slots[*slot].meaning else { return true };
            let def = scope.registry.type_def(name);
            def.and_then(|def| def.params.iter().find(|param| param.name == *field))
                .is_none_or(|param| param.optional)
        }
        _ => true,
    }
}

/// A conversion looks at the ops of its source dialects only.
pub(super) fn check_roots(registry: &Registry, rule: &Rule, from: &[String]) -> Result<(), Diagnostic> {
    let names = rule.root_op().into_iter().map(|op| registry.prototype().op_str(op));
    let mut outside =
        names.filter(|name| !from.iter().any(|dialect| name.split('.').next() == Some(dialect)));
    let Some(name) = outside.next() else { return Ok(()) };
    let text = format!("'{}' converts no '{name}': the rule never fires", rule.group);
    let error = Diagnostic::error(text).at(rule.position.clone());
    Err(error.help(format!("it converts the ops of {}", from.join(", "))))
}

/// Whether the right side is the left side again: the same op over the same names.
pub(super) fn matches_itself(rule: &Rule) -> bool {
    if rule.replacements == rule.roots && !rule.roots.is_empty() {
        return true;
    }
    let ([step], [pattern, ..]) = (rule.steps.as_slice(), rule.variants.as_slice()) else { return false };
    let plain = pattern
        .operands
        .iter()
        .all(|operand| matches!(operand.def, DefPattern::Any) && operand.ty.is_none() && !operand.optional);
    let distinct = {
        let mut slots: Vec<_> = pattern.operands.iter().filter_map(|operand| operand.slot).collect();
        let count = slots.len();
        slots.sort_unstable();
        slots.dedup();
        slots.len() == count
    };
    let free = |value: &ValuePattern| matches!(value, ValuePattern::Any | ValuePattern::Bind(_));
    plain
        && distinct
        && pattern.ty.is_none()
        && pattern.attrs.iter().all(|attr| free(&attr.value))
        && rule.conditions.is_empty()
        && step.build.op == pattern.op
        && step.build.args.len() == pattern.operands.len()
        && step.build.args.iter().all(|arg| matches!(arg, Argument::Slot(_)))
        && rule.successor == Some(0)
}
