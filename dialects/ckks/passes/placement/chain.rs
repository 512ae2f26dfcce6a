//! The modulus chain as the search sees it: what a rescale divides by, and the scales that values may have.

use crate::ckks::params::Params;

use super::versions::Version;

/// Primes that a scale may lie above the nominal one, or as much as a product adds.
const MAX_EXCESS: i16 = 3;
/// Scales beyond which the search is not tried, and numbers to describe what is ahead of one version.
const MAX_SCALES: usize = 24;

/// Bits of primes and scales.
#[derive(Debug)]
pub struct Chain {
    /// Of the primes, from level 0 up.
    bits: Vec<i16>,
    /// Of the modulus at each level.
    modulus: Vec<i32>,
    /// The scale of what is encrypted.
    pub nominal: i16,
    /// What scales lie apart: they are the nominal one and multiples of it.
    grid: i16,
    /// How many scales there are.
    pub scales: usize,
    /// Their numbers, by the bits above the nominal one.
    numbers: Vec<u8>,
    /// All primes but the first are as wide as the nominal scale.
    pub even: bool,
}

fn gcd(a: i16, b: i16) -> i16 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl Chain {
    /// That of the parameters; `None` where it has no level to rescale to, or too many scales.
    pub fn of(params: &Params) -> Option<Chain> {
        let nominal = i16::try_from(params.log_scale).ok()?;
        let bits: Vec<i16> =
            params.log_q.iter().map(|bits| i16::try_from(*bits).ok()).collect::<Option<_>>()?;
        let widest = *bits.get(1..)?.iter().max()?;
        let grid = bits[1..].iter().fold(nominal, |grid, bits| gcd(grid, *bits));
        let scales = usize::try_from((MAX_EXCESS * widest).max(nominal) / grid.max(1)).ok()? + 1;
        let capacity = |level| i32::try_from(params.capacity_bits(level)).ok();
        let modulus = (0..=params.max_level()).map(capacity).collect::<Option<_>>()?;
        if scales > MAX_SCALES {
            return None;
        }
        let numbers =
            (0..scales as u8).flat_map(|number| std::iter::repeat_n(number, grid as usize)).collect();
        Some(Chain { bits, modulus, nominal, grid, scales, numbers, even: params.is_even() })
    }

    /// The highest level.
    pub fn top(&self) -> i16 {
        self.bits.len() as i16 - 1
    }

    /// Bits of the prime that a rescale at a level divides by. Levels that are missing are as wide as the highest one.
    pub fn bits(&self, level: i16) -> i16 {
        let known = self.bits.get(usize::try_from(level).unwrap_or(0)).or(self.bits.last());
        known.copied().unwrap_or(0)
    }

    fn modulus(&self, level: i16) -> i32 {
        let beyond = i32::from((level - self.top()).max(0));
        self.modulus[usize::try_from(level.clamp(0, self.top())).unwrap_or(0)]
            + beyond * i32::from(self.bits(level))
    }

    /// Bits of the modulus that the scale leaves: a rescale changes nothing of it.
    pub fn mass(&self, version: Version) -> i32 {
        self.modulus(version.level) - i32::from(version.scale)
    }

    /// The widest scale.
    pub fn widest(&self) -> i16 {
        self.nominal + (self.scales as i16 - 1) * self.grid
    }

    /// All scales, the nominal one first.
    pub fn all_scales(&self) -> impl DoubleEndedIterator<Item = i16> + use<> {
        std::iter::once(self.nominal).chain(self.wider(self.nominal))
    }

    /// The scales above one.
    pub fn wider(&self, scale: i16) -> impl DoubleEndedIterator<Item = i16> + use<> {
        let (nominal, grid) = (self.nominal, self.grid);
        (self.number_of(scale) + 1..self.scales).map(move |number| nominal + number as i16 * grid)
    }

    /// The number of a scale, the nominal one first.
    pub fn number_of(&self, scale: i16) -> usize {
        let above = usize::try_from(scale - self.nominal).unwrap_or(0);
        usize::from(self.numbers.get(above).copied().unwrap_or(0))
    }

    /// The scale behind a rescale; `None` where it would be below the nominal one.
    pub fn rescaled(&self, level: i16, scale: i16) -> Option<i16> {
        let after = scale - self.bits(level);
        (level > 0 && after >= self.nominal).then_some(after)
    }

    /// How many numbers describe the versions of a value, as far as costs ahead of them are bounded: on an even chain
    /// their scales and degrees.
    pub fn forms(&self) -> usize {
        let levels = if self.even { 1 } else { self.bits.len() };
        levels * self.scales * 2
    }

    /// The number of a version among those.
    pub fn form_of(&self, version: Version) -> usize {
        let level = if self.even { 0 } else { usize::try_from(version.level).unwrap_or(0) };
        (level * self.scales + self.number_of(version.scale)) * 2 + usize::from(version.degree - 1)
    }
}
