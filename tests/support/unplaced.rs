//! Random programs without rescales, relinearizations and levels.

use std::fmt::Write;

use he_dialects::ckks::params::{Params, default_log_p, dnum_splits};
use he_dialects::nn::random::SplitMix64;
use he_dialects::profiles::CostOp;

/// What an op does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Add,
    Sub,
    Mul,
    MulPlain,
    MulScalar,
    AddScalar,
    AddPlain,
    Neg,
    Rotate(u64),
    Conjugate,
    /// Kept from an earlier placement.
    Rescale,
    /// Kept from an earlier placement.
    Relinearize,
    /// A result of the program.
    Output,
}

impl Kind {
    fn is_binary(self) -> bool {
        matches!(self, Kind::Add | Kind::Sub | Kind::Mul)
    }

    pub fn is_product(self) -> bool {
        matches!(self, Kind::Mul | Kind::MulPlain | Kind::MulScalar)
    }

    pub fn cost(self) -> CostOp {
        match self {
            Kind::Add => CostOp::Add,
            Kind::Sub => CostOp::Sub,
            Kind::Mul => CostOp::Mul,
            Kind::MulPlain => CostOp::MulPlain,
            Kind::MulScalar => CostOp::MulScalar,
            // What `ckks.dialect` says.
            Kind::AddScalar | Kind::AddPlain => CostOp::AddPlain,
            Kind::Neg => CostOp::Neg,
            Kind::Rotate(_) => CostOp::Rotate,
            Kind::Conjugate => CostOp::Conjugate,
            Kind::Rescale => CostOp::Rescale,
            Kind::Relinearize => CostOp::Relinearize,
            Kind::Output => unreachable!("a result is free"),
        }
    }

    pub fn of(name: &str) -> Kind {
        match name {
            "ckks.add" => Kind::Add,
            "ckks.sub" => Kind::Sub,
            "ckks.mul" => Kind::Mul,
            "ckks.mul_plain" => Kind::MulPlain,
            "ckks.mul_scalar" => Kind::MulScalar,
            "ckks.add_scalar" => Kind::AddScalar,
            "ckks.add_plain" => Kind::AddPlain,
            "ckks.neg" => Kind::Neg,
            "ckks.rotate" => Kind::Rotate(0),
            "ckks.conjugate" => Kind::Conjugate,
            "ckks.rescale" => Kind::Rescale,
            "ckks.relinearize" => Kind::Relinearize,
            "func.return" => Kind::Output,
            _ => panic!("{name}"),
        }
    }
}

/// A program of stage ckks: values are the two arguments, then the results of the ops.
#[derive(Clone, Debug)]
pub struct Random {
    pub ops: Vec<(Kind, Vec<usize>)>,
    outputs: Vec<usize>,
    pub wide: bool,
    /// Bits of the scale and of the primes.
    chain: (u32, Vec<u32>),
    dnum: u32,
    log_n: u32,
}

pub const ARGUMENTS: usize = 2;

impl Random {
    /// With at most so many ops and products. Operands are recent values, so that few are live; some are used again later.
    pub fn new(random: &mut SplitMix64, ops: usize, products: usize, reach: usize) -> Random {
        let mut below = |count: usize| (random.bits() >> 20) as usize % count;
        let mut program = Random {
            ops: Vec::new(),
            outputs: Vec::new(),
            wide: below(4) == 0,
            chain: (40, vec![60]),
            dnum: 1 + below(4) as u32,
            log_n: 12 + below(4) as u32,
        };
        let mut made = 0;
        for at in 0..ops {
            let kind = match below(14) {
                0..3 => Kind::Mul,
                3 => Kind::MulPlain,
                4 | 5 => Kind::MulScalar,
                6..9 => Kind::Add,
                9 => Kind::Sub,
                10 => Kind::AddScalar,
                11 => [Kind::Neg, Kind::AddPlain, Kind::Conjugate][below(3)],
                _ => Kind::Rotate(1 + below(3) as u64),
            };
            made += usize::from(kind.is_product());
            if made > products {
                break;
            }
            let count = ARGUMENTS + at;
            let mut operands = vec![count - 1];
            if at == 0 || below(5) == 0 {
                operands[0] = count - 1 - below(reach.min(count));
            }
            if kind.is_binary() {
                operands.push(count - 1 - below(reach.min(count)));
            }
            program.ops.push((kind, operands));
        }
        let last = ARGUMENTS + program.ops.len() - 1;
        program.outputs.push(last);
        if below(3) == 0 {
            program.outputs.push(last - below(reach.min(last)));
        }
        let levels = program.needed().iter().copied().max().unwrap_or(0) + [0, 0, 2][below(3)];
        program.chain.1.extend(vec![40; levels.max(1) as usize]);
        program
    }

    /// The same program at another scale and with other primes.
    pub fn on(self, log_scale: u32, log_q: &[u32]) -> Random {
        Random { chain: (log_scale, log_q.to_vec()), ..self }
    }

    /// For each value the most products on a path to a result; −1 where it leads to none.
    fn needed(&self) -> Vec<i64> {
        let mut needed = vec![-1; ARGUMENTS + self.ops.len()];
        self.outputs.iter().for_each(|output| needed[*output] = 0);
        for (at, (kind, operands)) in self.ops.iter().enumerate().rev() {
            let own = needed[ARGUMENTS + at];
            if own >= 0 {
                let base = own + i64::from(kind.is_product());
                operands.iter().for_each(|operand| needed[*operand] = needed[*operand].max(base));
            }
        }
        needed
    }

    pub fn text(&self) -> String {
        let mut body = String::new();
        for (at, (kind, operands)) in self.ops.iter().enumerate() {
            let (r, a) = (ARGUMENTS + at, operands[0]);
            let two =
                |name: &str| format!("%{r} = ckks.{name} %{a}, %{} : !ct, !ct", operands[operands.len() - 1]);
            let line = match kind {
                Kind::Add => two("add"),
                Kind::Sub => two("sub"),
                Kind::Mul => two("mul"),
                Kind::MulPlain => format!("%{r} = ckks.mul_plain %{a}, %p : !ct, !ckks.pt"),
                Kind::AddPlain => format!("%{r} = ckks.add_plain %{a}, %p : !ct, !ckks.pt"),
                Kind::MulScalar => format!("%{r} = ckks.mul_scalar %{a} {{value = 0.5}} : !ct -> !ct"),
                Kind::AddScalar => format!("%{r} = ckks.add_scalar %{a} {{value = 0.25}} : !ct"),
                Kind::Neg => format!("%{r} = ckks.neg %{a} : !ct"),
                Kind::Rotate(by) => format!("%{r} = ckks.rotate %{a} {{by = {by}}} : !ct"),
                Kind::Conjugate => format!("%{r} = ckks.conjugate %{a} : !ct"),
                Kind::Rescale | Kind::Relinearize | Kind::Output => unreachable!("it is not generated"),
            };
            let _ = writeln!(body, "    {line}");
        }
        let results: Vec<String> = self.outputs.iter().map(|value| format!("%{value}")).collect();
        let types = vec!["!ct"; results.len()].join(", ");
        let wide = if self.wide { "ckks.output_degree = 2, " } else { "" };
        // Bounds of 1 everywhere: the first prime is wide enough for all of them.
        let list = |bits: &[u32]| bits.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        let (log_scale, log_q) = (self.chain.0, list(&self.chain.1));
        let log_p = list(&Params { dnum: self.dnum, ..self.params() }.log_p);
        let (log_n, dnum) = (self.log_n, self.params().dnum);
        format!(
            "!ct = !ckks.ct<degree = 1>\n\
             module attributes {{he.stage = \"ckks\", {wide}ckks.params = #ckks.params<log_n = {log_n}, log_q = [{log_q}], \
             log_p = [{log_p}], log_scale = {log_scale}, slots = 8, dnum = {dnum}>}} {{\n  \
             func.func @main(%0: !ct, %1: !ct) -> ({types}) {{\n    \
             %v = nn.constant {{value = dense<0.5> : tensor<8xf64>}} : tensor<8xf64>\n    \
             %p = ckks.encode %v : (tensor<8xf64>) -> !ckks.pt\n{body}    \
             return {} : {types}\n  }}\n{}}}\n",
            results.join(", "),
            self.client()
        )
    }

    /// The functions that encrypt the arguments and decrypt the results.
    fn client(&self) -> String {
        let mut text = String::new();
        for number in 0..ARGUMENTS {
            let _ = writeln!(
                text,
                "  func.func @main__encrypt__arg{number}(%x: tensor<8xf64>) -> !ct {{\n    \
                 %0 = ckks.encode %x : (tensor<8xf64>) -> !ckks.pt\n    \
                 %1 = ckks.encrypt %0 : (!ckks.pt) -> !ct\n    return %1 : !ct\n  }}"
            );
        }
        for number in 0..self.outputs.len() {
            let _ = writeln!(
                text,
                "  func.func @main__decrypt__result{number}(%x: !ct) -> tensor<8xf64> {{\n    \
                 %0 = ckks.decrypt %x : (!ct) -> tensor<8xf64>\n    return %0 : tensor<8xf64>\n  }}"
            );
        }
        text
    }

    pub fn params(&self) -> Params {
        let (log_scale, log_q) = self.chain.clone();
        let params = Params::derived(self.log_n, log_q, log_scale);
        let limbs = params.log_q.len();
        let legal = (1..=self.dnum.min(limbs as u32)).rev();
        let dnum = legal.into_iter().find(|dnum| dnum_splits(limbs, *dnum));
        let dnum = dnum.unwrap_or(1);
        let log_p = default_log_p(&params.log_q, dnum);
        Params { dnum, log_p, slots: 8, ..params }
    }
}
