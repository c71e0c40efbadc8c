//! What `serve` and `gatepost authd` say to each other: one JSON object a line, each with the version.
//!
//! A line may hold a password or the keys of an account: it is built in and read from buffers that are wiped, and no part
//! of it is kept elsewhere on the way. That is why everything here is tagged from outside: serde would buffer the rest.

mod account;
mod evidence;
mod sealed;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use sasl::scram;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub(crate) use account::{Fared, Kept, Line, Said, Told, Whose};
pub(crate) use evidence::Shown;

use crate::module::Abilities;

/// Longest line. An alias of a thousand addresses is the longest thing there is to say.
pub(crate) const LONGEST: usize = 1 << 20;

/// A line of another version is not read any further.
pub(crate) const VERSION: u32 = 1;

/// A question with its version.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    v: u32,
    pub(crate) ask: Question,
}

/// What `serve` asks.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Question {
    /// Judge this login; with what each module did on the way.
    Check {
        /// For what, and from where.
        from: From,
        /// Whether the client's address has logged in to this account before.
        known: bool,
        /// What was shown.
        evidence: Shown,
    },
    /// The SCRAM keys that are kept of somebody.
    Keys {
        /// For what, and from where.
        from: From,
        /// Whose.
        identity: String,
        /// Of which hash.
        hash: String,
    },
    /// Who receives mail for an address.
    Resolve {
        /// The address.
        recipient: String,
    },
    /// What the modules can verify, and how they fare.
    State {},
}

/// The circumstances of a login.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct From {
    /// `smtp`, `imap`, `pop3`.
    pub(crate) service: String,
    /// The client's address.
    pub(crate) peer: IpAddr,
    /// Whether inside TLS.
    pub(crate) tls: bool,
}

/// An answer with its version.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answered {
    v: u32,
    pub(crate) answer: Answer,
}

/// What `authd` answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// To `check`.
    Verdict {
        /// The chain's word.
        said: Said,
        /// What each module did.
        trail: Vec<Line>,
    },
    /// To `keys`.
    Keys(Option<Kept>),
    /// To `resolve`.
    Receiver(Whose),
    /// To `state`.
    State {
        /// What each module can verify.
        abilities: Vec<Abilities>,
        /// How each fares.
        health: Vec<Fared>,
        /// What is not in the chain.
        left_out: Vec<(String, String)>,
        /// The rounds of SCRAM keys that are kept.
        iterations: Option<u32>,
    },
    /// It could not tell.
    TempFail(Told),
    /// The question was not understood.
    Unknown(String),
}

/// Why a line is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unread {
    /// Another version.
    #[error("it speaks version {0} of the protocol, and this program version {VERSION}: run the same gatepost in both")]
    Version(u32),
    /// Not in these words. What serde says of it would quote it, and it may hold a password.
    #[error("it is no line of the protocol of version {VERSION}")]
    Rubbish,
}

/// The version alone, of whatever is in the rest.
#[derive(Deserialize)]
struct Version {
    v: u32,
}

/// A question as a line.
pub(crate) fn question(ask: Question) -> Zeroizing<Vec<u8>> {
    line(&Asked { v: VERSION, ask })
}

/// An answer as a line.
pub(crate) fn answer(answer: Answer) -> Zeroizing<Vec<u8>> {
    line(&Answered { v: VERSION, answer })
}

/// Reads a question.
pub(crate) fn read_question(line: &[u8]) -> Result<Question, Unread> {
    version(line)?;
    serde_json::from_slice::<Asked>(line).map(|asked| asked.ask).map_err(|_| Unread::Rubbish)
}

/// Reads an answer.
pub(crate) fn read_answer(line: &[u8]) -> Result<Answer, Unread> {
    version(line)?;
    serde_json::from_slice::<Answered>(line).map(|answered| answered.answer).map_err(|_| Unread::Rubbish)
}

fn version(line: &[u8]) -> Result<(), Unread> {
    match serde_json::from_slice::<Version>(line) {
        Ok(Version { v: VERSION }) => Ok(()),
        Ok(Version { v }) => Err(Unread::Version(v)),
        Err(_) => Err(Unread::Rubbish),
    }
}

fn line(value: &impl Serialize) -> Zeroizing<Vec<u8>> {
    // With room enough: what grows leaves copies behind that nobody wipes.
    let mut line = Zeroizing::new(Vec::with_capacity(16 * 1024));
    // A path that is not UTF-8 has no form in JSON: the other side is told so, not left waiting.
    if serde_json::to_writer(&mut *line, value).is_err() {
        line.clear();
        line.extend_from_slice(br#"{"v":1,"answer":{"unknown":"the account's paths are not UTF-8"}}"#);
    }
    line.push(b'\n');
    line
}

/// A hash of SCRAM by its name.
pub(crate) fn hash_name(hash: scram::Hash) -> &'static str {
    match hash {
        scram::Hash::Sha1 => "sha1",
        scram::Hash::Sha256 => "sha256",
    }
}

/// And back.
pub(crate) fn hash(name: &str) -> Option<scram::Hash> {
    [scram::Hash::Sha1, scram::Hash::Sha256].into_iter().find(|hash| hash_name(*hash) == name)
}
