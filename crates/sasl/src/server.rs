//! The server's side of an exchange.

use crate::{Evidence, Mechanism, scram};

/// What to do next.
#[derive(Debug)]
pub enum Step {
    /// Send these octets as the next challenge (the protocol encodes them); an empty one is sent as such.
    Challenge(Vec<u8>),
    /// Look up the SCRAM keys of this identity and call [`Exchange::keys`]. For unknown users hand in
    /// plausible keys (see `auth`), so that the dialogue does not tell who exists.
    NeedKeys(String),
    /// Ask the auth chain, then call [`Exchange::accepted`] or drop the exchange.
    Judge(Evidence),
    /// The exchange is complete: answer success.
    Done,
    /// The client's message breaks the mechanism's grammar, or it cancelled.
    Broken(Broken),
}

/// Why an exchange ended without evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The client sent `*`.
    #[error("cancelled by the client")]
    Cancelled,
    /// The message does not follow the mechanism's grammar; the text says which part.
    #[error("{0}")]
    Syntax(&'static str),
}

/// One exchange, from the `AUTH` command to its end.
#[derive(Debug)]
pub struct Exchange {
    mechanism: Mechanism,
}

impl Exchange {
    /// Begins an exchange. `initial` is the decoded initial response, if the client sent one;
    /// `challenge_host` names this server in a CRAM-MD5 challenge.
    pub fn start(mechanism: Mechanism, challenge_host: &str, initial: Option<&[u8]>) -> (Self, Step) {
        let _ = (challenge_host, initial);
        (Self { mechanism }, todo!("owner: sasl"))
    }

    /// The mechanism under way.
    pub fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// Takes the client's next decoded response.
    pub fn respond(&mut self, response: &[u8]) -> Step {
        let _ = response;
        todo!("owner: sasl")
    }

    /// Answers [`Step::NeedKeys`].
    pub fn keys(&mut self, keys: scram::Keys) -> Step {
        let _ = keys;
        todo!("owner: sasl")
    }

    /// The chain accepted the evidence: what is left to say (SCRAM's server signature), or [`Step::Done`].
    pub fn accepted(&mut self) -> Step {
        todo!("owner: sasl")
    }
}
