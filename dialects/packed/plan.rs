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

/// The sizes of groups in an attribute; groups of one are none.
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
    pub fn rotations(&self) -> impl Iterator<Item = usize> {
        let Geometry { unit, reach, fold, .. } = *self;
        (0..self.diagonals).map(move |number| unit * (number % reach + number / reach * reach * fold))
    }

    /// Slots of a giant step, where so many rotations, a power of two, are made of the operand itself.
    pub fn giant(&self, baby: usize) -> usize {
        if baby <= self.reach { self.unit * baby } else { self.unit * self.fold * baby }
    }

    /// The plaintext matrix: its diagonals at [`Geometry::rotations`] are the factors.
    pub fn matrix(&self, mut matrix: Matrix) -> Matrix {
        // Every slot of a group of strided results has weights of the group's output.
        matrix.output.repeat = matrix.output.stride;
        matrix.wrapped = false;
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

    fn summed(mut v: Vec<f64>, mut step: usize, groups: &[usize]) -> Vec<f64> {
        for group in groups {
            let terms: Vec<_> = (0..*group).map(|j| rotated(&v, j * step)).collect();
            v = (0..v.len()).map(|s| terms.iter().map(|term| term[s]).sum()).collect();
            step *= group;
        }
        v
    }

    /// The layer from the definition: products of rotated inputs, folds, wraps.
    fn apply(matrix: &Matrix, x: &[f64], folds: &[usize], wraps: &[usize]) -> Vec<f64> {
        let geometry = Geometry::new(&matrix.input, &matrix.output, folds, wraps).expect("fits");
        let matrix = geometry.matrix(matrix.clone());
        let mut sum = vec![0.0; x.len()];
        for d in geometry.rotations() {
            let (diagonal, x) = (matrix.diagonal_slots(d, 0).data, rotated(x, d));
            (0..sum.len()).for_each(|s| sum[s] += diagonal[s] * x[s]);
        }
        let sum = summed(sum, geometry.fold_step(), folds);
        summed(sum, geometry.wrap_step, wraps)
    }

    /// Executes a layer with garbage in the slots that hold no input.
    fn check(outputs: usize, input: &Layout, output: &Layout, folds: &[usize], wraps: &[usize]) {
        let inputs = input.count();
        let data = (0..outputs * inputs).map(|i| (i * 7 % 11) as f64 - 5.5).collect();
        let weight = Rc::new(Tensor { shape: vec![outputs, inputs], data });
        let x =
            Tensor { shape: input.shape.clone(), data: (0..inputs).map(|i| i as f64 * 0.5 - 3.0).collect() };
        let matrix = Matrix::whole(weight, input.clone(), output.clone(), false);
        let mut slots = input.pack(&x).data;
        if input.fill > 0.0 {
            (0..SLOTS).filter(|s| input.element_at(*s).is_none()).for_each(|s| slots[s] = 100.0);
        }
        let y = output.unpack(&Tensor { shape: vec![SLOTS], data: apply(&matrix, &slots, folds, wraps) });
        for o in 0..outputs {
            let expected: f64 = (0..inputs).map(|i| matrix.weight.data[o * inputs + i] * x.data[i]).sum();
            assert!((y.data[o] - expected).abs() < 1e-9, "{outputs}x{inputs} {input:?} {output:?} {folds:?}");
        }
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
                        check(outputs, &input, &strided(outputs, unit * fold, period), &folds, &wraps);
                    }
                }
            }
            for copies in (0..=m.ilog2()).map(|bit| 1usize << bit) {
                let input = Layout::interleaved(&[1, inputs], copies, SLOTS).expect("fits");
                for fold in (0..=(copies * n / m).max(1).ilog2()).map(|bit| 1usize << bit) {
                    let folds: Vec<_> = Some(fold).filter(|fold| *fold > 1).into_iter().collect();
                    check(outputs, &input, &strided(outputs, 1, m), &folds, &[]);
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
