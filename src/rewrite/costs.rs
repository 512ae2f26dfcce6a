//! What the two sides of a rule cost, by the cost classes of their ops: a rule that raises the cost is worth a warning.

use std::collections::BTreeMap;

use super::rules::{DefPattern, OpPattern, Rule};
use crate::expr::{Expr, Val};
use crate::ir::{Context, Ir, OpName, Traits};
use crate::schema::{Argument, Build, KernelDef, OpDef, Registry, Repeat};
use crate::support::Diagnostic;

/// What operations cost, as far as a rule is concerned.
pub struct Prices<'a> {
    /// What is counted, such as `ms`.
    pub unit: &'a str,
    /// The price of one operation of a cost class; `None` where the class is not known.
    pub of_class: &'a dyn Fn(&str) -> Option<f64>,
}

/// How much more other work must cost before anything is said: prices are measured.
const TOLERANCE: f64 = 1.25;
/// How many values `%xs...` is taken for.
const REST: usize = 2;

/// The warning about a rule whose right side costs more than what it takes away; `None` where it does not, where the
/// rule says `allow cost`, and where the cost of one of its ops is not known.
pub fn cost_warning(registry: &Registry, rule: &Rule, prices: &Prices<'_>) -> Option<Diagnostic> {
    if rule.allowed.iter().any(|(check, _)| check == "cost") {
        return None;
    }
    let sides = Sides { registry, rule, prices, constants: Ir::new(Context::default()) };
    let right = sides.right()?;
    let mut may_raise = None;
    for pattern in &rule.variants {
        let all = sides.left(pattern, false)?;
        if right.exceeds(&all) {
            let text = format!(
                "rule '{}' raises the cost: it replaces {} by {}",
                rule.name,
                sides.text(&all),
                sides.text(&right)
            );
            let warning = Diagnostic::warning(text).at(rule.position.clone());
            return Some(warning.help("if that pays off elsewhere, say why: allow cost \"…\""));
        }
        let certain = sides.left(pattern, true)?;
        if right.exceeds(&certain) {
            may_raise.get_or_insert(certain);
        }
    }
    let certain = may_raise?;
    let text = format!(
        "rule '{}' raises the cost where what it matches is used elsewhere too: it then replaces {} by {}",
        rule.name,
        sides.text(&certain),
        sides.text(&right)
    );
    let warning = Diagnostic::warning(text).at(rule.position.clone());
    Some(warning.help("demand 'one_use(%x)' of the matched ops, or say why it pays off: allow cost \"…\""))
}

/// Operations by class, and what they cost together.
#[derive(Clone, Default)]
struct Work {
    counts: BTreeMap<String, f64>,
    price: f64,
}

impl Work {
    /// Whether it is the other work and more, or costs clearly more.
    fn exceeds(&self, other: &Work) -> bool {
        let count = |class: &String| self.counts.get(class).copied().unwrap_or_default();
        let contains = other.counts.iter().all(|(class, wanted)| count(class) >= *wanted);
        self.price > TOLERANCE * other.price || contains && self.price > other.price
    }

    fn add(&mut self, other: &Work, times: f64) {
        for (class, count) in &other.counts {
            *self.counts.entry(class.clone()).or_default() += count * times;
        }
        self.price += other.price * times;
    }
}

struct Sides<'a> {
    registry: &'a Registry,
    rule: &'a Rule,
    prices: &'a Prices<'a>,
    /// Where constants are evaluated.
    constants: Ir,
}

impl Sides<'_> {
    /// `2 rotate, 1 add (310.4 ms)`
    fn text(&self, work: &Work) -> String {
        if work.counts.is_empty() {
            return "nothing".to_owned();
        }
        let counts: Vec<_> = work.counts.iter().map(|(class, count)| format!("{count} {class}")).collect();
        format!("{} ({:.1} {})", counts.join(", "), work.price, self.prices.unit)
    }

    fn right(&self) -> Option<Work> {
        let mut work = Work::default();
        for step in &self.rule.steps {
            work.add(&self.built(&step.build)?, 1.0);
        }
        Some(work)
    }

    /// An op that is built, with those that are written as its operands.
    fn built(&self, build: &Build) -> Option<Work> {
        let count = |arg: &Argument| if matches!(arg, Argument::Spread(_)) { REST } else { 1 };
        let mut work = self.op(build.op, build.args.iter().map(count).sum())?;
        for arg in &build.args {
            if let Argument::Build(inner) = arg {
                work.add(&self.built(inner)?, 1.0);
            }
        }
        Some(work)
    }

    /// What is gone once the rule has fired: the matched op, and those below it that the right side does not use.
    /// `certain` leaves out what may have other uses.
    fn left(&self, pattern: &OpPattern, certain: bool) -> Option<Work> {
        let rest = if pattern.rest.is_some() { REST } else { 0 };
        let mut work = self.op(pattern.op, pattern.operands.len() + rest)?;
        for operand in &pattern.operands {
            let DefPattern::Op(inner) = &operand.def else { continue };
            let kept = operand.slot.is_some_and(|slot| self.right_uses(slot));
            if !kept && (!certain || operand.slot.is_some_and(|slot| self.one_use(slot))) {
                work.add(&self.left(inner, certain)?, 1.0);
            }
        }
        Some(work)
    }

    fn right_uses(&self, slot: usize) -> bool {
        fn in_build(build: &Build, slot: usize) -> bool {
            build.args.iter().any(|arg| match arg {
                Argument::Slot(used) | Argument::Spread(used) => *used == slot,
                Argument::Build(inner) => in_build(inner, slot),
            })
        }
        self.rule.replacements.contains(&slot)
            || self.rule.steps.iter().any(|step| in_build(&step.build, slot))
    }

    /// Whether a condition of the rule is that the value has one use.
    fn one_use(&self, slot: usize) -> bool {
        let mut found = false;
        for condition in &self.rule.conditions {
            condition.check.expr.visit(&mut |part| {
                if let Expr::Apply(index, args) = part
                    && self.registry.functions.name_at(*index) == "one_use"
                {
                    found |= args.as_slice() == [Expr::Slot(slot)];
                }
            });
        }
        found
    }

    /// The work of one op with that many operands; `None` where nothing says what it is.
    fn op(&self, op: OpName, operands: usize) -> Option<Work> {
        let def = self.registry.op_def(op)?;
        let Some(cost) = &def.cost else { return self.by_kernel(def, operands) };
        let times = match &cost.times {
            None => 1.0,
            Some(times) => self.evaluate(def, times, operands)?,
        };
        let price = times * (self.prices.of_class)(&cost.class)?;
        let counts =
            if price > 0.0 { BTreeMap::from([(cost.class.clone(), times)]) } else { BTreeMap::new() };
        Some(Work { counts, price })
    }

    /// The work of the ops that an op stands for; none for those on plaintexts.
    fn by_kernel(&self, def: &OpDef, operands: usize) -> Option<Work> {
        let mut work = Work::default();
        match &def.kernel {
            _ if def.traits.has(Traits::PLAIN) || def.traits.has(Traits::CONSTANT) => {}
            None => return None,
            Some(KernelDef::Reduce(binary)) => {
                let binary = self.registry.op_def_named(binary)?;
                work.add(&self.op(binary.op, 2)?, operands.saturating_sub(1) as f64);
            }
            Some(KernelDef::Compose(composition)) => {
                for build in composition.builds() {
                    work.add(&self.built(build)?, 1.0);
                }
            }
        }
        Some(work)
    }

    /// A number of repetitions that depends on nothing but the number of operands.
    fn evaluate(&self, def: &OpDef, times: &Expr, operands: usize) -> Option<f64> {
        let ranges = OpDef::split(&def.operands, operands)?;
        let operands = ranges.into_iter().zip(&def.operands).map(|(range, operand)| match operand.repeat {
            Repeat::Variadic => Val::List(range.map(|_| Val::Null).collect()),
            _ => Val::Null,
        });
        let others = std::iter::repeat_n(Val::Null, def.results.len() + def.attrs.len());
        let slots: Vec<Val> = operands.chain(others).collect();
        self.registry.with_env(&self.constants, &slots, |env| env.eval(times)).ok()?.as_f64()
    }
}
