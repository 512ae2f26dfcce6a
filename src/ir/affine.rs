//! Affine expressions: built with the simplifications of MLIR's `AffineExpr.cpp`, printed as MLIR prints them.

use std::fmt::Write;
use std::rc::Rc;

/// An affine expression over dimensions and symbols. Cheap to copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Affine {
    /// `d0`
    Dim(u32),
    /// `s0`
    Symbol(u32),
    /// An integer
    Constant(i64),
    /// An operation on two expressions
    Binary(AffineOp, Rc<Operands>),
}

/// The operands of an operation, and what is asked of it again and again.
#[derive(Debug)]
pub struct Operands {
    left: Affine,
    right: Affine,
    is_symbolic: bool,
    divisor: u64,
    /// Operations in it.
    size: usize,
    hash: u64,
}

impl PartialEq for Operands {
    fn eq(&self, other: &Self) -> bool {
        // Different ones are told apart at once: sums are compared term by term while they grow.
        self.hash == other.hash && self.left == other.left && self.right == other.right
    }
}

impl Eq for Operands {}

/// What an affine expression is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AffineOp {
    /// `+`
    Add,
    /// `*`
    Mul,
    /// `floordiv`
    FloorDiv,
    /// `ceildiv`
    CeilDiv,
    /// `mod`
    Mod,
}

use Affine::{Binary, Constant};
use AffineOp::{Add, CeilDiv, FloorDiv, Mod, Mul};

fn floor_div(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    Some(if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient })
}

fn mix(a: u64, b: u64) -> u64 {
    (a.rotate_left(5) ^ b).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl Affine {
    fn constant(&self) -> Option<i64> {
        match self {
            Constant(value) => Some(*value),
            _ => None,
        }
    }

    /// The operands, if it is that operation with a constant on the right.
    fn by_constant(&self, op: AffineOp) -> Option<(&Affine, i64)> {
        match self {
            Binary(own, parts) if *own == op => Some((&parts.left, parts.right.constant()?)),
            _ => None,
        }
    }

    /// Whether no dimension is in it.
    pub fn is_symbolic(&self) -> bool {
        match self {
            Affine::Dim(_) => false,
            Affine::Symbol(_) | Constant(_) => true,
            Binary(_, parts) => parts.is_symbolic,
        }
    }

    /// How many operations are in it.
    pub fn size(&self) -> usize {
        match self {
            Binary(_, parts) => parts.size,
            _ => 0,
        }
    }

    /// A number that divides every value of the expression.
    fn divisor(&self) -> u64 {
        match self {
            Constant(value) => value.unsigned_abs(),
            Binary(_, parts) => parts.divisor,
            _ => 1,
        }
    }

    fn hash(&self) -> u64 {
        match self {
            Affine::Dim(index) => mix(1, u64::from(*index)),
            Affine::Symbol(index) => mix(2, u64::from(*index)),
            Constant(value) => mix(3, *value as u64),
            Binary(_, parts) => parts.hash,
        }
    }

    /// The operation as it is.
    fn node(op: AffineOp, left: Affine, right: Affine) -> Affine {
        let divisor = match op {
            Mul => left.divisor().saturating_mul(right.divisor()),
            Add | Mod => gcd(left.divisor(), right.divisor()),
            FloorDiv | CeilDiv => match right.constant() {
                Some(by) if by != 0 && left.divisor().is_multiple_of(by.unsigned_abs()) => {
                    left.divisor() / by.unsigned_abs()
                }
                _ => 1,
            },
        };
        let is_symbolic = left.is_symbolic() && right.is_symbolic();
        let size = left.size() + right.size() + 1;
        let hash = mix(mix(left.hash(), right.hash()), 4 + op as u64);
        Binary(op, Rc::new(Operands { left, right, is_symbolic, divisor, size, hash }))
    }

    fn is_multiple_of(&self, by: i64) -> bool {
        by != 0 && self.divisor().is_multiple_of(by.unsigned_abs())
    }

    /// The expression, simplified.
    pub fn binary(op: AffineOp, left: Affine, right: Affine) -> Affine {
        let simpler = match op {
            Add => add(&left, &right),
            Mul => mul(&left, &right),
            FloorDiv => floor(&left, &right),
            CeilDiv => ceil(&left, &right),
            Mod => modulo(&left, &right),
        };
        simpler.unwrap_or_else(|| Affine::node(op, left, right))
    }

    /// Appends MLIR's text. `tight`: inside of a product, where a sum needs parentheses.
    pub fn write(&self, out: &mut String, tight: bool) {
        let (op, left, right) = match self {
            Affine::Dim(index) => return write_all(out, format_args!("d{index}")),
            Affine::Symbol(index) => return write_all(out, format_args!("s{index}")),
            Constant(value) => return write_all(out, format_args!("{value}")),
            Binary(op, parts) => (*op, &parts.left, &parts.right),
        };
        if tight {
            out.push('(');
        }
        match op {
            Add => write_sum(out, left, right),
            Mul if right.constant() == Some(-1) => {
                out.push('-');
                left.write(out, true);
            }
            _ => {
                left.write(out, true);
                out.push_str(match op {
                    Mul => " * ",
                    FloorDiv => " floordiv ",
                    CeilDiv => " ceildiv ",
                    _ => " mod ",
                });
                right.write(out, true);
            }
        }
        if tight {
            out.push(')');
        }
    }
}

/// Writing to a string does not fail.
fn write_all(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

fn write_sum(out: &mut String, left: &Affine, right: &Affine) {
    left.write(out, false);
    match (right, right.by_constant(Mul)) {
        (_, Some((factor, -1))) => {
            out.push_str(" - ");
            factor.write(out, matches!(factor, Binary(Add, ..)));
        }
        (_, Some((factor, by))) if by < -1 => {
            out.push_str(" - ");
            factor.write(out, true);
            let _ = write!(out, " * {}", by.unsigned_abs());
        }
        (Constant(value), _) if *value < 0 => write_all(out, format_args!(" - {}", value.unsigned_abs())),
        _ => {
            out.push_str(" + ");
            right.write(out, false);
        }
    }
}

fn add(left: &Affine, right: &Affine) -> Option<Affine> {
    if let (Some(a), Some(b)) = (left.constant(), right.constant()) {
        return a.checked_add(b).map(Constant);
    }
    // Constants, then symbols, go to the right.
    if left.constant().is_some() || left.is_symbolic() && !right.is_symbolic() {
        return Some(Affine::binary(Add, right.clone(), left.clone()));
    }
    if right.constant() == Some(0) {
        return Some(left.clone());
    }
    if let (Some((inner, a)), Some(b)) = (left.by_constant(Add), right.constant()) {
        return Some(Affine::binary(Add, inner.clone(), Constant(a.checked_add(b)?)));
    }
    // c1 * e + c2 * e = (c1 + c2) * e
    let (first, a) = left.by_constant(Mul).unwrap_or((left, 1));
    let (second, b) = right.by_constant(Mul).unwrap_or((right, 1));
    if first == second {
        return Some(Affine::binary(Mul, first.clone(), Constant(a.checked_add(b)?)));
    }
    if let Some((inner, a)) = left.by_constant(Add) {
        let sum = Affine::binary(Add, inner.clone(), right.clone());
        return Some(Affine::binary(Add, sum, Constant(a)));
    }
    // e - (e floordiv q) * q = e mod q
    if let Some((quotient, by)) = right.by_constant(Mul)
        && let Some((value, divisor)) = quotient.by_constant(FloorDiv)
        && value == left
        && by.checked_neg() == Some(divisor)
    {
        return Some(Affine::binary(Mod, left.clone(), Constant(divisor)));
    }
    None
}

fn mul(left: &Affine, right: &Affine) -> Option<Affine> {
    if let (Some(a), Some(b)) = (left.constant(), right.constant()) {
        return a.checked_mul(b).map(Constant);
    }
    if !right.is_symbolic() || left.constant().is_some() {
        return Some(Affine::binary(Mul, right.clone(), left.clone()));
    }
    match right.constant() {
        Some(1) => return Some(left.clone()),
        Some(0) => return Some(Constant(0)),
        _ => {}
    }
    let (inner, a) = left.by_constant(Mul)?;
    match right.constant() {
        Some(b) => Some(Affine::binary(Mul, inner.clone(), Constant(a.checked_mul(b)?))),
        None => {
            let product = Affine::binary(Mul, inner.clone(), right.clone());
            Some(Affine::binary(Mul, product, Constant(a)))
        }
    }
}

fn floor(left: &Affine, right: &Affine) -> Option<Affine> {
    let by = right.constant().filter(|by| *by != 0)?;
    if let Some(value) = left.constant() {
        return floor_div(value, by).map(Constant);
    }
    if by == 1 {
        return Some(left.clone());
    }
    if let Some((inner, factor)) = left.by_constant(Mul)
        && factor.checked_rem(by) == Some(0)
    {
        return Some(Affine::binary(Mul, inner.clone(), Constant(factor / by)));
    }
    if let Binary(Add, sum) = left
        && (sum.left.is_multiple_of(by) || sum.right.is_multiple_of(by))
    {
        let part = |part: &Affine| Affine::binary(FloorDiv, part.clone(), right.clone());
        return Some(Affine::binary(Add, part(&sum.left), part(&sum.right)));
    }
    None
}

fn ceil(left: &Affine, right: &Affine) -> Option<Affine> {
    let by = right.constant().filter(|by| *by != 0)?;
    if let Some(value) = left.constant() {
        let floor = floor_div(value, by)?;
        return Some(Constant(if value % by == 0 { floor } else { floor + 1 }));
    }
    if by == 1 {
        return Some(left.clone());
    }
    match left.by_constant(Mul) {
        Some((inner, factor)) if factor.checked_rem(by) == Some(0) => {
            Some(Affine::binary(Mul, inner.clone(), Constant(factor / by)))
        }
        _ => None,
    }
}

fn modulo(left: &Affine, right: &Affine) -> Option<Affine> {
    let by = right.constant().filter(|by| *by >= 1)?;
    if let Some(value) = left.constant() {
        return Some(Constant(value.rem_euclid(by)));
    }
    if left.is_multiple_of(by) {
        return Some(Constant(0));
    }
    if let Binary(Add, sum) = left {
        if sum.left.is_multiple_of(by) {
            return Some(Affine::binary(Mod, sum.right.clone(), right.clone()));
        }
        if sum.right.is_multiple_of(by) {
            return Some(Affine::binary(Mod, sum.left.clone(), right.clone()));
        }
    }
    match left.by_constant(Mod) {
        Some((inner, outer)) if outer >= 1 && outer % by == 0 => {
            Some(Affine::binary(Mod, inner.clone(), right.clone()))
        }
        _ => None,
    }
}
