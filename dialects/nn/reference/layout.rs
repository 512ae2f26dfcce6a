//! Ops that move elements, and reductions.

use he_core::exec::tensor::{ShapeError, Tensor, advance, normalize_dim, strides_of};

use super::shape::{
    shape_of_concat, shape_of_pad, shape_of_reduce, shape_of_reshape, shape_of_slice, shape_of_transpose,
};

/// The same elements in another shape; one size may be -1.
pub fn reshape(x: &Tensor, shape: &[i64]) -> Result<Tensor, ShapeError> {
    let shape = shape_of_reshape(&x.shape, shape)?;
    Tensor::new(shape, x.data.clone())
}

/// x with two dimensions exchanged.
pub fn transpose(x: &Tensor, dim0: i64, dim1: i64) -> Result<Tensor, ShapeError> {
    let shape = shape_of_transpose(&x.shape, dim0, dim1)?;
    let mut strides = x.strides();
    strides.swap(normalize_dim(dim0, x.rank())?, normalize_dim(dim1, x.rank())?);
    Tensor::from_fn(&shape, |index| {
        x.data[index.iter().zip(&strides).map(|(&i, &stride)| i * stride).sum::<usize>()]
    })
}

/// The operands one after the other along `dim`.
pub fn concat(parts: &[&Tensor], dim: i64) -> Result<Tensor, ShapeError> {
    let shapes: Vec<&[usize]> = parts.iter().map(|part| &part.shape[..]).collect();
    let shape = shape_of_concat(&shapes, dim)?;
    let dim = normalize_dim(dim, shape.len())?;
    let outer: usize = shape[..dim].iter().product();
    let mut data = Vec::with_capacity(shape.iter().product());
    for row in 0..outer {
        for part in parts {
            let block: usize = part.shape[dim..].iter().product();
            data.extend_from_slice(&part.data[row * block..][..block]);
        }
    }
    Tensor::new(shape, data)
}

/// `x[start:end:step]` along `dim`; see [`shape_of_slice`] for ends outside the dimension.
pub fn slice(x: &Tensor, dim: i64, start: i64, end: Option<i64>, step: i64) -> Result<Tensor, ShapeError> {
    let (shape, kept) = shape_of_slice(&x.shape, dim, start, end, step)?;
    let strides = x.strides();
    Tensor::from_fn(&shape, |index| {
        let base: usize = index.iter().zip(&strides).map(|(&i, &stride)| i * stride).sum();
        x.data[base + (kept.start + index[kept.dim] * (kept.step - 1)) * strides[kept.dim]]
    })
}

/// x with `value` around it: pairs (before, after) from the last dimension backwards; negative numbers crop.
pub fn pad(x: &Tensor, pad: &[i64], value: f64) -> Result<Tensor, ShapeError> {
    let shape = shape_of_pad(&x.shape, pad)?;
    let rank = x.rank();
    let before: Vec<i64> =
        (0..rank).map(|axis| pad.get(2 * (rank - 1 - axis)).copied().unwrap_or(0)).collect();
    let mut source = vec![0; rank];
    Tensor::from_fn(&shape, |index| {
        for axis in 0..rank {
            let at = i64::try_from(index[axis]).ok().and_then(|at| at.checked_sub(before[axis]));
            match at.and_then(|at| usize::try_from(at).ok()) {
                Some(at) => source[axis] = at,
                None => return value,
            }
        }
        x.get(&source).unwrap_or(value)
    })
}

/// The sum over `dims` (all if empty). `keepdim` leaves dimensions of size 1.
pub fn reduce_sum(x: &Tensor, dims: &[i64], keepdim: bool) -> Result<Tensor, ShapeError> {
    let (shape, reduced) = shape_of_reduce(&x.shape, dims, keepdim)?;
    let kept: Vec<usize> =
        x.shape.iter().zip(&reduced).map(|(&size, &gone)| if gone { 1 } else { size }).collect();
    let mut strides = strides_of(&kept);
    for (stride, &gone) in strides.iter_mut().zip(&reduced) {
        *stride = if gone { 0 } else { *stride };
    }
    let mut result = Tensor::zeros(&shape)?;
    let mut index = vec![0; x.rank()];
    for &value in &x.data {
        let at: usize = index.iter().zip(&strides).map(|(&i, &stride)| i * stride).sum();
        result.data[at] += value;
        advance(&mut index, &x.shape);
    }
    Ok(result)
}

/// The mean over `dims` (all if empty). `keepdim` leaves dimensions of size 1. The mean of nothing is NaN.
pub fn reduce_mean(x: &Tensor, dims: &[i64], keepdim: bool) -> Result<Tensor, ShapeError> {
    let (_, reduced) = shape_of_reduce(&x.shape, dims, keepdim)?;
    let count: usize =
        x.shape.iter().zip(&reduced).filter(|(_, gone)| **gone).map(|(&size, _)| size).product();
    Ok(reduce_sum(x, dims, keepdim)?.map(|sum| sum / count as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iota(shape: &[usize]) -> Tensor {
        let count = shape.iter().product::<usize>();
        Tensor::new(shape.to_vec(), (0..count).map(|i| i as f64).collect()).unwrap()
    }

    #[test]
    fn transpose_moves_every_element() {
        let x = iota(&[2, 3, 4]);
        let y = transpose(&x, 0, -1).unwrap();
        assert_eq!(y.shape, [4, 3, 2]);
        for at in 0..x.len() {
            let i = x.unravel(at).unwrap();
            assert_eq!(y.get(&[i[2], i[1], i[0]]), Some(at as f64));
        }
    }

    #[test]
    fn slice_undoes_concat() {
        let (x, y) = (iota(&[2, 3, 2]), iota(&[2, 2, 2]).map(|v| -v));
        let both = concat(&[&x, &y], 1).unwrap();
        assert_eq!(both.shape, [2, 5, 2]);
        assert_eq!(slice(&both, 1, 0, Some(3), 1).unwrap(), x);
        assert_eq!(slice(&both, -2, -2, None, 1).unwrap(), y);
        assert_eq!(slice(&iota(&[7]), 0, 1, Some(7), 2).unwrap().data, [1.0, 3.0, 5.0]);
        assert!(concat(&[&x, &iota(&[3, 3, 2])], 1).is_err());
    }

    #[test]
    fn pad_surrounds_and_crops() {
        let x = iota(&[2, 2]);
        let found = pad(&x, &[1, 0, 0, 1], 9.0).unwrap();
        assert_eq!(found.shape, [3, 3]);
        assert_eq!(found.data, [9.0, 0.0, 1.0, 9.0, 2.0, 3.0, 9.0, 9.0, 9.0]);
        assert_eq!(pad(&x, &[-1, 1], 9.0).unwrap().data, [1.0, 9.0, 3.0, 9.0]);
        assert!(pad(&x, &[-2, -1], 0.0).is_err());
        assert!(pad(&x, &[1], 0.0).is_err());
    }

    #[test]
    fn reductions_name_their_dimensions() {
        let x = iota(&[2, 3, 2]);
        assert_eq!(reduce_sum(&x, &[0, 2], false).unwrap().data, [14.0, 22.0, 30.0]);
        let mean = reduce_mean(&x, &[-1], true).unwrap();
        assert_eq!((mean.shape, mean.data), (vec![2, 3, 1], vec![0.5, 2.5, 4.5, 6.5, 8.5, 10.5]));
        assert_eq!(reduce_sum(&x, &[], false).unwrap(), Tensor::scalar(66.0));
        assert!(reduce_sum(&x, &[2, -1], false).is_err());
    }
}
