//! Modified UTF-7, the coding of mailbox names on the wire (RFC 3501 §5.1.3).

use base64::Engine as _;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Base 64 with `,` for `/` and without padding. Bits left over are let pass: some clients do not clear them.
const CODING: GeneralPurpose = GeneralPurpose::new(
    &IMAP_MUTF7,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Why octets are not a mailbox name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Utf7Error {
    /// `&` without its `-`.
    #[error("\"&\" in a mailbox name begins a shift that must end with \"-\"; the sign itself is \"&-\"")]
    OpenShift,
    /// What stands between `&` and `-` is not UTF-16 in base 64.
    #[error("the shift between \"&\" and \"-\" in a mailbox name is not UTF-16 in modified base 64")]
    BadShift,
    /// 8-bit octets that are not UTF-8.
    #[error("a mailbox name is neither modified UTF-7 nor UTF-8")]
    NotText,
    /// A control character: it would break lines of the protocol and of logs.
    #[error("a mailbox name holds a control character")]
    Control,
}

/// Reads a name from the wire. Shifts that are not minimal, and raw UTF-8, are let pass: the result is the same name.
pub fn decode(wire: &[u8]) -> Result<String, Utf7Error> {
    let mut rest = std::str::from_utf8(wire).map_err(|_| Utf7Error::NotText)?;
    let mut name = String::with_capacity(rest.len());
    while let Some((plain, shifted)) = rest.split_once('&') {
        name.push_str(plain);
        let (coded, after) = shifted.split_once('-').ok_or(Utf7Error::OpenShift)?;
        match coded {
            "" => name.push('&'),
            _ => name.push_str(&unshift(coded)?),
        }
        rest = after;
    }
    name.push_str(rest);
    if name.chars().any(char::is_control) { Err(Utf7Error::Control) } else { Ok(name) }
}

fn unshift(coded: &str) -> Result<String, Utf7Error> {
    let octets = CODING.decode(coded).map_err(|_| Utf7Error::BadShift)?;
    let (pairs, odd) = octets.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(Utf7Error::BadShift);
    }
    char::decode_utf16(pairs.iter().map(|p| u16::from_be_bytes(*p)))
        .collect::<Result<String, _>>()
        .map_err(|_| Utf7Error::BadShift)
}

/// Writes a name for the wire: printable ASCII as it is, `&` as `&-`, the rest in shifts as long as can be.
pub fn encode(name: &str) -> String {
    let mut wire = String::with_capacity(name.len());
    let mut shift = Vec::new();
    for c in name.chars() {
        if matches!(c, ' '..='~') {
            end_shift(&mut shift, &mut wire);
            wire.push(c);
            if c == '&' {
                wire.push('-');
            }
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                shift.extend_from_slice(&unit.to_be_bytes());
            }
        }
    }
    end_shift(&mut shift, &mut wire);
    wire
}

fn end_shift(shift: &mut Vec<u8>, wire: &mut String) {
    if !shift.is_empty() {
        wire.push('&');
        CODING.encode_string(&shift, wire);
        wire.push('-');
        shift.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_examples_of_the_rfc() {
        // RFC 3501 §5.1.3.
        for (wire, name) in [
            ("~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"),
            ("&-", "&"),
            ("Entw&APw-rfe", "Entwürfe"),
            ("&2D3cFw-", "🐗"),
        ] {
            assert_eq!(decode(wire.as_bytes()).as_deref(), Ok(name));
            assert_eq!(encode(name), wire);
        }
    }

    #[test]
    fn what_is_not_a_name() {
        assert_eq!(decode(b"Tom & Jerry"), Err(Utf7Error::OpenShift));
        assert_eq!(decode(b"&U-"), Err(Utf7Error::BadShift));
        assert_eq!(decode(b"&2D0-"), Err(Utf7Error::BadShift), "half a surrogate pair");
        assert_eq!(decode(b"\xff"), Err(Utf7Error::NotText));
        assert_eq!(decode(b"&AAo-"), Err(Utf7Error::Control), "a line feed in disguise");
    }

    proptest! {
        #[test]
        fn every_name_comes_back(name in "[^\\p{Cc}]{0,40}") {
            let wire = encode(&name);
            prop_assert!(wire.bytes().all(|o| matches!(o, b' '..=b'~')));
            prop_assert_eq!(decode(wire.as_bytes()), Ok(name));
        }

        #[test]
        fn nothing_from_the_wire_panics(wire in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = decode(&wire);
        }
    }
}
