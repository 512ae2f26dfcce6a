//! Where `optimal` rescales and relinearizes, against searches that try everything.
//!
//! - Small programs: each placement is made, verified and costed as a program, and none is cheaper.
//! - Programs of up to 30 products: every combination of versions is looked at by a plain recursion with a memory, which
//!   shares nothing with the search but the prices of the profile.

#[path = "support/programs.rs"]
mod programs;
#[path = "support/unplaced.rs"]
mod unplaced;

use he_core::ir::{Ir, OpId, ValueId};
use he_core::schema::verify;
use he_core::support::NoWeights;
use he_dialects::ckks::attr::{CtType, missing_levels, params_of};
use he_dialects::ckks::cost::latency_ms;
use he_dialects::ckks::params::Params;
use he_dialects::ckks::passes::leveling::{
    Drops, Move, Placement, Plan, Strategy, assign, assign_placed, erase_all,
};
use he_dialects::ckks::passes::placement::{Freedom, search};
use he_dialects::nn::random::SplitMix64;
use he_dialects::profiles::{CostOp, Profile};
use he_dialects::{Loaded, load};
use he_tools::run::BackendOptions;
use programs::{agree, read};
use rustc_hash::FxHashMap;
use unplaced::{ARGUMENTS, Kind, Random};

/// Both kinds of ops are free.
const BOTH: Freedom = Freedom { rescale: true, relinearize: true };

/// A version of a value: excess over the nominal scale in primes, degree, and base: the level is base and excess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Form {
    base: i64,
    excess: i64,
    degree: i64,
}

/// An op, or a result of the program, as the searches of this file see it.
#[derive(Debug)]
struct Step {
    op: OpId,
    kind: Kind,
    /// Each value with the operands that it is.
    values: Vec<(usize, Vec<usize>)>,
    result: Option<usize>,
    /// The base of its operands.
    base: i64,
}

/// The ops that lead to a result, in program order.
#[derive(Debug)]
struct Steps {
    steps: Vec<Step>,
    /// For each value the base at which it is defined.
    own: Vec<i64>,
    /// For each value all bases on which it is used, its own included.
    bases: Vec<Vec<i64>>,
    last_use: Vec<usize>,
    params: Params,
    wide: bool,
    free: Freedom,
}

impl Steps {
    fn of(ir: &Ir, free: Freedom, wide: bool) -> Steps {
        let params = params_of(ir).expect("they are legal").expect("they are stated");
        let block = ir.body(he_dialects::func::entry(ir).expect("there is one")).expect("it has a body");
        let is_ct = |value: &ValueId| CtType::of(ir, ir.ty(*value)).is_some();
        let mut numbers: FxHashMap<ValueId, usize> = FxHashMap::default();
        let arguments = ir.args(block).len();
        numbers.extend(ir.args(block).iter().enumerate().map(|(number, arg)| (*arg, number)));
        let mut steps = Vec::new();
        for op in ir.block_ops(block) {
            let operands: Vec<_> = ir.operands(op).enumerate().filter(|(_, value)| is_ct(value)).collect();
            if operands.is_empty() {
                continue;
            }
            let kind = Kind::of(ir.name_str(op));
            let mut values: Vec<(usize, Vec<usize>)> = Vec::new();
            for (index, value) in operands {
                let number = numbers[&value];
                match values.iter_mut().find(|(known, _)| *known == number && kind != Kind::Output) {
                    Some((_, indices)) => indices.push(index),
                    None => values.push((number, vec![index])),
                }
            }
            if kind == Kind::Output {
                let each = |values| Step { op, kind, values: vec![values], result: None, base: 0 };
                steps.extend(values.into_iter().map(each));
            } else {
                let result = numbers.len();
                numbers.insert(ir.result(op, 0), result);
                steps.push(Step { op, kind, values, result: Some(result), base: 0 });
            }
        }
        let mut needed = vec![-1; numbers.len()];
        for step in steps.iter_mut().rev() {
            let behind = step.result.map_or(0, |result| needed[result]);
            step.base = if behind < 0 { -1 } else { behind + i64::from(step.kind.is_product()) };
            step.values.iter().for_each(|(value, _)| needed[*value] = needed[*value].max(step.base));
        }
        steps.retain(|step| step.base >= 0);
        let mut own = needed.clone();
        own[..arguments].fill(params.max_level());
        let mut bases: Vec<Vec<i64>> = own.iter().map(|base| vec![*base]).collect();
        let mut last_use = vec![0; own.len()];
        for (at, step) in steps.iter().enumerate() {
            for (value, _) in &step.values {
                bases[*value].push(step.base);
                last_use[*value] = at;
            }
        }
        bases.iter_mut().for_each(|bases| {
            bases.sort();
            bases.dedup();
        });
        Steps { steps, own, bases, last_use, params, wide, free }
    }

    /// The forms that an op can take of one value.
    fn wanted(&self, step: &Step, value: usize) -> Vec<Form> {
        let mut forms = Vec::new();
        let bases: Vec<i64> = match step.kind {
            Kind::Output => self.bases[value].clone(),
            _ => vec![step.base],
        };
        let excesses = match step.kind {
            Kind::Mul | Kind::Output => 0..=0,
            Kind::Rescale => 1..=3,
            Kind::MulPlain | Kind::MulScalar => 0..=2,
            _ => 0..=3,
        };
        let linear = match step.kind {
            Kind::Mul | Kind::Rotate(_) | Kind::Conjugate => true,
            Kind::Output => !self.wide,
            _ => false,
        };
        for base in bases {
            for excess in excesses.clone() {
                forms.extend((1..=if linear { 1 } else { 2 }).map(|degree| Form { base, excess, degree }));
            }
        }
        forms
    }

    /// The form of the result.
    fn result(&self, step: &Step, taken: &[Form]) -> Option<Form> {
        let base = self.own[step.result?];
        let degree = match step.kind {
            Kind::Mul => 2,
            Kind::Relinearize => 1,
            _ => taken.iter().map(|form| form.degree).max()?,
        };
        let more = i64::from(step.kind.is_product()) - i64::from(step.kind == Kind::Rescale);
        Some(Form { base, excess: taken[0].excess + more, degree })
    }

    fn price(&self, op: CostOp, level: i64, degree: i64) -> f64 {
        let limbs = self.params.limbs_at(level) as u32;
        Profile::openfhe().latency_of_degree(op, &self.params.shape(), limbs, degree as u32).ms
    }

    fn op_price(&self, step: &Step, taken: &[Form]) -> f64 {
        let degree = taken.iter().map(|form| form.degree).max().expect("it takes one");
        let gone = step.kind == Kind::Relinearize && degree == 1;
        if gone || step.kind == Kind::Output {
            return 0.0;
        }
        self.price(step.kind.cost(), taken[0].base + taken[0].excess, degree)
    }

    /// Every order of the moves from one form of a value to another; drops may stop on the value's bases.
    fn paths(&self, value: usize, from: Form, to: Form) -> Vec<Vec<(Move, Form)>> {
        if from == to {
            return vec![Vec::new()];
        }
        let mut steps = Vec::new();
        if from.excess > to.excess && self.free.rescale {
            steps.push((Move::Rescale, Form { excess: from.excess - 1, ..from }));
        }
        if from.degree > to.degree && self.free.relinearize {
            steps.push((Move::Relinearize, Form { degree: 1, ..from }));
        }
        for base in self.bases[value].iter().filter(|base| (to.base..from.base).contains(base)) {
            steps.push((Move::Drop(from.base - base), Form { base: *base, ..from }));
        }
        let mut paths = Vec::new();
        for (step, next) in steps {
            for rest in self.paths(value, next, to) {
                paths.push(std::iter::once((step, next)).chain(rest).collect());
            }
        }
        paths
    }

    fn toll(&self, step: Move, from: Form) -> f64 {
        let op = match step {
            Move::Rescale => CostOp::Rescale,
            Move::Relinearize => CostOp::Relinearize,
            Move::Drop(_) => CostOp::LevelDrop,
        };
        self.price(op, from.base + from.excess, from.degree)
    }
}

/// Makes, verifies and costs every placement of a small program.
struct BruteForce<'a> {
    loaded: &'a Loaded,
    ir: &'a Ir,
    steps: &'a Steps,
    tried: usize,
    most: usize,
    least: f64,
}

impl BruteForce<'_> {
    fn from(&mut self, at: usize, defined: &mut Vec<Option<Form>>, placement: &mut Placement) {
        if self.tried > self.most {
            return;
        }
        let Some(step) = self.steps.steps.get(at) else {
            self.tried += 1;
            let registry = &self.loaded.session.registry;
            let mut ir = self.ir.clone();
            assign_placed(registry, &mut ir, placement.clone()).expect("levels are assigned");
            verify(registry, &mut ir).unwrap_or_else(|errors| panic!("{}", errors[0]));
            assert_eq!(missing_levels(&ir), None);
            let latency =
                latency_ms(registry, &ir, Profile::openfhe(), &self.steps.params).expect("it is costed");
            self.least = self.least.min(latency);
            return;
        };
        self.operand(at, step, Vec::new(), defined, placement);
    }

    fn operand(
        &mut self,
        at: usize,
        step: &Step,
        taken: Vec<Form>,
        defined: &mut Vec<Option<Form>>,
        placement: &mut Placement,
    ) {
        let Some((value, indices)) = step.values.get(taken.len()) else {
            if taken.iter().any(|form| form.excess != taken[0].excess) {
                return;
            }
            if let Some(result) = step.result {
                defined[result] = self.steps.result(step, &taken);
            }
            self.from(at + 1, defined, placement);
            return;
        };
        let from = defined[*value].expect("it is defined before");
        for to in self.steps.wanted(step, *value) {
            if to.excess > from.excess || to.degree > from.degree || to.base > from.base {
                continue;
            }
            for path in self.steps.paths(*value, from, to) {
                let moves: Vec<Move> = path.iter().map(|(step, _)| *step).collect();
                indices.iter().for_each(|index| {
                    placement.insert((step.op, *index), moves.clone());
                });
                let mut taken = taken.clone();
                taken.push(to);
                self.operand(at, step, taken, defined, placement);
            }
        }
    }
}

/// For each live value the forms that it has.
type Held = Vec<(usize, Vec<Form>)>;

/// What is ahead costs the same however the forms that are there were made.
struct Exhaustive<'a> {
    steps: &'a Steps,
    known: FxHashMap<(usize, Held), f64>,
    most: usize,
}

impl Exhaustive<'_> {
    /// The least cost from a step on. Infinite where it cannot be done, and once too much is kept in memory.
    fn least(&mut self, at: usize, held: Held) -> f64 {
        let Some(step) = self.steps.steps.get(at) else { return 0.0 };
        let key = (at, held);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        if self.known.len() > self.most {
            return f64::INFINITY;
        }
        let least = self.operand(at, step, &[], key.1.clone());
        self.known.insert(key, least);
        least
    }

    fn operand(&mut self, at: usize, step: &Step, taken: &[Form], held: Held) -> f64 {
        let Some((value, _)) = step.values.get(taken.len()) else {
            if taken.iter().any(|form| form.excess != taken[0].excess) {
                return f64::INFINITY;
            }
            let mut held = held;
            held.retain(|(value, _)| self.steps.last_use[*value] > at);
            let made = step.result.zip(self.steps.result(step, taken));
            held.extend(made.map(|(result, form)| (result, vec![form])));
            return self.steps.op_price(step, taken) + self.least(at + 1, held);
        };
        let slot = held.iter().position(|(known, _)| known == value).expect("it is live");
        let mut least = f64::INFINITY;
        for to in self.steps.wanted(step, *value) {
            for from in held[slot].1.clone() {
                if to.excess > from.excess || to.degree > from.degree || to.base > from.base {
                    continue;
                }
                for path in self.steps.paths(*value, from, to) {
                    let mut held = held.clone();
                    let (mut cost, mut form) = (0.0, from);
                    for (step, next) in path {
                        cost += self.steps.toll(step, form);
                        form = next;
                        held[slot].1.push(form);
                    }
                    held[slot].1.sort();
                    held[slot].1.dedup();
                    let mut taken = taken.to_vec();
                    taken.push(to);
                    least = least.min(cost + self.operand(at, step, &taken, held));
                }
            }
        }
        least
    }
}

/// Whether latencies agree but for the order in which they are added.
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

/// The program that is searched: as it is, or with what a strategy has placed, but for the ops of the free kind.
fn start(loaded: &Loaded, program: &Random, case: usize) -> (Ir, Freedom) {
    let registry = &loaded.session.registry;
    let mut ir = read(loaded, &program.text());
    he_core::rewrite::sweep_dead(&mut ir);
    let free = match case % 4 {
        1 => Freedom { rescale: true, relinearize: false },
        3 => Freedom { rescale: false, relinearize: true },
        _ => BOTH,
    };
    if case % 2 == 1 {
        let strategy = Some(if case % 8 < 4 { Strategy::Lazy } else { Strategy::Eager });
        assign(registry, &mut ir, Plan { rescale: strategy, relinearize: strategy, ..Plan::keep() })
            .expect("levels are assigned");
        let name = if free.rescale { "ckks.rescale" } else { "ckks.relinearize" };
        erase_all(&mut ir, name);
        he_dialects::ckks::passes::leveling::erase_drops(&mut ir);
    }
    (ir, free)
}

/// Checks what the search finds as a program: its latency, that it is no worse than the strategies, and its results.
fn check_found(
    loaded: &Loaded,
    program: &Random,
    ir: &Ir,
    free: Freedom,
    found: &he_dialects::ckks::passes::placement::Found,
) {
    let registry = &loaded.session.registry;
    let params = program.params();
    let latency = |ir: &Ir| latency_ms(registry, ir, Profile::openfhe(), &params).expect("it is costed");
    let mut placed = ir.clone();
    assign_placed(registry, &mut placed, found.placement.clone()).expect("levels are assigned");
    verify(registry, &mut placed).unwrap_or_else(|errors| panic!("{}\n{}", errors[0], program.text()));
    assert!(same(latency(&placed), found.latency_ms), "{} {}", latency(&placed), found.latency_ms);
    let mut reference = None;
    for strategy in [Strategy::Lazy, Strategy::Eager] {
        let mut ir = ir.clone();
        let plan = Plan {
            rescale: free.rescale.then_some(strategy),
            relinearize: free.relinearize.then_some(strategy),
            drops: Drops::Early,
            ..Plan::keep()
        };
        assign(registry, &mut ir, plan).expect("levels are assigned");
        assert!(
            found.latency_ms <= latency(&ir) * (1.0 + 1e-9),
            "{strategy:?}: {} {}\n{}",
            found.latency_ms,
            latency(&ir),
            program.text()
        );
        reference = Some(ir);
    }
    let run = |ir: &Ir| programs::execute(loaded, &NoWeights, ir, BackendOptions::default());
    // Sums of sums may become too large for any modulus.
    match (run(&reference.expect("there is one")), run(&placed)) {
        (Ok(reference), Ok(found)) => {
            agree(&reference, &found).unwrap_or_else(|why| panic!("{why}\n{}", program.text()));
        }
        (Err(why), _) | (_, Err(why)) => assert!(why.contains("overflows"), "{why}"),
    }
}

/// No placement of a small program that verifies is cheaper than what is found, and one costs the same.
#[test]
fn small_programs_have_no_cheaper_placement() {
    let loaded = load().expect("the dialects load");
    let mut random = SplitMix64::new(1);
    let (mut checked, mut tried, mut case) = (0, 0, 0);
    while checked < 60 {
        case += 1;
        let program = Random::new(&mut random, 3 + case % 6, 4, 3);
        let (ir, free) = start(&loaded, &program, case);
        let steps = Steps::of(&ir, free, program.wide);
        let mut all = BruteForce {
            loaded: &loaded,
            ir: &ir,
            steps: &steps,
            tried: 0,
            most: 1500,
            least: f64::INFINITY,
        };
        let mut defined = vec![None; steps.own.len()];
        for (value, form) in defined.iter_mut().enumerate().take(ARGUMENTS) {
            *form = Some(Form { base: steps.own[value], excess: 0, degree: 1 });
        }
        all.from(0, &mut defined, &mut Placement::default());
        if all.tried > all.most {
            continue;
        }
        let found = search(&loaded.session.registry, &ir, Profile::openfhe(), &steps.params, free);
        let found = found.expect("it searches").expect("every op is known");
        let text = program.text();
        assert!(same(found.latency_ms, all.least), "found {}, least {}\n{text}", found.latency_ms, all.least);
        assert!(same(found.latency_ms, found.least_ms), "{} {}", found.latency_ms, found.least_ms);
        check_found(&loaded, &program, &ir, free, &found);
        checked += usize::from(all.tried > 4);
        tried += all.tried;
    }
    eprintln!("{checked} of {case} programs, {tried} placements");
}

/// On programs of up to 30 products the search finds the least of all placements.
#[test]
fn programs_of_thirty_products_have_no_cheaper_placement() {
    let loaded = load().expect("the dialects load");
    let mut random = SplitMix64::new(2);
    let (mut checked, mut largest) = (0, 0);
    for case in 0..200 {
        let program = Random::new(&mut random, 8 + case % 50, 30, 3);
        let (ir, free) = start(&loaded, &program, case);
        let steps = Steps::of(&ir, free, program.wide);
        let found = search(&loaded.session.registry, &ir, Profile::openfhe(), &steps.params, free);
        let found = found.expect("it searches").expect("every op is known");
        check_found(&loaded, &program, &ir, free, &found);
        let mut all = Exhaustive { steps: &steps, known: FxHashMap::default(), most: 60_000 };
        let arguments = (0..ARGUMENTS)
            .filter(|value| steps.steps.iter().any(|step| step.values.iter().any(|(v, _)| v == value)));
        let held = arguments
            .map(|value| (value, vec![Form { base: steps.own[value], excess: 0, degree: 1 }]))
            .collect();
        let least = all.least(0, held);
        if all.known.len() > all.most {
            continue;
        }
        assert!(
            same(found.latency_ms, least),
            "found {}, least {least}\n{}",
            found.latency_ms,
            program.text()
        );
        assert!(same(found.latency_ms, found.least_ms), "{} {}", found.latency_ms, found.least_ms);
        let products = program.ops.iter().filter(|(kind, _)| kind.is_product()).count();
        (checked, largest) = (checked + 1, largest.max(products));
    }
    eprintln!("{checked} programs, with up to {largest} products");
    assert!(checked >= 100 && largest >= 25, "{checked} programs, with up to {largest} products");
}
