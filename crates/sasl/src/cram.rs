//! CRAM-MD5 (RFC 2195): the keyed digest, and what a store may keep for it.

mod contexts;

pub use contexts::Contexts;

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;

use crate::{Secret, scram};

/// A challenge, or a timestamp of APOP: `<unique@host>`, never the same twice (RFC 2195 §2, in the form of an RFC 5322
/// msg-id). The random part is hexadecimal: some clients look for `@` and `>`.
pub fn challenge(host: &str) -> String {
    let unique: String = scram::nonce::fresh().bytes().map(|octet| format!("{octet:02x}")).collect();
    format!("<{unique}@{host}>")
}

/// HMAC-MD5 of a challenge under a password (RFC 2195 §2, RFC 2104).
pub fn digest(password: &Secret, challenge: &[u8]) -> [u8; 16] {
    let mut mac = Hmac::<Md5>::new_from_slice(password.expose()).expect("HMAC takes keys of any length");
    mac.update(challenge);
    mac.finalize().into_bytes().into()
}

/// The digest as the response carries it: 32 lower case hexadecimal digits.
pub(crate) fn hex(digest: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    digest.iter().flat_map(|octet| [digit(octet >> 4), digit(*octet)]).collect()
}

/// Reads hexadecimal digits in any case, two for each octet.
pub(crate) fn from_hex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut digest = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    for (octet, pair) in digest.iter_mut().zip(text.chunks_exact(2)) {
        let &[high, low] = pair else { return None };
        *octet = value(high)? << 4 | value(low)?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 2195 §3.
    #[test]
    fn the_example_of_the_rfc() {
        let digest = digest(&Secret::new("tanstaaftanstaaf"), b"<1896.697170952@postoffice.reston.mci.net>");
        assert_eq!(hex(&digest), "b913a602c7eda7a495b4e6e7334d3890");
    }

    proptest! {
        #[test]
        fn hex_goes_both_ways(digest: [u8; 16]) {
            prop_assert_eq!(from_hex(hex(&digest).as_bytes()), Some(digest));
            prop_assert_eq!(from_hex(hex(&digest).to_uppercase().as_bytes()), Some(digest));
        }

        #[test]
        fn anything_else_is_not_hex(text: Vec<u8>) {
            prop_assume!(text.len() != 32 || !text.iter().all(u8::is_ascii_hexdigit));
            prop_assert_eq!(from_hex::<16>(&text), None);
        }
    }
}
