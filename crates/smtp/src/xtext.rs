//! xtext (RFC 3461 §4, RFC 4954 §8): how a parameter carries octets that it may not.

use std::fmt::Write;

/// `xtext = *( xchar / hexchar )`, `xchar` = `!` to `~` without `+` and `=`, `hexchar` = `+` and two upper-case hex
/// digits. `None` for what is not that.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        octets.push(match byte {
            b'+' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            b'=' => return None,
            b'!'..=b'~' => byte,
            _ => return None,
        });
    }
    Some(octets)
}

/// The xtext of some octets.
pub fn encode(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for &octet in octets {
        match octet {
            b'+' | b'=' => push_hex(&mut text, octet),
            b'!'..=b'~' => text.push(char::from(octet)),
            _ => push_hex(&mut text, octet),
        }
    }
    text
}

fn push_hex(text: &mut String, octet: u8) {
    // Writing to a String cannot fail.
    let _ = write!(text, "+{octet:02X}");
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_texts() {
        assert_eq!(encode(b"e+mc2 x=1"), "e+2Bmc2+20x+3D1");
        assert_eq!(decode("e+3Dmc2@example.com").as_deref(), Some(&b"e=mc2@example.com"[..]));
        for bad in ["a=b", "a b", "+", "+2", "+2b", "+ZZ", "ü"] {
            assert_eq!(decode(bad), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_octets_survive(octets: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&octets)), Some(octets));
        }

        #[test]
        fn what_can_be_read_is_written_alike(text in "([!-*,-<>-~]|\\+[0-9A-F]{2}){0,20}") {
            let octets = decode(&text).expect("xtext");
            prop_assert_eq!(decode(&encode(&octets)), Some(octets));
        }
    }
}
