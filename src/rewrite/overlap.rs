//! Rules that take each other's ops: one that an earlier one hides, two of equal benefit that both fit.

use rustc_hash::FxHashMap;

use super::rules::{
    DefPattern, Group, MAX_WARNINGS, OpPattern, OperandPattern, Rule, TypePattern, ValuePattern,
};
use crate::ir::OpName;
use crate::support::{Diagnostic, Diagnostics};

/// Most rules of one op that are compared with each other.
const MAX_COMPARED: usize = 400;

/// What is worth a warning among the rules that were added to a group since the last time.
pub(super) fn check_overlaps(group: &Group) -> Diagnostics {
    let mut by_root: FxHashMap<OpName, Vec<(usize, &Rule)>> = FxHashMap::default();
    let mut order = Vec::new();
    for (number, rule) in group.rules().enumerate() {
        for op in rule.root_op() {
            let list = by_root.entry(op).or_default();
            if list.is_empty() {
                order.push(op);
            }
            list.push((number, rule));
        }
    }
    let mut warnings = Diagnostics::new();
    for op in order {
        let rules = &by_root[&op];
        if rules.len() > MAX_COMPARED {
            continue;
        }
        for (number, (place, later)) in rules.iter().enumerate() {
            if *place < group.compared {
                continue;
            }
            for (_, earlier) in &rules[..number] {
                warnings.extend(overlap(earlier, later));
                if warnings.len() > MAX_WARNINGS {
                    return warnings;
                }
            }
        }
    }
    warnings
}

/// A warning where two rules without conditions fit the same op, with equal benefit.
fn overlap(earlier: &Rule, later: &Rule) -> Option<Diagnostic> {
    let allowed = |rule: &Rule| rule.allowed.iter().any(|(check, _)| check == "overlap");
    if earlier.benefit != later.benefit || allowed(earlier) || allowed(later) {
        return None;
    }
    let conditional = |rule: &Rule| rule.conditions.iter().any(|condition| condition.one_use.is_none());
    if conditional(earlier) || conditional(later) {
        return None;
    }
    let meet = |a: &OpPattern| later.variants.iter().any(|b| can_both_match(a, b));
    if !earlier.variants.iter().any(meet) {
        return None;
    }
    let text = format!(
        "rules '{}' and '{}' fit the same op and have equal benefit: the one that is written first fires",
        earlier.name, later.name
    );
    let warning = Diagnostic::warning(text).at(later.position.clone());
    let warning = warning.note(earlier.position.clone(), format!("rule '{}'", earlier.name));
    Some(warning.help("give one of them a benefit, or say: allow overlap \"why it does not matter\""))
}

/// Whether some op may match both patterns, as far as their shapes say.
fn can_both_match(a: &OpPattern, b: &OpPattern) -> bool {
    if a.op != b.op {
        return false;
    }
    for left in &a.attrs {
        for right in b.attrs.iter().filter(|right| right.name == left.name) {
            if !values_meet(&left.value, &right.value) {
                return false;
            }
        }
    }
    if a.rest.is_some() || b.rest.is_some() {
        return true;
    }
    a.operands.iter().zip(&b.operands).all(|(left, right)| match (&left.def, &right.def) {
        (DefPattern::Op(x), DefPattern::Op(y)) => can_both_match(x, y),
        (DefPattern::Op(x), DefPattern::Not(ys)) | (DefPattern::Not(ys), DefPattern::Op(x)) => {
            !ys.iter().any(|y| y.op == x.op && y.operands.iter().all(is_free) && y.attrs.is_empty())
        }
        _ => types_meet(left, right),
    })
}

/// Whether some value may be both.
fn values_meet(left: &ValuePattern, right: &ValuePattern) -> bool {
    match (left, right) {
        (ValuePattern::Number(x), ValuePattern::Number(y)) => x == y,
        (ValuePattern::Equal(x), ValuePattern::Equal(y)) => !x.is_constant() || !y.is_constant() || x == y,
        (ValuePattern::Elements(xs), ValuePattern::Elements(ys)) => xs == ys,
        (ValuePattern::Splat(x), ValuePattern::Splat(y)) => values_meet(x, y),
        (ValuePattern::Splat(x), ValuePattern::Elements(ys))
        | (ValuePattern::Elements(ys), ValuePattern::Splat(x)) => match **x {
            ValuePattern::Number(number) => ys.iter().all(|y| *y == number),
            _ => ys.iter().all(|y| *y == ys[0]),
        },
        (ValuePattern::OneOf(all), other) | (other, ValuePattern::OneOf(all)) => {
            all.iter().any(|value| values_meet(value, other))
        }
        _ => true,
    }
}

fn types_meet(left: &OperandPattern, right: &OperandPattern) -> bool {
    match (&left.ty, &right.ty) {
        (Some(TypePattern::Declared(a, _)), Some(TypePattern::Declared(b, _))) => a == b,
        _ => true,
    }
}

fn is_free(operand: &OperandPattern) -> bool {
    matches!(operand.def, DefPattern::Any) && operand.ty.is_none()
}

/// The rule that hides `later`: an earlier one without conditions whose pattern takes whatever `later`'s takes.
pub(super) fn hidden_by<'g>(group: &'g Group, later: &Rule, compared: &[usize]) -> Option<&'g Rule> {
    let candidates =
        compared.iter().rev().take(MAX_COMPARED).filter_map(|number| group.rules.get_index(*number));
    let mut hiding = candidates.map(|(_, rule)| rule).filter(|earlier| {
        earlier.conditions.is_empty()
            && earlier.benefit >= later.benefit
            && later.variants.iter().all(|b| earlier.variants.iter().any(|a| covers(a, b)))
    });
    hiding.next()
}

/// Whether `a` matches whatever `b` matches.
fn covers(a: &OpPattern, b: &OpPattern) -> bool {
    covers_with(a, b, &mut FxHashMap::default())
}

fn covers_with(a: &OpPattern, b: &OpPattern, names: &mut FxHashMap<usize, Option<usize>>) -> bool {
    if a.op != b.op || a.result != b.result || a.ty.is_some() {
        return false;
    }
    let attrs = a.attrs.iter().all(|left| {
        let right = b.attrs.iter().find(|right| right.name == left.name);
        match (&left.value, right.map(|right| &right.value)) {
            (ValuePattern::Any, _) => true,
            (ValuePattern::Bind(slot), Some(ValuePattern::Bind(other))) => {
                same_name(names, *slot, Some(*other))
            }
            (ValuePattern::Bind(slot), _) => same_name(names, *slot, None),
            (ValuePattern::Number(x), Some(ValuePattern::Number(y))) => x == y,
            _ => false,
        }
    });
    if !attrs {
        return false;
    }
    match (a.rest, b.rest) {
        (Some((at, _)), _) if at == 0 && a.operands.is_empty() => return true,
        (None, None) if a.operands.len() == b.operands.len() => {}
        _ => return false,
    }
    a.operands.iter().zip(&b.operands).all(|(left, right)| {
        let bound = left.slot.is_none_or(|slot| same_name(names, slot, right.slot));
        bound
            && left.ty.is_none()
            && (left.optional || !right.optional)
            && match (&left.def, &right.def) {
                (DefPattern::Any, _) => true,
                (DefPattern::Op(x), DefPattern::Op(y)) => covers_with(x, y, names),
                _ => false,
            }
    })
}

/// A name of the general rule always stands for one name of the other: otherwise it demands an equality that the
/// other does not.
fn same_name(names: &mut FxHashMap<usize, Option<usize>>, slot: usize, other: Option<usize>) -> bool {
    match names.get(&slot) {
        None => {
            names.insert(slot, other);
            true
        }
        Some(known) => known.is_some() && *known == other,
    }
}
