//! Shape inference of the `nn` ops: the shape of the result, or why there is none.

use he_core::exec::tensor::{ShapeError, broadcast_shapes, element_count, normalize_dim};

/// Attributes of a 2-D convolution. Pairs are (height, width).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2d {
    /// Step of the window, at least 1.
    pub stride: [usize; 2],
    /// Zeros added on both sides.
    pub padding: [usize; 2],
    /// Distance of the taps, at least 1.
    pub dilation: [usize; 2],
    /// Number of blocks of channels that do not mix, at least 1.
    pub groups: usize,
}

impl Default for Conv2d {
    /// The defaults of torch: stride 1, no padding, dilation 1, one group.
    fn default() -> Self {
        Conv2d { stride: [1; 2], padding: [0; 2], dilation: [1; 2], groups: 1 }
    }
}

/// Attributes of a 2-D average pooling (`ceil_mode = false`, `count_include_pad = true`). Pairs are (height, width).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool2d {
    /// Size of the window, at least 1.
    pub kernel_size: [usize; 2],
    /// Step of the window, at least 1.
    pub stride: [usize; 2],
    /// Zeros added on both sides, at most half the window.
    pub padding: [usize; 2],
}

impl Pool2d {
    /// A window that steps by its own size, without padding (the defaults of torch).
    pub fn new(kernel_size: [usize; 2]) -> Self {
        Pool2d { kernel_size, stride: kernel_size, padding: [0; 2] }
    }
}

/// The positions `start, start + step, …` below `start + step * count` that a slice keeps of one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The dimension, counted from the front.
    pub dim: usize,
    /// The first position.
    pub start: usize,
    /// The distance of the positions, at least 1.
    pub step: usize,
    /// The number of positions.
    pub count: usize,
}

fn rank_is(what: &'static str, shape: &[usize], expected: usize) -> Result<(), ShapeError> {
    if shape.len() != expected {
        return Err(ShapeError::Rank { what, expected, found: shape.to_vec() });
    }
    Ok(())
}

fn rank_at_least(what: &'static str, shape: &[usize], expected: usize) -> Result<(), ShapeError> {
    if shape.len() < expected {
        return Err(ShapeError::Rank { what, expected, found: shape.to_vec() });
    }
    Ok(())
}

fn agree(what: &'static str, expected: usize, found: usize) -> Result<(), ShapeError> {
    if expected != found {
        return Err(ShapeError::Mismatch { what, expected, found });
    }
    Ok(())
}

fn same_shape(what: &'static str, expected: &[usize], found: &[usize]) -> Result<(), ShapeError> {
    if expected != found {
        return Err(ShapeError::Shapes { what, expected: expected.to_vec(), found: found.to_vec() });
    }
    Ok(())
}

fn positive(name: &'static str, value: usize) -> Result<(), ShapeError> {
    if value == 0 {
        return Err(ShapeError::Attribute { name, value: 0, requirement: "at least 1" });
    }
    Ok(())
}

fn checked(shape: Vec<usize>) -> Result<Vec<usize>, ShapeError> {
    element_count(&shape)?;
    Ok(shape)
}

/// Any element-wise op of one operand: the shape of the operand.
pub fn shape_of_unary(x: &[usize]) -> Result<Vec<usize>, ShapeError> {
    checked(x.to_vec())
}

/// `add`, `sub`, `mul`: the shape both operands broadcast to.
pub fn shape_of_binary(x: &[usize], y: &[usize]) -> Result<Vec<usize>, ShapeError> {
    broadcast_shapes(x, y)
}

/// `shifted_bias`: weight (out, in), bias (out) to (out).
pub fn shape_of_shifted_bias(weight: &[usize], bias: Option<&[usize]>) -> Result<Vec<usize>, ShapeError> {
    rank_is("weight", weight, 2)?;
    if let Some(bias) = bias {
        same_shape("bias", &weight[..1], bias)?;
    }
    checked(vec![weight[0]])
}

/// `linear`: x (…, in), weight (out, in), bias (out) to (…, out).
pub fn shape_of_linear(
    x: &[usize],
    weight: &[usize],
    bias: Option<&[usize]>,
) -> Result<Vec<usize>, ShapeError> {
    rank_is("weight", weight, 2)?;
    rank_at_least("input", x, 1)?;
    agree("the last dimension of the input", weight[1], x[x.len() - 1])?;
    if let Some(bias) = bias {
        same_shape("bias", &weight[..1], bias)?;
    }
    let mut shape = x.to_vec();
    shape[x.len() - 1] = weight[0];
    checked(shape)
}

/// `matmul`: (…, n, k) times (…, k, m) to (…, n, m), the leading dimensions broadcast. An operand of rank 1 is a row
/// on the left, a column on the right, and leaves no dimension in the result.
pub fn shape_of_matmul(x: &[usize], y: &[usize]) -> Result<Vec<usize>, ShapeError> {
    rank_at_least("left operand", x, 1)?;
    rank_at_least("right operand", y, 1)?;
    let (left, right) = matmul_operands(x, y);
    let (n, k) = (left[left.len() - 2], left[left.len() - 1]);
    let (rows, m) = (right[right.len() - 2], right[right.len() - 1]);
    agree("the contracted dimension of the right operand", k, rows)?;
    let mut shape = broadcast_shapes(&left[..left.len() - 2], &right[..right.len() - 2])?;
    shape.extend((x.len() > 1).then_some(n));
    shape.extend((y.len() > 1).then_some(m));
    checked(shape)
}

/// The shapes that `matmul` gives its operands: at least rank 2.
pub(super) fn matmul_operands(x: &[usize], y: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let left = if x.len() == 1 { vec![1, x[0]] } else { x.to_vec() };
    let right = if y.len() == 1 { vec![y[0], 1] } else { y.to_vec() };
    (left, right)
}

/// `attention`: query (…, l, e), key (…, s, e), value (…, s, v) to (…, l, v), the leading dimensions broadcast.
pub fn shape_of_attention(query: &[usize], key: &[usize], value: &[usize]) -> Result<Vec<usize>, ShapeError> {
    for (what, shape) in [("query", query), ("key", key), ("value", value)] {
        rank_at_least(what, shape, 2)?;
    }
    agree("the last dimension of the key", query[query.len() - 1], key[key.len() - 1])?;
    let mut scores = query.to_vec();
    scores[query.len() - 1] = key[key.len() - 2];
    let batch = broadcast_shapes(&query[..query.len() - 2], &key[..key.len() - 2])?;
    scores.splice(..query.len() - 2, batch);
    checked(scores.clone())?;
    shape_of_matmul(&scores, value)
}

/// The number of windows along one dimension.
fn windows(
    input: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    dilation: usize,
) -> Result<usize, ShapeError> {
    let too_large = || ShapeError::TooLarge { shape: vec![input, kernel, padding] };
    let reach = kernel.saturating_sub(1).checked_mul(dilation).and_then(|reach| reach.checked_add(1));
    let window = reach.ok_or_else(too_large)?;
    let padded = padding.checked_mul(2).and_then(|both| both.checked_add(input)).ok_or_else(too_large)?;
    if window > padded {
        return Err(ShapeError::Window { window, input: padded });
    }
    Ok((padded - window) / stride + 1)
}

/// `conv2d`: x (n, c, h, w), weight (out, c / groups, kh, kw), bias (out) to (n, out, h', w').
pub fn shape_of_conv2d(
    x: &[usize],
    weight: &[usize],
    bias: Option<&[usize]>,
    attributes: &Conv2d,
) -> Result<Vec<usize>, ShapeError> {
    rank_is("input", x, 4)?;
    rank_is("weight", weight, 4)?;
    positive("groups", attributes.groups)?;
    let groups = attributes.groups;
    if !weight[0].is_multiple_of(groups) {
        return Err(ShapeError::Attribute {
            name: "groups",
            value: i64::try_from(groups).unwrap_or(i64::MAX),
            requirement: "a divisor of the output channels",
        });
    }
    let channels =
        weight[1].checked_mul(groups).ok_or_else(|| ShapeError::TooLarge { shape: weight.to_vec() })?;
    agree("the number of input channels", channels, x[1])?;
    if let Some(bias) = bias {
        same_shape("bias", &weight[..1], bias)?;
    }
    let mut shape = vec![x[0], weight[0]];
    for axis in 0..2 {
        positive("kernel size", weight[2 + axis])?;
        positive("stride", attributes.stride[axis])?;
        positive("dilation", attributes.dilation[axis])?;
        shape.push(windows(
            x[2 + axis],
            weight[2 + axis],
            attributes.stride[axis],
            attributes.padding[axis],
            attributes.dilation[axis],
        )?);
    }
    checked(shape)
}

/// `avg_pool2d`: (n, c, h, w) to (n, c, h', w').
pub fn shape_of_avg_pool2d(x: &[usize], attributes: &Pool2d) -> Result<Vec<usize>, ShapeError> {
    rank_is("input", x, 4)?;
    let mut shape = vec![x[0], x[1]];
    for axis in 0..2 {
        let (kernel, padding) = (attributes.kernel_size[axis], attributes.padding[axis]);
        positive("kernel_size", kernel)?;
        positive("stride", attributes.stride[axis])?;
        if padding > kernel / 2 {
            return Err(ShapeError::Attribute {
                name: "padding",
                value: i64::try_from(padding).unwrap_or(i64::MAX),
                requirement: "at most half the kernel size",
            });
        }
        shape.push(windows(x[2 + axis], kernel, attributes.stride[axis], padding, 1)?);
    }
    checked(shape)
}

/// `global_avg_pool`: (n, c, h, w) to (n, c, 1, 1).
pub fn shape_of_global_avg_pool(x: &[usize]) -> Result<Vec<usize>, ShapeError> {
    rank_is("input", x, 4)?;
    positive("the height of the input", x[2])?;
    positive("the width of the input", x[3])?;
    checked(vec![x[0], x[1], 1, 1])
}

/// `batch_norm`: x (n, c, …), each parameter (c); the shape of x.
pub fn shape_of_batch_norm(
    x: &[usize],
    weight: Option<&[usize]>,
    bias: Option<&[usize]>,
    mean: &[usize],
    var: &[usize],
) -> Result<Vec<usize>, ShapeError> {
    rank_at_least("input", x, 2)?;
    let parameters = [("weight", weight), ("bias", bias), ("mean", Some(mean)), ("variance", Some(var))];
    for (what, parameter) in parameters {
        if let Some(parameter) = parameter {
            same_shape(what, &x[1..2], parameter)?;
        }
    }
    checked(x.to_vec())
}

/// `layer_norm`: the normalized shape is a suffix of the shape of x, and the shape of weight and bias; the shape of x.
pub fn shape_of_layer_norm(
    x: &[usize],
    normalized_shape: &[usize],
    weight: Option<&[usize]>,
    bias: Option<&[usize]>,
) -> Result<Vec<usize>, ShapeError> {
    rank_at_least("normalized shape", normalized_shape, 1)?;
    rank_at_least("input", x, normalized_shape.len())?;
    same_shape("normalized shape", &x[x.len() - normalized_shape.len()..], normalized_shape)?;
    for (what, parameter) in [("weight", weight), ("bias", bias)] {
        if let Some(parameter) = parameter {
            same_shape(what, normalized_shape, parameter)?;
        }
    }
    checked(x.to_vec())
}

/// `softmax` along `dim`: the shape of x.
pub fn shape_of_softmax(x: &[usize], dim: i64) -> Result<Vec<usize>, ShapeError> {
    normalize_dim(dim, x.len())?;
    checked(x.to_vec())
}

/// `reshape`: as many elements; one size may be -1 and is computed.
pub fn shape_of_reshape(x: &[usize], shape: &[i64]) -> Result<Vec<usize>, ShapeError> {
    let count = element_count(x)?;
    let mut result = Vec::with_capacity(shape.len());
    let mut free = None;
    for (axis, &size) in shape.iter().enumerate() {
        match usize::try_from(size) {
            Ok(size) => result.push(size),
            Err(_) if size == -1 && free.is_none() => {
                free = Some(axis);
                result.push(1);
            }
            Err(_) => {
                let requirement = "at least 0, or -1 once";
                return Err(ShapeError::Attribute { name: "a size of the shape", value: size, requirement });
            }
        }
    }
    let known = element_count(&result)?;
    match free {
        Some(axis) if known != 0 && count % known == 0 => result[axis] = count / known,
        None if known == count => {}
        _ => return Err(ShapeError::DataLength { shape: result, found: count }),
    }
    Ok(result)
}

/// `transpose`: the shape of x with two dimensions exchanged.
pub fn shape_of_transpose(x: &[usize], dim0: i64, dim1: i64) -> Result<Vec<usize>, ShapeError> {
    let mut shape = x.to_vec();
    shape.swap(normalize_dim(dim0, x.len())?, normalize_dim(dim1, x.len())?);
    checked(shape)
}

/// `concat` along `dim`: all other dimensions are equal.
pub fn shape_of_concat(parts: &[&[usize]], dim: i64) -> Result<Vec<usize>, ShapeError> {
    let Some(first) = parts.first() else {
        return Err(ShapeError::Attribute {
            name: "the number of operands",
            value: 0,
            requirement: "at least 1",
        });
    };
    let axis = normalize_dim(dim, first.len())?;
    let mut shape = first.to_vec();
    for part in &parts[1..] {
        rank_is("operand", part, first.len())?;
        let mut expected = shape.clone();
        expected[axis] = part[axis];
        same_shape("operand", &expected, part)?;
        shape[axis] = shape[axis]
            .checked_add(part[axis])
            .ok_or_else(|| ShapeError::TooLarge { shape: part.to_vec() })?;
    }
    checked(shape)
}

/// `slice`: what `x[start:end:step]` keeps of dimension `dim`. Negative ends count from the back; ends outside the
/// dimension are moved to it; `end = None` is the end of the dimension; the step is positive.
pub fn shape_of_slice(
    x: &[usize],
    dim: i64,
    start: i64,
    end: Option<i64>,
    step: i64,
) -> Result<(Vec<usize>, Slice), ShapeError> {
    let dim = normalize_dim(dim, x.len())?;
    let too_large = || ShapeError::TooLarge { shape: x.to_vec() };
    let size = i64::try_from(x[dim]).map_err(|_| too_large())?;
    let step_error = ShapeError::Attribute { name: "step", value: step, requirement: "at least 1" };
    let step = usize::try_from(step).ok().filter(|&step| step > 0).ok_or(step_error)?;
    let clamp = |at: i64| if at < 0 { at.saturating_add(size).max(0) } else { at.min(size) };
    let (first, last) = (clamp(start), clamp(end.unwrap_or(size)));
    let extent = usize::try_from((last - first).max(0)).map_err(|_| too_large())?;
    let start = usize::try_from(first).map_err(|_| too_large())?;
    let slice = Slice { dim, start, step, count: extent.div_ceil(step) };
    let mut shape = x.to_vec();
    shape[dim] = slice.count;
    Ok((checked(shape)?, slice))
}

/// `pad`: pairs (before, after) from the last dimension backwards, as in torch; negative numbers crop.
pub fn shape_of_pad(x: &[usize], pad: &[i64]) -> Result<Vec<usize>, ShapeError> {
    if !pad.len().is_multiple_of(2) || pad.len() / 2 > x.len() {
        let value = i64::try_from(pad.len()).unwrap_or(i64::MAX);
        let requirement = "even and at most twice the rank";
        return Err(ShapeError::Attribute { name: "the length of pad", value, requirement });
    }
    let mut shape = x.to_vec();
    for (back, pair) in pad.chunks_exact(2).enumerate() {
        let axis = x.len() - 1 - back;
        let too_large = || ShapeError::TooLarge { shape: x.to_vec() };
        let size = i64::try_from(x[axis]).map_err(|_| too_large())?;
        let size = size.checked_add(pair[0]).and_then(|size| size.checked_add(pair[1]));
        let size = size.ok_or_else(too_large)?;
        let requirement = "no less than what leaves a size of 0";
        if size < 0 {
            return Err(ShapeError::Attribute { name: "pad", value: pair[0].min(pair[1]), requirement });
        }
        shape[axis] = usize::try_from(size).map_err(|_| too_large())?;
    }
    checked(shape)
}

/// `reduce_mean`, `reduce_sum` over `dims` (all dimensions if none is named): the shape of the result and, for each
/// dimension of x, whether it is reduced.
pub fn shape_of_reduce(
    x: &[usize],
    dims: &[i64],
    keepdim: bool,
) -> Result<(Vec<usize>, Vec<bool>), ShapeError> {
    element_count(x)?;
    let mut reduced = vec![dims.is_empty(); x.len()];
    for &dim in dims {
        let dim = normalize_dim(dim, x.len())?;
        if std::mem::replace(&mut reduced[dim], true) {
            return Err(ShapeError::RepeatedDimension { dim });
        }
    }
    let shape = x.iter().zip(&reduced).filter_map(|(&size, &gone)| match (gone, keepdim) {
        (false, _) => Some(size),
        (true, true) => Some(1),
        (true, false) => None,
    });
    Ok((shape.collect(), reduced))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reshape_solves_one_size() {
        assert_eq!(shape_of_reshape(&[2, 3, 4], &[4, -1]).unwrap(), [4, 6]);
        assert_eq!(shape_of_reshape(&[0], &[0, 5]).unwrap(), [0, 5]);
        for bad in [&[5i64, -1][..], &[-1, -1], &[-2, 12], &[23], &[i64::MAX, i64::MAX]] {
            assert!(shape_of_reshape(&[2, 3, 4], bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn matmul_takes_vectors_and_batches() {
        assert_eq!(shape_of_matmul(&[3], &[3]).unwrap(), Vec::<usize>::new());
        assert_eq!(shape_of_matmul(&[5, 1, 2, 3], &[4, 3, 7]).unwrap(), [5, 4, 2, 7]);
        assert_eq!(shape_of_matmul(&[2, 3], &[3]).unwrap(), [2]);
        assert!(shape_of_matmul(&[2, 3], &[2, 3]).is_err());
        assert!(shape_of_matmul(&[], &[3]).is_err());
    }

    #[test]
    fn convolutions_explain_what_does_not_fit() {
        let conv = Conv2d { padding: [1, 1], stride: [2, 2], ..Conv2d::default() };
        assert_eq!(shape_of_conv2d(&[1, 3, 32, 31], &[8, 3, 3, 3], None, &conv).unwrap(), [1, 8, 16, 16]);
        let window = ShapeError::Window { window: 7, input: 6 };
        assert_eq!(shape_of_conv2d(&[1, 3, 4, 9], &[8, 3, 7, 7], None, &conv), Err(window));
        let huge = Conv2d { padding: [usize::MAX, 0], ..conv };
        assert!(shape_of_conv2d(&[1, 3, 4, 9], &[8, 3, 7, 7], None, &huge).is_err());
        let channels = ShapeError::Mismatch { what: "the number of input channels", expected: 3, found: 4 };
        assert_eq!(shape_of_conv2d(&[1, 4, 9, 9], &[8, 3, 3, 3], None, &conv), Err(channels));
        let pool = Pool2d { padding: [2, 0], ..Pool2d::new([3, 3]) };
        assert!(shape_of_avg_pool2d(&[1, 1, 9, 9], &pool).is_err());
    }

    #[test]
    fn slices_clamp_like_python() {
        let (shape, slice) = shape_of_slice(&[10], 0, -7, Some(i64::MAX), 3).unwrap();
        assert_eq!((shape, slice.start, slice.count), (vec![3], 3, 3));
        assert_eq!(shape_of_slice(&[10], 0, 8, Some(2), 1).unwrap().0, [0]);
        assert!(shape_of_slice(&[10], 0, 0, None, 0).is_err());
    }
}
