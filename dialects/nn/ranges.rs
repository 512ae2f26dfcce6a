//! What each op does to intervals and to error bounds.

use he_core::exec::tensor::{ShapeError, Tensor};
use he_core::support::Diagnostic;

use super::facts::Facts;
use super::interval::{ErrorTensor, IntervalTensor};
use super::kernels::rearrange;
use super::reference as r;

/// A value as far as it is known: an interval that holds each exact element, and a bound on how far the computed
/// element is from the exact one.
#[derive(Clone, Debug)]
pub struct Bound {
    /// Where the exact elements are.
    pub exact: IntervalTensor,
    /// How far the computed elements are from them at most.
    pub error: ErrorTensor,
}

impl Bound {
    /// Known elements, computed exactly.
    pub fn point(values: &Tensor) -> Result<Bound, ShapeError> {
        Ok(Bound { exact: IntervalTensor::point(values), error: ErrorTensor::zero(&values.shape)? })
    }

    /// Elements in an interval, computed exactly.
    pub fn within(shape: &[usize], lo: f64, hi: f64) -> Result<Bound, ShapeError> {
        Ok(Bound { exact: IntervalTensor::filled(shape, lo, hi)?, error: ErrorTensor::zero(shape)? })
    }

    /// The elements, where they are known and exact.
    fn constant(&self) -> Option<&Tensor> {
        (self.exact.lo == self.exact.hi && self.error.max() == 0.0).then_some(&self.exact.lo)
    }
}

/// The bound of the result of an op that is not a constant.
pub fn transfer(facts: &Facts<'_>, operands: &[&Bound]) -> Result<Bound, Diagnostic> {
    let Some(first) = operands.first() else { return Err(facts.error("needs an operand")) };
    let bound = match facts.short_name() {
        "linear" | "conv2d" | "batch_norm" | "layer_norm" => return weighted(facts, first, &operands[1..]),
        "matmul" | "add" | "sub" | "mul" => binary(facts, operands),
        "attention" => attention(facts, operands),
        "neg" => Ok(Bound { exact: first.exact.neg(), error: first.error.clone() }),
        "concat" => concat(facts, operands),
        "softmax" => return softmax(facts, first),
        _ => return unary(facts, first),
    };
    bound.map_err(|why| facts.shape_error(why))
}

fn unary(facts: &Facts<'_>, input: &Bound) -> Result<Bound, Diagnostic> {
    if let Some(activation) = facts.activation() {
        let error = input.error.activation(&input.exact, activation, 0.0);
        let error = error.map_err(|why| facts.shape_error(why))?;
        return Ok(Bound { exact: input.exact.activation(activation), error });
    }
    let (lo, hi) = (rearrange(facts, &input.exact.lo)?, rearrange(facts, &input.exact.hi)?);
    let exact = IntervalTensor::new(lo, hi).map_err(|why| facts.shape_error(why))?;
    let error = if facts.short_name() == "pad" {
        r::pad(&input.error.bound, &facts.ints("pad"), 0.0).map_err(|why| facts.shape_error(why))?
    } else {
        rearrange(facts, &input.error.bound)?
    };
    Ok(Bound { exact, error: ErrorTensor::new(error) })
}

fn softmax(facts: &Facts<'_>, input: &Bound) -> Result<Bound, Diagnostic> {
    let dim = facts.int("dim")?;
    let bound = || Ok(Bound { exact: input.exact.softmax(dim)?, error: input.error.softmax(dim)? });
    bound().map_err(|why: ShapeError| facts.shape_error(why))
}

fn binary(facts: &Facts<'_>, operands: &[&Bound]) -> Result<Bound, ShapeError> {
    let [x, y, ..] = operands else {
        return Err(ShapeError::Mismatch {
            what: "the number of operands",
            expected: 2,
            found: operands.len(),
        });
    };
    Ok(match facts.short_name() {
        "matmul" => {
            Bound { exact: x.exact.matmul(&y.exact)?, error: x.error.matmul(&x.exact, &y.error, &y.exact)? }
        }
        "add" => Bound { exact: x.exact.add(&y.exact)?, error: x.error.add(&y.error)? },
        "sub" => Bound { exact: x.exact.sub(&y.exact)?, error: x.error.add(&y.error)? },
        _ => {
            let operands: Vec<_> = facts.ir.operands(facts.op).collect();
            let error = x.error.mul(&x.exact, &y.error, &y.exact)?;
            // A square is never negative.
            let same = operands.len() == 2 && operands[0] == operands[1];
            let exact = if same {
                x.exact.activation(super::activation::Activation::Square)
            } else {
                x.exact.mul(&y.exact)?
            };
            Bound { exact, error }
        }
    })
}

fn concat(facts: &Facts<'_>, operands: &[&Bound]) -> Result<Bound, ShapeError> {
    let dim = facts.optional_int("dim").unwrap_or(0);
    let exact: Vec<_> = operands.iter().map(|operand| &operand.exact).collect();
    let error: Vec<_> = operands.iter().map(|operand| &operand.error).collect();
    Ok(Bound { exact: IntervalTensor::concat(&exact, dim)?, error: ErrorTensor::concat(&error, dim)? })
}

fn attention(facts: &Facts<'_>, operands: &[&Bound]) -> Result<Bound, ShapeError> {
    let [query, key, value] = operands else {
        return Err(ShapeError::Mismatch {
            what: "the number of operands",
            expected: 3,
            found: operands.len(),
        });
    };
    let exact = [&query.exact, &key.exact, &value.exact];
    let errors = [&query.error, &key.error, &value.error];
    let error = ErrorTensor::attention(exact, errors, facts.optional_float("scale"))?;
    Ok(Bound { exact: IntervalTensor::attention(exact[0], exact[1], exact[2])?, error })
}

/// The ops with parameters. Parameters that are not known exactly leave the result unknown, but for the weight and the
/// bias of a linear layer.
fn weighted(facts: &Facts<'_>, input: &Bound, parameters: &[&Bound]) -> Result<Bound, Diagnostic> {
    let known: Option<Vec<&Tensor>> = parameters.iter().map(|parameter| parameter.constant()).collect();
    let Some(known) = known else {
        let shape = super::shapes::result_shape(facts)?;
        let bound =
            if facts.short_name() == "linear" { unknown_linear(input, parameters) } else { unknown(&shape) };
        return bound.map_err(|why| facts.shape_error(why));
    };
    let get = |index: usize| known.get(index).copied();
    let need =
        |index: usize| get(index).ok_or_else(|| facts.error(format_args!("needs operand #{}", index + 1)));
    let (x, e) = (&input.exact, &input.error);
    let bound = || -> Result<(IntervalTensor, ErrorTensor), Diagnostic> {
        let wrong = |why: ShapeError| facts.shape_error(why);
        Ok(match facts.short_name() {
            "linear" => {
                let weight = need(0)?;
                (x.linear(weight, get(1)).map_err(wrong)?, e.linear(weight).map_err(wrong)?)
            }
            "conv2d" => {
                let (weight, attributes) = (need(0)?, facts.conv2d()?);
                let exact = x.conv2d(weight, get(1), &attributes).map_err(wrong)?;
                (exact, e.conv2d(weight, &attributes).map_err(wrong)?)
            }
            "batch_norm" => {
                let (mean, var, eps) = (need(0)?, need(1)?, facts.float("eps")?);
                let exact = x.batch_norm(get(2), get(3), mean, var, eps).map_err(wrong)?;
                (exact, e.batch_norm(get(2), mean, var, eps).map_err(wrong)?)
            }
            _ => {
                let (shape, eps) = (facts.normalized_shape()?, facts.float("eps")?);
                let exact = x.layer_norm(&shape, get(0), get(1)).map_err(wrong)?;
                (exact, e.layer_norm(&shape, get(0), eps).map_err(wrong)?)
            }
        })
    };
    let (exact, error) = bound()?;
    Ok(Bound { exact, error })
}

fn unknown(shape: &[usize]) -> Result<Bound, ShapeError> {
    Ok(Bound {
        exact: IntervalTensor::filled(shape, f64::NEG_INFINITY, f64::INFINITY)?,
        error: ErrorTensor::new(Tensor::filled(shape, f64::INFINITY)?),
    })
}

/// x·Wᵀ + b with a weight that is not known.
fn unknown_linear(input: &Bound, parameters: &[&Bound]) -> Result<Bound, ShapeError> {
    let Some(weight) = parameters.first() else { return unknown(&[]) };
    let flip = |x: &Tensor| r::transpose(x, 0, 1);
    let (flipped, errors) = (weight.exact.monotone(flip)?, weight.error.monotone(flip)?);
    let exact = input.exact.matmul(&flipped)?;
    let error = input.error.matmul(&input.exact, &errors, &flipped)?;
    match parameters.get(1) {
        Some(bias) => Ok(Bound { exact: exact.add(&bias.exact)?, error: error.add(&bias.error)? }),
        None => Ok(Bound { exact, error }),
    }
}
