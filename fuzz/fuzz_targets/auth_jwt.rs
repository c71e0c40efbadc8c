//! Any octets are a token and the keys to check it with.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| auth::fuzzing::jwt(data));
