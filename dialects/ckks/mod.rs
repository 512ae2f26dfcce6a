//! The ckks dialect: parameters, security and noise of the CKKS scheme.

pub mod noise;
pub mod param_flags;
pub mod params;
pub mod security;
