//! The client's side of an exchange.

mod credentials;
mod scram;

pub use credentials::{Credentials, Proof};

use crate::{Bindings, Mechanism, cram};

/// What an exchange must know of its connection and server. The default is a connection in clear.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// What TLS gives.
    pub bindings: Bindings,
    /// Whether the server offered a -PLUS, as far as we have heard.
    pub plus_offered: bool,
}

impl Context {
    /// Of a connection with these bindings, to a server that offers these mechanisms.
    pub fn new(bindings: Bindings, offered: &[Mechanism]) -> Self {
        Self { bindings, plus_offered: offered.iter().any(|mechanism| mechanism.is_plus()) }
    }
}

/// One exchange with a server.
#[derive(Debug)]
pub struct Exchange {
    mechanism: Mechanism,
    credentials: Credentials,
    state: State,
}

/// What the server's next challenge is.
#[derive(Debug)]
enum State {
    /// CRAM-MD5's one challenge.
    Cram,
    /// LOGIN's first prompt.
    LoginUser,
    /// LOGIN's second prompt.
    LoginPassword,
    /// One of SCRAM's messages.
    Scram(Box<scram::Scram>),
    /// None, unless the token is not good: then the reason, in JSON.
    Token,
    /// The token was not good, and the server was answered.
    TokenRefused,
    /// None: all is said.
    Over,
}

/// The server's message breaks the mechanism's grammar, or it could not prove itself (SCRAM).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ServerError(pub &'static str);

/// The credentials, or the connection, are not what the mechanism needs: see [`Credentials::suit`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} cannot be used with these credentials on this connection")]
pub struct Unsuitable(pub Mechanism);

impl Exchange {
    /// Begins; the second value is the initial response (RFC 4422 §3), if the mechanism has one.
    ///
    /// # Errors
    /// [`Unsuitable`].
    pub fn start(
        mechanism: Mechanism,
        credentials: Credentials,
        context: &Context,
    ) -> Result<(Self, Option<Vec<u8>>), Unsuitable> {
        if !credentials.suit(mechanism, &context.bindings) {
            return Err(Unsuitable(mechanism));
        }
        let (state, initial) = match mechanism {
            // draft-murchison-sasl-login has no initial response: every server understands the two prompts.
            Mechanism::Login => (State::LoginUser, None),
            Mechanism::Plain => (State::Over, Some(credentials.plain())),
            Mechanism::CramMd5 => (State::Cram, None),
            Mechanism::XOAuth2 => (State::Token, Some(credentials.xoauth2())),
            Mechanism::OAuthBearer => (State::Token, Some(credentials.oauthbearer())),
            // RFC 4422 §A.1: nothing asks for the identity of the certificate.
            Mechanism::External => (State::Over, Some(Vec::new())),
            Mechanism::Apop => return Err(Unsuitable(mechanism)),
            Mechanism::ScramSha1 | Mechanism::ScramSha1Plus | Mechanism::ScramSha256 | Mechanism::ScramSha256Plus => {
                let started = scram::Scram::start(mechanism, &credentials.user, context, crate::scram::nonce::fresh());
                let (scram, first) = started.ok_or(Unsuitable(mechanism))?;
                (State::Scram(Box::new(scram)), Some(first))
            }
        };
        Ok((Self { mechanism, credentials, state }, initial))
    }

    /// The mechanism under way.
    pub fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// Answers the server's decoded challenge. SCRAM's key derivation runs in here (milliseconds of CPU).
    ///
    /// # Errors
    /// The server broke the mechanism's rules: cancel with `*` and do not believe it.
    pub fn respond(&mut self, challenge: &[u8]) -> Result<Vec<u8>, ServerError> {
        let Credentials { user, .. } = &self.credentials;
        let password = self.credentials.exposed();
        match std::mem::replace(&mut self.state, State::Over) {
            State::Cram => Ok(format!("{user} {}", cram::hex(&cram::digest(password, challenge))).into_bytes()),
            // The prompts are told apart by their order: their words differ between servers.
            State::LoginUser => {
                self.state = State::LoginPassword;
                Ok(user.clone().into_bytes())
            }
            State::LoginPassword => Ok(password.expose().to_vec()),
            State::Scram(mut scram) => {
                let response = scram.respond(challenge, password);
                self.state = State::Scram(scram);
                response
            }
            State::Token => {
                self.state = State::TokenRefused;
                // RFC 7628 §3.2.3; Google's form has an empty answer. The refusal itself follows.
                Ok(if self.mechanism == Mechanism::OAuthBearer { b"\x01".to_vec() } else { Vec::new() })
            }
            State::TokenRefused | State::Over => {
                Err(ServerError("the server asks for more than the mechanism has to say"))
            }
        }
    }

    /// The server said success: `Ok` unless the mechanism demanded a proof that did not come (SCRAM).
    ///
    /// # Errors
    /// The server does not know our password, so it is not the one that it says it is.
    pub fn finish(&self) -> Result<(), ServerError> {
        match &self.state {
            State::Scram(scram) if !scram.is_proven() => Err(ServerError("the server did not prove itself")),
            State::TokenRefused => Err(ServerError("the server refused the token, and then said success")),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    fn tim() -> Credentials {
        Credentials::password("tim", Secret::new("tanstaaftanstaaf"))
    }

    fn start(mechanism: Mechanism, credentials: Credentials) -> (Exchange, Option<Vec<u8>>) {
        Exchange::start(mechanism, credentials, &Context::default()).unwrap()
    }

    /// RFC 4616 §4.
    #[test]
    fn plain_says_all_at_once() {
        let (mut exchange, initial) = start(Mechanism::Plain, tim());
        assert_eq!(initial.as_deref(), Some(&b"\0tim\0tanstaaftanstaaf"[..]));
        assert!(exchange.finish().is_ok());
        assert!(exchange.respond(b"").is_err());
    }

    /// RFC 2195 §3.
    #[test]
    fn cram_md5_answers_the_challenge() {
        let (mut exchange, initial) = start(Mechanism::CramMd5, tim());
        assert_eq!(initial, None);
        let response = exchange.respond(b"<1896.697170952@postoffice.reston.mci.net>").unwrap();
        assert_eq!(response, b"tim b913a602c7eda7a495b4e6e7334d3890");
    }

    #[test]
    fn login_answers_two_prompts_whatever_they_say() {
        let (mut exchange, initial) = start(Mechanism::Login, tim());
        assert_eq!(initial, None);
        assert_eq!(exchange.respond(b"User Name\0").unwrap(), b"tim");
        assert_eq!(exchange.respond(b"Kennwort:").unwrap(), b"tanstaaftanstaaf");
        assert!(exchange.respond(b"Password:").is_err(), "a third prompt would only collect passwords");
    }

    /// RFC 7628 §4.1 without host and port, which are optional, and §4.3: the answer to the error.
    #[test]
    fn oauthbearer_sends_the_token_and_answers_the_error() {
        let credentials =
            || Credentials::token("user@example.com", Secret::new("vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="));
        let (mut exchange, initial) = start(Mechanism::OAuthBearer, credentials());
        let expected = b"n,a=user@example.com,\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01";
        assert_eq!(initial.as_deref(), Some(&expected[..]));
        assert!(exchange.finish().is_ok());
        assert_eq!(exchange.respond(br#"{"status":"invalid_token"}"#).unwrap(), b"\x01");
        assert!(exchange.finish().is_err() && exchange.respond(b"").is_err());
        let (mut exchange, initial) = start(Mechanism::XOAuth2, credentials());
        assert!(initial.is_some_and(|octets| octets.starts_with(b"user=user@example.com\x01auth=Bearer vF9d")));
        assert_eq!(exchange.respond(b"{}").unwrap(), b"");
    }

    /// RFC 4422 §A.2.
    #[test]
    fn external_sends_nothing() {
        let credentials = Credentials { user: String::new(), proof: Proof::Certificate };
        assert_eq!(start(Mechanism::External, credentials).1.as_deref(), Some(&b""[..]));
    }

    #[test]
    fn what_does_not_suit_is_not_begun() {
        let token = Credentials::token("tim", Secret::new("x"));
        let begun = |mechanism, credentials: &Credentials| {
            Exchange::start(mechanism, credentials.clone(), &Context::default()).is_ok()
        };
        for mechanism in Mechanism::ALL {
            let oauth = matches!(mechanism, Mechanism::XOAuth2 | Mechanism::OAuthBearer);
            let password = !oauth && !mechanism.is_plus() && mechanism.is_sasl() && mechanism != Mechanism::External;
            assert_eq!(begun(mechanism, &token), oauth, "{mechanism}");
            assert_eq!(begun(mechanism, &tim()), password, "{mechanism}");
        }
    }
}
