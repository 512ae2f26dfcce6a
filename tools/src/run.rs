//! Executing a program of any stage on tensors: encrypt, call the entry, decrypt.

use std::any::Any;
use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::exec::{Interpreter, RuntimeValue};
use he_core::ir::{Ir, OpId};
use he_core::pass::module_stage;
use he_core::support::{Diagnostic, Diagnostics, Weights};
use he_dialects::Loaded;
use he_dialects::ckks::attr::params_of;
use he_dialects::ckks::backend::{Ciphertext, Fake};
use he_dialects::ckks::bounds::BOUND_ATTR;
use he_dialects::ckks::cost::check_levels;
use he_dialects::ckks::noise::Library;
use he_dialects::ckks::params::Params;
use he_dialects::ckks::passes::leveling::result_corrections;
use he_dialects::func::{self, client};
use he_dialects::lower::bounds::{RANGE_ATTR, argument_range};
use he_dialects::lower::reference_function;
use he_dialects::nn::facts::tensor_shape;
use he_dialects::nn::random::SplitMix64;

use crate::values::random_tensor;

/// How the backend computes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BackendOptions {
    /// The seed of the noise of the CKKS model; exact where absent.
    pub noise: Option<u64>,
    /// Warn where fewer bits of precision are left.
    pub precision_bits: Option<f64>,
    /// Whose noise is meant.
    pub library: Library,
}

/// A program that can be executed.
pub struct Program<'a> {
    /// Dialects and kernels.
    pub loaded: &'a Loaded,
    /// The module.
    pub ir: &'a Ir,
    /// Where weights come from.
    pub weights: &'a dyn Weights,
    /// How the backend computes.
    pub options: BackendOptions,
}

/// An argument of the entry as the user gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its range.
    pub range: (f64, f64),
    /// Where that is stated.
    pub stated: Stated,
    /// The first argument of the entry that it becomes.
    pub(crate) at: usize,
    /// The function that encrypts it, where it is encrypted.
    pub(crate) encrypt: Option<OpId>,
}

/// Where the range of an argument is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stated {
    /// `nn.range` of the network's argument.
    Range,
    /// `he.bound` of the ciphertext.
    Bound,
    /// Nowhere: it is the default.
    Nowhere,
}

impl Stated {
    /// The words behind a range in a message.
    pub fn note(self) -> &'static str {
        match self {
            Stated::Range => "",
            Stated::Bound => " (he.bound)",
            Stated::Nowhere => " (the default)",
        }
    }
}

/// How far outside of a range an element may be, relative to the range's ends: inputs are often of single precision.
pub const RANGE_TOLERANCE: f64 = 1e-6;

/// What the noise model predicts of the slots of the results.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PredictedNoise {
    /// The largest error of a slot. It often is that of slot 0, which is proportional to one number of the secret key.
    pub largest: f64,
    /// The root of the mean of the squared errors.
    pub std: f64,
}

/// The seeds of the runs that predict the noise.
const NOISE_SEEDS: [u64; 5] = [0x5eed_0001, 0x5eed_0002, 0x5eed_0003, 0x5eed_0004, 0x5eed_0005];
/// The first stage at which values are encrypted.
const PACKED_STAGE: &str = "packed";

impl Program<'_> {
    /// Its name in the output: what computes.
    pub fn backend_name(&self) -> Result<&'static str, Diagnostic> {
        let registry = &self.loaded.session.registry;
        let packed = registry.stage(PACKED_STAGE).unwrap_or(usize::MAX);
        Ok(if module_stage(registry, self.ir)? >= packed { "fake" } else { "reference" })
    }

    /// The state of the backend: the one place where it is made.
    fn backend(&self) -> Result<Box<dyn Any>, Diagnostic> {
        self.backend_of(self.options.noise)
    }

    fn backend_of(&self, noise: Option<u64>) -> Result<Box<dyn Any>, Diagnostic> {
        self.backend_with(params_of(self.ir)?, noise)
    }

    fn backend_with(&self, params: Option<Params>, noise: Option<u64>) -> Result<Box<dyn Any>, Diagnostic> {
        let mut fake = match noise {
            Some(seed) => Fake::noisy(params.unwrap_or_default(), self.options.library, seed),
            None => Fake::exact(params),
        };
        if let Some(bits) = self.options.precision_bits {
            fake.min_precision_bits = bits;
        }
        Ok(Box::new(fake))
    }

    /// The arguments that the user gives.
    pub fn arguments(&self) -> Result<Vec<Argument>, Diagnostic> {
        let ir = self.ir;
        let entry = func::entry(ir)?;
        let argument = |(index, argument): (usize, client::Tensor)| {
            let client::Tensor { at, function: encrypt, ty, .. } = argument;
            let place = encrypt.unwrap_or(entry);
            let shape = tensor_shape(ir, ty).map_err(|why| {
                Diagnostic::error(format!("argument #{index}: {why}")).at(ir.position(place))
            })?;
            let (range, stated) = self.range(entry, index, at)?;
            Ok(Argument { shape, range, stated, at, encrypt })
        };
        client::arguments(ir, entry).into_iter().enumerate().map(argument).collect()
    }

    /// The range of the user's argument `index`, which is the argument `at` of the entry: what the network states of it, or
    /// else the bound of its ciphertext.
    fn range(&self, entry: OpId, index: usize, at: usize) -> Result<((f64, f64), Stated), Diagnostic> {
        let ir = self.ir;
        let places =
            reference_function(ir).map(|reference| (reference, index)).into_iter().chain([(entry, at)]);
        for (function, argument) in places {
            if func::arg_attr(ir, function, argument, RANGE_ATTR).is_some() {
                return Ok((argument_range(ir, function, argument)?, Stated::Range));
            }
        }
        let bound = func::arg_attr(ir, entry, at, BOUND_ATTR).and_then(|attr| ir.ctx.as_f64(attr));
        match bound.filter(|bound| bound.is_finite() && *bound >= 0.0) {
            Some(bound) if reference_function(ir).is_none() => Ok(((-bound, bound), Stated::Bound)),
            _ => Ok((argument_range(ir, entry, at)?, Stated::Nowhere)),
        }
    }

    /// A warning for each input with elements outside of its range: what was compiled holds for inputs in range only.
    pub fn outside(&self, inputs: &[Tensor]) -> Result<Diagnostics, Diagnostic> {
        let entry = func::entry(self.ir)?;
        let mut warnings = Diagnostics::new();
        for (index, (argument, input)) in self.arguments()?.iter().zip(inputs).enumerate() {
            let (lo, hi) = argument.range;
            let slack = RANGE_TOLERANCE * lo.abs().max(hi.abs());
            let is_outside = |x: &f64| *x < lo - slack || *x > hi + slack;
            let Some(first) = input.data.iter().position(is_outside) else { continue };
            let others = input.data.iter().filter(|x| is_outside(x)).count() - 1;
            let value = input.data[first];
            let more = if others > 0 { format!(", and {others} more are outside") } else { String::new() };
            let text = format!(
                "input #{index}: element {:?} is {value}, outside of its range [{lo}, {hi}]{}{more}",
                element(&input.shape, first),
                argument.stated.note(),
            );
            let help =
                "polynomials and bounds hold in that range only: state that of the inputs, nn.range = [a, b]";
            warnings.push(Diagnostic::warning(text).at(self.ir.position(entry)).help(help));
        }
        Ok(warnings)
    }

    /// Inputs that are uniform in the arguments' ranges; the same for the same seed.
    pub fn random_inputs(&self, seed: u64) -> Result<Vec<Tensor>, Diagnostic> {
        let mut random = SplitMix64::new(seed);
        let make = |argument: Argument| random_tensor(&mut random, &argument.shape, argument.range);
        self.arguments()?.into_iter().map(make).collect::<Result<_, _>>().map_err(Diagnostic::error)
    }

    /// Checks the user's inputs against the arguments. Dimensions of size 1 may be left out.
    pub fn checked_inputs(&self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, Diagnostic> {
        let arguments = self.arguments()?;
        if inputs.len() != arguments.len() {
            let text =
                format!("the program takes {} inputs, but {} are given", arguments.len(), inputs.len());
            return Err(
                Diagnostic::error(text).help("give one --input FILE for each, or --random-input SEED")
            );
        }
        let long = |shape: &[usize]| shape.iter().copied().filter(|size| *size != 1).collect::<Vec<_>>();
        let pairs = inputs.into_iter().zip(arguments).enumerate();
        pairs
            .map(|(index, (input, argument))| {
                if long(&input.shape) != long(&argument.shape) {
                    let (found, expected) = (input.shape, argument.shape);
                    let text = format!("input #{index} has shape {found:?}, but {expected:?} is expected");
                    return Err(Diagnostic::error(text));
                }
                Ok(Tensor { shape: argument.shape, data: input.data })
            })
            .collect()
    }

    /// Encrypts the inputs and calls the entry; its results as they are.
    fn evaluate(
        &self,
        inputs: &[Tensor],
        backend: &mut dyn Any,
        warnings: &mut Diagnostics,
    ) -> Result<Vec<RuntimeValue>, Diagnostic> {
        check_levels(self.ir)?;
        let mut args: Vec<RuntimeValue> = Vec::new();
        for (argument, input) in self.arguments()?.iter().zip(inputs) {
            let value: RuntimeValue = Rc::new(input.clone());
            match argument.encrypt {
                Some(encrypt) => {
                    args.extend(self.interpreter().call(encrypt, &[value], backend, warnings)?)
                }
                None => args.push(value),
            }
        }
        self.interpreter().call(func::entry(self.ir)?, &args, backend, warnings)
    }

    /// The errors in the slots of the results that the noise model predicts: those of the middle one of five simulated
    /// runs, against a run in double precision that knows nothing of the primes. `None` where nothing is encrypted.
    pub fn predicted_noise(&self, inputs: &[Tensor]) -> Result<Option<PredictedNoise>, Diagnostic> {
        let slots_of = |mut backend: Box<dyn Any>, corrections: &[f64]| -> Result<Vec<f64>, Diagnostic> {
            let results = self.evaluate(inputs, backend.as_mut(), &mut Diagnostics::new())?;
            let mut slots = Vec::new();
            for (result, correction) in results.iter().zip(corrections) {
                let own = result.downcast_ref::<Ciphertext>().map_or(&[][..], |ciphertext| &ciphertext.slots);
                slots.extend(own.iter().map(|slot| slot * correction));
            }
            Ok(slots)
        };
        let corrections = result_corrections(self.ir)?;
        let nominal = params_of(self.ir)?.map(|params| Params { moduli: None, ..params });
        let exact = slots_of(self.backend_with(nominal, None)?, &vec![1.0; corrections.len()])?;
        if exact.is_empty() {
            return Ok(None);
        }
        let (mut largest, mut std) = (Vec::new(), Vec::new());
        for seed in NOISE_SEEDS {
            let noisy = slots_of(self.backend_of(Some(seed))?, &corrections)?;
            let errors = || exact.iter().zip(&noisy).map(|(x, y)| (x - y).abs());
            largest.push(errors().fold(0.0, f64::max));
            std.push((errors().map(|error| error * error).sum::<f64>() / exact.len() as f64).sqrt());
        }
        let middle = |mut list: Vec<f64>| {
            list.sort_by(f64::total_cmp);
            list[NOISE_SEEDS.len() / 2] * self.options.library.decoding_factor()
        };
        Ok(Some(PredictedNoise { largest: middle(largest), std: middle(std) }))
    }

    /// The results of the program, decrypted.
    pub fn execute(&self, inputs: &[Tensor], warnings: &mut Diagnostics) -> Result<Vec<Tensor>, Diagnostic> {
        let ir = self.ir;
        let entry = func::entry(ir)?;
        let mut backend = self.backend()?;
        let results = self.evaluate(inputs, backend.as_mut(), warnings)?;
        let mut call = |function: OpId, args: &[RuntimeValue]| {
            self.interpreter().call(function, args, backend.as_mut(), warnings)
        };
        let mut outputs = Vec::new();
        for client::Tensor { at, width, function, .. } in client::results(ir, entry) {
            let part = results.get(at..at + width).unwrap_or(&[]);
            match function {
                Some(decrypt) => outputs.extend(call(decrypt, part)?),
                None => outputs.extend_from_slice(part),
            }
        }
        self.tensors(entry, outputs)
    }

    /// The results of the nn program, where it is known: the reference function, or the entry at the first stage.
    pub fn reference(&self, inputs: &[Tensor]) -> Result<Option<Vec<Tensor>>, Diagnostic> {
        let function = match reference_function(self.ir) {
            Some(function) => function,
            None if module_stage(&self.loaded.session.registry, self.ir)? == 0 => func::entry(self.ir)?,
            None => return Ok(None),
        };
        let args: Vec<RuntimeValue> = inputs.iter().map(|input| Rc::new(input.clone()) as _).collect();
        let results = self.interpreter().call(function, &args, &mut (), &mut Diagnostics::new())?;
        self.tensors(function, results).map(Some)
    }

    fn interpreter(&self) -> Interpreter<'_> {
        Interpreter::new(&self.loaded.session.registry, &self.loaded.kernels, self.ir, self.weights)
    }

    fn tensors(&self, function: OpId, values: Vec<RuntimeValue>) -> Result<Vec<Tensor>, Diagnostic> {
        let tensor = |(index, value): (usize, RuntimeValue)| {
            value.downcast_ref::<Tensor>().cloned().ok_or_else(|| {
                Diagnostic::error(format!(
                    "result #{index} is not a tensor: it has no function that decrypts it"
                ))
                .at(self.ir.position(function))
            })
        };
        values.into_iter().enumerate().map(tensor).collect()
    }
}

/// The indices of the element at a place in the data.
fn element(shape: &[usize], mut place: usize) -> Vec<usize> {
    let mut indices = vec![0; shape.len()];
    for (index, size) in indices.iter_mut().zip(shape).rev() {
        *index = place % size;
        place /= size;
    }
    indices
}

/// The largest difference between two lists of tensors; infinite where their shapes differ.
pub fn max_abs_difference(left: &[Tensor], right: &[Tensor]) -> f64 {
    if left.len() != right.len() {
        return f64::INFINITY;
    }
    let differences = left.iter().zip(right).map(|(a, b)| a.max_abs_difference(b).unwrap_or(f64::INFINITY));
    differences.fold(0.0, |most: f64, d| if d.is_nan() { f64::INFINITY } else { most.max(d) })
}

/// The largest magnitude in a list of tensors.
pub fn max_abs(tensors: &[Tensor]) -> f64 {
    tensors.iter().map(Tensor::max_abs).fold(0.0, f64::max)
}
