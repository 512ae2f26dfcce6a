//! How secure a set of parameters is, by the table of the community's guidelines.
//!
//! Source: Bossuat et al., "Security Guidelines for Implementing Homomorphic Encryption" (2024), table 5.2: classical
//! attacks, uniform ternary secret, error deviation 3.19.

use super::params::{Params, Secret};

/// The security levels of the table, in bits.
pub const SECURITY_LEVELS: [u32; 3] = [128, 192, 256];

/// Largest log2(Q·P) for 128, 192 and 256 bits at each log2 N; 0 where none is secure.
const MAX_LOG_QP: [(u32, [u32; 3]); 8] = [
    (10, [26, 0, 0]),
    (11, [53, 36, 27]),
    (12, [106, 73, 56]),
    (13, [214, 147, 114]),
    (14, [430, 297, 230]),
    (15, [868, 597, 462]),
    (16, [1747, 1199, 929]),
    (17, [3523, 2411, 1866]),
];

/// Largest log2(Q·P) that gives `bits` (128, 192 or 256) of security at log2 N = `log_n`; `None` outside the table.
pub fn max_log_qp(log_n: u32, bits: u32) -> Option<u32> {
    let column = SECURITY_LEVELS.iter().position(|&level| level == bits)?;
    let (_, row) = MAX_LOG_QP.iter().find(|(row_log_n, _)| *row_log_n == log_n)?;
    Some(row[column]).filter(|&limit| limit > 0)
}

/// Smallest log2 N at which a modulus of `log_qp` bits gives `bits` of security; `None` if no row of the table does.
pub fn smallest_log_n(log_qp: u32, bits: u32) -> Option<u32> {
    MAX_LOG_QP
        .iter()
        .map(|(log_n, _)| *log_n)
        .find(|&log_n| max_log_qp(log_n, bits).is_some_and(|limit| log_qp <= limit))
}

/// What the table says about a set of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecurityEstimate {
    /// The highest class that the parameters reach: 0, 128, 192 or 256.
    pub bits: u32,
    /// log2(Q·P), special primes included.
    pub log_qp: u32,
    /// Largest log2(Q·P) for 128 bits at this ring degree; `None` outside the table.
    pub max_log_qp_128: Option<u32>,
    /// False for a sparse secret: the table is made for uniform ternary ones, and overstates the security.
    pub table_applies: bool,
}

/// Looks `params` up in the table.
pub fn security_bits(params: &Params) -> SecurityEstimate {
    let log_qp = params.log_qp();
    let reached = |&&bits: &&u32| max_log_qp(params.log_n, bits).is_some_and(|limit| log_qp <= limit);
    SecurityEstimate {
        bits: SECURITY_LEVELS.iter().rev().find(reached).copied().unwrap_or(0),
        log_qp,
        max_log_qp_128: max_log_qp(params.log_n, 128),
        table_applies: params.secret == Secret::UniformTernary,
    }
}

/// What to do when `params` give less than `bits` of security; `None` when they do not.
pub fn remedy(params: &Params, bits: u32) -> Option<String> {
    let log_qp = params.log_qp();
    let limit = max_log_qp(params.log_n, bits);
    if limit.is_some_and(|limit| log_qp <= limit) {
        return None;
    }
    let allowed = match limit {
        Some(limit) => {
            format!("at N = 2^{} at most {limit} bits of Q*P give {bits} bits of security", params.log_n)
        }
        None => format!("no modulus gives {bits} bits of security at N = 2^{}", params.log_n),
    };
    let alternative = match smallest_log_n(log_qp, bits) {
        Some(log_n) => format!("{log_qp} bits need --poly-modulus-degree={} (2^{log_n})", 1u64 << log_n),
        None => {
            format!(
                "{log_qp} bits are not secure at any ring degree up to 2^17: use fewer primes and bootstrap"
            )
        }
    };
    Some(format!("{allowed}; {alternative}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tutorial_is_not_secure() {
        let params = Params::default();
        let estimate = security_bits(&params);
        assert_eq!((estimate.bits, estimate.max_log_qp_128, estimate.table_applies), (0, Some(868), true));
        assert_eq!(
            remedy(&params, 128).unwrap(),
            "at N = 2^15 at most 868 bits of Q*P give 128 bits of security; 3120 bits need \
             --poly-modulus-degree=131072 (2^17)"
        );
    }

    #[test]
    fn classes_count_the_special_primes() {
        let mut params = Params::derived(15, vec![60, 40, 40, 40, 40, 40], 40);
        assert_eq!(params.log_qp(), 380);
        assert_eq!(security_bits(&params).bits, 256);
        params.log_p = vec![60; 8];
        assert_eq!(security_bits(&params).bits, 128);
        params.log_p = vec![60; 11];
        assert_eq!(security_bits(&params).bits, 0);
        assert_eq!(remedy(&params, 128).unwrap().matches("2^16").count(), 1);
    }

    #[test]
    fn edges_of_the_table() {
        assert_eq!(max_log_qp(10, 192), None);
        assert_eq!(max_log_qp(18, 128), None);
        assert_eq!(max_log_qp(15, 100), None);
        assert_eq!((smallest_log_n(868, 128), smallest_log_n(869, 128)), (Some(15), Some(16)));
        assert_eq!(smallest_log_n(4000, 128), None);
        let mut params = Params::derived(17, vec![60; 60], 40);
        assert!(remedy(&params, 128).unwrap().contains("bootstrap"));
        params.secret = Secret::Sparse { hamming_weight: 192 };
        assert!(!security_bits(&params).table_applies);
        assert!(remedy(&Params::derived(13, vec![60], 40), 128).is_none());
    }
}
