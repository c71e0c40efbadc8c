//! The client's side of an exchange.

mod scram_sha256;

use crate::{Mechanism, Secret, cram};

/// A login elsewhere.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: Secret,
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
    Scram(scram_sha256::Scram),
    /// None: all is said.
    Over,
}

/// The server's message breaks the mechanism's grammar, or it could not prove itself (SCRAM).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ServerError(pub &'static str);

impl Exchange {
    /// Begins; the second value is the initial response (RFC 4422 §3), if the mechanism has one.
    pub fn start(mechanism: Mechanism, credentials: Credentials) -> (Self, Option<Vec<u8>>) {
        let (state, initial) = match mechanism {
            // draft-murchison-sasl-login has no initial response: every server understands the two prompts.
            Mechanism::Login => (State::LoginUser, None),
            Mechanism::Plain => (State::Over, Some(plain(&credentials))),
            Mechanism::CramMd5 => (State::Cram, None),
            Mechanism::ScramSha256 => {
                let (scram, first) = scram_sha256::Scram::start(&credentials.user, crate::scram::nonce::fresh());
                (State::Scram(scram), Some(first))
            }
        };
        (Self { mechanism, credentials, state }, initial)
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
        let Credentials { user, password } = &self.credentials;
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
            State::Over => Err(ServerError("the server asks for more than the mechanism has to say")),
        }
    }

    /// The server said success: `Ok` unless the mechanism demanded a proof that did not come (SCRAM).
    ///
    /// # Errors
    /// The server does not know our password, so it is not the one that it says it is.
    pub fn finish(&self) -> Result<(), ServerError> {
        match &self.state {
            State::Scram(scram) if !scram.is_proven() => Err(ServerError("the server did not prove itself")),
            _ => Ok(()),
        }
    }
}

/// RFC 4616 §2, without an authorization identity.
fn plain(credentials: &Credentials) -> Vec<u8> {
    [b"\0", credentials.user.as_bytes(), b"\0", credentials.password.expose()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tim() -> Credentials {
        Credentials { user: "tim".to_owned(), password: Secret::new("tanstaaftanstaaf") }
    }

    /// RFC 4616 §4.
    #[test]
    fn plain_says_all_at_once() {
        let (mut exchange, initial) = Exchange::start(Mechanism::Plain, tim());
        assert_eq!(initial.as_deref(), Some(&b"\0tim\0tanstaaftanstaaf"[..]));
        assert!(exchange.finish().is_ok());
        assert!(exchange.respond(b"").is_err());
    }

    /// RFC 2195 §3.
    #[test]
    fn cram_md5_answers_the_challenge() {
        let (mut exchange, initial) = Exchange::start(Mechanism::CramMd5, tim());
        assert_eq!(initial, None);
        let response = exchange.respond(b"<1896.697170952@postoffice.reston.mci.net>").unwrap();
        assert_eq!(response, b"tim b913a602c7eda7a495b4e6e7334d3890");
    }

    #[test]
    fn login_answers_two_prompts_whatever_they_say() {
        let (mut exchange, initial) = Exchange::start(Mechanism::Login, tim());
        assert_eq!(initial, None);
        assert_eq!(exchange.respond(b"User Name\0").unwrap(), b"tim");
        assert_eq!(exchange.respond(b"Kennwort:").unwrap(), b"tanstaaftanstaaf");
        assert!(exchange.respond(b"Password:").is_err(), "a third prompt would only collect passwords");
    }
}
