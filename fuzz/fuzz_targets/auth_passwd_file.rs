//! Any octets are a passwd-file of Dovecot's: its accounts, and where their mail lies.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| auth::fuzzing::passwd_file(data));
