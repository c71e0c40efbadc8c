//! SCRAM's messages: attributes as `name=value`, parted by commas (RFC 5802 §5.1, §7).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::field;
use crate::server::Broken;

/// Longest nonce part that is taken from a peer, octets.
const NONCE: usize = 512;

/// Splits a GS2 header off (RFC 5801 §4, RFC 5802 §7): `gs2-cbind-flag "," [authzid] ","`. The flag, the authorization
/// identity and the rest.
pub(crate) fn gs2(text: &str) -> Result<(&str, Option<String>, &str), Broken> {
    let mut parts = text.splitn(3, ',');
    let (Some(flag), Some(authzid), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Broken::Syntax("malformed first message"));
    };
    let authzid = match (authzid, authzid.strip_prefix("a=").and_then(from_saslname)) {
        ("", _) => None,
        (_, Some(name)) => field::authzid(name.as_bytes())?,
        _ => return Err(Broken::Syntax("malformed authorization identity")),
    };
    Ok((flag, authzid, rest))
}

/// Takes the next attribute, which must be `name`; `None` if it is another one.
pub(crate) fn take<'a>(rest: &mut &'a str, name: char) -> Option<&'a str> {
    let (attribute, tail) = rest.split_once(',').unwrap_or((rest, ""));
    let value = attribute.strip_prefix(name)?.strip_prefix('=')?;
    *rest = tail;
    Some(value)
}

/// A nonce: printable ASCII without a comma, with a bound.
pub(crate) fn nonce(text: &str) -> Option<&str> {
    let printable = text.bytes().all(|o| o.is_ascii_graphic() && o != b',');
    (printable && !text.is_empty() && text.len() <= NONCE).then_some(text)
}

/// Base64 with its padding, as the grammar wants it.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Base64.
pub(crate) fn to_base64(octets: &[u8]) -> String {
    STANDARD.encode(octets)
}

/// Reads a `saslname`: `=2C` is a comma, `=3D` an equals sign, any other `=` is an error.
pub(crate) fn from_saslname(text: &str) -> Option<String> {
    let mut parts = text.split('=');
    let mut name = parts.next()?.to_owned();
    for part in parts {
        let (character, rest) = match part.split_at_checked(2)? {
            ("2C", rest) => (',', rest),
            ("3D", rest) => ('=', rest),
            _ => return None,
        };
        name.push(character);
        name.push_str(rest);
    }
    Some(name)
}

/// Writes a `saslname`.
pub(crate) fn to_saslname(name: &str) -> String {
    name.replace('=', "=3D").replace(',', "=2C")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn attributes_are_taken_in_order() {
        let mut rest = "n=user,r=abc=,x";
        assert_eq!(take(&mut rest, 'r'), None);
        assert_eq!(take(&mut rest, 'n'), Some("user"));
        assert_eq!(take(&mut rest, 'r'), Some("abc="));
        assert_eq!(rest, "x");
    }

    #[test]
    fn a_lone_equals_sign_is_no_saslname() {
        for bad in ["a=b", "=", "=2", "=2c", "a=3D=", "=é"] {
            assert_eq!(from_saslname(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn saslnames_go_both_ways(name: String) {
            let written = to_saslname(&name);
            prop_assert!(!written.contains(','));
            prop_assert_eq!(from_saslname(&written), Some(name));
        }
    }
}
