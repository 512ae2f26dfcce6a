//! Plans: how a linear layer is computed.

use he_core::ir::{Attr, AttrKind, Ir};

use super::layout::Layout;
use super::matrix::Matrix;

/// Full name of the attribute.
pub const PLAN: &str = "packed.plan";

/// A `#packed.plan` that is not the plain diagonal method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Baby-step giant-step over wrapped diagonals.
    Bsgs {
        /// Baby steps.
        baby: usize,
    },
    /// One product for several inputs.
    Replicated {
        /// Baby steps among the diagonals that are left.
        baby: usize,
        /// Sizes of the groups in which the products of neighbouring inputs are summed, the innermost first.
        folds: Vec<usize>,
        /// Sizes of the groups in which wrapped parts are summed.
        wraps: Vec<usize>,
    },
}

fn size(ir: &Ir, attr: Attr) -> Option<usize> {
    ir.ctx.as_i64(attr).and_then(|value| usize::try_from(value).ok())
}

/// The sizes of groups in an attribute, all at least 1; groups of one are none.
pub fn sizes(ir: &Ir, attr: Attr) -> Vec<usize> {
    let items = attr.some().and_then(|attr| ir.ctx.as_array(attr)).unwrap_or(&[]);
    items.iter().filter_map(|attr| size(ir, *attr)).filter(|size| *size > 1).collect()
}

/// The attribute of such sizes.
pub fn sizes_attr(ir: &mut Ir, sizes: &[usize]) -> Attr {
    let sizes = sizes.iter().map(|size| ir.ctx.i64_attr(*size as i64)).collect();
    ir.ctx.array_attr(sizes)
}

impl Plan {
    /// The plan of an attribute; `None` for the plain diagonal method.
    pub fn of(ir: &Ir, attr: Attr) -> Option<Plan> {
        let AttrKind::Declared { params, .. } = ir.ctx.attr_kind(attr) else { return None };
        let [method, baby, folds, wraps] = params.as_slice() else { return None };
        let baby = size(ir, *baby).filter(|baby| *baby > 0)?;
        match ir.ctx.as_str(*method)? {
            "bsgs" => Some(Plan::Bsgs { baby }),
            "replicated" => {
                let [folds, wraps] = [folds, wraps].map(|list| sizes(ir, *list));
                Some(Plan::Replicated { baby, folds, wraps })
            }
            _ => None,
        }
    }

    /// The attribute of the plan.
    pub fn to_attr(&self, ir: &mut Ir) -> Attr {
        let name = ir.ctx.sym(PLAN);
        let (method, baby, folds, wraps) = match self {
            Plan::Bsgs { baby } => ("bsgs", *baby, &[][..], &[][..]),
            Plan::Replicated { baby, folds, wraps } => ("replicated", *baby, &folds[..], &wraps[..]),
        };
        let mut list = |sizes: &[usize]| match sizes {
            [] => Attr::NONE,
            sizes => sizes_attr(ir, sizes),
        };
        let (folds, wraps) = (list(folds), list(wraps));
        let params = vec![ir.ctx.string_attr(method), ir.ctx.i64_attr(baby as i64), folds, wraps];
        ir.ctx.attr(AttrKind::Declared { name, params })
    }
}

/// Rotations that sum what one product could not: `group` terms, `step` slots apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sum {
    /// How many terms.
    pub group: usize,
    /// Slots from one to the next.
    pub step: usize,
}

/// Groups one after the other, each over the sums of the one before.
pub fn sums(mut step: usize, groups: &[usize]) -> Vec<Sum> {
    let mut sums = Vec::new();
    for &group in groups {
        sums.push(Sum { group, step });
        step *= group;
    }
    sums
}

/// The products between two blocks, as a plan makes them: `Σ_d rot_g(diag_d ⊙ rot_(d - g)(x))` over the rotations d, with
/// the giant step g below d, and the sums of that.
pub struct Steps {
    /// The numbers of the diagonals that are multiplied, those of zeros included.
    pub rotations: Rotations,
    /// They are below this.
    pub span: usize,
    /// Slots from one giant step to the next; beyond every rotation for the plain diagonal method.
    pub giant: usize,
    /// What is summed after the products.
    pub sums: Vec<Sum>,
}

/// The numbers of diagonals.
pub type Rotations = Box<dyn Iterator<Item = usize>>;

impl Steps {
    /// The steps of a plan (`None`: the plain diagonal method) for a matrix, and the matrix whose diagonals they multiply;
    /// what is wrong where the plan does not fit the layouts.
    pub fn new(plan: Option<&Plan>, matrix: Matrix) -> Result<(Steps, Matrix), String> {
        match plan {
            None => {
                let period = matrix.input.period;
                Ok(Steps::by_diagonals(period, period, matrix))
            }
            Some(Plan::Bsgs { baby }) => Ok(Steps::bsgs(*baby, matrix)),
            Some(Plan::Replicated { baby, folds, wraps }) => {
                let geometry = Geometry::new(&matrix.input, &matrix.output, folds, wraps)?;
                let steps = Steps {
                    span: matrix.input.period,
                    giant: geometry.giant(*baby),
                    sums: [sums(geometry.fold_step(), folds), sums(geometry.wrap_step, wraps)].concat(),
                    rotations: Box::new(geometry.rotations()),
                };
                Ok((steps, geometry.matrix(matrix)))
            }
        }
    }

    /// Baby-step giant-step over diagonals that are wrapped to the shorter side (the hybrid method of GAZELLE, Juvekar et
    /// al., 2018). It fits any two layouts.
    pub fn bsgs(baby: usize, matrix: Matrix) -> (Steps, Matrix) {
        // Where the result has a shorter period than an element has copies, a part reads one of them.
        let part = matrix.output.period.max(read_once(&matrix.input).repeat);
        Steps::by_diagonals(part, baby, matrix)
    }

    /// The diagonals below `part` slots, and the sums of the parts of the operand's period.
    fn by_diagonals(part: usize, giant: usize, mut matrix: Matrix) -> (Steps, Matrix) {
        matrix.input = read_once(&matrix.input);
        let period = matrix.input.period;
        let span = part.min(period);
        let parts = period / span;
        let groups = vec![2; parts.ilog2() as usize];
        let rotations = Box::new((0..span).step_by(matrix.input.repeat));
        (Steps { rotations, span, giant, sums: sums(span, &groups) }, matrix)
    }
}

/// The layout as diagonals read it, of which every `repeat`-th meets each element once: where copies do not divide the
/// period, these pass over one of them only.
fn read_once(input: &Layout) -> Layout {
    let repeat = if input.period.is_multiple_of(input.repeat) { input.repeat } else { 1 };
    Layout { repeat, ..input.clone() }
}

/// The parts of a layer that is computed by `Plan::Replicated` between two layouts.
///
/// Let the inputs be `unit` slots apart, and F the product of the folds. Slot `s` of a product holds the weight of one
/// output and the input of that slot; the sum of F slots of a product is then the sum over F inputs, and rotations of the
/// operand bring the others. Either the slots that are summed are neighbours and the output is the number of their group
/// ("strided": the results are `unit·F` apart, and mixtures of neighbouring results in between), or, where each input is
/// repeated, the output is the slot's place in the period of the result, and slots a period apart are summed
/// ("interleaved": the results repeat without gaps). A result with a longer period than an input has copies lies over
/// `reach` inputs, which rotations bring.
///
/// These are the layouts of CHET's and EVA's rotate-and-sum matrix kernels and of LoLa's dense and stacked
/// representations (Brutzkus et al., ICML 2019), with diagonals (Halevi and Shoup) and baby steps for what does not fit
/// into the slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Slots from one input to the next.
    pub unit: usize,
    /// Inputs over which a result without gaps lies; 1 for strided results.
    pub reach: usize,
    /// The product of the folds.
    pub fold: usize,
    /// The product of the wraps.
    pub wrap: usize,
    /// Rotations of the input that are multiplied.
    pub diagonals: usize,
    /// Slots from one wrapped part to the next.
    pub wrap_step: usize,
}

impl Geometry {
    /// The geometry of folds and wraps between two layouts; what is wrong with them otherwise.
    pub fn new(
        input: &Layout,
        output: &Layout,
        folds: &[usize],
        wraps: &[usize],
    ) -> Result<Geometry, String> {
        let size = |list: &[usize]| list.iter().try_fold(1usize, |all, size| all.checked_mul(*size));
        let (Some(fold), Some(wrap)) = (size(folds), size(wraps)) else {
            return Err("its folds are beyond any layout".to_owned());
        };
        let unit = input.stride;
        let inputs = input.period / unit;
        let parts = fold.checked_mul(wrap).filter(|parts| inputs.is_multiple_of(*parts));
        let Some(parts) = parts.filter(|_| input.period.is_multiple_of(unit)) else {
            return Err(format!("its folds and wraps do not divide {inputs}, the inputs with their padding"));
        };
        let (diagonals, wrap_step) = (inputs / parts, output.period);
        let geometry = Geometry { unit, reach: 1, fold, wrap, diagonals, wrap_step };
        let single = |layout: &Layout| layout.count() == layout.shape.last().copied().unwrap_or(1);
        let wrong = || Err("its result has another layout than its folds lead to".to_owned());
        if !single(input) || !single(output) {
            return wrong();
        }
        if let Some(reach) = geometry.reach(input, output).filter(|_| wrap == 1) {
            return Ok(Geometry { reach, ..geometry });
        }
        let strided = output.stride == unit * fold && output.repeat == 1;
        let wraps_to = match wrap {
            1 => output.period >= input.period,
            _ => output.period.checked_mul(wrap) == Some(input.period),
        };
        if strided && wraps_to { Ok(geometry) } else { wrong() }
    }

    /// The inputs over which a result without gaps lies, where each input is repeated; `None` for other layouts.
    fn reach(&self, input: &Layout, output: &Layout) -> Option<usize> {
        if output.stride != 1 || !output.period.is_multiple_of(self.unit) {
            return None;
        }
        let reach = output.period / self.unit;
        let repeats = match reach {
            1 => output.count() <= input.repeat,
            _ => input.repeat == self.unit,
        };
        // What is summed lies within the inputs.
        let inputs = input.period / self.unit;
        let within = reach.checked_mul(self.fold).is_some_and(|all| inputs.is_multiple_of(all));
        (repeats && (within || self.fold == 1)).then_some(reach)
    }

    /// Slots from one part of a product that is summed to the next.
    pub fn fold_step(&self) -> usize {
        self.unit * self.reach
    }

    /// The rotations that bring the operand to its products.
    pub fn rotations(&self) -> impl Iterator<Item = usize> + use<> {
        let Geometry { unit, reach, fold, .. } = *self;
        (0..self.diagonals).map(move |number| unit * (number % reach + number / reach * reach * fold))
    }

    /// Slots of a giant step, where so many rotations, a power of two, are made of the operand itself.
    pub fn giant(&self, baby: usize) -> usize {
        let unit = if baby <= self.reach { self.unit } else { self.unit * self.fold };
        unit.saturating_mul(baby)
    }

    /// The plaintext matrix: its diagonals at [`Geometry::rotations`] are the factors.
    pub fn matrix(&self, mut matrix: Matrix) -> Matrix {
        // Every slot of a group of strided results has weights of the group's output.
        matrix.output.repeat = matrix.output.stride;
        matrix
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use he_core::exec::tensor::Tensor;

    use super::super::layout::Order;
    use super::*;

    const SLOTS: usize = 1024;

    fn rotated(v: &[f64], by: usize) -> Vec<f64> {
        (0..v.len()).map(|s| v[(s + by) % v.len()]).collect()
    }

    /// The layer from the definition: products of rotated inputs, giant steps, sums.
    fn apply(plan: Option<&Plan>, matrix: &Matrix, x: &[f64]) -> Vec<f64> {
        let (steps, matrix) = Steps::new(plan, matrix.clone()).expect("it fits");
        let mut total = vec![0.0; x.len()];
        for d in matrix.nonzero(steps.rotations) {
            assert!(d < steps.span);
            let baby = d % steps.giant;
            let (diagonal, x) = (matrix.diagonal_slots(d, d - baby).data, rotated(x, baby));
            let product: Vec<f64> = (0..x.len()).map(|s| diagonal[s] * x[s]).collect();
            let product = rotated(&product, d - baby);
            (0..total.len()).for_each(|s| total[s] += product[s]);
        }
        for Sum { group, step } in steps.sums {
            let terms: Vec<_> = (0..group).map(|j| rotated(&total, j * step)).collect();
            total = (0..total.len()).map(|s| terms.iter().map(|term| term[s]).sum()).collect();
        }
        total
    }

    /// Executes a layer with garbage in the slots that hold no input.
    fn check(plan: Option<&Plan>, outputs: usize, input: &Layout, output: &Layout) {
        let inputs = input.shape.last().copied().unwrap_or(1);
        let data = (0..outputs * inputs).map(|i| (i * 7 % 11) as f64 - 5.5).collect();
        let weight = Rc::new(Tensor { shape: vec![outputs, inputs], data });
        let numbers = (0..input.count()).map(|i| i as f64 * 0.5 - 3.0).collect();
        let x = Tensor { shape: input.shape.clone(), data: numbers };
        let matrix = Matrix::whole(weight, input.clone(), output.clone());
        let mut slots = input.pack(&x).data;
        (0..slots.len()).filter(|s| input.element_at(*s).is_none()).for_each(|s| slots[s] = 100.0);
        let y = Tensor { shape: vec![slots.len()], data: apply(plan, &matrix, &slots) };
        for slot in 0..slots.len() {
            let Some(element) = output.element_at(slot) else { continue };
            let (row, o) = (element / outputs, element % outputs);
            let weights = &matrix.weight.data[o * inputs..(o + 1) * inputs];
            let x = &x.data[row * inputs..(row + 1) * inputs];
            let expected: f64 = weights.iter().zip(x).map(|(w, x)| w * x).sum();
            let found = y.data[slot];
            assert!((found - expected).abs() < 1e-9, "{plan:?} {input:?} {output:?}, slot {slot}");
        }
    }

    fn replicated(baby: usize, folds: &[usize], wraps: &[usize]) -> Plan {
        Plan::Replicated { baby, folds: folds.to_vec(), wraps: wraps.to_vec() }
    }

    fn strided(count: usize, stride: usize, period: usize) -> Layout {
        let dense = Layout::dense(&[1, count], Order::RowMajor, SLOTS).expect("fits");
        Layout { stride, period, fill: if stride > 1 { 1.0 } else { 0.0 }, ..dense }
    }

    #[test]
    fn every_geometry_multiplies_like_the_matrix() {
        for (inputs, outputs) in [(8usize, 4usize), (4, 8), (7, 5), (13, 3), (16, 16), (1, 4), (6, 1)] {
            let (n, m) = (inputs.next_power_of_two(), outputs.next_power_of_two());
            for unit in [1, 2, 8] {
                let input = strided(inputs, unit, unit * n);
                for fold in (0..=n.ilog2()).map(|bit| 1usize << bit) {
                    let wrap = (n / (fold * m)).max(1);
                    let period = unit * fold * m;
                    let folds: Vec<_> = if fold == 8 { vec![4, 2] } else { vec![fold] };
                    let folds: Vec<_> = folds.into_iter().filter(|fold| *fold > 1).collect();
                    let wraps: Vec<_> = Some(wrap).filter(|wrap| *wrap > 1).into_iter().collect();
                    if period <= SLOTS {
                        let output = strided(outputs, unit * fold, period);
                        check(Some(&replicated(2, &folds, &wraps)), outputs, &input, &output);
                    }
                }
            }
            for copies in (0..=m.ilog2()).map(|bit| 1usize << bit) {
                let input = Layout::interleaved(&[1, inputs], copies, SLOTS).expect("fits");
                for fold in (0..=(copies * n / m).max(1).ilog2()).map(|bit| 1usize << bit) {
                    let folds: Vec<_> = Some(fold).filter(|fold| *fold > 1).into_iter().collect();
                    check(Some(&replicated(1, &folds, &[])), outputs, &input, &strided(outputs, 1, m));
                }
            }
        }
    }

    /// Every layout of one tensor in so many slots.
    fn layouts(shape: &[usize], slots: usize) -> Vec<Layout> {
        let count: usize = shape.iter().product();
        let mut all = Vec::new();
        for period in (0..=slots.ilog2()).map(|bit| 1usize << bit) {
            for stride in 1..=slots {
                for repeat in (1..=stride).filter(|repeat| stride.is_multiple_of(*repeat)) {
                    if (count - 1) * stride + repeat <= period {
                        let shape = shape.to_vec();
                        let order = Order::RowMajor;
                        all.push(Layout { shape, order, period, stride, repeat, slots, fill: 100.0 });
                    }
                }
            }
        }
        all
    }

    #[test]
    fn diagonals_multiply_like_the_matrix_between_any_layouts() {
        for (rows, inputs, outputs) in [(1, 1, 1), (1, 2, 1), (1, 3, 2), (1, 2, 4), (2, 1, 2), (2, 3, 1)] {
            for input in layouts(&[rows, inputs], 16) {
                for output in layouts(&[rows, outputs], 16) {
                    check(None, outputs, &input, &output);
                    for baby in [1, 2, 3] {
                        check(Some(&Plan::Bsgs { baby }), outputs, &input, &output);
                    }
                    // Whatever fits.
                    for (folds, wraps) in
                        [(&[][..], &[][..]), (&[2], &[]), (&[4], &[]), (&[2], &[2]), (&[], &[2])]
                    {
                        if Geometry::new(&input, &output, folds, wraps).is_ok() {
                            check(Some(&replicated(2, folds, wraps)), outputs, &input, &output);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_plan_that_leads_elsewhere_is_refused() {
        let (input, output) = (strided(8, 1, 8), strided(4, 8, 32));
        assert!(Geometry::new(&input, &output, &[8], &[]).is_ok());
        assert!(Geometry::new(&input, &output, &[4], &[]).is_err());
        assert!(Geometry::new(&input, &output, &[16], &[]).is_err());
        assert!(Geometry::new(&input, &output, &[usize::MAX, 2], &[]).is_err());
        assert!(Geometry::new(&input, &strided(4, 1, 4), &[], &[2]).is_ok());
        assert!(Geometry::new(&input, &strided(4, 1, 4), &[], &[4]).is_err());
    }
}
