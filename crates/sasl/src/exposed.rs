//! Whose secret came in clear although it must not: for the log. Nothing is verified, and the secret is not kept.

use crate::scram::message::gs2;
use crate::{Mechanism, Secret, wire};

/// The identity that an initial response (still in base64) gives away together with its password or token; empty where a
/// token names nobody. `None` where nothing is given away.
pub fn exposed_identity(mechanism: &str, initial: &[u8]) -> Option<String> {
    let mechanism = Mechanism::from_name(mechanism)?;
    let message = Secret::new(wire::initial_response(initial).ok()?);
    let message = message.expose();
    let identity = match mechanism {
        // RFC 4616 §2: authzid NUL authcid NUL passwd
        Mechanism::Plain => String::from_utf8_lossy(message.split(|octet| *octet == 0).nth(1)?).into_owned(),
        Mechanism::XOAuth2 => {
            let user = message.strip_prefix(b"user=")?.split(|octet| *octet == 1).next()?;
            String::from_utf8_lossy(user).into_owned()
        }
        Mechanism::OAuthBearer => gs2(std::str::from_utf8(message).ok()?).ok()?.1.unwrap_or_default(),
        // LOGIN's initial response is the name alone; the others send no secret.
        _ => return None,
    };
    Some(identity.trim().chars().filter(|c| !c.is_control()).take(255).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_tokens_are_noticed_and_nothing_else() {
        let exposed = |mechanism: &str, message: &[u8]| exposed_identity(mechanism, wire::encode(message).as_bytes());
        assert_eq!(exposed("plain", b"\0alice\0secret").as_deref(), Some("alice"));
        assert_eq!(exposed("XOAUTH2", b"user=alice\x01auth=Bearer x\x01\x01").as_deref(), Some("alice"));
        assert_eq!(exposed("OAuthBearer", b"n,a=alice,\x01auth=Bearer x\x01\x01").as_deref(), Some("alice"));
        assert_eq!(exposed("OAUTHBEARER", b"n,,\x01auth=Bearer x\x01\x01").as_deref(), Some(""));
        for (mechanism, message) in
            [("LOGIN", &b"alice"[..]), ("SCRAM-SHA-256", b"n,,n=a,r=b"), ("PLAIN", b"x"), ("X", b"")]
        {
            assert_eq!(exposed(mechanism, message), None, "{mechanism}");
        }
        assert_eq!(exposed_identity("PLAIN", b"!"), None);
    }
}
