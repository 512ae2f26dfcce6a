//! Random networks as nn text, and how they are compiled: drawn from a seed, and made smaller.
//!
//! A step names its operands by numbers that are taken modulo the values there are, so that a network stays one whatever is
//! taken out of it.

use std::fmt::Write;

use he_dialects::nn::random::SplitMix64;

/// Random numbers.
pub struct Dice(SplitMix64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(SplitMix64::new(seed))
    }

    pub fn below(&mut self, count: usize) -> usize {
        (self.0.bits() >> 20) as usize % count.max(1)
    }

    /// One chance in so many.
    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// The numbers of a constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Numbers {
    /// Normal, of this seed.
    Normal(usize),
    All(f64),
    /// One number at this place, zeros elsewhere.
    One(usize, f64),
    /// Those of an identity, as far as it goes.
    Identity,
}

impl Numbers {
    fn drawn(dice: &mut Dice) -> Numbers {
        let number = |dice: &mut Dice| dice.of(&[0.5, -1.0, 1.0, 2.0, 1e-20, 1e-6, 37.5, 1e4]);
        match dice.below(12) {
            0 => Numbers::All(0.0),
            1 => Numbers::All(number(dice)),
            2 => Numbers::One(dice.below(1000), number(dice)),
            3 => Numbers::Identity,
            _ => Numbers::Normal(dice.below(1000)),
        }
    }

    /// The attribute for a tensor of this shape.
    pub fn attr(self, shape: &[usize]) -> String {
        let ty = tensor(shape);
        let columns = shape.last().copied().unwrap_or(1);
        let list = |at: &dyn Fn(usize) -> f64| format!("dense<{}> : {ty}", nested(shape, 0, at));
        match self {
            Numbers::Normal(seed) => {
                format!("#nn.random<seed = {seed}, std = {:.6}>", 0.7 / (columns as f64).sqrt())
            }
            Numbers::All(number) => format!("dense<{}> : {ty}", float(number)),
            Numbers::One(place, number) => {
                let place = place % shape.iter().product::<usize>().max(1);
                list(&|at| if at == place { number } else { 0.0 })
            }
            Numbers::Identity => list(&|at| f64::from(u8::from(at / columns == at % columns))),
        }
    }
}

fn nested(shape: &[usize], first: usize, at: &dyn Fn(usize) -> f64) -> String {
    let Some((count, inner)) = shape.split_first() else { return float(at(first)) };
    let size: usize = inner.iter().product();
    let items: Vec<_> = (0..*count).map(|index| nested(inner, first + index * size, at)).collect();
    format!("[{}]", items.join(", "))
}

/// As MLIR writes it: with a point.
fn float(number: f64) -> String {
    let text = format!("{number:?}");
    if text.contains('.') { text } else { text.replace('e', ".0e") }
}

pub fn tensor(shape: &[usize]) -> String {
    let sizes: String = shape.iter().map(|size| format!("{size}x")).collect();
    format!("tensor<{sizes}f32>")
}

/// What makes the next value; operands by number.
#[derive(Clone, Debug)]
pub enum Step {
    Linear {
        of: usize,
        outputs: usize,
        weight: Numbers,
        bias: Option<Numbers>,
    },
    Activation {
        of: usize,
        name: &'static str,
    },
    /// With another value of the same shape.
    Binary {
        of: usize,
        with: usize,
        name: &'static str,
    },
    /// With a constant of the last dimensions.
    Constant {
        of: usize,
        dims: usize,
        name: &'static str,
        first: bool,
        numbers: Numbers,
    },
    Neg {
        of: usize,
    },
    /// All in one dimension, or with dimensions of 1 before.
    Reshape {
        of: usize,
        ones: usize,
    },
}

/// A network.
#[derive(Clone, Debug)]
pub struct Network {
    pub arguments: Vec<(Vec<usize>, (f64, f64))>,
    pub steps: Vec<Step>,
    /// How many of the last values are returned.
    pub results: usize,
}

const RANGES: [(f64, f64); 8] = [
    (-1.0, 1.0),
    (-0.5, 2.0),
    (0.25, 0.75),
    (-3.0, -2.0),
    (0.0, 1.0),
    (1.0, 1.0),
    (-1e-3, 1e-3),
    (5.0, 40.0),
];
const ACTIVATIONS: [&str; 6] = ["gelu", "sigmoid", "tanh", "silu", "relu", "square"];
/// The most products of encrypted values on a way; polynomials aside.
const PRODUCTS: usize = 3;
/// The most elements of a value.
const ELEMENTS: usize = 160;

impl Network {
    pub fn drawn(dice: &mut Dice) -> Network {
        let widest = if dice.one_in(10) { 40 } else { 9 };
        let shape = |dice: &mut Dice| {
            let rank = dice.of(&[2, 2, 2, 2, 2, 1, 1, 0, 3, 3, 4, 5, 6]);
            let mut shape: Vec<usize> = (0..rank).map(|_| dice.of(&[1, 1, 2, 3])).collect();
            if let Some(last) = shape.last_mut() {
                *last = 1 + dice.below(widest);
            }
            shape
        };
        let count = dice.of(&[1, 1, 1, 2, 3]);
        let arguments: Vec<_> = (0..count).map(|_| (shape(dice), dice.of(&RANGES))).collect();
        let mut products = 0;
        let mut steps = Vec::new();
        for _ in 0..1 + dice.below(7) {
            // Mostly of the value before.
            let of = if dice.one_in(4) { dice.below(100) } else { usize::MAX };
            let mut name = dice.of(&["add", "sub", "mul"]);
            let mut activation = dice.of(&ACTIVATIONS);
            products += usize::from(name == "mul" || activation == "square");
            if products > PRODUCTS {
                (name, activation) = ("add", "tanh");
            }
            steps.push(match dice.below(10) {
                0..4 => Step::Linear {
                    of,
                    outputs: 1 + dice.below(widest),
                    weight: Numbers::drawn(dice),
                    bias: dice.one_in(2).then(|| Numbers::drawn(dice)),
                },
                4 | 5 => Step::Activation { of, name: activation },
                6 | 7 => Step::Binary { of, with: dice.below(100), name },
                8 => {
                    let (dims, first) = (dice.below(4), dice.one_in(2));
                    Step::Constant { of, dims, name, first, numbers: Numbers::drawn(dice) }
                }
                _ if dice.one_in(2) => Step::Neg { of },
                _ => Step::Reshape { of, ones: dice.below(3) },
            });
        }
        Network { arguments, steps, results: dice.of(&[1, 1, 1, 2, 3]) }
    }

    /// As nn text.
    pub fn text(&self) -> String {
        let mut shapes: Vec<Vec<usize>> = self.arguments.iter().map(|(shape, _)| shape.clone()).collect();
        let mut body = String::new();
        for step in &self.steps {
            let number = shapes.len();
            let (Step::Linear { of, .. }
            | Step::Activation { of, .. }
            | Step::Binary { of, .. }
            | Step::Constant { of, .. }
            | Step::Neg { of }
            | Step::Reshape { of, .. }) = step;
            let of = if *of == usize::MAX { number - 1 } else { of % number };
            let shape = shapes[of].clone();
            let ty = tensor(&shape);
            let constant = |body: &mut String, name: &str, numbers: Numbers, shape: &[usize]| {
                let (attr, ty) = (numbers.attr(shape), tensor(shape));
                let _ = writeln!(body, "  {name} = \"nn.constant\"() {{value = {attr}}} : () -> {ty}");
            };
            let unary = |body: &mut String, name: &str| {
                let _ = writeln!(body, "  %v{number} = \"nn.{name}\"(%v{of}) : ({ty}) -> {ty}");
            };
            match step {
                Step::Linear { outputs, weight, bias, .. } if !shape.is_empty() => {
                    let columns = shape[shape.len() - 1];
                    let rows = shape.iter().product::<usize>() / columns;
                    let outputs = (*outputs).min(ELEMENTS / rows).max(1);
                    let (mut to, from) = (shape.clone(), [outputs, columns]);
                    to[shape.len() - 1] = outputs;
                    constant(&mut body, &format!("%w{number}"), *weight, &from);
                    let (mut operand, mut operand_ty) = (String::new(), String::new());
                    if let Some(bias) = bias {
                        constant(&mut body, &format!("%b{number}"), *bias, &[outputs]);
                        (operand, operand_ty) =
                            (format!(", %b{number}"), format!(", {}", tensor(&[outputs])));
                    }
                    let _ = writeln!(
                        body,
                        "  %v{number} = \"nn.linear\"(%v{of}, %w{number}{operand}) : ({ty}, {}{operand_ty}) -> {}",
                        tensor(&from),
                        tensor(&to)
                    );
                    shapes.push(to);
                    continue;
                }
                Step::Activation { name, .. } => unary(&mut body, name),
                Step::Linear { .. } | Step::Neg { .. } => unary(&mut body, "neg"),
                Step::Binary { with, name, .. } => {
                    let same: Vec<_> = (0..number).filter(|value| shapes[*value] == shape).collect();
                    let with = same[with % same.len()];
                    let _ = writeln!(
                        body,
                        "  %v{number} = \"nn.{name}\"(%v{of}, %v{with}) : ({ty}, {ty}) -> {ty}"
                    );
                }
                Step::Constant { dims, name, first, numbers, .. } => {
                    let own = &shape[shape.len() - (*dims).min(shape.len())..];
                    constant(&mut body, &format!("%c{number}"), *numbers, own);
                    let mut operands =
                        [(format!("%v{of}"), ty.clone()), (format!("%c{number}"), tensor(own))];
                    if *first {
                        operands.swap(0, 1);
                    }
                    let [(a, a_ty), (b, b_ty)] = operands;
                    let _ =
                        writeln!(body, "  %v{number} = \"nn.{name}\"({a}, {b}) : ({a_ty}, {b_ty}) -> {ty}");
                }
                Step::Reshape { ones, .. } => {
                    let mut to = vec![1; *ones];
                    to.push(shape.iter().product());
                    let _ = writeln!(
                        body,
                        "  %v{number} = \"nn.reshape\"(%v{of}) {{shape = {to:?}}} : ({ty}) -> {}",
                        tensor(&to)
                    );
                    shapes.push(to);
                    continue;
                }
            }
            shapes.push(shape);
        }
        let arguments = self.arguments.iter().enumerate().map(|(index, (shape, (lo, hi)))| {
            format!("%v{index}: {} {{nn.range = [{lo:?}, {hi:?}]}}", tensor(shape))
        });
        let arguments: Vec<_> = arguments.collect();
        let first = shapes.len() - self.results.clamp(1, self.steps.len().max(1));
        let names: Vec<_> = (first..shapes.len()).map(|value| format!("%v{value}")).collect();
        let types: Vec<_> = shapes[first..].iter().map(|shape| tensor(shape)).collect();
        let (names, types) = (names.join(", "), types.join(", "));
        format!(
            "func.func @main({}) -> ({types}) {{\n{body}  func.return {names} : {types}\n}}\n",
            arguments.join(", ")
        )
    }

    /// Smaller networks, the smallest first.
    pub fn smaller(&self) -> Vec<Network> {
        let mut all = Vec::new();
        let mut add = |change: &dyn Fn(&mut Network)| {
            let mut network = self.clone();
            change(&mut network);
            all.push(network);
        };
        for at in (0..self.steps.len()).filter(|_| self.steps.len() > 1) {
            add(&|network| _ = network.steps.remove(at));
        }
        if self.arguments.len() > 1 {
            add(&|network| _ = network.arguments.pop());
        }
        add(&|network| network.results = 1);
        for at in 0..self.arguments.len() {
            let shape = &self.arguments[at].0;
            if shape.len() > 1 {
                add(&|network| _ = network.arguments[at].0.remove(0));
            }
            for dim in (0..shape.len()).filter(|dim| shape[*dim] > 1) {
                add(&|network| network.arguments[at].0[dim] /= 2);
                add(&|network| network.arguments[at].0[dim] -= 1);
            }
            add(&|network| network.arguments[at].1 = RANGES[0]);
        }
        for at in 0..self.steps.len() {
            match &self.steps[at] {
                Step::Linear { outputs, bias, .. } => {
                    if *outputs > 1 {
                        let half = |count: &mut usize| *count = count.div_ceil(2);
                        add(&|network| of_linear(&mut network.steps[at], |outputs, _, _| half(outputs)));
                        add(&|network| of_linear(&mut network.steps[at], |outputs, _, _| *outputs -= 1));
                    }
                    if bias.is_some() {
                        add(&|network| of_linear(&mut network.steps[at], |_, _, bias| *bias = None));
                    }
                    add(&|network| {
                        of_linear(&mut network.steps[at], |_, weight, _| *weight = Numbers::All(1.0));
                    });
                }
                Step::Activation { name, .. } if *name != "square" => add(&|network| {
                    if let Step::Activation { name, .. } = &mut network.steps[at] {
                        *name = "square";
                    }
                }),
                _ => {}
            }
        }
        all
    }
}

fn of_linear(step: &mut Step, change: impl Fn(&mut usize, &mut Numbers, &mut Option<Numbers>)) {
    if let Step::Linear { outputs, weight, bias, .. } = step {
        change(outputs, weight, bias);
    }
}
