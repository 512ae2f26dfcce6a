//! 2-D convolution and pooling, NCHW.

use he_core::exec::tensor::{ShapeError, Tensor};

use super::shape::{Conv2d, Pool2d, shape_of_avg_pool2d, shape_of_conv2d, shape_of_global_avg_pool};

/// The cross-correlation that deep learning calls convolution: x (n, c, h, w), weight (out, c / groups, kh, kw), bias
/// (out).
pub fn conv2d(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    attributes: &Conv2d,
) -> Result<Tensor, ShapeError> {
    let shape = shape_of_conv2d(&x.shape, &weight.shape, bias.map(|b| &b.shape[..]), attributes)?;
    let mut result = Tensor::zeros(&shape)?;
    let per_group = weight.shape[0] / attributes.groups;
    let in_group = weight.shape[1];
    let plane = x.shape[2] * x.shape[3];
    let taps = weight.shape[2] * weight.shape[3];
    let window = Window::new(x, [weight.shape[2], weight.shape[3]], attributes);
    for (at, value) in result.data.iter_mut().enumerate() {
        let (column, row) = (at % shape[3], at / shape[3] % shape[2]);
        let (out, image) = (at / shape[3] / shape[2] % shape[1], at / shape[3] / shape[2] / shape[1]);
        let first = out / per_group * in_group;
        let mut sum = 0.0;
        for channel in 0..in_group {
            let input = &x.data[(image * x.shape[1] + first + channel) * plane..][..plane];
            let kernel = &weight.data[(out * in_group + channel) * taps..][..taps];
            sum += window.dot(input, kernel, row, column);
        }
        *value = sum + bias.map_or(0.0, |bias| bias.data[out]);
    }
    Ok(result)
}

/// Where the taps of a window fall in a padded plane.
struct Window {
    input: [usize; 2],
    kernel: [usize; 2],
    attributes: Conv2d,
}

impl Window {
    fn new(x: &Tensor, kernel: [usize; 2], attributes: &Conv2d) -> Window {
        Window { input: [x.shape[2], x.shape[3]], kernel, attributes: *attributes }
    }

    /// The position in the plane of tap `tap` of window `at`, or nothing if it falls into the padding.
    fn tap(&self, axis: usize, at: usize, tap: usize) -> Option<usize> {
        let Conv2d { stride, padding, dilation, .. } = self.attributes;
        let position = (at * stride[axis] + tap * dilation[axis]).checked_sub(padding[axis])?;
        (position < self.input[axis]).then_some(position)
    }

    fn dot(&self, input: &[f64], kernel: &[f64], row: usize, column: usize) -> f64 {
        let mut sum = 0.0;
        for i in 0..self.kernel[0] {
            let Some(y) = self.tap(0, row, i) else { continue };
            for j in 0..self.kernel[1] {
                let Some(x) = self.tap(1, column, j) else { continue };
                sum += input[y * self.input[1] + x] * kernel[i * self.kernel[1] + j];
            }
        }
        sum
    }
}

/// The mean of each window, zeros of the padding included: x (n, c, h, w).
pub fn avg_pool2d(x: &Tensor, attributes: &Pool2d) -> Result<Tensor, ShapeError> {
    let shape = shape_of_avg_pool2d(&x.shape, attributes)?;
    let mut result = Tensor::zeros(&shape)?;
    let [height, width] = attributes.kernel_size;
    let step = Conv2d { stride: attributes.stride, padding: attributes.padding, ..Conv2d::default() };
    let window = Window::new(x, [height, width], &step);
    let plane = x.shape[2] * x.shape[3];
    let ones = Tensor::filled(&[height, width], 1.0)?.data;
    for (at, value) in result.data.iter_mut().enumerate() {
        let (column, row, map) = (at % shape[3], at / shape[3] % shape[2], at / shape[3] / shape[2]);
        *value = window.dot(&x.data[map * plane..][..plane], &ones, row, column) / (height * width) as f64;
    }
    Ok(result)
}

/// The mean of each channel: (n, c, h, w) to (n, c, 1, 1).
pub fn global_avg_pool(x: &Tensor) -> Result<Tensor, ShapeError> {
    let shape = shape_of_global_avg_pool(&x.shape)?;
    let plane = x.shape[2] * x.shape[3];
    let data = x.data.chunks_exact(plane).map(|plane| plane.iter().sum::<f64>() / plane.len() as f64);
    Tensor::new(shape, data.collect())
}

#[cfg(test)]
mod tests {
    use super::super::{linear, pad, slice};
    use super::*;

    /// A deterministic tensor of small integers.
    fn noise(shape: &[usize], seed: usize) -> Tensor {
        let mut state = seed;
        Tensor::from_fn(shape, |_| {
            state = (state * 1103 + 12345) % 65537;
            (state % 19) as f64 - 9.0
        })
        .unwrap()
    }

    /// conv2d through im2col: pad, gather each window as a row, and multiply by the flattened weight of its group.
    fn by_im2col(x: &Tensor, w: &Tensor, b: &Tensor, a: &Conv2d) -> Tensor {
        let padding = [a.padding[1], a.padding[1], a.padding[0], a.padding[0]].map(|p| p as i64);
        let x = pad(x, &padding, 0.0).unwrap();
        let shape = shape_of_conv2d(&x.shape, &w.shape, None, &Conv2d { padding: [0, 0], ..*a }).unwrap();
        let (outs, ins) = (w.shape[0] / a.groups, w.shape[1]);
        Tensor::from_fn(&shape, |i| {
            let group = i[1] / outs;
            let columns = Tensor::from_fn(&w.shape[1..], |k| {
                x.get(&[
                    i[0],
                    group * ins + k[0],
                    i[2] * a.stride[0] + k[1] * a.dilation[0],
                    i[3] * a.stride[1] + k[2] * a.dilation[1],
                ])
                .unwrap()
            })
            .unwrap();
            let size = columns.len();
            let filter = slice(w, 0, i[1] as i64, Some(i[1] as i64 + 1), 1).unwrap();
            let filter = filter.with_shape(vec![1, size]).unwrap();
            linear(&columns.with_shape(vec![size]).unwrap(), &filter, None).unwrap().data[0] + b.data[i[1]]
        })
        .unwrap()
    }

    #[test]
    fn conv2d_equals_im2col() {
        let cases = [
            Conv2d::default(),
            Conv2d { stride: [2, 1], padding: [1, 2], ..Conv2d::default() },
            Conv2d { stride: [3, 2], padding: [2, 0], dilation: [2, 1], groups: 2 },
            Conv2d { groups: 4, padding: [1, 1], ..Conv2d::default() },
        ];
        for (seed, attributes) in cases.iter().enumerate() {
            let x = noise(&[2, 4, 7, 6], seed + 1);
            let w = noise(&[8, 4 / attributes.groups, 3, 2], seed + 50);
            let b = noise(&[8], seed + 99);
            let found = conv2d(&x, &w, Some(&b), attributes).unwrap();
            assert!(found.max_abs() > 1.0);
            assert_eq!(found, by_im2col(&x, &w, &b, attributes), "{attributes:?}");
        }
    }

    #[test]
    fn conv2d_by_hand() {
        let x = Tensor::new(vec![1, 1, 2, 2], vec![1.0, 2.0, 3.0, 4.0]).unwrap();
        let w = Tensor::new(vec![1, 1, 2, 2], vec![1.0, 10.0, 100.0, 1000.0]).unwrap();
        assert_eq!(conv2d(&x, &w, None, &Conv2d::default()).unwrap().data, [4321.0]);
        let padded = Conv2d { padding: [1, 0], ..Conv2d::default() };
        assert_eq!(conv2d(&x, &w, None, &padded).unwrap().data, [2100.0, 4321.0, 43.0]);
    }

    #[test]
    fn pools_are_means() {
        let x = Tensor::from_fn(&[1, 1, 4, 4], |i| (i[2] * 4 + i[3]) as f64).unwrap();
        assert_eq!(avg_pool2d(&x, &Pool2d::new([2, 2])).unwrap().data, [2.5, 4.5, 10.5, 12.5]);
        assert_eq!(global_avg_pool(&x).unwrap().data, [7.5]);
        // The corner window of a padded pool holds one element and three zeros.
        let padded = Pool2d { padding: [1, 1], ..Pool2d::new([2, 2]) };
        let found = avg_pool2d(&x, &padded).unwrap();
        assert_eq!((found.shape.clone(), found.data[0], found.data[8]), (vec![1, 1, 3, 3], 0.0, 15.0 / 4.0));
    }
}
