//! The base64 lines in which SMTP (RFC 4954), POP3 (RFC 5034) and IMAP (RFC 3501, RFC 4959) carry an exchange.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::server::Broken;

/// Writes padding, and does not miss it: some phones leave it off.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A challenge (or a client's response) as it goes into a line, without the line's end.
pub fn encode(octets: &[u8]) -> String {
    BASE64.encode(octets)
}

/// Decodes one line of a client (without its end): base64, or `*`, which cancels (RFC 4954 §4, RFC 5034 §4).
/// Spaces around it are let pass.
///
/// # Errors
/// [`Broken::Cancelled`], or [`Broken::Base64`].
pub fn response(line: &[u8]) -> Result<Vec<u8>, Broken> {
    match line.trim_ascii() {
        b"*" => Err(Broken::Cancelled),
        text => BASE64.decode(text).map_err(|_| Broken::Base64),
    }
}

/// Decodes the initial response that stands in the command itself; there `=` alone is an empty one (RFC 4954 §4).
///
/// # Errors
/// As [`response`].
pub fn initial_response(argument: &[u8]) -> Result<Vec<u8>, Broken> {
    match argument.trim_ascii() {
        b"=" => Ok(Vec::new()),
        text => response(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// MISSION 002-24: the prompts as they stand on the wire.
    #[test]
    fn the_prompts_of_login_look_as_clients_expect_them() {
        assert_eq!(encode(b"Username:"), "VXNlcm5hbWU6");
        assert_eq!(encode(b"Password:"), "UGFzc3dvcmQ6");
    }

    #[test]
    fn missing_padding_and_spaces_are_let_pass() {
        assert_eq!(response(b" dGVzdA  ").as_deref(), Ok(&b"test"[..]));
        assert_eq!(response(b"dGVzdA==").as_deref(), Ok(&b"test"[..]));
    }

    #[test]
    fn a_star_cancels_and_an_equals_sign_is_empty_only_where_it_may() {
        assert_eq!(response(b"*"), Err(Broken::Cancelled));
        assert_eq!(initial_response(b"=").as_deref(), Ok(&b""[..]));
        assert!(matches!(response(b"="), Err(Broken::Base64)));
        assert!(matches!(response(b"a\0b"), Err(Broken::Base64)));
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes(octets: Vec<u8>) {
            prop_assert_eq!(response(encode(&octets).as_bytes()), Ok(octets));
        }
    }
}
