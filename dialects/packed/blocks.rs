//! Blocks: a tensor of more elements than slots is several packed values, each a block of its last dimension; where not
//! even one column fits, the first dimension is cut before.
//!
//! All blocks but the last are as wide as the slots allow, and have one layout. The last one has what is left, and is as
//! short as that is: the diagonals between two blocks are as many as the shorter one has slots in a period. Blocks of
//! equal width would all be more than half full, so that no period were shorter than the slots. Groups of rows are cut
//! likewise; no layer mixes them.

use std::rc::Rc;

use he_core::exec::tensor::Tensor;

use super::layout::{Layout, Order};
use super::matrix::Matrix;
use super::plan::Steps;

/// The most ciphertexts of one tensor: a layer has as many pieces as the product of two such numbers.
pub const MAX_BLOCKS: usize = 256;

/// Elements of the last dimension.
pub fn width(layout: &Layout) -> usize {
    layout.shape.last().copied().unwrap_or(1)
}

/// Rows of which a column fits into the slots, and the elements of all dimensions between the first and the last one. `None`
/// where not even one row of them does.
fn rows_at_once(shape: &[usize], slots: usize) -> Option<usize> {
    let (first, between) = match shape {
        [first, between @ .., _] => (*first, between.iter().product::<usize>()),
        _ => (1, 1),
    };
    let most = slots / between.max(1);
    (most > 0).then_some(first.min(most))
}

/// The shape of a tensor's first group of rows: all of it, as a rule.
pub fn first_rows(shape: &[usize], slots: usize) -> Vec<usize> {
    with_rows(shape, rows_at_once(shape, slots).unwrap_or(1))
}

/// The shapes of groups of so many rows.
fn groups(shape: &[usize], rows: usize) -> Vec<Vec<usize>> {
    let all = if shape.len() > 1 { shape[0] } else { 1 };
    let firsts = (0..all.max(1)).step_by(rows.max(1));
    firsts.map(|first| with_rows(shape, rows.min(all - first))).collect()
}

/// The dense layouts of the blocks of a tensor, as few as fit into the slots, one group of rows after the other; otherwise
/// why none do.
pub fn dense(shape: &[usize], order: Order, slots: usize) -> Result<Vec<Layout>, String> {
    if shape.contains(&0) {
        return Err("it has no elements".to_owned());
    }
    if let Some(layout) = Layout::dense(shape, order, slots) {
        return Ok(vec![layout]);
    }
    let Some((columns, leading)) = shape.split_last() else {
        return Err(format!("no element fits in {slots} slots"));
    };
    let rows: usize = leading.iter().product();
    let Some(at_once) = rows_at_once(shape, slots) else {
        let within = rows / leading.first().copied().unwrap_or(1).max(1);
        return Err(format!("one column of {within} rows does not fit in {slots} slots"));
    };
    let group = with_rows(shape, at_once);
    let width = slots / group[..leading.len()].iter().product::<usize>().max(1);
    let count = columns.div_ceil(width).saturating_mul(groups(shape, at_once).len());
    if count > MAX_BLOCKS {
        return Err(format!(
            "{rows} rows of {columns} elements take {count} ciphertexts of {slots} slots, and {MAX_BLOCKS} is the most"
        ));
    }
    let first = Layout::dense(&with_width(&group, width), order, slots);
    let first = first.ok_or_else(|| format!("{width} columns of {rows} rows do not fit in {slots} slots"))?;
    Ok(like(&first, shape))
}

/// The layouts of the blocks of a tensor, the first of which is given: that of the others is the same, but no longer than
/// their elements are.
pub fn like(first: &Layout, shape: &[usize]) -> Vec<Layout> {
    let rows = if shape.len() > 1 { first.shape.first().copied().unwrap_or(1) } else { 1 };
    let (full, columns) = (width(first).max(1), shape.last().copied().unwrap_or(1));
    let widths: Vec<usize> =
        (0..columns.max(1)).step_by(full).map(|start| full.min(columns - start)).collect();
    let block = |group: &[usize], width: usize| {
        let mut layout = Layout { shape: with_width(group, width), ..first.clone() };
        layout.period = first.period / power(first.count()) * power(layout.count());
        layout
    };
    groups(shape, rows).iter().flat_map(|group| widths.iter().map(|width| block(group, *width))).collect()
}

fn with_rows(shape: &[usize], rows: usize) -> Vec<usize> {
    let mut shape = shape.to_vec();
    if shape.len() > 1 {
        shape[0] = rows;
    }
    shape
}

fn with_width(shape: &[usize], width: usize) -> Vec<usize> {
    let mut shape = shape.to_vec();
    if let Some(last) = shape.last_mut() {
        *last = width;
    }
    shape
}

fn power(count: usize) -> usize {
    count.max(1).next_power_of_two()
}

/// Where the blocks of one group of rows begin, in the last dimension of the tensor.
pub fn starts(blocks: &[Layout]) -> Vec<usize> {
    places(blocks, usize::MAX).into_iter().map(|(_, column)| column).collect()
}

/// Where the blocks of a tensor of so many columns begin: in its first dimension, and in its last one.
pub fn places(blocks: &[Layout], columns: usize) -> Vec<(usize, usize)> {
    let (mut row, mut column) = (0, 0);
    let before = |block: &Layout| {
        let place = (row, column);
        column += width(block);
        if column >= columns {
            (row, column) = (row + block.shape.first().copied().unwrap_or(1), 0);
        }
        place
    };
    blocks.iter().map(before).collect()
}

/// The matrix `y = x Wᵀ` between the blocks of two tensors.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockMatrix {
    /// Weights, `[outputs, inputs]`.
    pub weight: Rc<Tensor>,
    /// Layouts of the operand's blocks.
    pub inputs: Vec<Layout>,
    /// Layouts of the result's blocks.
    pub outputs: Vec<Layout>,
}

impl BlockMatrix {
    /// The matrix between two blocks.
    pub fn piece(&self, output: usize, input: usize) -> Matrix {
        Matrix {
            weight: self.weight.clone(),
            row: self.outputs[..output].iter().map(width).sum(),
            column: self.inputs[..input].iter().map(width).sum(),
            input: self.inputs[input].clone(),
            output: self.outputs[output].clone(),
        }
    }

    /// The diagonals of baby-step giant-step that are not zero; where `full` is known, all are taken for it.
    pub fn diagonals(&self, full: bool) -> Diagonals {
        let mut diagonals = Diagonals { inputs: self.inputs.len(), span: 1, pieces: Vec::new() };
        for output in 0..self.outputs.len() {
            for input in 0..self.inputs.len() {
                let matrix = self.piece(output, input);
                // Of several rows most diagonals are zero.
                let full = full
                    && [&matrix.input, &matrix.output]
                        .into_iter()
                        .all(|layout| width(layout).is_power_of_two() && layout.count() == width(layout));
                let (steps, matrix) = Steps::bsgs(1, matrix);
                let numbers = if full { steps.rotations.collect() } else { matrix.nonzero(steps.rotations) };
                diagonals.span = diagonals.span.max(steps.span);
                diagonals.pieces.push(Piece { output, input, folds: steps.sums.len(), numbers });
            }
        }
        diagonals
    }
}

/// The diagonals of a layer: what baby-step giant-step is planned from.
pub struct Diagonals {
    inputs: usize,
    span: usize,
    pieces: Vec<Piece>,
}

/// Those between two blocks.
struct Piece {
    output: usize,
    input: usize,
    /// Rotations that follow. Giant steps are shared by the pieces of an output that agree in their number.
    folds: usize,
    numbers: Vec<usize>,
}

impl Diagonals {
    /// Diagonals are numbered below this.
    pub fn span(&self) -> usize {
        self.span
    }

    /// How many there are, and products with them.
    pub fn count(&self) -> usize {
        self.pieces.iter().map(|piece| piece.numbers.len()).sum()
    }

    /// Rotations of each input block: its distinct baby steps, over all output blocks.
    pub fn babies(&self, baby: usize) -> Vec<usize> {
        let steps_of = |input: usize| {
            let pieces = self.pieces.iter().filter(move |piece| piece.input == input);
            distinct(pieces.flat_map(|piece| &piece.numbers).map(|d| d % baby), self.span)
        };
        (0..self.inputs).map(steps_of).collect()
    }

    /// Rotations of sums: the distinct giant steps of each output block.
    pub fn giants(&self, baby: usize) -> usize {
        let giants_of = |(output, folds)| {
            let pieces = self.pieces.iter().filter(|piece| (piece.output, piece.folds) == (output, folds));
            distinct(pieces.flat_map(|piece| &piece.numbers).map(|d| d / baby), self.span)
        };
        self.sums().into_iter().map(giants_of).sum()
    }

    /// Rotations that fold the sums of each output block, those of a short operand together with the last of a long one.
    pub fn folds(&self) -> usize {
        let mut sums = self.sums();
        sums.reverse();
        sums.dedup_by_key(|(output, _)| *output);
        sums.into_iter().map(|(_, folds)| folds).sum()
    }

    /// Output blocks and folds of the pieces that are summed.
    fn sums(&self) -> Vec<(usize, usize)> {
        let mut sums: Vec<_> = self.pieces.iter().map(|piece| (piece.output, piece.folds)).collect();
        sums.sort_unstable();
        sums.dedup();
        sums
    }

    /// The power of two of baby steps with the fewest rotations; of equals the largest, whose rotations share an operand.
    pub fn best_baby(&self) -> usize {
        let powers = (0..usize::BITS).map(|bit| 1usize << bit).take_while(|baby| *baby <= self.span);
        let rotations = |baby: usize| self.babies(baby).into_iter().sum::<usize>() + self.giants(baby);
        powers.min_by_key(|baby| (rotations(*baby), std::cmp::Reverse(*baby))).unwrap_or(1)
    }
}

/// How many numbers other than 0 there are, all at most `most`.
fn distinct(numbers: impl Iterator<Item = usize>, most: usize) -> usize {
    let mut seen = vec![false; most + 1];
    numbers.for_each(|number| seen[number] = true);
    seen.into_iter().skip(1).filter(|seen| *seen).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(outputs: usize, inputs: usize) -> Rc<Tensor> {
        let data = (0..outputs * inputs).map(|i| (i * 7 % 11) as f64 - 5.5).collect();
        Rc::new(Tensor { shape: vec![outputs, inputs], data })
    }

    fn row(count: usize, slots: usize) -> Vec<Layout> {
        dense(&[1, count], Order::RowMajor, slots).expect("it fits")
    }

    #[test]
    fn blocks_are_as_wide_as_the_slots_and_the_last_as_short_as_it_can() {
        let of = |shape: &[usize], slots| {
            let blocks = dense(shape, Order::RowMajor, slots).expect("it fits");
            blocks.iter().map(|block| (width(block), block.period)).collect::<Vec<_>>()
        };
        assert_eq!(of(&[1, 8], 8), [(8, 8)]);
        assert_eq!(of(&[1, 9], 8), [(8, 8), (1, 1)]);
        assert_eq!(of(&[2, 11], 8), [(4, 8), (4, 8), (3, 8)]);
        assert_eq!(of(&[3, 5], 8), [(2, 8), (2, 8), (1, 4)]);
        assert_eq!(of(&[20], 16), [(16, 16), (4, 4)]);
        assert_eq!(starts(&row(20, 8)), [0, 8, 16]);
    }

    #[test]
    fn where_no_column_fits_rows_are_cut() {
        let of = |shape: &[usize]| dense(shape, Order::RowMajor, 8).expect("it fits");
        let shapes = |blocks: &[Layout]| blocks.iter().map(|block| block.shape.clone()).collect::<Vec<_>>();
        let periods = |blocks: &[Layout]| blocks.iter().map(|block| block.period).collect::<Vec<_>>();
        let blocks = of(&[11, 2]);
        assert_eq!(shapes(&blocks), [[8, 1], [8, 1], [3, 1], [3, 1]]);
        assert_eq!(periods(&blocks), [8, 8, 4, 4]);
        assert_eq!(places(&blocks, 2), [(0, 0), (0, 1), (8, 0), (8, 1)]);
        assert_eq!(first_rows(&[11, 2], 8), [8, 2]);
        // Rows count with all dimensions but the last.
        let blocks = of(&[5, 3, 2]);
        let rows: Vec<usize> = blocks.iter().map(|block| block.shape[0]).collect();
        assert_eq!(rows, [2, 2, 2, 2, 1, 1]);
        assert_eq!(blocks[5].shape, [1, 3, 1]);
        assert_eq!(places(&blocks, 2)[2..5], [(2, 0), (2, 1), (4, 0)]);
        assert_eq!(first_rows(&[5, 1], 8), [5, 1]);
        assert_eq!(first_rows(&[40], 8), [40]);
    }

    #[test]
    fn what_no_blocks_hold_is_refused() {
        let why = |shape: &[usize]| dense(shape, Order::RowMajor, 8).expect_err("it does not fit");
        assert_eq!(why(&[3, 9, 2]), "one column of 9 rows does not fit in 8 slots");
        assert!(why(&[9 * 8, 32]).contains("72 rows of 32 elements take 288 ciphertexts of 8 slots"));
        assert!(why(&[1, 8 * MAX_BLOCKS + 1]).contains("take 257 ciphertexts of 8 slots"));
    }

    #[test]
    fn pieces_are_the_matrix() {
        for (outputs, inputs) in [(5, 20), (20, 5), (9, 17)] {
            let matrix = BlockMatrix {
                weight: weight(outputs, inputs),
                inputs: row(inputs, 8),
                outputs: row(outputs, 8),
            };
            for (i, from) in starts(&matrix.inputs).into_iter().enumerate() {
                for (o, to) in starts(&matrix.outputs).into_iter().enumerate() {
                    let diagonal = matrix.piece(o, i).diagonal(1);
                    let (n, m) = (width(&matrix.inputs[i]), width(&matrix.outputs[o]));
                    for (slot, found) in diagonal.iter().enumerate().take(m) {
                        let input = (slot + 1) % matrix.inputs[i].period;
                        let wanted = if input < n {
                            matrix.weight.data[(to + slot) * inputs + from + input]
                        } else {
                            0.0
                        };
                        assert_eq!(*found, wanted, "{outputs}x{inputs}, piece {o}, {i}");
                    }
                }
            }
        }
    }

    #[test]
    fn rotations_of_the_published_example() {
        // 64 -> 32 -> 16 -> 8: 10 + 1, 6 + 1, 4 + 1 rotations.
        let counts = [(32, 64), (16, 32), (8, 16)].map(|(m, n)| {
            let matrix = BlockMatrix { weight: weight(m, n), inputs: row(n, 64), outputs: row(m, 64) };
            let diagonals = matrix.diagonals(false);
            let baby = diagonals.best_baby();
            diagonals.babies(baby)[0] + diagonals.giants(baby) + diagonals.folds()
        });
        assert_eq!(counts, [11, 7, 5]);
    }

    #[test]
    fn blocks_share_their_steps() {
        // Two blocks of 16 to two: each input is rotated by the baby steps once, each output by the giant steps once.
        let matrix = BlockMatrix { weight: weight(32, 32), inputs: row(32, 16), outputs: row(32, 16) };
        let diagonals = matrix.diagonals(false);
        assert_eq!((diagonals.count(), diagonals.babies(4), diagonals.giants(4)), (64, vec![3, 3], 6));
    }
}
