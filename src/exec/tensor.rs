//! Dense tensors of `f64`, row-major, with the broadcasting rules of numpy and torch.
//!
//! These are the runtime values of the plaintext stages. Every constructor checks its shape: the product of the
//! dimensions is computed without overflow and is at most [`MAX_ELEMENTS`].

use std::fmt;

/// The largest number of elements a tensor may have (2^28, 2 GiB of data).
pub const MAX_ELEMENTS: usize = 1 << 28;

/// Why a shape, an index or an attribute of a tensor operation was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShapeError {
    /// The data do not fill the shape.
    DataLength {
        /// The shape asked for.
        shape: Vec<usize>,
        /// The number of elements given.
        found: usize,
    },
    /// The shape has more than [`MAX_ELEMENTS`] elements, or their number overflows.
    TooLarge {
        /// The shape asked for.
        shape: Vec<usize>,
    },
    /// Two shapes do not broadcast to a common one.
    Broadcast {
        /// The shape of the left operand.
        left: Vec<usize>,
        /// The shape of the right operand.
        right: Vec<usize>,
    },
    /// A value has a rank that the operation does not take.
    Rank {
        /// What the value is to the operation ("input", "weight", …).
        what: &'static str,
        /// The rank (or the least rank) the operation takes.
        expected: usize,
        /// The shape found.
        found: Vec<usize>,
    },
    /// Two sizes that must agree do not.
    Mismatch {
        /// Which size is meant.
        what: &'static str,
        /// The size that the other facts require.
        expected: usize,
        /// The size found.
        found: usize,
    },
    /// Two shapes that must be equal are not.
    Shapes {
        /// What the second value is to the operation.
        what: &'static str,
        /// The shape that the other facts require.
        expected: Vec<usize>,
        /// The shape found.
        found: Vec<usize>,
    },
    /// A dimension number lies outside `-rank .. rank`.
    Dimension {
        /// The dimension number as given.
        dim: i64,
        /// The rank of the tensor.
        rank: usize,
    },
    /// A dimension is named twice.
    RepeatedDimension {
        /// The dimension, counted from the front.
        dim: usize,
    },
    /// An attribute has a value that the operation does not take.
    Attribute {
        /// The name of the attribute.
        name: &'static str,
        /// The value found.
        value: i64,
        /// What the attribute must satisfy.
        requirement: &'static str,
    },
    /// A window (kernel with its dilation) is larger than the padded input.
    Window {
        /// Extent of the dilated window.
        window: usize,
        /// Extent of the padded input.
        input: usize,
    },
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ShapeError::DataLength { shape, found } => {
                write!(f, "{found} elements do not fill a tensor of shape {shape:?}")
            }
            ShapeError::TooLarge { shape } => {
                write!(f, "a tensor of shape {shape:?} has more than {MAX_ELEMENTS} elements")
            }
            ShapeError::Broadcast { left, right } => {
                write!(f, "shapes {left:?} and {right:?} do not broadcast to a common shape")
            }
            ShapeError::Rank { what, expected, found } => write!(
                f,
                "the {what} has rank {} (shape {found:?}), but rank {expected} is expected",
                found.len()
            ),
            ShapeError::Mismatch { what, expected, found } => {
                write!(f, "{what} is {found}, but {expected} is expected")
            }
            ShapeError::Shapes { what, expected, found } => {
                write!(f, "the {what} has shape {found:?}, but {expected:?} is expected")
            }
            ShapeError::Dimension { dim, rank } => {
                write!(f, "dimension {dim} does not exist in a tensor of rank {rank}")
            }
            ShapeError::RepeatedDimension { dim } => write!(f, "dimension {dim} is named twice"),
            ShapeError::Attribute { name, value, requirement } => {
                write!(f, "{name} is {value}, but it must be {requirement}")
            }
            ShapeError::Window { window, input } => {
                write!(f, "a window of extent {window} does not fit a padded input of extent {input}")
            }
        }
    }
}

impl std::error::Error for ShapeError {}

/// The number of elements of a shape, at most [`MAX_ELEMENTS`]; 1 for the shape of a scalar.
pub fn element_count(shape: &[usize]) -> Result<usize, ShapeError> {
    let count = shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
    match count {
        Some(count) if count <= MAX_ELEMENTS => Ok(count),
        _ => Err(ShapeError::TooLarge { shape: shape.to_vec() }),
    }
}

/// Row-major strides of a shape, in elements (saturating for shapes no tensor can have).
pub fn strides_of(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1usize; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis].saturating_mul(shape[axis]);
    }
    strides
}

/// The common shape of two operands: aligned at the last dimension, a size of 1 (or an absent one) stretches.
pub fn broadcast_shapes(left: &[usize], right: &[usize]) -> Result<Vec<usize>, ShapeError> {
    let rank = left.len().max(right.len());
    let size = |shape: &[usize], axis: usize| {
        (axis + shape.len()).checked_sub(rank).and_then(|at| shape.get(at).copied()).unwrap_or(1)
    };
    let mut shape = Vec::with_capacity(rank);
    for axis in 0..rank {
        shape.push(match (size(left, axis), size(right, axis)) {
            (a, b) if a == b => a,
            (1, b) => b,
            (a, 1) => a,
            _ => return Err(ShapeError::Broadcast { left: left.to_vec(), right: right.to_vec() }),
        });
    }
    element_count(&shape)?;
    Ok(shape)
}

/// Strides that read a tensor of shape `from` as if it had the shape `to` (0 where it is stretched).
/// `from` must broadcast to `to` ([`broadcast_shapes`]); a dimension that does not fit is read as stretched.
pub fn broadcast_strides(from: &[usize], to: &[usize]) -> Vec<usize> {
    let strides = strides_of(from);
    (0..to.len())
        .map(|axis| match (axis + from.len()).checked_sub(to.len()) {
            Some(at) if from[at] == to[axis] && from[at] != 1 => strides[at],
            _ => 0,
        })
        .collect()
}

/// The dimension number `dim` of a tensor of rank `rank`, where negative numbers count from the back.
pub fn normalize_dim(dim: i64, rank: usize) -> Result<usize, ShapeError> {
    let error = ShapeError::Dimension { dim, rank };
    let signed = i64::try_from(rank).map_err(|_| error.clone())?;
    if dim < -signed || dim >= signed {
        return Err(error);
    }
    usize::try_from(if dim < 0 { dim + signed } else { dim }).map_err(|_| error)
}

/// A dense row-major tensor. `data.len()` is the product of `shape`.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// The sizes of the dimensions, outermost first; empty for a scalar.
    pub shape: Vec<usize>,
    /// The elements, the last dimension contiguous.
    pub data: Vec<f64>,
}

impl Tensor {
    /// A tensor of these elements; they must fill the shape.
    pub fn new(shape: Vec<usize>, data: Vec<f64>) -> Result<Tensor, ShapeError> {
        if element_count(&shape)? != data.len() {
            return Err(ShapeError::DataLength { shape, found: data.len() });
        }
        Ok(Tensor { shape, data })
    }

    /// A tensor of zeros.
    pub fn zeros(shape: &[usize]) -> Result<Tensor, ShapeError> {
        Tensor::filled(shape, 0.0)
    }

    /// A tensor whose elements all are `value`.
    pub fn filled(shape: &[usize], value: f64) -> Result<Tensor, ShapeError> {
        let count = element_count(shape)?;
        Ok(Tensor { shape: shape.to_vec(), data: vec![value; count] })
    }

    /// A tensor whose element at each multi-index is `f(index)`.
    pub fn from_fn(shape: &[usize], mut f: impl FnMut(&[usize]) -> f64) -> Result<Tensor, ShapeError> {
        let count = element_count(shape)?;
        let mut data = Vec::with_capacity(count);
        let mut index = vec![0; shape.len()];
        for _ in 0..count {
            data.push(f(&index));
            advance(&mut index, shape);
        }
        Ok(Tensor { shape: shape.to_vec(), data })
    }

    /// A tensor of rank 0.
    pub fn scalar(value: f64) -> Tensor {
        Tensor { shape: Vec::new(), data: vec![value] }
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether some dimension is 0.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// The number of dimensions.
    pub fn rank(&self) -> usize {
        self.shape.len()
    }

    /// Row-major strides, in elements.
    pub fn strides(&self) -> Vec<usize> {
        strides_of(&self.shape)
    }

    /// The position in `data` of a multi-index, if it lies in the shape.
    pub fn offset(&self, index: &[usize]) -> Option<usize> {
        if index.len() != self.shape.len() || index.iter().zip(&self.shape).any(|(&i, &size)| i >= size) {
            return None;
        }
        Some(index.iter().zip(self.strides()).map(|(&i, stride)| i * stride).sum())
    }

    /// The element at a multi-index, if it lies in the shape.
    pub fn get(&self, index: &[usize]) -> Option<f64> {
        self.offset(index).map(|at| self.data[at])
    }

    /// The multi-index of a position in `data`, if there is one.
    pub fn unravel(&self, offset: usize) -> Option<Vec<usize>> {
        if offset >= self.len() {
            return None;
        }
        Some(self.strides().iter().zip(&self.shape).map(|(&stride, &size)| offset / stride % size).collect())
    }

    /// The tensor of `f(x)` for each element x.
    pub fn map(&self, f: impl Fn(f64) -> f64) -> Tensor {
        Tensor { shape: self.shape.clone(), data: self.data.iter().map(|&x| f(x)).collect() }
    }

    /// The tensor of `f(a, b)` for the elements of both, broadcast to their common shape.
    pub fn zip_with(&self, other: &Tensor, f: impl Fn(f64, f64) -> f64) -> Result<Tensor, ShapeError> {
        if self.shape == other.shape {
            let data = self.data.iter().zip(&other.data).map(|(&a, &b)| f(a, b)).collect();
            return Ok(Tensor { shape: self.shape.clone(), data });
        }
        let shape = broadcast_shapes(&self.shape, &other.shape)?;
        let (left, right) = (broadcast_strides(&self.shape, &shape), broadcast_strides(&other.shape, &shape));
        let at = |index: &[usize], strides: &[usize]| -> usize {
            index.iter().zip(strides).map(|(&i, &stride)| i * stride).sum()
        };
        Tensor::from_fn(&shape, |index| f(self.data[at(index, &left)], other.data[at(index, &right)]))
    }

    /// This tensor stretched to `shape`.
    pub fn broadcast_to(&self, shape: &[usize]) -> Result<Tensor, ShapeError> {
        if broadcast_shapes(&self.shape, shape)? != shape {
            return Err(ShapeError::Broadcast { left: self.shape.clone(), right: shape.to_vec() });
        }
        let strides = broadcast_strides(&self.shape, shape);
        Tensor::from_fn(shape, |index| {
            self.data[index.iter().zip(&strides).map(|(&i, &stride)| i * stride).sum::<usize>()]
        })
    }

    /// The same elements in another shape of as many elements.
    pub fn with_shape(self, shape: Vec<usize>) -> Result<Tensor, ShapeError> {
        Tensor::new(shape, self.data)
    }

    /// The largest magnitude; 0 for an empty tensor, NaN if an element is NaN.
    pub fn max_abs(&self) -> f64 {
        self.data.iter().fold(0.0, |most, &x| max_or_nan(most, x.abs()))
    }

    /// The largest magnitude of the difference to a tensor of the same shape. NaN if an element of either is NaN;
    /// equal infinities differ by 0.
    pub fn max_abs_difference(&self, other: &Tensor) -> Result<f64, ShapeError> {
        if self.shape != other.shape {
            return Err(ShapeError::Shapes {
                what: "other tensor",
                expected: self.shape.clone(),
                found: other.shape.clone(),
            });
        }
        let difference = |a: f64, b: f64| if a == b { 0.0 } else { (a - b).abs() };
        Ok(self.data.iter().zip(&other.data).fold(0.0, |most, (&a, &b)| max_or_nan(most, difference(a, b))))
    }
}

/// The larger of two numbers, NaN if either is.
fn max_or_nan(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// Step a multi-index to the next one in row-major order (back to zero after the last).
pub fn advance(index: &mut [usize], shape: &[usize]) {
    for axis in (0..shape.len()).rev() {
        index[axis] += 1;
        if index[axis] < shape[axis] {
            return;
        }
        index[axis] = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iota(shape: &[usize]) -> Tensor {
        let count = element_count(shape).unwrap();
        Tensor::new(shape.to_vec(), (0..count).map(|i| i as f64).collect()).unwrap()
    }

    #[test]
    fn constructors_check_the_shape() {
        assert_eq!(
            Tensor::new(vec![2, 3], vec![0.0; 5]),
            Err(ShapeError::DataLength { shape: vec![2, 3], found: 5 })
        );
        for shape in [vec![usize::MAX, 2], vec![1 << 20, 1 << 20], vec![MAX_ELEMENTS + 1]] {
            assert_eq!(Tensor::zeros(&shape), Err(ShapeError::TooLarge { shape }));
        }
        assert_eq!(Tensor::zeros(&[3, 0, 2]).unwrap().len(), 0);
        assert_eq!(Tensor::scalar(4.0).shape, Vec::<usize>::new());
    }

    #[test]
    fn indices_round_trip() {
        let t = iota(&[2, 3, 4]);
        assert_eq!(t.strides(), [12, 4, 1]);
        for offset in 0..t.len() {
            let index = t.unravel(offset).unwrap();
            assert_eq!(t.offset(&index), Some(offset));
            assert_eq!(t.get(&index), Some(offset as f64));
        }
        assert_eq!(t.unravel(24), None);
        assert_eq!(t.offset(&[0, 3, 0]), None);
        assert_eq!(t.offset(&[0, 0]), None);
    }

    #[test]
    fn broadcasting_follows_numpy() {
        assert_eq!(broadcast_shapes(&[4, 1, 3], &[2, 1]).unwrap(), [4, 2, 3]);
        assert_eq!(broadcast_shapes(&[], &[2]).unwrap(), [2]);
        assert_eq!(broadcast_shapes(&[0], &[1]).unwrap(), [0]);
        assert!(broadcast_shapes(&[2, 3], &[2]).is_err());
        let column = iota(&[2, 1]);
        let row = iota(&[3]);
        let sum = column.zip_with(&row, |a, b| 10.0 * a + b).unwrap();
        assert_eq!(sum, Tensor::new(vec![2, 3], vec![0.0, 1.0, 2.0, 10.0, 11.0, 12.0]).unwrap());
        assert_eq!(row.broadcast_to(&[2, 3]).unwrap().data, [0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
        assert!(iota(&[2, 3]).broadcast_to(&[3]).is_err());
    }

    #[test]
    fn differences_do_not_hide_nan() {
        let t = Tensor::new(vec![3], vec![1.0, -5.0, 2.0]).unwrap();
        assert_eq!(t.max_abs(), 5.0);
        assert_eq!(t.max_abs_difference(&t.map(|x| x + 0.5)).unwrap(), 0.5);
        assert!(t.max_abs_difference(&t.map(|x| if x > 1.0 { f64::NAN } else { x })).unwrap().is_nan());
        assert!(t.max_abs_difference(&Tensor::scalar(0.0)).is_err());
    }

    #[test]
    fn dimensions_count_from_either_end() {
        assert_eq!(normalize_dim(-1, 3), Ok(2));
        assert_eq!(normalize_dim(0, 3), Ok(0));
        assert_eq!(normalize_dim(3, 3), Err(ShapeError::Dimension { dim: 3, rank: 3 }));
        assert_eq!(normalize_dim(-1, 0), Err(ShapeError::Dimension { dim: -1, rank: 0 }));
    }
}
