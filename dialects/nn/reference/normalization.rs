//! Normalizations: `batch_norm` (with fixed statistics), `layer_norm`, `softmax`.

use he_core::exec::tensor::{ShapeError, Tensor};

use super::shape::{shape_of_batch_norm, shape_of_layer_norm, shape_of_softmax};

/// (x − mean)/√(var + eps)·weight + bias for each channel of x (n, c, …); the parameters have shape (c).
pub fn batch_norm(
    x: &Tensor,
    weight: Option<&Tensor>,
    bias: Option<&Tensor>,
    mean: &Tensor,
    var: &Tensor,
    eps: f64,
) -> Result<Tensor, ShapeError> {
    let (weights, biases) = (weight.map(|w| &w.shape[..]), bias.map(|b| &b.shape[..]));
    let shape = shape_of_batch_norm(&x.shape, weights, biases, &mean.shape, &var.shape)?;
    let (channels, inner) = (shape[1], shape[2..].iter().product::<usize>());
    let data = x.data.iter().enumerate().map(|(at, &x)| {
        let channel = at / inner % channels;
        let gain = weight.map_or(1.0, |w| w.data[channel]);
        let offset = bias.map_or(0.0, |b| b.data[channel]);
        (x - mean.data[channel]) / (var.data[channel] + eps).sqrt() * gain + offset
    });
    Tensor::new(shape, data.collect())
}

/// Each group of the last dimensions, of shape `normalized_shape`, minus its mean and over its (biased) standard
/// deviation √(var + eps); times weight, plus bias, both of shape `normalized_shape`.
pub fn layer_norm(
    x: &Tensor,
    normalized_shape: &[usize],
    weight: Option<&Tensor>,
    bias: Option<&Tensor>,
    eps: f64,
) -> Result<Tensor, ShapeError> {
    let (weights, biases) = (weight.map(|w| &w.shape[..]), bias.map(|b| &b.shape[..]));
    let shape = shape_of_layer_norm(&x.shape, normalized_shape, weights, biases)?;
    let size = normalized_shape.iter().product::<usize>();
    let mut result = x.clone();
    if size == 0 {
        return Tensor::new(shape, result.data);
    }
    for group in result.data.chunks_exact_mut(size) {
        let mean = group.iter().sum::<f64>() / size as f64;
        let variance = group.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / size as f64;
        let deviation = (variance + eps).sqrt();
        for (at, x) in group.iter_mut().enumerate() {
            let gain = weight.map_or(1.0, |w| w.data[at]);
            let offset = bias.map_or(0.0, |b| b.data[at]);
            *x = (*x - mean) / deviation * gain + offset;
        }
    }
    Ok(result)
}

/// e^x over its sum along `dim` (computed relative to the largest element).
pub fn softmax(x: &Tensor, dim: i64) -> Result<Tensor, ShapeError> {
    shape_of_softmax(&x.shape, dim)?;
    let dim = he_core::exec::tensor::normalize_dim(dim, x.rank())?;
    let (size, stride) = (x.shape[dim], x.strides()[dim]);
    let mut result = x.clone();
    if result.is_empty() {
        return Ok(result);
    }
    for line in 0..x.len() / size {
        let first = line / stride * stride * size + line % stride;
        let places = (0..size).map(|at| first + at * stride);
        let most = places.clone().map(|at| x.data[at]).fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = places.clone().map(|at| libm::exp(x.data[at] - most)).sum();
        for at in places {
            result.data[at] = libm::exp(x.data[at] - most) / sum;
        }
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(data: &[f64]) -> Tensor {
        Tensor::new(vec![data.len()], data.to_vec()).unwrap()
    }

    #[test]
    fn batch_norm_works_by_channel() {
        let x = Tensor::new(vec![1, 2, 1, 2], vec![1.0, 2.0, 3.0, 4.0]).unwrap();
        let (w, b) = (vector(&[2.0, 10.0]), vector(&[0.5, -1.0]));
        let (mean, var) = (vector(&[1.0, 2.0]), vector(&[3.0, 15.0]));
        let found = batch_norm(&x, Some(&w), Some(&b), &mean, &var, 1.0).unwrap();
        assert_eq!(found.data, [0.5, 1.5, 1.5, 4.0]);
        assert!(batch_norm(&x, Some(&w), None, &mean, &vector(&[1.0]), 1e-5).is_err());
    }

    #[test]
    fn layer_norm_has_mean_zero_and_variance_one() {
        let x =
            Tensor::from_fn(&[3, 2, 4], |i| ((i[0] * 31 + i[1] * 7 + i[2] * i[2] * 3) % 11) as f64).unwrap();
        let found = layer_norm(&x, &[2, 4], None, None, 0.0).unwrap();
        for group in found.data.chunks_exact(8) {
            let mean: f64 = group.iter().sum::<f64>() / 8.0;
            let variance: f64 = group.iter().map(|x| x * x).sum::<f64>() / 8.0;
            assert!(mean.abs() < 1e-15 && (variance - 1.0).abs() < 1e-14, "{mean} {variance}");
        }
        let by_hand = layer_norm(
            &vector(&[1.0, 3.0]),
            &[2],
            Some(&vector(&[2.0, 4.0])),
            Some(&vector(&[10.0, 20.0])),
            3.0,
        );
        assert_eq!(by_hand.unwrap().data, [9.0, 22.0]);
        assert!(layer_norm(&x, &[2, 3], None, None, 0.0).is_err());
    }

    #[test]
    fn softmax_sums_to_one_along_its_dimension() {
        let x = Tensor::from_fn(&[2, 3, 2], |i| (i[0] * 5 + i[1] * i[1] + i[2]) as f64).unwrap();
        let found = softmax(&x, 1).unwrap();
        for (i, k) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let sum: f64 = (0..3).map(|j| found.get(&[i, j, k]).unwrap()).sum();
            assert!((sum - 1.0).abs() < 1e-15);
        }
        assert!((softmax(&vector(&[1000.0, 1001.0]), -1).unwrap().data[1] - 0.731058578630005).abs() < 1e-14);
    }
}
