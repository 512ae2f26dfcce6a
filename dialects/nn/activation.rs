//! The element-wise nonlinear functions of `nn`: values, ranges, Lipschitz bounds and symmetries.
//!
//! Ranges and Lipschitz bounds come from the critical points of f and f', so they are tight; a relative slack of
//! a few units in the last place makes them sound against the rounding of the evaluation.

use super::reference::{gelu_tanh_value, gelu_value, sigmoid_value, silu_value};

/// A nonlinear function of one variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activation {
    /// max(x, 0).
    Relu,
    /// x·Φ(x).
    Gelu,
    /// The tanh form of GELU: x/2·(1 + tanh(√(2/π)(x + 0.044715x³))).
    GeluTanh,
    /// x·sigmoid(x).
    Silu,
    /// 1/(1 + e^-x).
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// x².
    Square,
    /// e^x.
    Exp,
    /// 1/√x, for x > 0.
    Rsqrt,
}

/// What remains of a function after a line is subtracted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Parity {
    /// g(−x) = g(x).
    Even,
    /// g(−x) = −g(x).
    Odd,
    /// Neither.
    None,
}

/// f(x) = slope·x + constant + g(x), where g has the parity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Symmetry {
    /// The slope of the line.
    pub slope: f64,
    /// The constant of the line.
    pub constant: f64,
    /// The parity of the rest.
    pub parity: Parity,
}

/// Relative slack against rounding.
const SLACK: f64 = 8.0 * f64::EPSILON;

/// Where the derivative of a function of the GELU family vanishes, and where it is extreme (at ±the second number).
/// The derivative is 1/2 plus an odd function, monotone between and beyond these extremes.
struct Shape {
    minimum: f64,
    steepest: f64,
}

impl Activation {
    /// Every activation.
    pub const ALL: [Activation; 9] = [
        Activation::Relu,
        Activation::Gelu,
        Activation::GeluTanh,
        Activation::Silu,
        Activation::Sigmoid,
        Activation::Tanh,
        Activation::Square,
        Activation::Exp,
        Activation::Rsqrt,
    ];

    /// The activation of a name, the name of its op (`gelu_tanh` for the tanh form of `gelu`).
    pub fn from_name(name: &str) -> Option<Activation> {
        Activation::ALL.into_iter().find(|activation| activation.name() == name)
    }

    /// The name that [`Activation::from_name`] reads.
    pub fn name(self) -> &'static str {
        match self {
            Activation::Relu => "relu",
            Activation::Gelu => "gelu",
            Activation::GeluTanh => "gelu_tanh",
            Activation::Silu => "silu",
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
            Activation::Square => "square",
            Activation::Exp => "exp",
            Activation::Rsqrt => "rsqrt",
        }
    }

    /// f(x) in double precision. `Rsqrt` is infinite at 0 and NaN below.
    pub fn eval(self, x: f64) -> f64 {
        match self {
            Activation::Relu => {
                if x < 0.0 {
                    0.0
                } else {
                    x
                }
            }
            Activation::Gelu => gelu_value(x),
            Activation::GeluTanh => gelu_tanh_value(x),
            Activation::Silu => silu_value(x),
            Activation::Sigmoid => sigmoid_value(x),
            Activation::Tanh => libm::tanh(x),
            Activation::Square => x * x,
            Activation::Exp => libm::exp(x),
            Activation::Rsqrt => 1.0 / x.sqrt(),
        }
    }

    /// f'(x) in double precision; for `Relu` the larger of the one-sided derivatives.
    pub fn derivative(self, x: f64) -> f64 {
        match self {
            Activation::Relu => f64::from(u8::from(x >= 0.0)),
            Activation::Gelu => {
                let density = libm::exp(-0.5 * x * x) / (2.0 * std::f64::consts::PI).sqrt();
                0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2) + damped(x, density)
            }
            Activation::GeluTanh => {
                let c = (2.0 / std::f64::consts::PI).sqrt();
                let gate = sigmoid_value(2.0 * c * (x + 0.044715 * x * x * x));
                gate + damped(x * 2.0 * c * (1.0 + 3.0 * 0.044715 * x * x), gate * (1.0 - gate))
            }
            Activation::Silu => {
                let gate = sigmoid_value(x);
                gate + damped(x, gate * (1.0 - gate))
            }
            Activation::Sigmoid => sigmoid_value(x) * sigmoid_value(-x),
            Activation::Tanh => 4.0 * sigmoid_value(2.0 * x) * sigmoid_value(-2.0 * x),
            Activation::Square => 2.0 * x,
            Activation::Exp => libm::exp(x),
            Activation::Rsqrt => -0.5 / (x * x.sqrt()),
        }
    }

    fn shape(self) -> Option<Shape> {
        match self {
            Activation::Gelu => {
                Some(Shape { minimum: -0.751_791_524_693_564_5, steepest: std::f64::consts::SQRT_2 })
            }
            Activation::GeluTanh => {
                Some(Shape { minimum: -0.752_461_422_071_016_3, steepest: 1.418_504_008_790_828_4 })
            }
            Activation::Silu => {
                Some(Shape { minimum: -1.278_464_542_761_074, steepest: 2.399_357_280_520_096 })
            }
            _ => None,
        }
    }

    /// An interval that holds f(x) for every x in [lo, hi] (in [lo, hi] ∩ [0, ∞) for `Rsqrt`; the whole line if that
    /// is empty). The whole line also if a bound is NaN or the interval is reversed.
    pub fn range_on(self, lo: f64, hi: f64) -> (f64, f64) {
        const LINE: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
        if lo.is_nan() || hi.is_nan() || lo > hi {
            return LINE;
        }
        let (at_lo, at_hi) = (self.eval(lo), self.eval(hi));
        let (least, most) = match self {
            Activation::Gelu | Activation::GeluTanh | Activation::Silu => {
                let bottom = self.shape().map_or(f64::NAN, |shape| shape.minimum.clamp(lo, hi));
                (self.eval(bottom), at_lo.max(at_hi))
            }
            Activation::Square => (0f64.clamp(lo, hi).powi(2), at_lo.max(at_hi)),
            Activation::Rsqrt if hi < 0.0 => return LINE,
            Activation::Rsqrt => (at_hi, if lo <= 0.0 { f64::INFINITY } else { at_lo }),
            _ => (at_lo, at_hi),
        };
        // Exact functions need no slack, and bounded ones never leave their range.
        let (least, most) = match self {
            Activation::Relu => return (least, most),
            _ => (least - least.abs() * SLACK, most + most.abs() * SLACK),
        };
        match self {
            Activation::Sigmoid => (least.max(0.0), most.min(1.0)),
            Activation::Tanh => (least.max(-1.0), most.min(1.0)),
            _ => (least, most),
        }
    }

    /// An upper bound of |f'| on [lo, hi]; infinite if there is none (`Rsqrt` at or below 0) or the interval is
    /// reversed or NaN.
    pub fn lipschitz_on(self, lo: f64, hi: f64) -> f64 {
        if lo.is_nan() || hi.is_nan() || lo > hi {
            return f64::INFINITY;
        }
        let nearest = 0f64.clamp(lo, hi);
        let bound = match self {
            Activation::Relu => return if hi > 0.0 { 1.0 } else { 0.0 },
            Activation::Rsqrt if lo <= 0.0 => f64::INFINITY,
            Activation::Rsqrt => self.derivative(lo).abs(),
            Activation::Exp => self.derivative(hi),
            Activation::Square => self.derivative(lo).abs().max(self.derivative(hi).abs()),
            Activation::Sigmoid | Activation::Tanh => self.derivative(nearest),
            Activation::Gelu | Activation::GeluTanh | Activation::Silu => {
                let steepest = self.shape().map_or(f64::NAN, |shape| shape.steepest);
                [lo, hi, steepest.clamp(lo, hi), (-steepest).clamp(lo, hi)]
                    .into_iter()
                    .fold(0.0, |most: f64, x| most.max(self.derivative(x).abs()))
            }
        };
        // f' of the GELU family is a difference near its zero: the slack is absolute there.
        bound + bound.max(if self.shape().is_some() { 1.0 } else { 0.0 }) * SLACK
    }

    /// The line after which f is even or odd.
    pub fn symmetry(self) -> Symmetry {
        let (slope, constant, parity) = match self {
            Activation::Relu | Activation::Gelu | Activation::GeluTanh | Activation::Silu => {
                (0.5, 0.0, Parity::Even)
            }
            Activation::Sigmoid => (0.0, 0.5, Parity::Odd),
            Activation::Tanh => (0.0, 0.0, Parity::Odd),
            Activation::Square => (0.0, 0.0, Parity::Even),
            Activation::Exp | Activation::Rsqrt => (0.0, 0.0, Parity::None),
        };
        Symmetry { slope, constant, parity }
    }

    /// Whether f itself is even.
    pub fn is_even(self) -> bool {
        let symmetry = self.symmetry();
        symmetry.parity == Parity::Even && symmetry.slope == 0.0
    }

    /// Whether f itself is odd.
    pub fn is_odd(self) -> bool {
        let symmetry = self.symmetry();
        symmetry.parity == Parity::Odd && symmetry.constant == 0.0
    }
}

/// x·factor, 0 where the factor vanishes (for infinite x).
fn damped(x: f64, factor: f64) -> f64 {
    if factor == 0.0 { 0.0 } else { x * factor }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intervals() -> Vec<(f64, f64)> {
        let ends = [-40.0, -9.0, -2.5, -1.4, -1.3, -0.76, -0.7, -0.1, 0.0, 0.05, 0.9, 1.5, 2.6, 11.0, 30.0];
        let pairs = ends.iter().flat_map(|&lo| ends.iter().map(move |&hi| (lo, hi)));
        pairs.filter(|(lo, hi)| lo <= hi).collect()
    }

    #[test]
    fn names_round_trip() {
        for activation in Activation::ALL {
            assert_eq!(Activation::from_name(activation.name()), Some(activation));
        }
        assert_eq!(Activation::from_name("swish"), None);
    }

    #[test]
    fn ranges_are_sound_and_tight() {
        for activation in Activation::ALL {
            for (lo, hi) in intervals() {
                if activation == Activation::Rsqrt && lo <= 0.0 {
                    continue;
                }
                let (least, most) = activation.range_on(lo, hi);
                let values: Vec<f64> = (0..=5000)
                    .map(|i| activation.eval((lo + (hi - lo) * f64::from(i) / 5000.0).min(hi)))
                    .collect();
                let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(a, b), &v| (a.min(v), b.max(v)));
                assert!(least <= low && high <= most, "{activation:?} on [{lo}, {hi}]");
                let slack = 1e-4 * (1.0 + high.abs());
                assert!(low - least < slack && most - high < slack, "{activation:?} on [{lo}, {hi}]");
            }
        }
        assert_eq!(Activation::Relu.range_on(-3.0, 2.0), (0.0, 2.0));
        assert_eq!(Activation::Rsqrt.range_on(0.0, 4.0).1, f64::INFINITY);
        assert!((Activation::Gelu.range_on(-9.0, 0.0).0 + 0.169_971_207_479_903_66).abs() < 1e-15);
        assert!((Activation::Silu.range_on(-9.0, 0.0).0 + 0.278_464_542_761_073_8).abs() < 1e-15);
    }

    #[test]
    fn lipschitz_bounds_are_sound_and_tight() {
        for activation in Activation::ALL {
            for (lo, hi) in intervals().into_iter().filter(|(lo, hi)| lo < hi) {
                if activation == Activation::Rsqrt && lo <= 0.0 {
                    continue;
                }
                let bound = activation.lipschitz_on(lo, hi);
                let step = (hi - lo) / 4000.0;
                let mut steepest = 0.0f64;
                for i in 0..4000 {
                    let x = lo + step * f64::from(i);
                    let rise = (activation.eval(x + step) - activation.eval(x)).abs();
                    steepest = steepest.max(rise / step);
                    assert!(rise <= bound * step + 1e-12 * (1.0 + bound), "{activation:?} at {x}");
                }
                let ratio = if activation == Activation::Rsqrt { 0.5 } else { 0.97 };
                assert!(
                    bound * ratio <= steepest + 1e-12,
                    "{activation:?} on [{lo}, {hi}]: {bound} {steepest}"
                );
            }
        }
        assert!((Activation::Gelu.lipschitz_on(-9.0, 9.0) - 1.128_904_145_185_154_7).abs() < 1e-14);
        assert_eq!(Activation::Rsqrt.lipschitz_on(0.0, 1.0), f64::INFINITY);
    }

    #[test]
    fn symmetries_hold() {
        for activation in Activation::ALL {
            let Symmetry { slope, constant, parity } = activation.symmetry();
            for x in [0.1, 0.7, 1.9, 4.0, 8.5] {
                let g = |x: f64| activation.eval(x) - slope * x - constant;
                match parity {
                    Parity::Even => assert!((g(x) - g(-x)).abs() < 1e-14, "{activation:?}"),
                    Parity::Odd => assert!((g(x) + g(-x)).abs() < 1e-14, "{activation:?}"),
                    Parity::None => {}
                }
            }
        }
        assert!(Activation::Tanh.is_odd() && !Activation::Sigmoid.is_odd());
        assert!(Activation::Square.is_even() && !Activation::Gelu.is_even());
    }
}
