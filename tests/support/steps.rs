//! What ops take and make, for the searches that try every placement. It shares nothing with the search of the compiler but
//! the prices of the profile.

use he_core::ir::{Ir, OpId, ValueId};
use he_dialects::ckks::attr::{CtType, params_of};
use he_dialects::ckks::params::Params;
use he_dialects::ckks::passes::leveling::Move;
use he_dialects::ckks::passes::placement::Freedom;
use he_dialects::profiles::{CostOp, Profile};
use rustc_hash::FxHashMap;

use super::unplaced::Kind;

/// A version of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Form {
    level: i64,
    pub scale: i64,
    degree: i64,
    /// On uneven chains no value is dropped or raised twice.
    dropped: bool,
    raised: bool,
}

impl Form {
    fn new(level: i64, scale: i64, degree: i64) -> Form {
        Form { level, scale, degree, dropped: false, raised: false }
    }

    /// Whether it serves where the other one is wanted.
    fn is(self, wanted: Form) -> bool {
        (self.level, self.scale, self.degree) == (wanted.level, wanted.scale, wanted.degree)
    }
}

/// Moves, and the forms behind them.
pub type Path = Vec<(Move, Form)>;

/// An op, or a result of the program, as the searches of this file see it.
#[derive(Debug)]
pub struct Step {
    pub op: OpId,
    pub kind: Kind,
    /// Each value with the operands that it is.
    pub values: Vec<(usize, Vec<usize>)>,
    pub result: Option<usize>,
    /// The base of its operands: the level that they have at the nominal scale, on an even chain.
    base: i64,
}

/// The ops that lead to a result, in program order.
#[derive(Debug)]
pub struct Steps {
    pub steps: Vec<Step>,
    /// For each value the base at which it is defined.
    pub own: Vec<i64>,
    /// For each value all bases on which it is used, its own included.
    bases: Vec<Vec<i64>>,
    pub last_use: Vec<usize>,
    pub params: Params,
    /// All primes but the first are as wide as the scale.
    pub even: bool,
    wide: bool,
    free: Freedom,
}

impl Steps {
    pub fn of(ir: &Ir, free: Freedom, wide: bool) -> Steps {
        let params = params_of(ir).expect("they are legal").expect("they are stated");
        let even = params.log_q[1..].iter().all(|bits| *bits == params.log_scale);
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
        Steps { steps, own, bases, last_use, params, even, wide, free }
    }

    fn nominal(&self) -> i64 {
        i64::from(self.params.log_scale)
    }

    fn bits(&self, level: i64) -> i64 {
        i64::from(self.params.rescale_bits(level))
    }

    /// The scale behind a rescale.
    fn rescaled(&self, level: i64, scale: i64) -> Option<i64> {
        let after = scale - self.bits(level);
        (level > 0 && after >= self.nominal()).then_some(after)
    }

    /// What is encrypted.
    pub fn fresh(&self) -> Form {
        Form::new(self.params.max_level(), self.nominal(), 1)
    }

    /// The scales on an uneven chain: all that sums of the nominal one and of primes' bits can lie apart, up to three primes or
    /// what a product adds.
    fn scales(&self) -> Vec<i64> {
        fn gcd(a: i64, b: i64) -> i64 {
            if b == 0 { a } else { gcd(b, a % b) }
        }
        let primes = self.params.log_q[1..].iter().map(|bits| i64::from(*bits));
        let widest = primes.clone().max().unwrap_or(0);
        let apart = primes.fold(self.nominal(), gcd);
        (self.nominal()..=self.nominal() + (3 * widest).max(self.nominal())).step_by(apart as usize).collect()
    }

    /// Values are bounded by 1.
    fn fits(&self, form: Form) -> bool {
        form.level >= 0 && form.scale + 1 < self.params.capacity_bits(form.level) as i64
    }

    /// The forms that an op can take of one value.
    pub fn wanted(&self, step: &Step, value: usize) -> Vec<Form> {
        let points = match self.even {
            true => self.even_points(step, value),
            false => {
                let all = |level| self.scales().into_iter().map(move |scale| (level, scale));
                let legal = |point: &(i64, i64)| match step.kind {
                    Kind::Mul | Kind::Output => self.rescaled(point.0, point.1).is_none(),
                    _ => true,
                };
                (0..=self.params.max_level()).flat_map(all).filter(legal).collect()
            }
        };
        let linear = match step.kind {
            Kind::Mul | Kind::Rotate(_) | Kind::Conjugate => true,
            Kind::Output => !self.wide,
            _ => false,
        };
        let degrees = 1..=if linear { 1 } else { 2 };
        let forms = |(level, scale)| degrees.clone().map(move |degree| Form::new(level, scale, degree));
        points.into_iter().flat_map(forms).filter(|form| self.even || self.fits(*form)).collect()
    }

    /// On an even chain: levels and scales.
    fn even_points(&self, step: &Step, value: usize) -> Vec<(i64, i64)> {
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
        let points = |base: &i64| {
            let base = *base;
            excesses.clone().map(move |excess| (base + excess, self.nominal() * (1 + excess)))
        };
        bases.iter().flat_map(points).collect()
    }

    /// Whether the operands of an op can be in those forms.
    pub fn agree(&self, step: &Step, taken: &[Form]) -> bool {
        let scales = step.kind == Kind::Mul || taken.iter().all(|form| form.scale == taken[0].scale);
        scales && taken.iter().all(|form| form.level == taken[0].level)
    }

    /// The forms that the result can have: a product with a plaintext can have several.
    pub fn results(&self, step: &Step, taken: &[Form]) -> Vec<Form> {
        let Form { level, scale, .. } = taken[0];
        let degree = match step.kind {
            Kind::Mul => 2,
            Kind::Relinearize => 1,
            _ => taken.iter().map(|form| form.degree).max().expect("it takes one"),
        };
        let points: Vec<(i64, i64)> = match step.kind {
            Kind::Mul => vec![(level, scale + taken[taken.len() - 1].scale)],
            Kind::MulPlain | Kind::MulScalar if self.even => vec![(level, scale + self.nominal())],
            Kind::MulPlain | Kind::MulScalar => {
                let least = scale + self.nominal().min(self.bits(level));
                self.scales().into_iter().filter(|made| *made >= least).map(|made| (level, made)).collect()
            }
            Kind::Rescale => {
                self.rescaled(level, scale).map(|scale| (level - 1, scale)).into_iter().collect()
            }
            _ => vec![(level, scale)],
        };
        let forms = points.into_iter().map(|(level, scale)| Form::new(level, scale, degree));
        let widest =
            if self.even { 4 * self.nominal() } else { self.scales().into_iter().max().unwrap_or(0) };
        forms.filter(|form| form.scale <= widest && (self.even || self.fits(*form))).collect()
    }

    fn price(&self, op: CostOp, level: i64, degree: i64) -> f64 {
        let limbs = self.params.limbs_at(level) as u32;
        Profile::openfhe().latency_of_degree(op, &self.params.shape(), limbs, degree as u32).ms
    }

    pub fn op_price(&self, step: &Step, taken: &[Form]) -> f64 {
        let degree = taken.iter().map(|form| form.degree).max().expect("it takes one");
        let gone = step.kind == Kind::Relinearize && degree == 1;
        if gone || step.kind == Kind::Output {
            return 0.0;
        }
        self.price(step.kind.cost(), taken[0].level, degree)
    }

    /// Every order of the moves from one form of a value to another. Drops may stop on the value's bases on an even chain;
    /// on others there is one drop and one product with 1 at most.
    pub fn paths(&self, value: usize, from: Form, to: Form) -> Vec<Path> {
        let mut paths = Vec::new();
        self.extend_paths(value, &mut Vec::new(), from, to, &mut paths);
        paths
    }

    /// The same with their latencies, the least first.
    pub fn priced_paths(&self, value: usize, from: Form, to: Form) -> Vec<(Path, f64)> {
        let price = |path: Path| {
            let before = std::iter::once(from).chain(path.iter().map(|(_, form)| *form));
            let tolls = path.iter().zip(before).map(|((step, _), form)| self.toll(*step, form));
            let cost: f64 = tolls.sum();
            (path, cost)
        };
        let mut paths: Vec<_> = self.paths(value, from, to).into_iter().map(price).collect();
        paths.sort_by(|a, b| a.1.total_cmp(&b.1));
        paths
    }

    fn extend_paths(&self, value: usize, path: &mut Path, from: Form, to: Form, paths: &mut Vec<Path>) {
        if from.is(to) {
            paths.push(path.clone());
            return;
        }
        let mut steps = Vec::new();
        if let Some(scale) = self.rescaled(from.level, from.scale).filter(|_| self.free.rescale) {
            steps.push((Move::Rescale, Form { level: from.level - 1, scale, ..from }));
        }
        if from.degree > 1 && self.free.relinearize {
            steps.push((Move::Relinearize, Form { degree: 1, ..from }));
        }
        let excess = from.scale / self.nominal() - 1;
        for level in 0..from.level {
            let stops = if self.even { self.bases[value].contains(&(level - excess)) } else { !from.dropped };
            if stops {
                let dropped = Form { level, dropped: !self.even, ..from };
                steps.push((Move::Drop(from.level - level), dropped));
            }
        }
        if !self.even && !from.raised {
            let wider = self.scales().into_iter().filter(|scale| *scale > from.scale);
            let raised = |scale| (Move::Upscale(scale - from.scale), Form { scale, raised: true, ..from });
            steps.extend(wider.map(raised));
        }
        for (step, next) in steps {
            let lower = self.even && next.scale < to.scale;
            let passed = next.level < to.level || next.degree < to.degree || lower;
            // No step adds to what the modulus leaves beside the scale.
            let left = |form: Form| self.params.capacity_bits(form.level) as i64 - form.scale;
            let passed = passed || (!self.even && left(next) < left(to));
            if !passed && (self.even || self.fits(next)) {
                path.push((step, next));
                self.extend_paths(value, path, next, to, paths);
                path.pop();
            }
        }
    }

    fn toll(&self, step: Move, from: Form) -> f64 {
        let op = match step {
            Move::Rescale => CostOp::Rescale,
            Move::Relinearize => CostOp::Relinearize,
            Move::Drop(_) => CostOp::LevelDrop,
            Move::Upscale(_) => CostOp::MulScalar,
        };
        self.price(op, from.level, from.degree)
    }
}
