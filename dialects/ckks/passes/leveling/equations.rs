//! Linear equations that arrive one by one.

/// A sum of unknowns with factors, and a number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sum {
    /// The number.
    pub constant: f64,
    /// Unknowns in ascending order, and their factors.
    terms: Vec<(usize, f64)>,
}

impl Sum {
    /// A number.
    pub fn number(constant: f64) -> Sum {
        Sum { constant, terms: Vec::new() }
    }

    /// The sum of `self` and `factor` times `other`.
    pub fn plus(&self, factor: f64, other: &Sum) -> Sum {
        let mut terms = Vec::with_capacity(self.terms.len() + other.terms.len());
        let (mut left, mut right) = (self.terms.iter().peekable(), other.terms.iter().peekable());
        loop {
            let (x, y) = (left.peek().map(|x| x.0), right.peek().map(|y| y.0));
            let Some(unknown) = x.into_iter().chain(y).min() else { break };
            let mut sum = 0.0;
            if x == Some(unknown) {
                sum += left.next().map_or(0.0, |x| x.1);
            }
            if y == Some(unknown) {
                sum += factor * right.next().map_or(0.0, |y| y.1);
            }
            if sum != 0.0 {
                terms.push((unknown, sum));
            }
        }
        Sum { constant: self.constant + factor * other.constant, terms }
    }
}

/// Factors below this are what rounding left of 0.
const ROUNDING: f64 = 1e-9;

/// What an unknown costs where it is not 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Price {
    /// It takes an op.
    Op,
    /// Nothing.
    Free,
}

/// Unknowns and the equations between them. What no equation decides is 0.
#[derive(Default)]
pub(super) struct Equations {
    prices: Vec<Price>,
    solved: Vec<Option<Sum>>,
}

impl Equations {
    /// A new unknown.
    pub fn unknown(&mut self, price: Price) -> Sum {
        self.prices.push(price);
        self.solved.push(None);
        Sum { constant: 0.0, terms: vec![(self.prices.len() - 1, 1.0)] }
    }

    /// Demands that `sum` be 0, by the newest of its cheapest unknowns. Yields what it is instead, where it has none.
    pub fn demand_zero(&mut self, sum: &Sum) -> f64 {
        let sum = self.reduced(sum);
        let pivot = sum.terms.iter().copied().max_by_key(|(unknown, _)| (self.prices[*unknown], *unknown));
        let Some((unknown, factor)) = pivot else { return sum.constant };
        let own = Sum { constant: 0.0, terms: vec![(unknown, 1.0)] };
        self.solved[unknown] = Some(own.plus(-1.0 / factor, &sum));
        0.0
    }

    /// The sum in unknowns that no equation decides. An unknown is replaced by what was open when it was solved, which may
    /// be solved by now; such chains are short, because what is older stays.
    pub fn reduced(&self, sum: &Sum) -> Sum {
        let mut sum = sum.clone();
        while sum.terms.iter().any(|(unknown, _)| self.solved[*unknown].is_some()) {
            let mut next = Sum::number(sum.constant);
            for (unknown, factor) in &sum.terms {
                let open = || Sum { constant: 0.0, terms: vec![(*unknown, 1.0)] };
                next = next.plus(*factor, &self.solved[*unknown].clone().unwrap_or_else(open));
            }
            sum = next;
        }
        sum.terms.retain(|(_, factor)| factor.abs() > ROUNDING);
        sum
    }

    /// The value of a sum, where what is undecided is 0.
    pub fn value(&self, sum: &Sum) -> f64 {
        self.reduced(sum).constant
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cheap_unknowns_are_solved_first() {
        let mut equations = Equations::default();
        let (x, drop, y) =
            (equations.unknown(Price::Free), equations.unknown(Price::Op), equations.unknown(Price::Free));
        // 2x + 1 = y + drop, by y.
        let sum = Sum::number(1.0).plus(2.0, &x).plus(-1.0, &y).plus(-1.0, &drop);
        assert_eq!(equations.demand_zero(&sum), 0.0);
        assert_eq!((equations.value(&x), equations.value(&drop), equations.value(&y)), (0.0, 0.0, 1.0));
        // y = 5, by x.
        assert_eq!(equations.demand_zero(&y.plus(1.0, &Sum::number(-5.0))), 0.0);
        assert_eq!((equations.value(&x), equations.value(&drop), equations.value(&y)), (2.0, 0.0, 5.0));
        // x = 3 takes the op.
        assert_eq!(equations.demand_zero(&x.plus(1.0, &Sum::number(-3.0))), 0.0);
        assert_eq!((equations.value(&x), equations.value(&drop), equations.value(&y)), (3.0, 2.0, 5.0));
        // And then nothing is left.
        assert_eq!(equations.demand_zero(&x.plus(1.0, &Sum::number(-7.0))), -4.0);
    }

    #[test]
    fn sums_cancel() {
        let mut equations = Equations::default();
        let x = equations.unknown(Price::Free);
        assert_eq!(x.plus(2.0, &x).plus(-3.0, &x), Sum::number(0.0));
    }
}
