#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| he_fuzz::dialect(data));
