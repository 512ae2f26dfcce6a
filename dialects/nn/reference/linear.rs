//! Matrix products: `linear`, `matmul`, `attention`.

use he_core::exec::tensor::{ShapeError, Tensor, advance, broadcast_strides};

use super::layout::transpose;
use super::normalization::softmax;
use super::shape::{
    matmul_operands, shape_of_attention, shape_of_linear, shape_of_matmul, shape_of_shifted_bias,
};

/// bias + offset·(the sum of each row of weight): what a linear layer adds when its inputs grow by `offset`.
pub fn shifted_bias(weight: &Tensor, bias: Option<&Tensor>, offset: f64) -> Result<Tensor, ShapeError> {
    let shape = shape_of_shifted_bias(&weight.shape, bias.map(|b| &b.shape[..]))?;
    let mut result = Tensor::zeros(&shape)?;
    let inputs = weight.shape[1];
    for (at, value) in result.data.iter_mut().enumerate() {
        let row: f64 = weight.data[at * inputs..(at + 1) * inputs].iter().sum();
        *value = bias.map_or(0.0, |bias| bias.data[at]) + offset * row;
    }
    Ok(result)
}

/// x·Wᵀ + b: x (…, in), weight (out, in), bias (out).
pub fn linear(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor, ShapeError> {
    let shape = shape_of_linear(&x.shape, &weight.shape, bias.map(|b| &b.shape[..]))?;
    let (outputs, inputs) = (weight.shape[0], weight.shape[1]);
    let mut result = Tensor::zeros(&shape)?;
    if inputs == 0 || outputs == 0 {
        // Sums of no terms.
        for (at, value) in result.data.iter_mut().enumerate() {
            *value = bias.map_or(0.0, |bias| bias.data[at % outputs]);
        }
        return Ok(result);
    }
    for (row, sums) in x.data.chunks_exact(inputs).zip(result.data.chunks_exact_mut(outputs)) {
        for (at, (sum, weights)) in sums.iter_mut().zip(weight.data.chunks_exact(inputs)).enumerate() {
            let dot: f64 = row.iter().zip(weights).map(|(a, b)| a * b).sum();
            *sum = dot + bias.map_or(0.0, |bias| bias.data[at]);
        }
    }
    Ok(result)
}

/// The matrix product of the last two dimensions, the others broadcast; see
/// [`shape_of_matmul`] for operands of rank 1.
pub fn matmul(x: &Tensor, y: &Tensor) -> Result<Tensor, ShapeError> {
    let shape = shape_of_matmul(&x.shape, &y.shape)?;
    let mut result = Tensor::zeros(&shape)?;
    matmul_visit(x, y, |to, left, right| result.data[to] += x.data[left] * y.data[right])?;
    Ok(result)
}

/// Calls `visit(i, j, k)` for every product `x[j]·y[k]` that `matmul` adds to its element i (positions in `data`), in
/// a fixed order.
pub(crate) fn matmul_visit(
    x: &Tensor,
    y: &Tensor,
    mut visit: impl FnMut(usize, usize, usize),
) -> Result<(), ShapeError> {
    shape_of_matmul(&x.shape, &y.shape)?;
    let (left, right) = matmul_operands(&x.shape, &y.shape);
    let (n, k, m) = (left[left.len() - 2], left[left.len() - 1], right[right.len() - 1]);
    let (left_batch, right_batch) = (&left[..left.len() - 2], &right[..right.len() - 2]);
    let batch = he_core::exec::tensor::broadcast_shapes(left_batch, right_batch)?;
    let strides = [broadcast_strides(left_batch, &batch), broadcast_strides(right_batch, &batch)];
    let mut index = vec![0; batch.len()];
    for matrix in 0..batch.iter().product() {
        let [from_left, from_right] = [0, 1]
            .map(|side: usize| index.iter().zip(&strides[side]).map(|(i, stride)| i * stride).sum::<usize>());
        for row in 0..n {
            for inner in 0..k {
                for column in 0..m {
                    visit(
                        (matrix * n + row) * m + column,
                        (from_left * n + row) * k + inner,
                        (from_right * k + inner) * m + column,
                    );
                }
            }
        }
        advance(&mut index, &batch);
    }
    Ok(())
}

/// Scaled dot-product attention: softmax(scale · q·kᵀ)·v with q (…, l, e), k (…, s, e), v (…, s, ev). The scale is
/// 1/√e unless given.
pub fn attention(
    query: &Tensor,
    key: &Tensor,
    value: &Tensor,
    scale: Option<f64>,
) -> Result<Tensor, ShapeError> {
    shape_of_attention(&query.shape, &key.shape, &value.shape)?;
    let width = query.shape[query.rank() - 1] as f64;
    let scale = scale.unwrap_or(1.0 / width.sqrt());
    let scores = matmul(query, &transpose(key, -2, -1)?)?.map(|score| score * scale);
    matmul(&softmax(&scores, -1)?, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(shape: &[usize], data: &[f64]) -> Tensor {
        Tensor::new(shape.to_vec(), data.to_vec()).unwrap()
    }

    #[test]
    fn linear_is_a_matrix_product_and_a_bias() {
        let x = tensor(&[2, 3], &[1.0, 2.0, 3.0, -1.0, 0.0, 1.0]);
        let w = tensor(&[2, 3], &[1.0, 0.0, -1.0, 2.0, 1.0, 0.5]);
        let b = tensor(&[2], &[10.0, 20.0]);
        assert_eq!(linear(&x, &w, Some(&b)).unwrap(), tensor(&[2, 2], &[8.0, 25.5, 8.0, 18.5]));
        let product = matmul(&x, &transpose(&w, 0, 1).unwrap()).unwrap();
        assert_eq!(linear(&x, &w, None).unwrap(), product);
        let empty = Tensor::zeros(&[2, 0]).unwrap();
        assert_eq!(
            linear(&empty, &Tensor::zeros(&[2, 0]).unwrap(), Some(&b)).unwrap().data,
            [10., 20., 10., 20.]
        );
    }

    #[test]
    fn matmul_broadcasts_batches() {
        let x = Tensor::from_fn(&[2, 1, 2, 3], |i| (i[0] * 7 + i[2] * 3 + i[3]) as f64).unwrap();
        let y = Tensor::from_fn(&[4, 3, 2], |i| (i[0] * 5 + i[1] * 2 + i[2]) as f64 - 3.0).unwrap();
        let z = matmul(&x, &y).unwrap();
        assert_eq!(z.shape, [2, 4, 2, 2]);
        for at in 0..z.len() {
            let i = z.unravel(at).unwrap();
            let sum: f64 =
                (0..3).map(|k| x.get(&[i[0], 0, i[2], k]).unwrap() * y.get(&[i[1], k, i[3]]).unwrap()).sum();
            assert_eq!(z.data[at], sum);
        }
        let dot = matmul(&tensor(&[2], &[1.0, 2.0]), &tensor(&[2], &[3.0, 4.0])).unwrap();
        assert_eq!(dot, Tensor::scalar(11.0));
    }

    #[test]
    fn attention_averages_the_values() {
        // Equal scores average; a dominant score selects.
        let value = tensor(&[2, 2], &[1.0, 2.0, 3.0, 6.0]);
        let key = tensor(&[2, 1], &[1.0, -1.0]);
        let query = tensor(&[2, 1], &[0.0, 1e3]);
        let out = attention(&query, &key, &value, None).unwrap();
        assert_eq!(out, tensor(&[2, 2], &[2.0, 4.0, 1.0, 2.0]));
        // With e = 4, scores are halved: weights are sigmoid(1), sigmoid(-1).
        let query = tensor(&[1, 4], &[1.0, 1.0, 0.0, 0.0]);
        let key = tensor(&[2, 4], &[1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 5.0, 5.0]);
        let out = attention(&query, &key, &tensor(&[2, 1], &[1.0, 0.0]), None).unwrap();
        assert!((out.data[0] - 0.731058578630005).abs() < 1e-14);
    }
}
