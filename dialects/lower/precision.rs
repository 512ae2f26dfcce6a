//! The precision that the noise model gives a leveled program: what `select-params{precision=…}` asks.

use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::exec::{Interpreter, RuntimeValue};
use he_core::ir::{Ir, OpId};
use he_core::pass::PassContext;
use he_core::support::{Diagnostic, Diagnostics};

use super::bounds::argument_range;
use crate::ckks::attr::params_of;
use crate::ckks::backend::{Ciphertext, Fake};
use crate::ckks::bounds::{BOUND_ATTR, number};
use crate::ckks::noise::Library;
use crate::func::{self, client};
use crate::nn::facts::tensor_shape;
use crate::nn::random::SplitMix64;
use crate::profiles::Profile;

/// Seeds of the runs: of inputs, and of secrets and errors.
const SEEDS: [u64; 3] = [0x9ec1_0001, 0x9ec1_0002, 0x9ec1_0003];

/// The largest error of a slot of the results in simulated runs on random inputs, decoding included; the largest of three
/// runs, each with a key of its own. Infinite where slots overflow.
///
/// Errors of the polynomials are not in it, nor those of a refresh beyond the bits of precision that the fake backend
/// takes for one. Slots that belong to no element count.
pub fn largest_noise(context: &PassContext<'_>, ir: &Ir) -> Result<f64, Diagnostic> {
    let kernels = crate::kernels();
    let entry = func::entry(ir)?;
    let params = params_of(ir)?.unwrap_or_default();
    let library = Library::of(Profile::of_target(context.target));
    let mut most: f64 = 0.0;
    for seed in SEEDS {
        let slots = |mut backend: Fake| -> Result<Vec<f64>, Diagnostic> {
            let mut interpreter = Interpreter::new(&context.session.registry, &kernels, ir, context.weights);
            let values = arguments(&mut interpreter, ir, entry, &mut SplitMix64::new(seed), &mut backend)?;
            let results = interpreter.call(entry, &values, &mut backend, &mut Diagnostics::new())?;
            let ciphertexts = results.iter().filter_map(|value| value.downcast_ref::<Ciphertext>());
            Ok(ciphertexts.flat_map(|ciphertext| ciphertext.slots.clone()).collect())
        };
        let exact = slots(Fake::exact(Some(params.clone())))?;
        let noisy = slots(Fake::noisy(params.clone(), library, seed))?;
        for (exact, noisy) in exact.iter().zip(&noisy) {
            let error = (exact - noisy).abs();
            most = if error.is_finite() { most.max(error) } else { f64::INFINITY };
        }
    }
    Ok(most * library.decoding_factor())
}

/// Arguments of the entry: tensors within their ranges, encrypted by the client's functions; where there are none,
/// numbers within the bounds that the arguments state.
fn arguments(
    interpreter: &mut Interpreter<'_>,
    ir: &Ir,
    entry: OpId,
    random: &mut SplitMix64,
    backend: &mut Fake,
) -> Result<Vec<RuntimeValue>, Diagnostic> {
    let error = |text: String| Diagnostic::error(text).at(ir.position(entry));
    let mut values: Vec<RuntimeValue> = Vec::new();
    for client::Tensor { at, function, ty, .. } in client::arguments(ir, entry) {
        if let Some(encrypt) = function {
            let shape = tensor_shape(ir, ty).map_err(|why| error(format!("argument #{at}: {why}")))?;
            let (lo, hi) = argument_range(ir, entry, at)?;
            let count = shape.iter().product();
            let data = (0..count).map(|_| lo + (hi - lo) * random.unit()).collect();
            let tensor = Tensor::new(shape, data).map_err(|why| error(why.to_string()))?;
            let tensor: RuntimeValue = Rc::new(tensor);
            values.extend(interpreter.call(encrypt, &[tensor], backend, &mut Diagnostics::new())?);
        } else {
            let stated = func::arg_attr(ir, entry, at, BOUND_ATTR).and_then(|attr| number(ir, attr));
            let bound = stated.filter(|bound| bound.is_finite()).unwrap_or(1.0);
            let mut next = || bound * (2.0 * random.unit() - 1.0);
            let mut value = crate::sample(ir, ty, &mut next).ok_or_else(|| {
                error(format!("no numbers are known for an argument of type {}", ir.ctx.type_text(ty)))
            })?;
            if let Some(ciphertext) = Rc::get_mut(&mut value).and_then(|it| it.downcast_mut::<Ciphertext>()) {
                let std = backend.fresh_std(ciphertext.scale);
                backend.disturb(&mut ciphertext.slots, std);
            }
            values.push(value);
        }
    }
    Ok(values)
}
