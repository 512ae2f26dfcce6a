//! Random programs of stage packed: layers between any layouts, by any plans.

use std::fmt::Write;

use he_dialects::packed::layout::{Layout, Order};
use he_dialects::packed::plan::{Geometry, Plan};

use super::drawn::{Dice, Numbers, tensor};

/// What makes the next values; operands by number.
#[derive(Clone, Debug)]
enum Step {
    /// Of values with as many rows, to so many results.
    Linear { of: usize, also: Option<usize>, to: Vec<Drawn>, plan: Option<Drawn>, weight: Numbers },
    /// Copies of each element.
    Spread { of: usize, copies: usize },
    /// A product with ones where there are elements.
    Mask { of: usize },
    /// A sum with a constant, or with the value itself.
    Add { of: usize, plain: bool },
}

/// The seed of a layout or a plan.
type Drawn = u64;

/// A program.
#[derive(Clone, Debug)]
pub struct Layers {
    slots: usize,
    rows: usize,
    arguments: Vec<(usize, Drawn)>,
    steps: Vec<Step>,
    widest: usize,
}

/// A value: its number and layout.
type Value = (usize, Layout);

impl Layers {
    pub fn drawn(dice: &mut Dice) -> Layers {
        let slots = dice.of(&[8, 16, 16, 32, 64]);
        let rows = if dice.one_in(4) { 1 + dice.below(3) } else { 1 };
        let widest = dice.of(&[2, 4, 8, slots / rows]).min(slots / rows);
        let seed = |dice: &mut Dice| dice.below(1 << 30) as Drawn;
        let arguments = (0..dice.of(&[1, 1, 2])).map(|_| (1 + dice.below(widest), seed(dice))).collect();
        let mut steps = Vec::new();
        for _ in 0..1 + dice.below(4) {
            let of = dice.below(100);
            steps.push(match dice.below(8) {
                0 => Step::Spread { of, copies: dice.of(&[2, 4, 8]) },
                1 => Step::Mask { of },
                2 => Step::Add { of, plain: dice.one_in(2) },
                _ => Step::Linear {
                    of,
                    also: dice.one_in(4).then(|| dice.below(100)),
                    to: (0..dice.of(&[1, 1, 1, 2])).map(|_| seed(dice)).collect(),
                    plan: (!dice.one_in(4)).then(|| seed(dice)),
                    weight: match dice.below(8) {
                        0 => Numbers::All(1.0),
                        1 => Numbers::Identity,
                        2 => Numbers::One(dice.below(100), 0.5),
                        _ => Numbers::Normal(dice.below(100)),
                    },
                },
            });
        }
        Layers { slots, rows, arguments, steps, widest }
    }

    /// A layout of a tensor of so many columns.
    fn layout(&self, columns: usize, seed: Drawn) -> Layout {
        let mut dice = Dice::new(seed);
        let shape = vec![self.rows, columns];
        let dense = Layout::dense(&shape, Order::RowMajor, self.slots).expect("it fits");
        let order = dice.of(&[Order::RowMajor, Order::RowMajor, Order::ColumnMajor, Order::Diagonal]);
        let period = dense.period << dice.below((self.slots / dense.period).ilog2() as usize + 1);
        let (count, mut stride) = (dense.count(), 1);
        // Powers of two mostly; any that fit otherwise.
        let fits = |stride: usize| (count - 1) * stride < period && stride <= period;
        if dice.one_in(6) {
            stride += dice.below(5);
        } else {
            stride <<= dice.below(5);
        }
        while !fits(stride) {
            stride -= 1;
        }
        let room = period - (count - 1) * stride;
        let repeats: Vec<_> =
            (1..=stride.min(room)).filter(|repeat| stride.is_multiple_of(*repeat)).collect();
        let repeat = if dice.one_in(2) { 1 } else { dice.of(&repeats) };
        Layout { order, period, stride, repeat, fill: dice.of(&[0.0, 0.0, 2.0]), ..dense }
    }

    /// A plan between layouts, where one was drawn that fits.
    fn plan(&self, from: &[Layout], to: &[Layout], seed: Drawn) -> Option<String> {
        let mut dice = Dice::new(seed);
        let baby = dice.of(&[1, 2, 3, 4, 16]);
        let sizes =
            |dice: &mut Dice| (0..dice.below(3)).map(|_| dice.of(&[2, 2, 4, 8, 3])).collect::<Vec<usize>>();
        let (folds, wraps) = (sizes(&mut dice), if dice.one_in(2) { sizes(&mut dice) } else { Vec::new() });
        let fits = |folds: &[usize], wraps: &[usize]| {
            from.iter().all(|from| to.iter().all(|to| Geometry::new(from, to, folds, wraps).is_ok()))
        };
        let plan = match dice.below(2) {
            0 if fits(&folds, &wraps) => Plan::Replicated { baby, folds, wraps },
            _ => Plan::Bsgs { baby },
        };
        Some(match plan {
            Plan::Bsgs { baby } => format!("#packed.plan<method = bsgs, baby = {baby}>"),
            Plan::Replicated { baby, folds, wraps } => format!(
                "#packed.plan<method = replicated, baby = {baby}, folds = {folds:?}, wraps = {wraps:?}>"
            ),
        })
    }

    /// A layout to which a replicated plan of the operand could lead, where it is one row.
    fn led_to(&self, from: &Layout, columns: usize, dice: &mut Dice) -> Option<Layout> {
        let dense = Layout::dense(&[self.rows, columns], Order::RowMajor, self.slots)?;
        let strided = from.stride << dice.below(4);
        let layout = match dice.one_in(2) {
            true => Layout { period: from.stride.next_power_of_two().max(dense.period), ..dense },
            false => {
                let period = strided.checked_mul(dense.period)?.next_power_of_two();
                Layout { stride: strided, period, fill: 9.0, ..dense }
            }
        };
        (layout.period <= self.slots).then_some(layout)
    }

    fn ty(layout: &Layout) -> String {
        let Layout { shape, order, period, stride, repeat, slots, fill } = layout;
        format!(
            "!packed.vec<shape = {shape:?}, order = {}, period = {period}, stride = {stride}, repeat = {repeat}, \
             slots = {slots}, fill = {fill:?}>",
            order.word()
        )
    }

    /// As text of stage packed.
    pub fn text(&self) -> String {
        let mut values: Vec<Value> = Vec::new();
        let mut used: Vec<bool> = Vec::new();
        for (columns, seed) in &self.arguments {
            values.push((values.len(), self.layout((*columns).min(self.widest).max(1), *seed)));
            used.push(false);
        }
        let mut body = String::new();
        for (number, step) in self.steps.iter().enumerate() {
            let (Step::Linear { of, .. }
            | Step::Spread { of, .. }
            | Step::Mask { of }
            | Step::Add { of, .. }) = step;
            let (at, layout) = values[of % values.len()].clone();
            let ty = Self::ty(&layout);
            used[at] = true;
            let next = values.len();
            match step {
                Step::Linear { also, to, plan, weight, .. } => {
                    let mut operands = vec![(at, layout.clone())];
                    operands.extend(also.map(|also| values[also % values.len()].clone()));
                    operands.iter().for_each(|(at, _)| used[*at] = true);
                    let results: Vec<Layout> = to
                        .iter()
                        .map(|seed| {
                            let mut dice = Dice::new(seed ^ 1);
                            let columns = 1 + dice.below(self.widest);
                            let led = self.led_to(&layout, columns, &mut dice);
                            led.filter(|_| dice.one_in(2)).unwrap_or_else(|| self.layout(columns, *seed))
                        })
                        .collect();
                    let width = |layout: &Layout| layout.shape[1];
                    let from: Vec<Layout> = operands.iter().map(|(_, layout)| layout.clone()).collect();
                    let shape = [results.iter().map(width).sum(), from.iter().map(width).sum()];
                    let plan = plan.and_then(|seed| self.plan(&from, &results, seed));
                    let plan = plan.map_or_else(String::new, |plan| format!(" {{plan = {plan}}}"));
                    let (weight, weight_ty) = (weight.attr(&shape), tensor(&shape));
                    let _ = writeln!(
                        body,
                        "  %w{number} = \"nn.constant\"() {{value = {weight}}} : () -> {weight_ty}"
                    );
                    let names: Vec<_> = operands.iter().map(|(at, _)| format!("%v{at}")).collect();
                    let types: Vec<_> = from.iter().map(Self::ty).collect();
                    let made: Vec<_> =
                        (0..results.len()).map(|index| format!("%v{}", next + index)).collect();
                    let to: Vec<_> = results.iter().map(Self::ty).collect();
                    let _ = writeln!(
                        body,
                        "  {} = packed.linear {}, %w{number}{plan} : ({}, {weight_ty}) -> ({})",
                        made.join(", "),
                        names.join(", "),
                        types.join(", "),
                        to.join(", ")
                    );
                    for layout in results {
                        values.push((values.len(), layout));
                        used.push(false);
                    }
                    continue;
                }
                Step::Spread { copies, .. }
                    if layout.repeat == 1
                        && layout.stride.is_multiple_of(*copies)
                        && (layout.count() - 1) * layout.stride + copies <= layout.period =>
                {
                    let result = layout.spread(*copies);
                    let to = Self::ty(&result);
                    let groups = if *copies == 8 { vec![4, 2] } else { vec![*copies] };
                    let _ = writeln!(
                        body,
                        "  %v{next} = packed.spread %v{at} {{groups = {groups:?}}} : {ty} -> {to}"
                    );
                    values.push((next, result));
                }
                Step::Mask { .. } => {
                    let slots = self.slots;
                    let _ = writeln!(
                        body,
                        "  %o{number} = \"nn.constant\"() {{value = dense<1.0> : tensor<1xf32>}} : () -> tensor<1xf32>\n  \
                         %p{number} = packed.to_plain %o{number} {{layout = {ty}}} : (tensor<1xf32>) -> tensor<{slots}xf64>\n  \
                         %m{number} = packed.mul_plain %v{at}, %p{number} : {ty}, tensor<{slots}xf64>"
                    );
                    let clean = Layout { fill: 0.0, ..layout };
                    let _ = writeln!(
                        body,
                        "  %v{next} = packed.relabel %m{number} : {ty} -> {}",
                        Self::ty(&clean)
                    );
                    values.push((next, clean));
                }
                Step::Add { plain: true, .. } => {
                    let _ = writeln!(body, "  %v{next} = packed.add_scalar %v{at} {{value = 0.5}} : {ty}");
                    values.push((next, Layout { ..layout }));
                }
                Step::Add { .. } | Step::Spread { .. } => {
                    let _ = writeln!(body, "  %v{next} = packed.add %v{at}, %v{at} : {ty}");
                    values.push((next, layout));
                }
            }
            used.push(false);
        }
        let mut results: Vec<&Value> = values.iter().filter(|(at, _)| !used[*at]).collect();
        results.truncate(3);
        let types = |list: &[String]| list.join(", ");
        let arguments: Vec<_> = values[..self.arguments.len()]
            .iter()
            .map(|(at, layout)| format!("%v{at}: {} {{he.bound = 1.0}}", Self::ty(layout)))
            .collect();
        let names: Vec<_> = results.iter().map(|(at, _)| format!("%v{at}")).collect();
        let to: Vec<_> = results.iter().map(|(_, layout)| Self::ty(layout)).collect();
        let mut text = format!(
            "func.func @main({}) -> ({}) {{\n{body}  return {} : {}\n}}\n",
            types(&arguments),
            types(&to),
            types(&names),
            types(&to)
        );
        for (at, layout) in &values[..self.arguments.len()] {
            let (ty, plain) = (Self::ty(layout), tensor(&layout.shape));
            let _ = writeln!(
                text,
                "func.func @main__encrypt__arg{at}(%t: {plain}) -> {ty} {{\n  %c = packed.pack %t : ({plain}) -> {ty}\n  \
                 return %c : {ty}\n}}"
            );
        }
        for (index, (_, layout)) in results.iter().enumerate() {
            let (ty, plain) = (Self::ty(layout), tensor(&layout.shape));
            let _ = writeln!(
                text,
                "func.func @main__decrypt__result{index}(%c: {ty}) -> {plain} {{\n  %t = packed.unpack %c : ({ty}) -> {plain}\n  \
                 return %t : {plain}\n}}"
            );
        }
        text
    }

    /// Smaller programs, the smallest first.
    pub fn smaller(&self) -> Vec<Layers> {
        let mut all = Vec::new();
        let mut add = |change: &dyn Fn(&mut Layers)| {
            let mut program = self.clone();
            change(&mut program);
            all.push(program);
        };
        for at in (0..self.steps.len()).filter(|_| self.steps.len() > 1) {
            add(&|program| _ = program.steps.remove(at));
        }
        if self.arguments.len() > 1 {
            add(&|program| _ = program.arguments.pop());
        }
        if self.rows > 1 {
            add(&|program| program.rows -= 1);
        }
        if self.widest > 1 {
            add(&|program| program.widest /= 2);
        }
        for at in 0..self.steps.len() {
            add(&|program| {
                if let Step::Linear { also, to, weight, .. } = &mut program.steps[at] {
                    (*also, *weight) = (None, Numbers::All(1.0));
                    to.truncate(1);
                }
            });
        }
        all
    }
}
