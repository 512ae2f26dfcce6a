//! The libraries that a program is exported to.

use he_dialects::ckks::noise::Library;
use he_dialects::ckks::params::Params;

/// A library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// OpenFHE, manual rescaling, hybrid key switching.
    OpenFhe,
    /// Microsoft SEAL: one special prime, a digit for each prime.
    Seal,
}

impl Target {
    /// Every library.
    pub const ALL: [Target; 2] = [Target::OpenFhe, Target::Seal];

    /// The library of that name.
    pub fn from_name(name: &str) -> Option<Target> {
        Target::ALL.into_iter().find(|target| target.name() == name)
    }

    /// Its name on command lines and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Target::OpenFhe => "openfhe",
            Target::Seal => "seal",
        }
    }

    /// Its name in texts.
    pub fn title(self) -> &'static str {
        match self {
            Target::OpenFhe => "OpenFHE",
            Target::Seal => "SEAL",
        }
    }

    /// What an interpreter needs.
    pub fn packages(self) -> &'static str {
        match self {
            Target::OpenFhe => "CPython 3.10 with openfhe and numpy",
            Target::Seal => "CPython with tenseal and numpy",
        }
    }

    /// Whose noise its runs have.
    pub fn library(self) -> Library {
        match self {
            Target::OpenFhe => Library::OpenFhe,
            Target::Seal => Library::Seal,
        }
    }

    /// The class `Backend` in Python: a method for each op.
    pub fn source(self) -> &'static str {
        match self {
            Target::OpenFhe => include_str!("../../backends/openfhe_backend.py"),
            Target::Seal => include_str!("../../backends/seal_backend.py"),
        }
    }

    /// The keyword-only parameters of the method for `ckks.<op>`; `None` where the library has no such operation.
    pub fn keywords(self, op: &str) -> Option<Vec<&'static str>> {
        let start = format!("    def {op}(self");
        let rest = self.source().lines().find_map(|line| line.strip_prefix(start.as_str()))?;
        let (_, keywords) = rest.split_once('*').unwrap_or(("", ""));
        let (keywords, _) = keywords.split_once(')').unwrap_or(("", ""));
        let names = keywords.split(',').map(|keyword| keyword.split('=').next().unwrap_or("").trim());
        Some(names.filter(|name| !name.is_empty()).collect())
    }

    /// Why the library has no `ckks.<op>`, and what to do.
    pub fn lack(self, op: &str) -> (&'static str, &'static str) {
        match (self, op) {
            (Target::Seal, "bootstrap") => (
                "SEAL cannot refresh a ciphertext",
                "give more primes (--coeff-modulus) and compile without bootstrap, or export to openfhe",
            ),
            (Target::OpenFhe, "conjugate") => (
                "OpenFHE's Python binding has no conjugation",
                "leave conjugations out: values are real; or export to seal",
            ),
            _ => ("the library has no such operation", "compile the program to ops of the ckks dialect"),
        }
    }

    /// The parameters that the library runs with. SEAL has one way of switching keys: a digit for each prime, and one
    /// special prime as wide as the widest.
    pub fn adapted(self, params: &Params) -> Params {
        match self {
            Target::OpenFhe => params.clone(),
            Target::Seal => params.with_one_special_prime(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_say_what_their_calls_state() {
        assert_eq!(Target::Seal.keywords("rescale"), Some(vec!["level", "scale"]));
        assert_eq!(Target::OpenFhe.keywords("rotate"), Some(vec!["by"]));
        assert_eq!(Target::Seal.keywords("mul_scalar"), Some(vec!["value", "log_scale", "correction"]));
        assert_eq!(Target::OpenFhe.keywords("add"), Some(Vec::new()));
        assert_eq!(Target::OpenFhe.keywords("conjugate"), None);
        assert_eq!(Target::Seal.keywords("bootstrap"), None);
    }

    #[test]
    fn every_op_has_a_method_or_a_reason() {
        let loaded = he_dialects::load().unwrap();
        let ops = loaded.session.registry.op_defs().filter_map(|def| def.name.strip_prefix("ckks."));
        for op in ops {
            for target in Target::ALL {
                let general = target.lack("none");
                assert!(target.keywords(op).is_some() || target.lack(op) != general, "{op} on {target:?}");
            }
        }
    }
}
