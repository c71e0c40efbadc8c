//! Any octets are a userdb: its accounts and broken lines, for every service.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| auth::fuzzing::userdb(data));
