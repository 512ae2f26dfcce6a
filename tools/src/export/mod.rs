//! Leveled programs as Python programs for a real library.
//!
//! The exported program is the entry function, line by line, as calls of a class `Backend` that has one method for each
//! ckks op; the class and the rest of the program are the files in `tools/backends/`. A method's keyword-only
//! parameters say which attributes, and which parts of the result's type, its calls state: a new op needs a method in
//! each backend's file, and nothing here.

mod arrays;
mod body;
mod check;
mod client;
mod constants;
mod target;

use he_core::ir::Ir;
use he_core::support::Diagnostic;
use he_dialects::ckks::attr::{params_of, set_params};
use he_dialects::ckks::params::Params;
use he_dialects::ckks::passes::leveling::{fit_primes, result_corrections};
use he_dialects::ckks::security::security_bits;

use crate::run::Program;
use arrays::Arrays;
use body::Body;
pub use target::Target;

/// The rest of every exported program.
const PROGRAM: &str = include_str!("../../backends/program.py");
/// Clocks and memory.
const MEASURES: &str = include_str!("../../backends/measures.py");
/// What measures latencies.
const CALIBRATE: &str = include_str!("../../backends/calibrate.py");
/// What measures bootstraps.
const CALIBRATE_BOOTSTRAP: &str = include_str!("../../backends/calibrate_bootstrap.py");
/// What the backend's class and the program use.
const IMPORTS: &str = "import argparse\nimport inspect\nimport json\nimport math\nimport resource\nimport sys\nimport time\nfrom pathlib import Path\n\nimport numpy as np\n";
/// The security that the libraries are asked to check, in bits.
const SECURITY: u32 = 128;
/// The rotations that are measured: several, so that no key stays in the cache.
const CALIBRATION_STEPS: [i64; 4] = [1, 2, 5, 9];
/// The largest ring degree in SEAL's own table of security, as log2 N.
const SEAL_TABLE_LOG_N: u32 = 15;

/// An exported program.
#[derive(Clone, Debug, PartialEq)]
pub struct Exported {
    /// The Python program.
    pub program: String,
    /// The bytes of the `.npz` file that belongs beside it, with the program's name; `None` where the plaintexts are
    /// few enough to stand in the program.
    pub plaintexts: Option<Vec<u8>>,
}

/// Gives a program the parameters that `target` runs it with, and its primes: what comes before [`export`].
pub fn fit(ir: &mut Ir, target: Target) -> Result<(), Diagnostic> {
    let Some(params) = params_of(ir)? else { return Ok(()) };
    set_params(ir, &target.adapted(&params));
    fit_primes(ir, target.library())
}

/// Writes a leveled program for `target`. `name` is what the program calls itself.
///
/// Errors name the op that the library lacks or cannot represent, and the way out.
pub fn export(program: &Program<'_>, target: Target, name: &str) -> Result<Exported, Diagnostic> {
    check::check(program, target)?;
    let ir = program.ir;
    let params = target.adapted(&params_of(ir)?.unwrap_or_default());
    let mut arrays = Arrays::default();
    let inputs = client::inputs(program, &params, &mut arrays)?;
    let body = Body::write(program, target, &mut arrays, true)?;
    let outputs = client::outputs(program, &params, &mut arrays)?;
    let corrections = result_corrections(ir)?;
    let corrections = format!(
        "# What makes up for the primes that the results were divided by.\nCORRECTIONS = {corrections:?}\n"
    );
    let sections = [
        header(target, name),
        IMPORTS.to_owned(),
        parameters(target, &params, &Keys::of(&body)),
        arrays.python(),
        MEASURES.to_owned(),
        target.source().to_owned(),
        format!("INPUTS = {inputs}\n\nOUTPUTS = {outputs}\n\n{corrections}"),
        body.python(),
        PROGRAM.to_owned(),
    ];
    Ok(Exported { program: joined(&sections), plaintexts: arrays.npz()? })
}

/// A program that measures `target` at `params`: latencies at the numbers of limbs in `limbs`, for `seconds` of
/// processor time. It prints JSON.
pub fn calibration(target: Target, params: &Params, limbs: &[u32], seconds: u64, title: &str) -> String {
    let keys = Keys {
        steps: CALIBRATION_STEPS.to_vec(),
        relinearizes: true,
        conjugates: target.keywords("conjugate").is_some(),
        bootstraps: false,
    };
    let own = format!("MEASURED_LIMBS = {limbs:?}\nSECONDS = {seconds}\nTITLE = {title:?}\n");
    let parameters = parameters(target, &target.adapted(params), &keys);
    joined(&[IMPORTS, &parameters, &own, MEASURES, target.source(), CALIBRATE].map(str::to_owned))
}

/// A program that measures a bootstrap at `params`, for `repeat` times. It prints JSON.
pub fn bootstrap_calibration(params: &Params, repeat: u64, title: &str) -> String {
    let keys = Keys { steps: Vec::new(), relinearizes: true, conjugates: false, bootstraps: true };
    let own = format!("REPEAT = {repeat}\nTITLE = {title:?}\n");
    let target = Target::OpenFhe;
    let parameters = parameters(target, params, &keys);
    joined(&[IMPORTS, &parameters, &own, MEASURES, target.source(), CALIBRATE_BOOTSTRAP].map(str::to_owned))
}

/// Programs as they are, unchecked and legal or not, as a list `PROGRAMS` for `runner`: for a test that asks a library
/// what it refuses. All have the parameters of the first; rotation keys are those of any. No tool offers this.
#[doc(hidden)]
pub fn unchecked(programs: &[Program<'_>], target: Target, runner: &str) -> Result<String, Diagnostic> {
    let params = match programs.first() {
        Some(first) => target_params(first.ir, target)?,
        None => Params::default(),
    };
    let mut arrays = Arrays::default();
    let mut keys = Keys { steps: Vec::new(), relinearizes: true, conjugates: true, bootstraps: false };
    let mut list = "PROGRAMS = [\n".to_owned();
    for program in programs {
        let body = Body::write(program, target, &mut arrays, false)?;
        // SEAL has no keys for steps of half the ring and more, and needs none for a step of 0.
        keys.steps.extend(body.steps.iter().filter(|step| (1..1i64 << (params.log_n - 1)).contains(*step)));
        let arguments = client::argument_states(program.ir)?;
        list += &format!("    {{\"arguments\": {arguments:?}, \"source\": {:?}}},\n", body.python());
    }
    keys.steps.sort_unstable();
    keys.steps.dedup();
    let parameters = parameters(target, &params, &keys);
    let sections =
        [IMPORTS, &parameters, &arrays.python(), MEASURES, target.source(), &(list + "]\n"), runner];
    Ok(joined(&sections.map(str::to_owned)))
}

fn joined(sections: &[String]) -> String {
    let sections: Vec<String> = sections.iter().map(|section| section.trim_end().to_owned() + "\n").collect();
    sections.join("\n\n")
}

/// What a program needs keys for.
struct Keys {
    steps: Vec<i64>,
    relinearizes: bool,
    conjugates: bool,
    bootstraps: bool,
}

impl Keys {
    fn of(body: &Body) -> Keys {
        Keys {
            steps: body.steps.iter().copied().collect(),
            relinearizes: body.has("relinearize"),
            conjugates: body.has("conjugate"),
            bootstraps: body.has("bootstrap"),
        }
    }
}

/// The parameters that `target` runs the program with: those whose security and cost count.
pub fn target_params(ir: &Ir, target: Target) -> Result<Params, Diagnostic> {
    Ok(target.adapted(&params_of(ir)?.unwrap_or_default()))
}

fn header(target: Target, name: &str) -> String {
    let name = name.replace(['\\', '"', '\n', '\r'], "_");
    let title = target.title();
    let packages = target.packages();
    format!(
        "\"\"\"{name}: a CKKS program for {title}, written by he-translate.\n\n\
         Needs {packages} (tools/backends/setup.sh creates the environment).\n\
         From other code: he = setup(); decrypt(he, evaluate(he, encrypt(he, inputs))).\n\"\"\"\n"
    )
}

fn parameters(target: Target, params: &Params, keys: &Keys) -> String {
    let secure = security_bits(params).bits >= SECURITY
        && (target != Target::Seal || params.log_n <= SEAL_TABLE_LOG_N);
    let boolean = |value: bool| if value { "True" } else { "False" };
    let moduli = params.moduli.as_ref().map_or_else(|| "None".to_owned(), |list| format!("{list:?}"));
    let bits = if secure { "128 bits of security" } else { "NOT SECURE by the library's table" };
    let steps = &keys.steps;
    format!(
        "# Parameters: {bits}.\nN = 2**{}\nSLOTS = {}\nLOG_Q = {:?}\nLOG_P = {:?}\nLOG_SCALE = {}\nDNUM = {}\n\
         # The primes that the program is made for; None leaves them to the library.\nMODULI = {moduli}\n\
         SECURE = {}\n# What needs keys: the steps of rotations, and whether there are other operations of the kind.\n\
         ROTATIONS = {steps:?}\nRELINEARIZES = {}\nCONJUGATES = {}\nBOOTSTRAPS = {}\n",
        params.log_n,
        params.slots,
        params.log_q,
        params.log_p,
        params.log_scale,
        params.dnum,
        boolean(secure),
        boolean(keys.relinearizes),
        boolean(keys.conjugates),
        boolean(keys.bootstraps),
    )
}
