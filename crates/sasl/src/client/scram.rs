//! SCRAM (RFC 5802, RFC 7677), the client's side, with and without channel binding.

use subtle::ConstantTimeEq;

use super::{Context, ServerError};
use crate::field::MESSAGE;
use crate::prep::saslprep;
use crate::scram::message::{base64, nonce, take, to_base64, to_saslname};
use crate::scram::{self, Hash, Key, MIN_ITERATIONS};
use crate::{Bindings, Mechanism, Secret};

/// Most rounds that a server may make us compute: some hundred milliseconds.
const MAX_ITERATIONS: u32 = 1_000_000;

/// One exchange; each state owns what is valid in it.
#[derive(Debug)]
pub(super) enum Scram {
    /// Our first message went out.
    First(First),
    /// Our proof went out; what the server's final message must carry.
    Proof(Key),
    /// The server has proven that it knows our keys.
    Proven,
    /// The server broke the rules.
    Failed,
}

/// What our first message said.
#[derive(Debug)]
pub(super) struct First {
    hash: Hash,
    /// What comes again in base64 as `c=`: the GS2 header, with -PLUS the channel's data behind it.
    binding: Vec<u8>,
    /// `client-first-message-bare`.
    bare: String,
    /// Our part of the nonce.
    nonce: String,
}

/// The GS2 header without an authorization identity, and the channel's data. `None`: a -PLUS where there is no channel.
fn gs2(mechanism: Mechanism, context: &Context) -> Option<(String, &[u8])> {
    let Context { bindings, plus_offered } = context;
    if mechanism.is_plus() {
        let best = bindings.best()?;
        return Some((format!("p={},,", best.name()), bindings.get(best)?));
    }
    // RFC 5802 §6: `y` says that we would bind, and heard of no server that can: one that can knows then that somebody
    // between us changed its list. Where a -PLUS was offered and refused us, `n` is the truth: we do not bind.
    let flag = if *bindings == Bindings::NONE || *plus_offered { "n,," } else { "y,," };
    Some((flag.to_owned(), &[]))
}

impl Scram {
    /// Begins with our part of the nonce: the state and the first message. `None` if there is nothing to bind to.
    pub(super) fn start(mechanism: Mechanism, user: &str, context: &Context, nonce: String) -> Option<(Self, Vec<u8>)> {
        let (header, data) = gs2(mechanism, context)?;
        // RFC 5802 §5.1: the name is prepared as the password is.
        let prepared = saslprep(user.as_bytes());
        let bare = format!("n={},r={nonce}", to_saslname(&String::from_utf8_lossy(&prepared)));
        let first = format!("{header}{bare}").into_bytes();
        let binding = [header.as_bytes(), data].concat();
        Some((Self::First(First { hash: mechanism.scram_hash()?, binding, bare, nonce }), first))
    }

    /// Answers the server's next message.
    pub(super) fn respond(&mut self, challenge: &[u8], password: &Secret) -> Result<Vec<u8>, ServerError> {
        if challenge.len() > MESSAGE {
            return Err(ServerError("the server's message is too long"));
        }
        let text = std::str::from_utf8(challenge).map_err(|_| ServerError("the server's message is not UTF-8"))?;
        match std::mem::replace(self, Self::Failed) {
            Self::First(first) => self.prove(text, &first, password),
            Self::Proof(expected) => self.check(text, &expected),
            Self::Proven | Self::Failed => Err(ServerError("the server asks for more than SCRAM has to say")),
        }
    }

    /// Whether the server has shown that it knows the account's keys.
    pub(super) fn is_proven(&self) -> bool {
        matches!(self, Self::Proven)
    }

    /// RFC 5802 §7: server-first-message = nonce "," salt "," iteration-count; our answer carries the proof.
    fn prove(&mut self, text: &str, first: &First, password: &Secret) -> Result<Vec<u8>, ServerError> {
        let ServerFirst { nonce, salt, iterations } = ServerFirst::parse(text, &first.nonce)?;
        let salted = scram::salted_password(first.hash, password.expose(), &salt, iterations);
        let without_proof = format!("c={},r={nonce}", to_base64(&first.binding));
        let auth_message = format!("{},{text},{without_proof}", first.bare).into_bytes();
        let proof = to_base64(scram::client_proof(&salted, &auth_message).expose());
        *self = Self::Proof(scram::server_signature(&scram::server_key(&salted), &auth_message));
        Ok(format!("{without_proof},p={proof}").into_bytes())
    }

    /// RFC 5802 §7: server-final-message = (server-error / verifier) ["," extensions]; we answer with nothing.
    fn check(&mut self, text: &str, expected: &Key) -> Result<Vec<u8>, ServerError> {
        let mut rest = text;
        let signature = take(&mut rest, 'v').and_then(base64).ok_or(ServerError("the server refused the proof"))?;
        if !bool::from(signature.ct_eq(expected.expose())) {
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
            0..MIN_ITERATIONS => Err(ServerError("the server asks for too few iterations (RFC 5802: 4096)")),
            iterations @ MIN_ITERATIONS..=MAX_ITERATIONS => Ok(Self { nonce, salt, iterations }),
            _ => Err(ServerError("the server asks for too many iterations")),
        }
    }
}

#[cfg(test)]
mod tests;
