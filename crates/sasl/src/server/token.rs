//! XOAUTH2 and OAUTHBEARER (RFC 7628): one message with a bearer token, and a refusal in two parts.

use super::{Broken, Step};
use crate::scram::message::gs2;
use crate::{Evidence, Mechanism, TokenEvidence, field};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `user=` name ^A `auth=Bearer ` token ^A ^A
    XOAuth2,
    /// RFC 7628 §3.1
    OAuthBearer,
}

impl Form {
    /// Takes the client's message.
    pub(super) fn read(self, message: &[u8]) -> Result<Step, Broken> {
        let text = std::str::from_utf8(message).map_err(|_| Broken::Syntax("the message is not UTF-8"))?;
        let (identity, pairs) = match self {
            Self::XOAuth2 => xoauth2(text)?,
            Self::OAuthBearer => oauthbearer(text)?,
        };
        let auth = pairs.split('\x01').find_map(|pair| pair.strip_prefix("auth="));
        match bearer(auth.unwrap_or_default())? {
            Some(token) => {
                let token = field::token(token.as_bytes())?;
                let evidence = TokenEvidence { mechanism: self.mechanism(), identity, token };
                Ok(Step::Judge(Evidence::Token(evidence)))
            }
            // RFC 7628 §4.3 calls this a way to ask for the server's scope.
            None => Ok(Step::Challenge(self.error().to_vec())),
        }
    }

    /// What a client whose token is not good is told (RFC 7628 §3.2.2; Google's form).
    pub(super) fn error(self) -> &'static [u8] {
        match self {
            Self::XOAuth2 => br#"{"status":"401","schemes":"bearer"}"#,
            Self::OAuthBearer => br#"{"status":"invalid_token"}"#,
        }
    }

    fn mechanism(self) -> Mechanism {
        match self {
            Self::XOAuth2 => Mechanism::XOAuth2,
            Self::OAuthBearer => Mechanism::OAuthBearer,
        }
    }
}

/// The user, and the pairs after it.
fn xoauth2(text: &str) -> Result<(String, &str), Broken> {
    const SYNTAX: Broken = Broken::Syntax("XOAUTH2 needs user= and auth=Bearer, each before ^A, and a ^A at the end");
    let (user, rest) = text.strip_prefix("user=").and_then(|rest| rest.split_once('\x01')).ok_or(SYNTAX)?;
    let pairs = rest.strip_suffix("\x01\x01").ok_or(SYNTAX)?;
    Ok((field::identity(user.as_bytes())?, pairs))
}

/// RFC 7628 §3.1: `client-resp = (gs2-header kvsep *kvpair kvsep) / kvsep`; each pair ends with a `kvsep`, ^A.
fn oauthbearer(text: &str) -> Result<(String, &str), Broken> {
    const SYNTAX: Broken =
        Broken::Syntax("OAUTHBEARER needs a GS2 header and pairs, each before ^A, and a ^A at the end");
    let (flag, identity, rest) = gs2(text)?;
    // RFC 7628 §3.1: no channel binding; `y` is let pass as in SCRAM.
    if !matches!(flag, "n" | "y") {
        return Err(Broken::Syntax("OAUTHBEARER has no channel binding"));
    }
    let pairs = rest.strip_prefix('\x01').and_then(|rest| rest.strip_suffix('\x01')).ok_or(SYNTAX)?;
    match pairs.strip_suffix('\x01') {
        Some(pairs) => Ok((identity.unwrap_or_default(), pairs)),
        None if pairs.is_empty() => Ok((identity.unwrap_or_default(), pairs)),
        None => Err(SYNTAX),
    }
}

/// The token behind `Bearer`, in any case (RFC 6750 §2.1, RFC 9110 §11.1); `None` where nothing was sent.
fn bearer(auth: &str) -> Result<Option<&str>, Broken> {
    if auth.is_empty() {
        return Ok(None);
    }
    match auth.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer") => Ok(Some(token.trim_matches(' '))),
        _ => Err(Broken::Syntax("only bearer tokens are taken")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::{Context, Exchange};
    use crate::{Secret, wire};

    const TOKEN: &str = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==";

    fn start(mechanism: Mechanism, message: &[u8]) -> (Exchange, Step) {
        Exchange::start(mechanism, &Context::clear("host"), Some(message))
    }

    fn evidence(step: &Step) -> &TokenEvidence {
        match step {
            Step::Judge(Evidence::Token(evidence)) => evidence,
            other => panic!("{other:?}"),
        }
    }

    /// RFC 7628 §4.1, as it stands on the wire.
    #[test]
    fn the_example_of_the_rfc() {
        let line = "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyI\
                    HZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB";
        let message = wire::initial_response(line.as_bytes()).unwrap();
        let (mut exchange, step) = start(Mechanism::OAuthBearer, &message);
        let evidence = evidence(&step);
        assert_eq!((evidence.identity.as_str(), evidence.mechanism), ("user@example.com", Mechanism::OAuthBearer));
        assert_eq!(evidence.token, Secret::new(TOKEN));
        assert!(matches!(exchange.accepted(), Step::Done));
    }

    /// The example of Google's document "OAuth 2.0 Mechanism".
    #[test]
    fn the_example_of_xoauth2() {
        let line = "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmh\
                    kSFJoZG1semRHRXVZMjl0Q2cBAQ==";
        let message = wire::initial_response(line.as_bytes()).unwrap();
        let (_, step) = start(Mechanism::XOAuth2, &message);
        assert_eq!(evidence(&step).identity, "someuser@example.com");
        assert_eq!(evidence(&step).token, Secret::new("ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"));
    }

    /// RFC 7628 §3.2.3, §4.3: the error, the client's dummy, then the refusal; whatever the dummy is.
    #[test]
    fn a_refusal_comes_in_two_parts() {
        let message =
            format!("n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer {TOKEN}\x01\x01");
        for dummy in [Some(&b"\x01"[..]), Some(b""), Some(b"what else"), None] {
            let (mut exchange, _) = start(Mechanism::OAuthBearer, message.as_bytes());
            let Step::Challenge(error) = exchange.rejected() else { panic!() };
            assert_eq!(serde_json::from_slice::<serde_json::Value>(&error).unwrap()["status"], "invalid_token");
            let end = match dummy {
                Some(dummy) => exchange.respond(dummy),
                None => exchange.broken(Broken::Cancelled),
            };
            assert!(matches!(end, Step::Refused), "{end:?}");
            assert!(matches!(exchange.respond(b""), Step::Broken(_)));
            assert!(matches!(exchange.accepted(), Step::Broken(_)));
        }
    }

    #[test]
    fn without_a_token_the_client_is_told_and_nobody_is_judged() {
        for message in ["n,,\x01\x01", "n,a=user@example.com,\x01auth=\x01\x01", "y,,\x01host=h\x01\x01"] {
            let (mut exchange, step) = start(Mechanism::OAuthBearer, message.as_bytes());
            assert!(matches!(step, Step::Challenge(_)), "{step:?}");
            assert!(matches!(exchange.accepted(), Step::Broken(_)), "nobody was judged");
            let (mut exchange, _) = start(Mechanism::OAuthBearer, message.as_bytes());
            assert!(matches!(exchange.respond(b"\x01"), Step::Refused));
        }
    }

    #[test]
    fn the_name_may_be_missing_and_a_token_be_long() {
        let message = format!("n,,\x01auth=bearer {}\x01\x01", "x".repeat(8192));
        let (_, step) = start(Mechanism::OAuthBearer, message.as_bytes());
        assert_eq!((evidence(&step).identity.as_str(), evidence(&step).token.expose().len()), ("", 8192));
        let Step::Judge(all) = step else { panic!() };
        assert_eq!(all.authzid(), None);
    }

    #[test]
    fn hostile_messages() {
        let long = format!("n,,\x01auth=Bearer {}\x01\x01", "x".repeat(8193));
        for message in [
            "",
            "\x01",
            "n,,",
            "n,,\x01",
            "p=tls-exporter,,\x01auth=Bearer x\x01\x01",
            "n,,\x01auth=Bearer x\x01",
            "n,,\x01auth=Bearer x",
            "n,,\x01auth=Basic x\x01\x01",
            "n,,\x01auth=Bearer \x01\x01",
            "n,,\x01auth=Bearer a b\x01\x01",
            "n,,\x01auth=Bearer a\r\nX: b\x01\x01",
            "n,a=us\0er,\x01auth=Bearer x\x01\x01",
            &long,
        ] {
            let (_, step) = start(Mechanism::OAuthBearer, message.as_bytes());
            assert!(matches!(step, Step::Broken(Broken::Syntax(_))), "{message:?}: {step:?}");
        }
        for message in
            ["", "user=\x01auth=Bearer x\x01\x01", "user=a\x01auth=Bearer x", "auth=Bearer x\x01\x01", "user=a"]
        {
            let (_, step) = start(Mechanism::XOAuth2, message.as_bytes());
            assert!(matches!(step, Step::Broken(Broken::Syntax(_))), "{message:?}: {step:?}");
        }
    }

    /// A token is as good as a password: nothing that a log may print has it.
    #[test]
    fn tokens_do_not_print() {
        let (_, step) = start(Mechanism::XOAuth2, b"user=a@x\x01auth=Bearer geheim\x01\x01");
        assert!(!format!("{step:?}").contains("geheim"));
    }
}
