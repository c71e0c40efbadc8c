//! SCRAM-SHA-256 (RFC 5802, RFC 7677), the client's side, without channel binding.

use subtle::ConstantTimeEq;

use super::ServerError;
use crate::Secret;
use crate::field::MESSAGE;
use crate::prep::saslprep;
use crate::scram::message::{base64, nonce, take, to_base64, to_saslname};
use crate::scram::{self, MIN_ITERATIONS};

/// Most rounds that a server may make us compute: some hundred milliseconds.
const MAX_ITERATIONS: u32 = 1_000_000;

/// The GS2 header: no channel binding, no authorization identity; `biws` is its base64.
const GS2: &str = "n,,";

/// One exchange; each state owns what is valid in it.
#[derive(Debug)]
pub(super) enum Scram {
    /// Our first message went out.
    First {
        /// `client-first-message-bare`.
        bare: String,
        /// Our part of the nonce.
        nonce: String,
    },
    /// Our proof went out.
    Proof(ServerSignature),
    /// The server has proven that it knows our keys.
    Proven,
    /// The server broke the rules.
    Failed,
}

/// What the server's final message must carry.
pub(super) struct ServerSignature([u8; 32]);

impl std::fmt::Debug for ServerSignature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerSignature(…)")
    }
}

impl Scram {
    /// Begins with our part of the nonce: the state and the first message.
    pub(super) fn start(user: &str, nonce: String) -> (Self, Vec<u8>) {
        // RFC 5802 §5.1: the name is prepared as the password is.
        let prepared = saslprep(user.as_bytes());
        let bare = format!("n={},r={nonce}", to_saslname(&String::from_utf8_lossy(&prepared)));
        let first = format!("{GS2}{bare}").into_bytes();
        (Self::First { bare, nonce }, first)
    }

    /// Answers the server's next message.
    pub(super) fn respond(&mut self, challenge: &[u8], password: &Secret) -> Result<Vec<u8>, ServerError> {
        if challenge.len() > MESSAGE {
            return Err(ServerError("the server's message is too long"));
        }
        let text = std::str::from_utf8(challenge).map_err(|_| ServerError("the server's message is not UTF-8"))?;
        match std::mem::replace(self, Self::Failed) {
            Self::First { bare, nonce } => self.prove(text, &Self::auth_prefix(&bare, text), (&nonce, password)),
            Self::Proof(ServerSignature(expected)) => self.check(text, &expected),
            Self::Proven | Self::Failed => Err(ServerError("the server asks for more than SCRAM has to say")),
        }
    }

    /// Whether the server has shown that it knows the account's keys.
    pub(super) fn is_proven(&self) -> bool {
        matches!(self, Self::Proven)
    }

    fn auth_prefix(bare: &str, server_first: &str) -> String {
        format!("{bare},{server_first},")
    }

    /// RFC 5802 §7: server-first-message = nonce "," salt "," iteration-count; our answer carries the proof.
    fn prove(&mut self, text: &str, prefix: &str, (ours, password): (&str, &Secret)) -> Result<Vec<u8>, ServerError> {
        let ServerFirst { nonce, salt, iterations } = ServerFirst::parse(text, ours)?;
        let salted = scram::salted_password(password.expose(), &salt, iterations);
        let without_proof = format!("c={},r={nonce}", to_base64(GS2.as_bytes()));
        let auth_message = format!("{prefix}{without_proof}").into_bytes();
        let proof = to_base64(&scram::client_proof(&salted, &auth_message));
        *self = Self::Proof(ServerSignature(scram::server_signature(&scram::server_key(&salted), &auth_message)));
        Ok(format!("{without_proof},p={proof}").into_bytes())
    }

    /// RFC 5802 §7: server-final-message = (server-error / verifier) ["," extensions]; we answer with nothing.
    fn check(&mut self, text: &str, expected: &[u8; 32]) -> Result<Vec<u8>, ServerError> {
        let mut rest = text;
        let signature = take(&mut rest, 'v').and_then(base64).ok_or(ServerError("the server refused the proof"))?;
        if !bool::from(signature.ct_eq(expected)) {
            return Err(ServerError("the server's signature is wrong: it does not know the account's keys"));
        }
        *self = Self::Proven;
        Ok(Vec::new())
    }
}

/// What the server's first message said.
struct ServerFirst<'a> {
    nonce: &'a str,
    salt: Vec<u8>,
    iterations: u32,
}

impl<'a> ServerFirst<'a> {
    fn parse(text: &'a str, ours: &str) -> Result<Self, ServerError> {
        let mut rest = text;
        let nonce = take(&mut rest, 'r').and_then(nonce).ok_or(ServerError("malformed nonce from the server"))?;
        // RFC 5802 §5.1: ours must be its beginning, and the server must have added to it.
        if nonce.strip_prefix(ours).is_none_or(str::is_empty) {
            return Err(ServerError("the server's nonce does not continue ours"));
        }
        let salt = take(&mut rest, 's').and_then(base64).ok_or(ServerError("malformed salt from the server"))?;
        let iterations = take(&mut rest, 'i').and_then(|count| count.parse().ok());
        match iterations.ok_or(ServerError("malformed iteration count from the server"))? {
            0..MIN_ITERATIONS => Err(ServerError("the server asks for too few iterations (RFC 7677: 4096)")),
            iterations @ MIN_ITERATIONS..=MAX_ITERATIONS => Ok(Self { nonce, salt, iterations }),
            _ => Err(ServerError("the server asks for too many iterations")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER_FIRST: &str = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    fn begun() -> Scram {
        let (scram, first) = Scram::start("user", "rOprNGfwEbeRWgbNEkqO".to_owned());
        assert_eq!(first, b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        scram
    }

    fn respond(scram: &mut Scram, challenge: &str) -> Result<String, ServerError> {
        let response = scram.respond(challenge.as_bytes(), &Secret::new("pencil"))?;
        Ok(String::from_utf8(response).unwrap())
    }

    /// RFC 7677 §3.
    #[test]
    fn the_example_of_the_rfc() {
        let mut scram = begun();
        let last = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                    p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        assert_eq!(respond(&mut scram, SERVER_FIRST).as_deref(), Ok(last));
        assert!(!scram.is_proven());
        assert_eq!(respond(&mut scram, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").as_deref(), Ok(""));
        assert!(scram.is_proven());
    }

    #[test]
    fn a_server_that_does_not_know_us_is_not_believed() {
        for last in ["v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=", "v=", "e=invalid-proof", "", "v=AAAA"] {
            let mut scram = begun();
            respond(&mut scram, SERVER_FIRST).unwrap();
            assert!(respond(&mut scram, last).is_err(), "{last}");
            assert!(!scram.is_proven());
        }
    }

    #[test]
    fn hostile_first_messages() {
        let few = SERVER_FIRST.replace("i=4096", "i=4095");
        let many = SERVER_FIRST.replace("i=4096", "i=4000000000");
        let other = SERVER_FIRST.replace("r=rO", "r=rX");
        let nothing_added = "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        for first in [few.as_str(), &many, &other, nothing_added, "", "m=x,r=a", "r=rOprNGfwEbeRWgbNEkqOa,s=!,i=4096"] {
            assert!(respond(&mut begun(), first).is_err(), "{first}");
        }
        assert!(begun().respond(b"\xff", &Secret::new("pencil")).is_err());
    }
}
