//! What comes over an authdaemond socket is a question, an answer, or neither; what was read is written the same.

#![no_main]

use auth::courier::{Asked, Listed, Reply};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    // A longer one may be beyond a bound once its last line end is put in.
    if input.len() < 4096
        && let Ok(Some(asked)) = Asked::decode(input)
        && let Ok(wire) = asked.encode()
    {
        assert_eq!(Asked::decode(&wire), Ok(Some(asked)));
    }
    if let Ok(Some((reply, length))) = Reply::decode(input) {
        assert!(length <= input.len());
        if let Ok(wire) = reply.encode() {
            assert_eq!(Reply::decode(&wire), Ok(Some((reply, wire.len()))));
        }
    }
    for line in input.split(|octet| *octet == b'\n') {
        drop(Listed::decode(line).map(|listed| listed.encode()));
    }
});
