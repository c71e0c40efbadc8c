//! The checks that every identity and password from the network passes.

use crate::Secret;
use crate::server::Broken;

/// Longest identity, octets (RFC 4616 §2 asks for 255 at least).
const IDENTITY: usize = 255;

/// Longest password, octets: room for tokens, no room for making hashes dear.
const PASSWORD: usize = 1024;

/// Longest token, octets: those of providers with many claims in them come to some thousand.
const TOKEN: usize = 8192;

/// Longest message of any mechanism, octets: what a line of 12,288 octets holds in base64 (RFC 4954 §4).
pub(crate) const MESSAGE: usize = 9216;

/// An identity: UTF-8, not empty, and without control characters, which have no place in a log line or a file name.
///
/// # Errors
/// [`Broken::Syntax`] says what is wrong with it.
pub fn identity(octets: &[u8]) -> Result<String, Broken> {
    let text = std::str::from_utf8(octets).map_err(|_| Broken::Syntax("the user name is not UTF-8"))?;
    match text {
        "" => Err(Broken::Syntax("the user name is empty")),
        _ if text.len() > IDENTITY => Err(Broken::Syntax("the user name is too long")),
        _ if text.chars().any(char::is_control) => Err(Broken::Syntax("the user name has control characters")),
        _ => Ok(text.to_owned()),
    }
}

/// An authorization identity: as [`identity`], but an empty one is none (RFC 4422 §3.4.1).
pub(crate) fn authzid(octets: &[u8]) -> Result<Option<String>, Broken> {
    if octets.is_empty() { Ok(None) } else { identity(octets).map(Some) }
}

/// A password: not empty (directories take a login without one as anonymous, and say yes), no NUL, CR or LF.
pub(crate) fn password(octets: &[u8]) -> Result<Secret, Broken> {
    match octets {
        [] => Err(Broken::Syntax("the password is empty")),
        _ if octets.len() > PASSWORD => Err(Broken::Syntax("the password is too long")),
        _ if octets.iter().any(|o| matches!(o, 0 | b'\r' | b'\n')) => {
            Err(Broken::Syntax("the password has a NUL or a line end"))
        }
        _ => Ok(Secret::new(octets)),
    }
}

/// A bearer token (RFC 6750 §2.1): printable ASCII without spaces, so that it fits into a header or a URL as it is.
pub(crate) fn token(octets: &[u8]) -> Result<Secret, Broken> {
    match octets {
        [] => Err(Broken::Syntax("the token is empty")),
        _ if octets.len() > TOKEN => Err(Broken::Syntax("the token is too long")),
        _ if !octets.iter().all(u8::is_ascii_graphic) => {
            Err(Broken::Syntax("the token has other than graphic characters"))
        }
        _ => Ok(Secret::new(octets)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_bounds() {
        assert!(token(&[b'a'; 8192]).is_ok() && token(b"ya29.vF9_-~+/==").is_ok());
        for hostile in [&b""[..], &[b'a'; 8193], b"a b", b"a\x01", b"a\n", "é".as_bytes()] {
            assert!(token(hostile).is_err(), "{hostile:?}");
        }
    }

    #[test]
    fn identities_have_bounds() {
        assert_eq!(identity(&[b'a'; 255]).map(|s| s.len()), Ok(255));
        assert_eq!(identity("jürgen@example.test".as_bytes()).as_deref(), Ok("jürgen@example.test"));
        for hostile in [&b""[..], &[b'a'; 256], b"a\0b", b"a\r\nb", b"a\x1b[2J", b"\xff"] {
            assert!(identity(hostile).is_err(), "{hostile:?}");
        }
    }

    #[test]
    fn passwords_have_bounds() {
        assert!(password(&[b'a'; 1024]).is_ok() && password(b"\xe9 t\t").is_ok());
        for hostile in [&b""[..], &[b'a'; 1025], b"a\0b", b"a\nb", b"a\r"] {
            assert!(password(hostile).is_err(), "{hostile:?}");
        }
    }
}
