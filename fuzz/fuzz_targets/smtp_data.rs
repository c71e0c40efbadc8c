//! The dot decoder: wherever the octets are cut, it finds the same end and the same content, and nothing but
//! CRLF.CRLF is an end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use smtp::{BareNewline, DotDecoder};

/// Content, fault and the place of the end, fed in pieces of the given length.
fn decode(input: &[u8], bare: BareNewline, piece: usize) -> (Vec<u8>, Option<smtp::Fault>, Option<usize>) {
    let (mut decoder, mut content, mut at) = (DotDecoder::new(bare), Vec::new(), 0);
    for cut in input.chunks(piece) {
        let fed = decoder.feed(cut, &mut content);
        at += fed.consumed;
        if fed.ended {
            return (content, decoder.fault(), Some(at));
        }
        assert_eq!(fed.consumed, cut.len());
    }
    (content, decoder.fault(), None)
}

fuzz_target!(|data: &[u8]| {
    let Some((first, input)) = data.split_first() else { return };
    let piece = usize::from(*first).max(1);
    for bare in [BareNewline::Reject, BareNewline::Normalize] {
        let whole = decode(input, bare, usize::MAX);
        assert_eq!(whole, decode(input, bare, piece));
        let framed = [b"\r\n", input].concat();
        assert_eq!(whole.2, framed.windows(5).position(|w| w == b"\r\n.\r\n").map(|end| end + 3));
    }
});
