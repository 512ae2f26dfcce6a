//! Work on several processors. Results do not depend on how many there are.

use rayon::prelude::*;

/// Elements below which threads cost more than they save.
const LARGE: usize = 1 << 17;

/// `row` of each row number, for rows of that many elements.
pub(crate) fn map_rows<T: Send>(
    rows: usize,
    elements: usize,
    row: impl Fn(usize) -> T + Sync + Send,
) -> Vec<T> {
    match rows.saturating_mul(elements) < LARGE {
        true => (0..rows).map(row).collect(),
        false => (0..rows).into_par_iter().map(row).collect(),
    }
}

/// Calls `fill` with the place of the first element and the elements of each chunk of `size`.
pub(crate) fn fill_chunks(data: &mut [f64], size: usize, fill: impl Fn(usize, &mut [f64]) + Sync) {
    match data.len() < LARGE {
        true => data.chunks_mut(size).enumerate().for_each(|(index, chunk)| fill(index * size, chunk)),
        false => data.par_chunks_mut(size).enumerate().for_each(|(index, chunk)| fill(index * size, chunk)),
    }
}

/// Two results, side by side.
pub(crate) fn both<A: Send, B: Send>(
    first: impl FnOnce() -> A + Send,
    second: impl FnOnce() -> B + Send,
) -> (A, B) {
    rayon::join(first, second)
}
