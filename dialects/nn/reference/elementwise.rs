//! Element-wise ops.

use he_core::exec::tensor::{ShapeError, Tensor};

use super::shape::shape_of_binary;

/// The Gaussian error linear unit x·Φ(x) (`approximate = "none"`).
pub fn gelu_value(x: f64) -> f64 {
    // erfc keeps the relative precision of the negative tail.
    if x == f64::NEG_INFINITY { 0.0 } else { 0.5 * x * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2) }
}

/// The form of GELU that torch calls `approximate = "tanh"`: x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³))).
pub fn gelu_tanh_value(x: f64) -> f64 {
    // x/2·(1 + tanh u) = x·sigmoid(2u), without the cancellation of 1 + tanh u.
    let u = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x * x * x);
    silu_like(x, 2.0 * u)
}

/// 1 / (1 + e^-x), without overflow.
pub fn sigmoid_value(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + libm::exp(-x))
    } else {
        let e = libm::exp(x);
        e / (1.0 + e)
    }
}

/// x · sigmoid(x).
pub fn silu_value(x: f64) -> f64 {
    silu_like(x, x)
}

/// x · sigmoid(u), 0 where the sigmoid vanishes.
fn silu_like(x: f64, u: f64) -> f64 {
    let gate = sigmoid_value(u);
    if gate == 0.0 { 0.0 } else { x * gate }
}

/// max(x, 0); NaN stays NaN.
pub fn relu(x: &Tensor) -> Tensor {
    x.map(|x| if x < 0.0 { 0.0 } else { x })
}

/// [`gelu_value`] of each element.
pub fn gelu(x: &Tensor) -> Tensor {
    x.map(gelu_value)
}

/// [`gelu_tanh_value`] of each element.
pub fn gelu_tanh(x: &Tensor) -> Tensor {
    x.map(gelu_tanh_value)
}

/// [`silu_value`] of each element.
pub fn silu(x: &Tensor) -> Tensor {
    x.map(silu_value)
}

/// [`sigmoid_value`] of each element.
pub fn sigmoid(x: &Tensor) -> Tensor {
    x.map(sigmoid_value)
}

/// The hyperbolic tangent of each element.
pub fn tanh(x: &Tensor) -> Tensor {
    x.map(libm::tanh)
}

/// The square of each element.
pub fn square(x: &Tensor) -> Tensor {
    x.map(|x| x * x)
}

/// The exponential of each element.
pub fn exp(x: &Tensor) -> Tensor {
    x.map(libm::exp)
}

/// 1/√x of each element; infinite at 0 and NaN below.
pub fn rsqrt(x: &Tensor) -> Tensor {
    x.map(|x| 1.0 / x.sqrt())
}

/// The negative of each element.
pub fn neg(x: &Tensor) -> Tensor {
    x.map(|x| -x)
}

/// x + y, broadcast.
pub fn add(x: &Tensor, y: &Tensor) -> Result<Tensor, ShapeError> {
    shape_of_binary(&x.shape, &y.shape)?;
    x.zip_with(y, |a, b| a + b)
}

/// x − y, broadcast.
pub fn sub(x: &Tensor, y: &Tensor) -> Result<Tensor, ShapeError> {
    shape_of_binary(&x.shape, &y.shape)?;
    x.zip_with(y, |a, b| a - b)
}

/// x · y element by element, broadcast.
pub fn mul(x: &Tensor, y: &Tensor) -> Result<Tensor, ShapeError> {
    shape_of_binary(&x.shape, &y.shape)?;
    x.zip_with(y, |a, b| a * b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-15 * expected.abs().max(1.0), "{found} is not {expected}");
    }

    #[test]
    fn activations_match_known_values() {
        // Values from a 30-digit evaluation of the definitions.
        close(gelu_value(1.0), 0.841_344_746_068_542_9);
        close(gelu_value(-2.0), -0.045_500_263_896_358_42);
        close(gelu_tanh_value(1.0), 0.841_191_990_608_276_7);
        close(gelu_tanh_value(-2.0), -0.045_402_305_912_224_98);
        close(silu_value(1.0), 0.731_058_578_630_004_9);
        close(sigmoid_value(-1.0), 0.268_941_421_369_995_1);
    }

    #[test]
    fn activations_survive_extreme_inputs() {
        for (f, low) in [(gelu_value as fn(f64) -> f64, 0.0), (gelu_tanh_value, 0.0), (silu_value, 0.0)] {
            assert_eq!(f(f64::NEG_INFINITY).abs(), low);
            assert_eq!(f(-1e200).abs(), low);
            assert_eq!(f(1e100), 1e100);
            assert!(f(f64::NAN).is_nan());
        }
        assert_eq!(sigmoid_value(-1000.0), 0.0);
        assert!(relu(&Tensor::scalar(f64::NAN)).data[0].is_nan());
    }
}
