//! Any octets are a cdb: its records and keys, or where it is damaged.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| auth::fuzzing::cdb(data));
