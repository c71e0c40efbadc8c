//! What is kept of a session.

mod address;
mod deeds;
mod ends;
mod outcome;
mod text;

use std::net::SocketAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use deeds::{Fate, Login, Module, Transaction};
pub use ends::{Direction, Origin, Protocol, Software, Tls};
pub use outcome::Outcome;
pub use text::Text;
pub(crate) use text::steers;

use crate::transcript::Transcript;
use crate::{SessionId, rfc3339, store};

/// Most logins and transactions that are kept of a session; the last ones are.
const DEEDS: usize = 20;

/// A session. There is no type in it that could hold a password: secrets are left out where a line is recorded, by
/// [`crate::Recorder`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its id, as in the server's log and in every refusal.
    pub id: SessionId,
    /// Who began it.
    pub direction: Direction,
    /// What is spoken.
    pub protocol: Protocol,
    /// The listener (`submissions`), or what sent us out (`relay`).
    pub service: Text,
    /// When it began.
    #[serde(with = "rfc3339")]
    pub began: Timestamp,
    /// When it ended, if it did.
    #[serde(with = "rfc3339::option", default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// The other end of the connection.
    #[serde(serialize_with = "address::serialize")]
    pub peer: SocketAddr,
    /// Our end.
    #[serde(serialize_with = "address::serialize")]
    pub local: SocketAddr,
    /// Where it comes from really, behind a proxy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Box<Origin>>,
    /// What TLS agreed on; nothing in clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Box<Tls>>,
    /// What the other side says of itself.
    #[serde(default, skip_serializing_if = "Software::is_unknown")]
    pub software: Software,
    /// The logins, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logins: Vec<Login>,
    /// The transactions, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transactions: Vec<Transaction>,
    /// Logins and transactions that are left out, the first ones.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u32,
    /// Replies that said no: `4xx` and `5xx`, `NO` and `BAD`, `-ERR`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refusals: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether something went wrong: how it ended, or a login, a transaction or anything else that was refused in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bad: bool,
    /// More about how it ended, if there is more.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub why: Text,
    /// What was said; not of sessions that went well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<Transcript>,
}

/// What is 0 in nearly every record is not written.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Record {
    /// Whether nobody was logged in and no mail taken. A client that looks at what is offered, and leaves without a word of
    /// complaint, is a frequent fault report: "no secure authentication method".
    pub fn came_to_nothing(&self) -> bool {
        !self.logins.iter().any(|login| login.accepted) && self.transactions.is_empty()
    }

    /// Adds a login; the oldest goes where there are too many.
    pub(crate) fn add_login(&mut self, login: Login) {
        self.bad |= !login.accepted;
        self.left_out += make_room(&mut self.logins);
        self.logins.push(login.bounded());
    }

    /// Adds a transaction; the oldest goes where there are too many.
    pub(crate) fn add_transaction(&mut self, transaction: Transaction) {
        self.bad |= transaction.fate.is_bad();
        self.left_out += make_room(&mut self.transactions);
        self.transactions.push(transaction.bounded());
    }
}

fn make_room<T>(deeds: &mut Vec<T>) -> u32 {
    if deeds.is_empty() {
        // Most sessions have one, and an idle one should not hold room for four.
        deeds.reserve_exact(1);
    }
    if deeds.len() < DEEDS {
        return 0;
    }
    deeds.remove(0);
    1
}

impl store::Kept for Record {
    /// First half of the transcript, again and again; then the modules' lines; then all but the last login and transaction.
    fn shorten(&mut self) -> bool {
        if let Some(transcript) = &mut self.transcript {
            if !transcript.halve() {
                self.transcript = None;
            }
            return true;
        }
        let modules = self.logins.iter_mut().map(|login| std::mem::take(&mut login.modules).len()).sum::<usize>();
        if modules > 0 {
            return true;
        }
        let more = self.logins.len().saturating_sub(1) + self.transactions.len().saturating_sub(1);
        self.logins.drain(..self.logins.len().saturating_sub(1));
        self.transactions.drain(..self.transactions.len().saturating_sub(1));
        self.left_out += u32::try_from(more).unwrap_or(u32::MAX);
        more > 0
    }
}
