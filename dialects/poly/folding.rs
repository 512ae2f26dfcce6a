//! Normal forms: what of a polynomial the linear layers beside it can take over.
//!
//! p(x) = factor·q(X) with x = scale·X + offset. The map of the argument belongs into the weights and the bias of the layer
//! before, so that neither the map of the domain nor the leading coefficient takes a level: a polynomial of degree 2^k is
//! then one of k levels. The factor and the constant belong into the layers behind; where these cannot take a factor, it
//! is 1 or −1.

use super::monic::MAX_GROWTH;
use super::polynomial::{Basis, Polynomial, drop_residues};
use super::schedule::{Schedule, expand};

/// The highest degree that is written in powers: beyond it the conversion loses too many digits.
const MAX_POWERS: usize = 16;
/// How much smaller than [−1, 1] the domain of X may be made: noise counts that much more.
const MAX_SHRINK: f64 = 64.0;
/// How much larger than [−1, 1] it may be made: values take that many times as much of the modulus.
const MAX_STRETCH: f64 = 1024.0;
/// Values up to this are as good as smaller ones: what is made smaller than it can be loses precision.
const SMALL: f64 = 1024.0;

/// A polynomial in its normal form.
#[derive(Clone, Debug, PartialEq)]
pub struct Normal {
    /// Factor of X.
    pub scale: f64,
    /// What is added to it.
    pub offset: f64,
    /// The factor of q.
    pub factor: f64,
    /// q, of X on the domain that belongs to it.
    pub polynomial: Polynomial,
}

/// The normal form with a leading coefficient of 1; of high degree, or where that would lose precision, the one on
/// [−1, 1] in the Chebyshev basis. `scalable` says that what follows takes any factor. `None` where neither takes fewer
/// levels or products than the polynomial as it is, or makes its values smaller.
pub fn normal_form(poly: &Polynomial, scalable: bool) -> Option<Normal> {
    if poly.degree() < 2 || poly.domain.0 >= poly.domain.1 {
        return None;
    }
    let (own, large) = measure(poly);
    let forms = [monic(poly, scalable), Some(unit(poly))];
    let forms = forms.into_iter().flatten().map(|form| (measure(&form.polynomial), form));
    let ((least, most), form) = forms.min_by(|(a, _), (b, _)| a.0.cmp(&b.0))?;
    let better = least < own || least == own && large > SMALL && most < large;
    better.then_some(form)
}

/// Depth, products and products with constants of a polynomial; and the largest value in between.
fn measure(poly: &Polynomial) -> ([usize; 3], f64) {
    let program = expand(poly, Schedule::Auto, poly.domain);
    let most = program.bounds.iter().copied().fold(0.0, f64::max);
    ([program.depth(), program.mul_count(), program.mul_scalar_count()], most)
}

/// On [−1, 1].
fn unit(poly: &Polynomial) -> Normal {
    let chebyshev = poly.to_basis(Basis::Chebyshev);
    let (scale, offset) = poly.from_unit();
    let polynomial = Polynomial { domain: (-1.0, 1.0), ..chebyshev };
    Normal { scale, offset, factor: 1.0, polynomial }
}

/// With a leading coefficient of 1.
fn monic(poly: &Polynomial, scalable: bool) -> Option<Normal> {
    let mut chebyshev = poly.to_basis(Basis::Chebyshev);
    drop_residues(&mut chebyshev.coefficients);
    let degree = chebyshev.degree();
    if !(2..=MAX_POWERS).contains(&degree) {
        return None;
    }
    // Powers of t on [−1, 1], which are even or odd where the Chebyshev polynomials are.
    let unit = Polynomial { domain: (-1.0, 1.0), ..chebyshev };
    let mut powers = unit.to_basis(Basis::Monomial).coefficients;
    powers.truncate(degree + 1);
    drop_residues(&mut powers);
    let leading = powers[degree];
    // Where the layers behind take the factor, large values are not needed.
    let root = |x: f64| libm::pow(x, 1.0 / degree as f64);
    let natural = root(leading.abs());
    let stretch = if scalable { natural.min(root(SMALL)) } else { natural };
    if !(1.0 / MAX_SHRINK..=MAX_STRETCH).contains(&stretch) {
        return None;
    }
    // X = stretch·t, or −stretch·t where that gives an odd degree the sign.
    let flipped = degree % 2 == 1 && leading < 0.0;
    let stretch = if flipped { -stretch } else { stretch };
    let factor = match degree.is_multiple_of(2) {
        true if stretch == natural => leading.signum(),
        false if stretch.abs() == natural => 1.0,
        _ => leading / libm::pow(stretch, degree as f64),
    };
    let mut power = 1.0;
    let mut coefficients = Vec::with_capacity(degree + 1);
    for c in &powers {
        coefficients.push(if *c == 0.0 { 0.0 } else { c / (factor * power) });
        power *= stretch;
    }
    coefficients[degree] = 1.0;
    let (half, middle) = poly.from_unit();
    let domain = (-stretch.abs(), stretch.abs());
    let polynomial = Polynomial { basis: Basis::Monomial, domain, coefficients };
    let program = expand(&polynomial, Schedule::Auto, domain);
    let most = program.bounds.iter().skip(1).copied().fold(0.0, f64::max);
    let well = most <= MAX_GROWTH * polynomial.max_abs_on_domain().max(1.0);
    well.then_some(Normal { scale: half / stretch, offset: middle, factor, polynomial })
}
