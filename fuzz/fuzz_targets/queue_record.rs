//! Payloads of journal records: never a panic, and what is understood is written and read the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use queue::record::{decode, encode};

fuzz_target!(|octets: &[u8]| {
    if let Ok(changes) = decode(octets.to_vec().into()) {
        let again = encode(&changes).concat();
        assert_eq!(decode(again.into()).as_ref(), Ok(&changes));
    }
});
