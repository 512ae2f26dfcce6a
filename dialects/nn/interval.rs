//! Interval arithmetic and error propagation through the `nn` ops, element by element.
//!
//! Bounds are computed in double precision, rounded to nearest: they are sound up to that rounding (about 1e-13 of
//! the magnitudes that are summed), which the margin of a domain covers. Unknown bounds are infinite, never NaN.

use he_core::exec::tensor::{ShapeError, Tensor, element_count};

use super::activation::Activation;
use super::reference::{self, Conv2d};
use crate::parallel::map_rows;

/// For each element an interval [lo, hi] that holds its value. Both tensors have the same shape.
#[derive(Clone, Debug, PartialEq)]
pub struct IntervalTensor {
    /// Lower bounds; −∞ where unknown.
    pub lo: Tensor,
    /// Upper bounds; +∞ where unknown.
    pub hi: Tensor,
}

/// a·b where an infinite bound times zero is zero.
fn product(a: f64, b: f64) -> f64 {
    if a == 0.0 || b == 0.0 { 0.0 } else { a * b }
}

/// The bounds of the product of two intervals.
fn product_range(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let corners = [product(a.0, b.0), product(a.0, b.1), product(a.1, b.0), product(a.1, b.1)];
    corners.into_iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), x| (lo.min(x), hi.max(x)))
}

/// The least and the greatest that a sum of products can be, each as the parts that positive and negative weights make.
type ProductSums = ((f64, f64), (f64, f64));

impl IntervalTensor {
    /// Intervals of these bounds. Bounds in the wrong order are exchanged; NaN is unknown.
    pub fn new(lo: Tensor, hi: Tensor) -> Result<IntervalTensor, ShapeError> {
        if lo.shape != hi.shape {
            return Err(ShapeError::Shapes { what: "upper bound", expected: lo.shape, found: hi.shape });
        }
        let least =
            lo.zip_with(&hi, |a, b| if a.is_nan() || b.is_nan() { f64::NEG_INFINITY } else { a.min(b) });
        let most = lo.zip_with(&hi, |a, b| if a.is_nan() || b.is_nan() { f64::INFINITY } else { a.max(b) });
        Ok(IntervalTensor { lo: least?, hi: most? })
    }

    /// The same interval for every element.
    pub fn filled(shape: &[usize], lo: f64, hi: f64) -> Result<IntervalTensor, ShapeError> {
        IntervalTensor::new(Tensor::filled(shape, lo)?, Tensor::filled(shape, hi)?)
    }

    /// Known values.
    pub fn point(values: &Tensor) -> IntervalTensor {
        let known = |unknown: f64| values.map(|x| if x.is_nan() { unknown } else { x });
        IntervalTensor { lo: known(f64::NEG_INFINITY), hi: known(f64::INFINITY) }
    }

    /// The common shape of the bounds.
    pub fn shape(&self) -> &[usize] {
        &self.lo.shape
    }

    /// The smallest interval that holds every element; (∞, −∞) for an empty tensor.
    pub fn hull(&self) -> (f64, f64) {
        let lo = self.lo.data.iter().copied().fold(f64::INFINITY, f64::min);
        (lo, self.hi.data.iter().copied().fold(f64::NEG_INFINITY, f64::max))
    }

    /// The largest magnitude of all elements; −∞ for an empty tensor.
    pub fn largest_magnitude(&self) -> f64 {
        let (lo, hi) = self.hull();
        hi.max(-lo)
    }

    /// The largest magnitude of each element.
    pub fn magnitude(&self) -> Tensor {
        let data = self.lo.data.iter().zip(&self.hi.data).map(|(lo, hi)| lo.abs().max(hi.abs()));
        Tensor { shape: self.lo.shape.clone(), data: data.collect() }
    }

    /// Whether each value lies in its interval widened by `tolerance`.
    pub fn contains(&self, values: &Tensor, tolerance: f64) -> bool {
        let bounds = self.lo.data.iter().zip(&self.hi.data);
        values.shape == self.lo.shape
            && values
                .data
                .iter()
                .zip(bounds)
                .all(|(x, (lo, hi))| lo - tolerance <= *x && *x <= hi + tolerance)
    }

    /// An op that is non-decreasing in every element: what moves, sums or averages elements (`reshape`, `transpose`,
    /// `slice`, `pad`, `avg_pool2d`, `global_avg_pool`, `reduce_mean`, `reduce_sum`).
    pub fn monotone(
        &self,
        op: impl Fn(&Tensor) -> Result<Tensor, ShapeError>,
    ) -> Result<IntervalTensor, ShapeError> {
        IntervalTensor::new(op(&self.lo)?, op(&self.hi)?)
    }

    /// `concat` along `dim`.
    pub fn concat(parts: &[&IntervalTensor], dim: i64) -> Result<IntervalTensor, ShapeError> {
        let (lo, hi): (Vec<&Tensor>, Vec<&Tensor>) = parts.iter().map(|part| (&part.lo, &part.hi)).unzip();
        IntervalTensor::new(reference::concat(&lo, dim)?, reference::concat(&hi, dim)?)
    }

    /// x + y, broadcast.
    pub fn add(&self, other: &IntervalTensor) -> Result<IntervalTensor, ShapeError> {
        IntervalTensor::new(reference::add(&self.lo, &other.lo)?, reference::add(&self.hi, &other.hi)?)
    }

    /// x − y, broadcast.
    pub fn sub(&self, other: &IntervalTensor) -> Result<IntervalTensor, ShapeError> {
        self.add(&other.neg())
    }

    /// −x.
    pub fn neg(&self) -> IntervalTensor {
        IntervalTensor { lo: reference::neg(&self.hi), hi: reference::neg(&self.lo) }
    }

    /// x·y, broadcast.
    pub fn mul(&self, other: &IntervalTensor) -> Result<IntervalTensor, ShapeError> {
        let corner = |a: &Tensor, b: &Tensor| a.zip_with(b, product);
        let corners = [
            corner(&self.lo, &other.lo)?,
            corner(&self.lo, &other.hi)?,
            corner(&self.hi, &other.lo)?,
            corner(&self.hi, &other.hi)?,
        ];
        let [mut lo, ..] = corners.clone();
        let mut hi = lo.clone();
        for corner in &corners[1..] {
            lo = lo.zip_with(corner, f64::min)?;
            hi = hi.zip_with(corner, f64::max)?;
        }
        IntervalTensor::new(lo, hi)
    }

    /// f(x), with the exact range of f on each interval.
    pub fn activation(&self, activation: Activation) -> IntervalTensor {
        let ranges = self.lo.data.iter().zip(&self.hi.data).map(|(&lo, &hi)| activation.range_on(lo, hi));
        let (lo, hi) = ranges.unzip();
        let shape = || self.lo.shape.clone();
        IntervalTensor { lo: Tensor { shape: shape(), data: lo }, hi: Tensor { shape: shape(), data: hi } }
    }

    /// x·Wᵀ + b: the exact range for independent inputs.
    pub fn linear(&self, weight: &Tensor, bias: Option<&Tensor>) -> Result<IntervalTensor, ShapeError> {
        Ok(self.linear_and_partial_sums(weight, bias)?.0)
    }

    /// The exact range of x·Wᵀ + b for independent inputs, and one of every sum of some of the products of x·Wᵀ, one
    /// product alone or none included.
    pub fn linear_and_partial_sums(
        &self,
        weight: &Tensor,
        bias: Option<&Tensor>,
    ) -> Result<(IntervalTensor, IntervalTensor), ShapeError> {
        let shape =
            reference::shape_of_linear(self.shape(), &weight.shape, bias.map(|bias| &bias.shape[..]))?;
        let outputs = weight.shape[0];
        let range = |sums: &[ProductSums], bias: Option<&Tensor>| {
            let ends = sums.iter().enumerate().map(|(at, (low, high))| {
                let bias = bias.map_or(0.0, |bias| bias.data[at % outputs]);
                (low.0 + bias + low.1, high.0 + bias + high.1)
            });
            let (lo, hi) = ends.unzip();
            IntervalTensor::new(Tensor::new(shape.clone(), lo)?, Tensor::new(shape.clone(), hi)?)
        };
        let count = element_count(&shape)?;
        let sums = self.product_sums(weight, count);
        let whole = range(&sums, bias)?;
        // A sum that leaves an input out is one in which the input is 0.
        let partial = match self.with_zero() {
            None => range(&sums, None)?,
            Some(with_zero) => range(&with_zero.product_sums(weight, count), None)?,
        };
        Ok((whole, partial))
    }

    /// The smallest intervals that also hold 0; `None` where these do.
    fn with_zero(&self) -> Option<IntervalTensor> {
        let mut ends = self.lo.data.iter().zip(&self.hi.data);
        let holds = ends.all(|(lo, hi)| *lo <= 0.0 && 0.0 <= *hi);
        (!holds)
            .then(|| IntervalTensor { lo: self.lo.map(|lo| lo.min(0.0)), hi: self.hi.map(|hi| hi.max(0.0)) })
    }

    /// For each of the `count` outputs of x·Wᵀ the least and the greatest sum.
    fn product_sums(&self, weight: &Tensor, count: usize) -> Vec<ProductSums> {
        let (outputs, inputs) = (weight.shape[0], weight.shape[1]);
        map_rows(count, inputs, |at| {
            let (row, output) = (at / outputs * inputs, at % outputs);
            let weights = &weight.data[output * inputs..(output + 1) * inputs];
            let range = self.lo.data[row..row + inputs].iter().zip(&self.hi.data[row..row + inputs]);
            let (mut low, mut high) = ((0.0, 0.0), (0.0, 0.0));
            for (w, (least, most)) in weights.iter().zip(range) {
                let (positive, negative) = (w.max(0.0), w.min(0.0));
                low = (low.0 + least * positive, low.1 + most * negative);
                high = (high.0 + most * positive, high.1 + least * negative);
            }
            (low, high)
        })
    }

    /// `conv2d` with known weights: the exact range for independent inputs.
    pub fn conv2d(
        &self,
        weight: &Tensor,
        bias: Option<&Tensor>,
        attributes: &Conv2d,
    ) -> Result<IntervalTensor, ShapeError> {
        self.signed(weight, bias, |x, weight, bias| reference::conv2d(x, weight, bias, attributes))
    }

    /// An op that is linear in x and in the weights, by the signs of the weights:
    /// lo' = W⁺·lo + W⁻·hi + b, hi' = W⁺·hi + W⁻·lo + b.
    fn signed(
        &self,
        weight: &Tensor,
        bias: Option<&Tensor>,
        op: impl Fn(&Tensor, &Tensor, Option<&Tensor>) -> Result<Tensor, ShapeError>,
    ) -> Result<IntervalTensor, ShapeError> {
        let (positive, negative) = (weight.map(|w| w.max(0.0)), weight.map(|w| w.min(0.0)));
        let lo = reference::add(&op(&self.lo, &positive, bias)?, &op(&self.hi, &negative, None)?)?;
        let hi = reference::add(&op(&self.hi, &positive, bias)?, &op(&self.lo, &negative, None)?)?;
        IntervalTensor::new(lo, hi)
    }

    /// `matmul` of two unknown operands: each product has its exact range.
    pub fn matmul(&self, other: &IntervalTensor) -> Result<IntervalTensor, ShapeError> {
        let shape = reference::shape_of_matmul(self.shape(), other.shape())?;
        let (mut lo, mut hi) = (Tensor::zeros(&shape)?, Tensor::zeros(&shape)?);
        reference::matmul_visit(&self.lo, &other.lo, |to, left, right| {
            let a = (self.lo.data[left], self.hi.data[left]);
            let (least, most) = product_range(a, (other.lo.data[right], other.hi.data[right]));
            lo.data[to] += least;
            hi.data[to] += most;
        })?;
        IntervalTensor::new(lo, hi)
    }

    /// `batch_norm` with fixed statistics: the exact range.
    pub fn batch_norm(
        &self,
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
        mean: &Tensor,
        var: &Tensor,
        eps: f64,
    ) -> Result<IntervalTensor, ShapeError> {
        // Monotone in each element, up or down with the sign of its channel's weight; `new` puts the ends in order.
        self.monotone(|x| reference::batch_norm(x, weight, bias, mean, var, eps))
    }

    /// `layer_norm` of n elements a group: no normalized value exceeds √(n − 1), whatever the inputs.
    pub fn layer_norm(
        &self,
        normalized_shape: &[usize],
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
    ) -> Result<IntervalTensor, ShapeError> {
        let (weights, biases) = (weight.map(|w| &w.shape[..]), bias.map(|b| &b.shape[..]));
        let shape = reference::shape_of_layer_norm(self.shape(), normalized_shape, weights, biases)?;
        let most = (normalized_shape.iter().product::<usize>() as f64 - 1.0).max(0.0).sqrt();
        let mut range = IntervalTensor::filled(&shape, -most, most)?;
        if let Some(weight) = weight {
            range = range.mul(&IntervalTensor::point(weight))?;
        }
        match bias {
            Some(bias) => range.add(&IntervalTensor::point(bias)),
            None => Ok(range),
        }
    }

    /// `softmax`: [0, 1].
    pub fn softmax(&self, dim: i64) -> Result<IntervalTensor, ShapeError> {
        IntervalTensor::filled(&reference::shape_of_softmax(self.shape(), dim)?, 0.0, 1.0)
    }

    /// `attention`: a weighted mean of the values, hence between the least and the largest of them.
    pub fn attention(
        query: &IntervalTensor,
        key: &IntervalTensor,
        value: &IntervalTensor,
    ) -> Result<IntervalTensor, ShapeError> {
        let shape = reference::shape_of_attention(query.shape(), key.shape(), value.shape())?;
        let lo = fold_rows(&value.lo, f64::min)?.broadcast_to(&shape)?;
        IntervalTensor::new(lo, fold_rows(&value.hi, f64::max)?.broadcast_to(&shape)?)
    }
}

/// Folds the second to last dimension of x (…, s, v) to (…, 1, v). NaN for s = 0.
fn fold_rows(x: &Tensor, f: impl Fn(f64, f64) -> f64) -> Result<Tensor, ShapeError> {
    let mut shape = x.shape.clone();
    let rows = std::mem::replace(&mut shape[x.rank() - 2], 1);
    Tensor::from_fn(&shape, |index| {
        let mut at = index.to_vec();
        let values = (0..rows).map(|row| {
            at[x.rank() - 2] = row;
            x.get(&at).unwrap_or(f64::NAN)
        });
        values.reduce(&f).unwrap_or(f64::NAN)
    })
}

/// For each element a bound (≥ 0) on how far the computed value is from the exact one.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorTensor {
    /// The bounds; infinite where unknown.
    pub bound: Tensor,
}

impl ErrorTensor {
    /// Errors of these bounds: magnitudes are taken, NaN is unknown.
    pub fn new(bound: Tensor) -> ErrorTensor {
        ErrorTensor { bound: bound.map(|e| if e.is_nan() { f64::INFINITY } else { e.abs() }) }
    }

    /// No error.
    pub fn zero(shape: &[usize]) -> Result<ErrorTensor, ShapeError> {
        Ok(ErrorTensor { bound: Tensor::zeros(shape)? })
    }

    /// The largest bound.
    pub fn max(&self) -> f64 {
        self.bound.max_abs()
    }

    /// A linear op without constant term whose coefficients are not negative (see [`IntervalTensor::monotone`]; a
    /// `pad` must pad with zeros).
    pub fn monotone(
        &self,
        op: impl Fn(&Tensor) -> Result<Tensor, ShapeError>,
    ) -> Result<ErrorTensor, ShapeError> {
        Ok(ErrorTensor::new(op(&self.bound)?))
    }

    /// `concat` along `dim`.
    pub fn concat(parts: &[&ErrorTensor], dim: i64) -> Result<ErrorTensor, ShapeError> {
        let bounds: Vec<&Tensor> = parts.iter().map(|part| &part.bound).collect();
        Ok(ErrorTensor::new(reference::concat(&bounds, dim)?))
    }

    /// x + y or x − y, broadcast: the errors add up.
    pub fn add(&self, other: &ErrorTensor) -> Result<ErrorTensor, ShapeError> {
        Ok(ErrorTensor::new(reference::add(&self.bound, &other.bound)?))
    }

    /// x·y, broadcast: |x|·e_y + |y|·e_x + e_x·e_y, with the exact operands in `x` and `y`.
    pub fn mul(
        &self,
        x: &IntervalTensor,
        other: &ErrorTensor,
        y: &IntervalTensor,
    ) -> Result<ErrorTensor, ShapeError> {
        let widened = x.magnitude().zip_with(&self.bound, |a, b| a + b)?;
        let right = widened.zip_with(&other.bound, product)?;
        let left = y.magnitude().zip_with(&self.bound, product)?;
        Ok(ErrorTensor::new(reference::add(&left, &right)?))
    }

    /// x·Wᵀ + b with exact weights: |W|·e.
    pub fn linear(&self, weight: &Tensor) -> Result<ErrorTensor, ShapeError> {
        let shape = reference::shape_of_linear(&self.bound.shape, &weight.shape, None)?;
        if self.max() == 0.0 {
            return ErrorTensor::zero(&shape);
        }
        let (outputs, inputs) = (weight.shape[0], weight.shape[1]);
        let mut bound = Tensor::zeros(&shape)?;
        bound.data = map_rows(bound.data.len(), inputs, |at| {
            let (row, output) = (at / outputs * inputs, at % outputs);
            let weights = &weight.data[output * inputs..(output + 1) * inputs];
            self.bound.data[row..row + inputs].iter().zip(weights).map(|(e, w)| e * w.abs()).sum()
        });
        Ok(ErrorTensor::new(bound))
    }

    /// `conv2d` with exact weights: |W| ∗ e.
    pub fn conv2d(&self, weight: &Tensor, attributes: &Conv2d) -> Result<ErrorTensor, ShapeError> {
        Ok(ErrorTensor::new(reference::conv2d(&self.bound, &weight.map(f64::abs), None, attributes)?))
    }

    /// `matmul`: |x|·e_y + e_x·|y| + e_x·e_y, with the exact operands in `x` and `y`.
    pub fn matmul(
        &self,
        x: &IntervalTensor,
        other: &ErrorTensor,
        y: &IntervalTensor,
    ) -> Result<ErrorTensor, ShapeError> {
        let shape = reference::shape_of_matmul(x.shape(), y.shape())?;
        let (left, right) = (x.magnitude(), y.magnitude());
        let mut bound = Tensor::zeros(&shape)?;
        for (tensor, error) in [(&left, &self.bound), (&right, &other.bound)] {
            if tensor.shape != error.shape {
                let (expected, found) = (tensor.shape.clone(), error.shape.clone());
                return Err(ShapeError::Shapes { what: "error", expected, found });
            }
        }
        reference::matmul_visit(&left, &right, |to, i, j| {
            let (e, f) = (self.bound.data[i], other.bound.data[j]);
            bound.data[to] += product(left.data[i] + e, f) + product(e, right.data[j]);
        })?;
        Ok(ErrorTensor::new(bound))
    }

    /// `batch_norm`: each channel's |weight|/√(var + eps)·e.
    pub fn batch_norm(
        &self,
        weight: Option<&Tensor>,
        mean: &Tensor,
        var: &Tensor,
        eps: f64,
    ) -> Result<ErrorTensor, ShapeError> {
        let still = mean.map(|_| 0.0);
        Ok(ErrorTensor::new(reference::batch_norm(&self.bound, weight, None, &still, var, eps)?))
    }

    /// f(x) computed by an approximation within `approximation_error` of f on its domain: L·e plus that error, where
    /// L is the Lipschitz bound of f on the input's interval widened by e. The widened interval must lie in the
    /// domain of the approximation.
    pub fn activation(
        &self,
        input: &IntervalTensor,
        activation: Activation,
        approximation_error: f64,
    ) -> Result<ErrorTensor, ShapeError> {
        if input.shape() != self.bound.shape {
            let (expected, found) = (input.shape().to_vec(), self.bound.shape.clone());
            return Err(ShapeError::Shapes { what: "error", expected, found });
        }
        let bounds = input.lo.data.iter().zip(&input.hi.data);
        let data = self.bound.data.iter().zip(bounds).map(|(&e, (&lo, &hi))| {
            product(activation.lipschitz_on(lo - e, hi + e), e) + approximation_error.abs()
        });
        Ok(ErrorTensor::new(Tensor::new(self.bound.shape.clone(), data.collect())?))
    }

    /// `softmax`: half the largest error along `dim` (a row of the Jacobian has absolute sum 2s(1 − s) ≤ 1/2).
    pub fn softmax(&self, dim: i64) -> Result<ErrorTensor, ShapeError> {
        reference::shape_of_softmax(&self.bound.shape, dim)?;
        let last = reference::transpose(&self.bound, dim, -1)?;
        let size = last.shape[last.rank() - 1].max(1);
        let mut result = last;
        for line in result.data.chunks_mut(size) {
            let most = line.iter().copied().fold(0.0, f64::max);
            line.fill((0.5 * most).min(1.0));
        }
        Ok(ErrorTensor::new(reference::transpose(&result, dim, -1)?))
    }

    /// `layer_norm`: |weight|·‖e‖₂/√eps over each group (the Jacobian is a projection over the deviation, which is at
    /// least √eps).
    pub fn layer_norm(
        &self,
        normalized_shape: &[usize],
        weight: Option<&Tensor>,
        eps: f64,
    ) -> Result<ErrorTensor, ShapeError> {
        let weights = weight.map(|w| &w.shape[..]);
        reference::shape_of_layer_norm(&self.bound.shape, normalized_shape, weights, None)?;
        let size = normalized_shape.iter().product::<usize>().max(1);
        let mut result = self.bound.clone();
        for group in result.data.chunks_mut(size) {
            let norm = group.iter().map(|e| e * e).sum::<f64>().sqrt();
            let bound = if norm == 0.0 { 0.0 } else { norm / eps.max(0.0).sqrt() };
            for (at, e) in group.iter_mut().enumerate() {
                *e = product(bound, weight.map_or(1.0, |w| w.data[at].abs()));
            }
        }
        Ok(ErrorTensor::new(result))
    }

    /// `attention` with errors on the query, key and value; the exact operands are in `operands`, in that order.
    /// The weights move by at most half the largest error of their scores, the mean by at most the largest error of
    /// the values plus the weights' errors times the values.
    pub fn attention(
        operands: [&IntervalTensor; 3],
        errors: [&ErrorTensor; 3],
        scale: Option<f64>,
    ) -> Result<ErrorTensor, ShapeError> {
        let [query, key, value] = operands;
        let shape = reference::shape_of_attention(query.shape(), key.shape(), value.shape())?;
        for (operand, error) in operands.iter().zip(errors) {
            if operand.shape() != error.bound.shape {
                let (expected, found) = (operand.shape().to_vec(), error.bound.shape.clone());
                return Err(ShapeError::Shapes { what: "error", expected, found });
            }
        }
        let scale = scale.unwrap_or(1.0 / (query.shape()[query.shape().len() - 1] as f64).sqrt()).abs();
        let flip = |x: &Tensor| reference::transpose(x, -2, -1);
        let (keys, key_errors) = (key.monotone(flip)?, errors[1].monotone(flip)?);
        let scores = errors[0].matmul(query, &key_errors, &keys)?.monotone(|e| Ok(e.map(|e| e * scale)))?;
        let reach = reference::add(&value.magnitude(), &errors[2].bound)?;
        let moved = reference::matmul(&scores.softmax(-1)?.bound, &reach)?;
        let carried = fold_rows(&errors[2].bound, f64::max)?.broadcast_to(&shape)?;
        Ok(ErrorTensor::new(reference::add(&moved, &carried)?))
    }
}

#[cfg(test)]
mod tests;
