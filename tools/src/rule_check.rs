//! `--check-rules`: executes both sides of every rule on random programs that its left side matches, and compares.

use he_core::exec::{Interpreter, RuntimeValue};
use he_core::ir::{AttrKind, Ir, OpId, OpSpec, Type, TypeKind, ValueId};
use he_core::pass::{module_stage, set_module_stage};
use he_core::rewrite::{
    Choices, Group, GroupKind, Question, RewriteControl, Rule, convert, generate_left, rewrite_greedily,
    rewrite_group,
};
use he_core::schema::{STAGE_ATTR, verify};
use he_core::support::{Diagnostic, Diagnostics, NoWeights};
use he_core::text::{PrintOptions, parse_attribute, print};
use he_dialects::ckks::attr::params_of;
use he_dialects::ckks::backend::Fake;
use he_dialects::nn::random::SplitMix64;
use he_dialects::{Contents, Loaded, func};

/// Programs that are executed for a rule.
const SAMPLES: usize = 12;
/// As many are enough where they are hard to find: after a tenth of the attempts.
const FEW: usize = 3;
/// Programs that are tried to find them.
const ATTEMPTS: usize = 5_000;
/// How far the two sides may be apart, relative to the largest number.
const TOLERANCE: f64 = 1e-9;
/// The modules that programs are made in: every rule that asks for parameters finds some. The examples of packed types have
/// 8 slots; ciphertexts alone have more now and then, for rotations of more than a few slots.
const PARAMETERS: [&str; 3] = [
    "#ckks.params<log_n = 13, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 8, dnum = 2>",
    "#ckks.params<log_n = 13, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 8, dnum = 2>",
    MORE_SLOTS,
];
const MORE_SLOTS: &str = "#ckks.params<log_n = 13, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 32, dnum = 2>";
/// Tensor types that programs use, besides the examples of the declared types.
const TENSORS: [&str; 12] = [
    "tensor<8xf64>",
    "tensor<32xf64>",
    "tensor<4xf32>",
    "tensor<8xf32>",
    "tensor<2x4xf32>",
    "tensor<4x2xf32>",
    "tensor<4x4xf32>",
    "tensor<1x4xf32>",
    "tensor<1x8xf32>",
    "tensor<1x2x4x4xf32>",
    "tensor<4xf64>",
    "tensor<1x4xf64>",
];

/// What was found out about a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Both sides agreed on that many programs.
    Holds(usize),
    /// They differ, or the rule never fires.
    Wrong(Counterexample),
    /// Nothing was executed: why.
    Unchecked(String),
}

/// Why a rule is wrong, in a line, and what shows it: programs, inputs, results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// The first number that differs, or what else is wrong.
    pub headline: String,
    /// What shows it.
    pub notes: Vec<String>,
}

impl Choices for Random {
    fn below(&mut self, count: usize) -> usize {
        (self.0.bits() % count.max(1) as u64) as usize
    }
}

struct Random(SplitMix64);

/// Checks the rules of a group, in their order.
pub fn check_group(loaded: &Loaded, group: &Group) -> Vec<(String, Verdict)> {
    group.rules().map(|rule| (rule.name.clone(), check_rule(loaded, group, rule))).collect()
}

/// Checks one rule of a group.
pub fn check_rule(loaded: &Loaded, group: &Group, rule: &Rule) -> Verdict {
    let alone = match group.kind {
        // What a conversion makes of the ops around the root is the business of its other rules.
        GroupKind::Conversion { .. } => group.clone(),
        _ => match group.only(&rule.name) {
            Some(alone) => alone,
            None => return Verdict::Unchecked("it is not in its group".into()),
        },
    };
    let check = Check { loaded, group: &alone, rule };
    check.run()
}

struct Check<'a> {
    loaded: &'a Loaded,
    group: &'a Group,
    rule: &'a Rule,
}

/// A program before and after the rule.
struct Pair {
    before: Ir,
    after: Ir,
}

impl Check<'_> {
    fn run(&self) -> Verdict {
        let registry = &self.loaded.session.registry;
        let seed = self.rule.name.bytes().fold(7u64, |seed, byte| seed.wrapping_mul(31) + u64::from(byte));
        let mut random = Random(SplitMix64::new(seed));
        let mut base = registry.new_ir();
        let types = self.types(&mut base);
        let (mut held, mut refused, mut built) = (0, None, false);
        for attempt in 0..ATTEMPTS {
            if held >= SAMPLES || held >= FEW && attempt >= ATTEMPTS / 10 {
                break;
            }
            // Rules whose programs cannot be executed at all are not tried to the end.
            let hopeless = |why: &String| why.contains("has no kernel") || why.contains("nothing is known");
            if attempt > ATTEMPTS / 10 && held == 0 && refused.as_ref().is_some_and(hopeless) {
                break;
            }
            let Some(pair) = self.pair(&base, &types, &mut random, &mut built) else { continue };
            match self.compare(&pair, attempt as u64) {
                Ok(None) => held += 1,
                Ok(Some(difference)) => return Verdict::Wrong(difference),
                Err(why) => refused = Some(why),
            }
        }
        match (held, refused) {
            (0, Some(why)) => Verdict::Unchecked(why),
            (0, None) if built => match self.type_change(&base, &types, &mut random) {
                Some(why) => Verdict::Wrong(why),
                None => Verdict::Unchecked("no program was found that fulfils its conditions".into()),
            },
            (0, None) => Verdict::Unchecked("no program was found that its pattern matches".into()),
            (held, _) => Verdict::Holds(held),
        }
    }

    /// The types that arguments may have.
    fn types(&self, ir: &mut Ir) -> Vec<Type> {
        let registry = &self.loaded.session.registry;
        let examples = registry.type_defs().flat_map(|def| def.examples.iter().map(String::as_str));
        let mut types = Vec::new();
        for text in examples.chain(TENSORS) {
            let attr = parse_attribute(registry, ir, text, "<example>");
            if let Ok(attr) = attr
                && let AttrKind::Type(ty) = ir.ctx.attr_kind(attr)
            {
                types.push(*ty);
            }
        }
        types
    }

    /// A function with a random left side of the rule. `None` where the choices lead nowhere.
    fn program(&self, base: &Ir, types: &[Type], random: &mut Random) -> Option<Ir> {
        let registry = &self.loaded.session.registry;
        let mut ir = base.clone();
        let names = [registry.top_op.as_str(), func::views::Func::NAME, func::views::Return::NAME];
        let [module, function, ret] = names.map(|name| ir.ctx.op_name(name));
        let top = OpSpec::new(module).build_detached(&mut ir);
        ir.set_top(top);
        let region = ir.add_region(top);
        let body = ir.create_block();
        ir.append_block(region, body);
        let text = PARAMETERS[random.below(PARAMETERS.len())];
        let params = parse_attribute(registry, &mut ir, text, "<parameters>").ok()?;
        ir.set_attr(top, "ckks.params", Some(params));
        let symbol = ir.ctx.string_attr("f");
        let function = OpSpec::new(function).build_at_end(&mut ir, body);
        ir.set_attr(function, "sym_name", Some(symbol));
        let region = ir.add_region(function);
        let block = ir.create_block();
        ir.append_block(region, block);
        let left = generate_left(registry, &mut ir, block, self.rule, types, random)?;
        let packed = |value: ValueId| matches!(ir.ctx.type_kind(ir.ty(value)), TypeKind::Declared { name, .. } if ir.ctx.str(*name) == "packed.vec");
        let mut values = ir.args(block).iter().copied().chain(left.inner.iter().chain(&left.roots).copied());
        if text == MORE_SLOTS && values.any(packed) {
            return None;
        }
        let mut returned: Vec<ValueId> = left.roots;
        // Other uses of what is below the root, now and then.
        returned.extend(left.inner.into_iter().filter(|_| random.below(8) == 0));
        OpSpec::new(ret).operands(&returned).build_at_end(&mut ir, block);
        func::refresh_signature(&mut ir, function);
        // What only exists at a stage is what it is there: a ciphertext with a level, for example.
        let stage = module_stage(registry, &ir).ok()?;
        set_module_stage(registry, &mut ir, stage);
        verify(registry, &mut ir).ok()?;
        Some(ir)
    }

    fn pair(&self, base: &Ir, types: &[Type], random: &mut Random, built: &mut bool) -> Option<Pair> {
        let before = self.program(base, types, random)?;
        *built = true;
        let mut after = before.clone();
        let registry = &self.loaded.session.registry;
        let stats = match self.group.kind {
            GroupKind::Conversion { .. } => {
                let stats =
                    convert(registry, &mut after, self.group, &RewriteControl::default(), &mut Vec::new())
                        .ok()?;
                registry.types_changed.iter().for_each(|refresh| refresh(&mut after));
                let top = after.top();
                after.set_attr(top, STAGE_ATTR, None);
                stats
            }
            _ => rewrite_greedily(registry, &mut after, self.group).ok()?,
        };
        stats.fired.contains_key(&self.rule.name).then_some(Pair { before, after })
    }

    /// Whether the rule would fire but for the type of its replacement.
    fn type_change(&self, base: &Ir, types: &[Type], random: &mut Random) -> Option<Counterexample> {
        let registry = &self.loaded.session.registry;
        let mut control = RewriteControl::default();
        let question = Question { rule: self.rule.name.clone(), line: None };
        control.explain.push(question);
        for _ in 0..ATTEMPTS / 10 {
            let Some(mut ir) = self.program(base, types, random) else { continue };
            let text = self.text(&ir);
            let mut remarks = Diagnostics::new();
            rewrite_group(registry, &mut ir, self.group, &control, &mut remarks).ok()?;
            let wrong = remarks.iter().find(|remark| {
                remark.message.contains("the replacement has type") || remark.message.contains("cannot infer")
            });
            if let Some(remark) = wrong {
                let notes = vec![format!("as in\n{}", text.trim_end())];
                return Some(Counterexample {
                    headline: format!("it never fires: {}", remark.message),
                    notes,
                });
            }
        }
        None
    }

    fn text(&self, ir: &Ir) -> String {
        print(&self.loaded.session.registry, ir, PrintOptions::default())
    }

    /// What both sides compute. `Ok(Some)` is the counterexample, the error why nothing is known.
    fn compare(&self, pair: &Pair, seed: u64) -> Result<Option<Counterexample>, String> {
        let programs = || {
            vec![
                format!("before\n{}", self.text(&pair.before).trim_end()),
                format!("after\n{}", self.text(&pair.after).trim_end()),
            ]
        };
        let wrong = |headline: String| Ok(Some(Counterexample { headline, notes: programs() }));
        if let Err(errors) = verify(&self.loaded.session.registry, &mut pair.after.clone()) {
            return wrong(format!("the right side does not verify: {}", errors[0].message));
        }
        let (inputs, before) = execute(self.loaded, &pair.before, seed)?;
        let before = before.map_err(|error| error.message)?;
        let after = match execute(self.loaded, &pair.after, seed)?.1 {
            Ok(after) => after,
            Err(error) if error.message.contains("has no kernel") => return Err(error.message),
            Err(error) => return wrong(format!("the right side cannot be executed: {}", error.message)),
        };
        let converts = matches!(self.group.kind, GroupKind::Conversion { .. });
        if agree(&before, &after, converts) {
            return Ok(None);
        }
        let mut notes = programs();
        notes.extend(inputs.iter().enumerate().map(|(n, input)| format!("input {n}: {}", shown(input))));
        for (n, (before, after)) in before.iter().zip(&after).enumerate() {
            notes.push(format!("result {n} before: {}\nresult {n} after:  {}", shown(before), shown(after)));
        }
        Ok(Some(Counterexample { headline: first_difference(&before, &after), notes }))
    }
}

/// The first number of two lists of results that differs, or what else does.
fn first_difference(before: &[Contents], after: &[Contents]) -> String {
    if before.len() != after.len() {
        return format!("the sides have {} and {} results", before.len(), after.len());
    }
    for (n, (x, y)) in before.iter().zip(after).enumerate() {
        if x.0.len() != y.0.len() {
            return format!("result {n} has {} numbers, and had {}", y.0.len(), x.0.len());
        }
        if let Some(at) = x.0.iter().zip(&y.0).position(|(a, b)| !near(*a, *b, largest(x))) {
            return format!("number {at} of result {n} is {:.6}, and was {:.6}", y.0[at], x.0[at]);
        }
        if let Some(((name, was), (_, is))) = x.1.iter().zip(&y.1).find(|(was, is)| was != is) {
            let known =
                |value: &Option<i64>| value.map_or_else(|| "unknown".to_owned(), |value| value.to_string());
            return format!("the {name} of result {n} is {}, and was {}", known(is), known(was));
        }
    }
    "the results differ".to_owned()
}

/// Numbers, and what is known beside them.
fn shown((numbers, rest): &Contents) -> String {
    let rest = rest.iter().filter_map(|(name, value)| value.map(|value| format!(", {name} {value}")));
    format!("{numbers:.6?}{}", rest.collect::<String>())
}

fn largest(contents: &Contents) -> f64 {
    contents.0.iter().fold(1.0f64, |most, x| most.max(x.abs()))
}

fn near(x: f64, y: f64, largest: f64) -> bool {
    (x - y).abs() <= TOLERANCE * largest || x.is_nan() && y.is_nan()
}

/// Whether two lists of results are the same; between stages only their numbers are.
pub fn agree(before: &[Contents], after: &[Contents], numbers_only: bool) -> bool {
    let same = |(a, b): (&Contents, &Contents)| {
        let near = |(x, y): (&f64, &f64)| near(*x, *y, largest(a));
        a.0.len() == b.0.len() && a.0.iter().zip(&b.0).all(near) && (numbers_only || a.1 == b.1)
    };
    before.len() == after.len() && before.iter().zip(after).all(same)
}

/// The inputs and the results of the function of a module, or the error of its execution. The outer error is why it
/// cannot be executed at all.
#[allow(clippy::type_complexity, reason = "inputs and outcome belong together")]
pub fn execute(
    loaded: &Loaded,
    ir: &Ir,
    seed: u64,
) -> Result<(Vec<Contents>, Result<Vec<Contents>, Diagnostic>), String> {
    let function = func::functions(ir).into_iter().next().ok_or("there is no function")?;
    let mut random = SplitMix64::new(seed + 1);
    let mut next = move || 2.0 * random.unit() - 1.0;
    let args = arguments(ir, function, &mut next)?;
    let params = params_of(ir).map_err(|error| error.message)?;
    let registry = &loaded.session.registry;
    let mut interpreter = Interpreter::new(registry, &loaded.kernels, ir, &NoWeights);
    let contents = |value: &RuntimeValue| loaded.contents(value.as_ref()).unwrap_or_default();
    let inputs = args.iter().map(contents).collect();
    let results = interpreter.call(function, &args, &mut Fake::exact(params), &mut Diagnostics::new());
    Ok((inputs, results.map(|values| values.iter().map(contents).collect())))
}

fn arguments(ir: &Ir, function: OpId, next: &mut dyn FnMut() -> f64) -> Result<Vec<RuntimeValue>, String> {
    let block = ir.body(function).ok_or("the function has no body")?;
    let sample = |arg: &ValueId| {
        let ty = ir.ty(*arg);
        let value = he_dialects::sample(ir, ty, next);
        value.ok_or_else(|| format!("nothing is known of values of type {}", ir.ctx.type_text(ty)))
    };
    ir.args(block).iter().map(sample).collect()
}
