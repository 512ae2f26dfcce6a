use super::*;
use crate::nn::reference::{attention, conv2d, layer_norm, linear, matmul, softmax};

struct Noise(u64);

impl Noise {
    /// A value in [-1, 1).
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    fn tensor(&mut self, shape: &[usize]) -> Tensor {
        Tensor::from_fn(shape, |_| self.next()).unwrap()
    }

    fn interval(&mut self, shape: &[usize]) -> IntervalTensor {
        IntervalTensor::new(self.tensor(shape), self.tensor(shape)).unwrap()
    }

    /// A value within each interval, now and then an end.
    fn sample(&mut self, x: &IntervalTensor) -> Tensor {
        let mut result = x.lo.clone();
        for (value, hi) in result.data.iter_mut().zip(&x.hi.data) {
            let t = (self.next() * 0.7 + 0.5).clamp(0.0, 1.0);
            *value += (hi - *value) * t;
        }
        result
    }

    /// x moved by at most e.
    fn moved(&mut self, x: &Tensor, e: &ErrorTensor) -> Tensor {
        let mut result = x.clone();
        for (value, e) in result.data.iter_mut().zip(&e.bound.data) {
            *value += e * (self.next() * 2.0).clamp(-1.0, 1.0);
        }
        result
    }
}

#[test]
fn linear_bounds_are_reached() {
    let x = IntervalTensor::new(
        Tensor::new(vec![1, 2], vec![-1.0, 2.0]).unwrap(),
        Tensor::new(vec![1, 2], vec![3.0, 5.0]).unwrap(),
    )
    .unwrap();
    let w = Tensor::new(vec![1, 2], vec![2.0, -1.0]).unwrap();
    let b = Tensor::new(vec![1], vec![10.0]).unwrap();
    let y = x.linear(&w, Some(&b)).unwrap();
    assert_eq!((y.lo.data[0], y.hi.data[0]), (3.0, 14.0));
    let e = ErrorTensor::new(Tensor::new(vec![1, 2], vec![0.5, 0.25]).unwrap());
    assert_eq!(e.linear(&w).unwrap().bound.data, [1.25]);
}

#[test]
fn intervals_hold_every_sample() {
    let mut noise = Noise(7);
    for _ in 0..200 {
        let (x, y) = (noise.interval(&[2, 3]), noise.interval(&[3, 2]));
        let (w, b) = (noise.tensor(&[4, 3]), noise.tensor(&[4]));
        let image = noise.interval(&[1, 2, 4, 4]);
        let kernel = noise.tensor(&[3, 2, 2, 2]);
        let (xs, ys, images) = (noise.sample(&x), noise.sample(&y), noise.sample(&image));
        let holds = |bound: Result<IntervalTensor, ShapeError>, value: Result<Tensor, ShapeError>| {
            assert!(bound.unwrap().contains(&value.unwrap(), 1e-12));
        };
        let yt = y.monotone(|t| reference::transpose(t, 0, 1)).unwrap();
        let yst = reference::transpose(&ys, 0, 1).unwrap();
        holds(x.linear(&w, Some(&b)), linear(&xs, &w, Some(&b)));
        holds(x.matmul(&y), matmul(&xs, &ys));
        holds(x.mul(&yt), reference::mul(&xs, &yst));
        holds(x.sub(&yt), reference::sub(&xs, &yst));
        let conv = Conv2d { padding: [1, 0], stride: [2, 1], ..Conv2d::default() };
        holds(image.conv2d(&kernel, None, &conv), conv2d(&images, &kernel, None, &conv));
        let (g, v) = (noise.tensor(&[3]), noise.tensor(&[3]).map(f64::abs));
        holds(
            x.batch_norm(Some(&g), Some(&g), &v, &v, 0.1),
            reference::batch_norm(&xs, Some(&g), Some(&g), &v, &v, 0.1),
        );
        holds(x.layer_norm(&[3], Some(&g), Some(&v)), layer_norm(&xs, &[3], Some(&g), Some(&v), 0.0));
        holds(x.softmax(1), softmax(&xs, 1));
        holds(IntervalTensor::attention(&x, &x, &yt), attention(&xs, &xs, &yst, None));
        for f in Activation::ALL.into_iter().filter(|f| *f != Activation::Rsqrt) {
            holds(Ok(x.activation(f)), Ok(xs.map(|x| f.eval(x))));
        }
    }
}

#[test]
fn errors_bound_every_perturbation() {
    let mut noise = Noise(11);
    for _ in 0..200 {
        let [x, y, z] = [[2, 3], [4, 3], [4, 2]].map(|shape| noise.interval(&shape));
        let [e, f, g] =
            [[2, 3], [4, 3], [4, 2]].map(|shape| ErrorTensor::new(noise.tensor(&shape).map(|e| e * 0.1)));
        let [xs, ys, zs] = [&x, &y, &z].map(|t| noise.sample(t));
        let (xm, ym, zm) = (noise.moved(&xs, &e), noise.moved(&ys, &f), noise.moved(&zs, &g));
        let holds = |bound: ErrorTensor, exact: Tensor, moved: Tensor| {
            assert_eq!(exact.shape, bound.bound.shape);
            let pairs = exact.data.iter().zip(&moved.data);
            for ((a, b), e) in pairs.zip(&bound.bound.data) {
                assert!((a - b).abs() <= e + 1e-12);
            }
        };
        let w = noise.tensor(&[4, 3]);
        let of = |x: &Tensor| linear(x, &w, None).unwrap();
        holds(e.linear(&w).unwrap(), of(&xs), of(&xm));
        let flip = |t: &Tensor| reference::transpose(t, 0, 1);
        let (yt, ft) = (y.monotone(flip).unwrap(), f.monotone(flip).unwrap());
        let of = |x: &Tensor, y: &Tensor| matmul(x, &flip(y).unwrap()).unwrap();
        holds(e.matmul(&x, &ft, &yt).unwrap(), of(&xs, &ys), of(&xm, &ym));
        holds(e.mul(&x, &e, &x).unwrap(), xs.map(|x| x * x), xm.map(|x| x * x));
        holds(e.softmax(0).unwrap(), softmax(&xs, 0).unwrap(), softmax(&xm, 0).unwrap());
        let of = |x: &Tensor| layer_norm(x, &[3], None, None, 0.2).unwrap();
        holds(e.layer_norm(&[3], None, 0.2).unwrap(), of(&xs), of(&xm));
        let of = |x: &Tensor, y: &Tensor, z: &Tensor| attention(x, y, z, Some(2.0)).unwrap();
        let bound = ErrorTensor::attention([&x, &y, &z], [&e, &f, &g], Some(2.0)).unwrap();
        holds(bound, of(&xs, &ys, &zs), of(&xm, &ym, &zm));
        let exact = xs.map(|x| Activation::Gelu.eval(x));
        let approximate = xm.map(|x| Activation::Gelu.eval(x) + 0.01);
        holds(e.activation(&x, Activation::Gelu, 0.01).unwrap(), exact, approximate);
    }
}

#[test]
fn unknown_bounds_stay_unknown() {
    let x = IntervalTensor::filled(&[1, 2], f64::NEG_INFINITY, f64::INFINITY).unwrap();
    let w = Tensor::new(vec![1, 2], vec![0.0, 1.0]).unwrap();
    assert_eq!(x.linear(&w, None).unwrap().hull(), (f64::NEG_INFINITY, f64::INFINITY));
    let zero = IntervalTensor::filled(&[1, 2], 0.0, 0.0).unwrap();
    assert_eq!(x.mul(&zero).unwrap().hull(), (0.0, 0.0));
    assert_eq!(x.activation(Activation::Sigmoid).hull(), (0.0, 1.0));
}
