//! Random leveled programs, and mutations of them, as text.

use std::fmt::Write;

use he_dialects::nn::random::SplitMix64;

/// Bits of the primes.
const LOG_Q: [i64; 5] = [60, 40, 40, 40, 40];
const LOG_SCALE: i64 = 40;
const SLOTS: i64 = 1024;
/// Arguments: fresh ciphertexts.
const ARGUMENTS: usize = 2;
/// Ops of a program, about.
const STEPS: usize = 14;
/// Bits that a legal program leaves for the message.
const ROOM: i64 = 12;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Encode { level: i64, scale: i64 },
    Add,
    Sub,
    Neg,
    AddPlain,
    AddScalar,
    Mul,
    MulPlain,
    MulScalar { log_scale: i64 },
    Rotate { by: i64 },
    Conjugate,
    Relinearize,
    Rescale,
    LevelDrop { levels: i64 },
}

/// What a value is; a plaintext has degree 0.
#[derive(Clone, Copy, Debug, PartialEq)]
struct State {
    level: i64,
    scale: i64,
    degree: i64,
}

#[derive(Clone, Debug)]
struct Step {
    kind: Kind,
    operands: Vec<usize>,
}

/// A program: values are the arguments, then one for each step.
#[derive(Clone, Debug)]
pub struct Leveled {
    steps: Vec<Step>,
}

fn capacity(level: i64) -> i64 {
    LOG_Q.iter().take(usize::try_from(level + 1).unwrap_or(0)).sum()
}

/// A number below `count`.
fn below(random: &mut SplitMix64, count: usize) -> usize {
    ((random.unit() * count as f64) as usize).min(count - 1)
}

fn one<T: Copy>(random: &mut SplitMix64, list: &[T]) -> T {
    list[below(random, list.len())]
}

impl Leveled {
    /// A legal program.
    pub fn random(random: &mut SplitMix64) -> Leveled {
        let mut program = Leveled { steps: Vec::new() };
        while program.steps.len() < STEPS {
            program.extend(random);
        }
        program
    }

    /// Adds an op that is legal, or none.
    fn extend(&mut self, random: &mut SplitMix64) {
        let states = self.states();
        let ciphertexts: Vec<usize> = (0..states.len()).filter(|value| states[*value].degree > 0).collect();
        // Late values first, so that programs are deep.
        let recent = &ciphertexts[ciphertexts.len().saturating_sub(4)..];
        let x = one(random, recent);
        let at = states[x];
        let fits = |scale: i64| scale + ROOM < capacity(at.level);
        let numbers = self.numbers();
        // Neither the sum nor the difference is 0: SEAL calls such a ciphertext transparent.
        let differ = |value: usize| (numbers[value].abs() - numbers[x].abs()).abs() > 1e-9;
        let like = |value: usize| (states[value].level, states[value].scale) == (at.level, at.scale);
        let alike: Vec<usize> =
            ciphertexts.iter().copied().filter(|value| like(*value) && differ(*value)).collect();
        let factors: Vec<usize> = ciphertexts
            .iter()
            .copied()
            .filter(|value| {
                let other = states[*value];
                other.level == at.level && other.degree == 1 && fits(at.scale + other.scale)
            })
            .collect();
        let next = states.len();
        match below(random, 10) {
            0 if !alike.is_empty() => self.push(Kind::Add, &[x, one(random, &alike)]),
            1 if !alike.is_empty() => self.push(Kind::Sub, &[x, one(random, &alike)]),
            2 if at.degree == 1 && !factors.is_empty() => self.push(Kind::Mul, &[x, one(random, &factors)]),
            3 if at.degree == 1 => self.push(Kind::Rotate { by: one(random, &[1, 5]) }, &[x]),
            4 if at.degree == 2 => self.push(Kind::Relinearize, &[x]),
            5 | 6 if at.level > 0 && at.scale - LOG_Q[at.level as usize] >= LOG_SCALE => {
                self.push(Kind::Rescale, &[x])
            }
            7 if at.level > 1 && at.scale + ROOM < capacity(at.level - 1) => {
                self.push(Kind::LevelDrop { levels: 1 }, &[x]);
            }
            8 if fits(at.scale + LOG_SCALE) => {
                self.push(Kind::Encode { level: at.level, scale: LOG_SCALE }, &[]);
                self.push(Kind::MulPlain, &[x, next]);
            }
            9 => {
                let pick = below(random, 5);
                match pick {
                    0 => {
                        self.push(Kind::Encode { level: at.level, scale: at.scale }, &[]);
                        self.push(Kind::AddPlain, &[x, next]);
                    }
                    1 => self.push(Kind::AddScalar, &[x]),
                    2 if fits(at.scale + LOG_SCALE) => {
                        self.push(Kind::MulScalar { log_scale: LOG_SCALE }, &[x])
                    }
                    3 if at.degree == 1 => self.push(Kind::Conjugate, &[x]),
                    _ => self.push(Kind::Neg, &[x]),
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, kind: Kind, operands: &[usize]) {
        self.steps.push(Step { kind, operands: operands.to_vec() });
    }

    /// The steps of which `wanted` holds.
    fn steps_of(&self, wanted: impl Fn(&Kind) -> bool) -> Vec<usize> {
        (0..self.steps.len()).filter(|step| wanted(&self.steps[*step].kind)).collect()
    }

    /// Changes one thing; says what.
    pub fn mutate(&mut self, random: &mut SplitMix64) -> &'static str {
        loop {
            let done = match below(random, 9) {
                0 => self.drop_one(random, |kind| *kind == Kind::Rescale).then_some("drop a rescale"),
                1 => self
                    .drop_one(random, |kind| *kind == Kind::Relinearize)
                    .then_some("drop a relinearization"),
                2 => self
                    .drop_one(random, |kind| matches!(kind, Kind::LevelDrop { .. }))
                    .then_some("drop a level drop"),
                3 => self.change_scale(random).then_some("change a scale"),
                4 => self.change_level(random).then_some("change a level"),
                5 => self
                    .change_degree(random)
                    .then_some("give a rotation or a product an operand of degree 2"),
                6 => self.change_step(random).then_some("change a rotation's step"),
                7 => self.insert(random, Kind::Rescale).then_some("add a rescale"),
                _ => self.insert(random, Kind::Relinearize).then_some("add a relinearization"),
            };
            if let Some(done) = done {
                return done;
            }
        }
    }

    /// Users of the step's result use its operand: the step negates twice, so that values keep their numbers.
    fn drop_one(&mut self, random: &mut SplitMix64, wanted: impl Fn(&Kind) -> bool) -> bool {
        let steps = self.steps_of(wanted);
        if steps.is_empty() {
            return false;
        }
        self.steps[one(random, &steps)].kind = Kind::Neg;
        true
    }

    fn change_scale(&mut self, random: &mut SplitMix64) -> bool {
        let steps = self.steps_of(|kind| matches!(kind, Kind::Encode { .. } | Kind::MulScalar { .. }));
        if steps.is_empty() {
            return false;
        }
        let step = one(random, &steps);
        // So much that a message of magnitude 1 does not fit any more, or a little.
        let value = ARGUMENTS + step;
        let is_factor = |user: &Step| user.kind == Kind::MulPlain && user.operands.contains(&value);
        let product = self.steps.iter().position(is_factor).map_or(value, |user| ARGUMENTS + user);
        let state = self.states()[product];
        let by = match below(random, 2) {
            0 => one(random, &[-20, -1, 1, 10, 20]),
            _ => capacity(state.level) - state.scale - 1,
        };
        match &mut self.steps[step].kind {
            Kind::Encode { scale, .. } => *scale += by,
            Kind::MulScalar { log_scale } => *log_scale += by,
            _ => return false,
        }
        true
    }

    fn change_level(&mut self, random: &mut SplitMix64) -> bool {
        let steps = self.steps_of(|kind| matches!(kind, Kind::Encode { .. } | Kind::LevelDrop { .. }));
        if steps.is_empty() {
            return false;
        }
        let by = one(random, &[-1, 1]);
        match &mut self.steps[one(random, &steps)].kind {
            Kind::Encode { level, .. } if (0..LOG_Q.len() as i64).contains(&(*level + by)) => *level += by,
            Kind::LevelDrop { levels } if *levels + by > 0 => *levels += by,
            _ => return false,
        }
        true
    }

    /// A rotation or a product takes a value of degree 2.
    fn change_degree(&mut self, random: &mut SplitMix64) -> bool {
        let states = self.states();
        let pairs: Vec<(usize, usize)> = self
            .steps_of(|kind| matches!(kind, Kind::Rotate { .. } | Kind::Mul))
            .into_iter()
            .flat_map(|step| (0..ARGUMENTS + step).map(move |value| (step, value)))
            .filter(|(step, value)| {
                let level = states[self.steps[*step].operands[0]].level;
                states[*value].degree == 2 && states[*value].level == level
            })
            .collect();
        if pairs.is_empty() {
            return false;
        }
        let (step, value) = one(random, &pairs);
        self.steps[step].operands[0] = value;
        true
    }

    fn change_step(&mut self, random: &mut SplitMix64) -> bool {
        let steps = self.steps_of(|kind| matches!(kind, Kind::Rotate { .. }));
        if steps.is_empty() {
            return false;
        }
        self.steps[one(random, &steps)].kind =
            Kind::Rotate { by: one(random, &[0, SLOTS - 1, SLOTS, SLOTS + 5]) };
        true
    }

    /// A negation becomes an op of another kind.
    fn insert(&mut self, random: &mut SplitMix64, kind: Kind) -> bool {
        let steps = self.steps_of(|kind| *kind == Kind::Neg);
        if steps.is_empty() {
            return false;
        }
        self.steps[one(random, &steps)].kind = kind;
        true
    }

    /// Level, scale and degree of every value as the ops make them, legal or not.
    fn states(&self) -> Vec<State> {
        let fresh = State { level: LOG_Q.len() as i64 - 1, scale: LOG_SCALE, degree: 1 };
        let mut states = vec![fresh; ARGUMENTS];
        for step in &self.steps {
            let at = |index: usize| states[step.operands[index]];
            let state = match step.kind {
                Kind::Encode { level, scale } => State { level, scale, degree: 0 },
                Kind::Add | Kind::Sub => State { degree: at(0).degree.max(at(1).degree), ..at(0) },
                Kind::Mul => {
                    let degree = (at(0).degree + at(1).degree).min(2);
                    State { scale: at(0).scale + at(1).scale, degree, ..at(0) }
                }
                Kind::MulPlain => State { scale: at(0).scale + at(1).scale, ..at(0) },
                Kind::MulScalar { log_scale } => State { scale: at(0).scale + log_scale, ..at(0) },
                Kind::Relinearize => State { degree: 1, ..at(0) },
                Kind::Rescale => {
                    let prime = LOG_Q[usize::try_from(at(0).level.max(1)).unwrap_or(1)];
                    State { level: at(0).level - 1, scale: at(0).scale - prime, ..at(0) }
                }
                Kind::LevelDrop { levels } => State { level: at(0).level - levels, ..at(0) },
                Kind::Neg | Kind::AddPlain | Kind::AddScalar | Kind::Rotate { .. } | Kind::Conjugate => at(0),
            };
            states.push(state);
        }
        states
    }

    /// A number for each value, so that values that are equal in all slots have equal ones.
    fn numbers(&self) -> Vec<f64> {
        let mut numbers: Vec<f64> = (0..ARGUMENTS).map(|argument| 0.3 + 0.17 * argument as f64).collect();
        for step in &self.steps {
            let at = |index: usize| numbers[step.operands[index]];
            numbers.push(match step.kind {
                Kind::Encode { .. } => 0.5,
                Kind::Add | Kind::AddPlain => at(0) + at(1),
                Kind::Sub => at(0) - at(1),
                Kind::Neg => -at(0),
                Kind::AddScalar => at(0) + 0.25,
                Kind::Mul | Kind::MulPlain => at(0) * at(1),
                Kind::MulScalar { .. } => at(0) * 0.5,
                // Linear, and unlike the operand.
                Kind::Rotate { by } => at(0) * (1.37 + 0.11 * by as f64),
                Kind::Conjugate => at(0) * 1.21,
                Kind::Relinearize | Kind::Rescale | Kind::LevelDrop { .. } => at(0),
            });
        }
        numbers
    }

    /// The module, with the types that the ops make.
    pub fn text(&self) -> String {
        let states = self.states();
        let ty = |value: usize| {
            let State { level, scale, degree } = states[value];
            match degree {
                0 => format!("!ckks.pt<level = {level}, scale = {scale}>"),
                _ => format!("!ckks.ct<level = {level}, scale = {scale}, degree = {degree}>"),
            }
        };
        let last = (0..states.len()).rev().find(|value| states[*value].degree > 0).unwrap_or(0);
        let list: Vec<String> = LOG_Q.iter().map(i64::to_string).collect();
        let arguments: Vec<String> = (0..ARGUMENTS)
            .map(|value| format!("%v{value}: {} {{nn.range = [-1.0, 1.0]}}", ty(value)))
            .collect();
        let mut text = format!(
            "module attributes {{ckks.params = #ckks.params<log_n = 11, log_q = [{}], log_p = [60], log_scale = \
             {LOG_SCALE}, slots = {SLOTS}, dnum = {}>, he.stage = \"leveled\"}} {{\nfunc.func @main({}) -> {} {{\n  \
             %c = \"nn.constant\"() {{value = dense<0.5> : tensor<{SLOTS}xf64>}} : () -> tensor<{SLOTS}xf64>\n",
            list.join(", "),
            LOG_Q.len(),
            arguments.join(", "),
            ty(last),
        );
        for (index, step) in self.steps.iter().enumerate() {
            let result = ARGUMENTS + index;
            let (name, attrs) = match step.kind {
                Kind::Encode { .. } => {
                    let _ = writeln!(
                        text,
                        "  %v{result} = \"ckks.encode\"(%c) : (tensor<{SLOTS}xf64>) -> {}",
                        ty(result)
                    );
                    continue;
                }
                Kind::Add => ("add", String::new()),
                Kind::Sub => ("sub", String::new()),
                Kind::Neg => ("neg", String::new()),
                Kind::AddPlain => ("add_plain", String::new()),
                Kind::AddScalar => ("add_scalar", "value = 0.25".to_owned()),
                Kind::Mul => ("mul", String::new()),
                Kind::MulPlain => ("mul_plain", String::new()),
                Kind::MulScalar { log_scale } => {
                    ("mul_scalar", format!("value = 0.5, log_scale = {log_scale}"))
                }
                Kind::Rotate { by } => ("rotate", format!("by = {by}")),
                Kind::Conjugate => ("conjugate", String::new()),
                Kind::Relinearize => ("relinearize", String::new()),
                Kind::Rescale => ("rescale", String::new()),
                Kind::LevelDrop { levels } => ("level_drop", format!("levels = {levels}")),
            };
            let operands: Vec<String> = step.operands.iter().map(|value| format!("%v{value}")).collect();
            let types: Vec<String> = step.operands.iter().map(|value| ty(*value)).collect();
            let _ = writeln!(
                text,
                "  %v{result} = \"ckks.{name}\"({}) {{{attrs}}} : ({}) -> {}",
                operands.join(", "),
                types.join(", "),
                ty(result)
            );
        }
        text + &format!("  func.return %v{last} : {}\n}}\n}}\n", ty(last))
    }
}
