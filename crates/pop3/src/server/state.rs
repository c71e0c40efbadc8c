//! What is valid when: each variant holds what a session may use in that state, and nothing else can be reached.

use super::Maildrop;
use crate::Extent;

/// Where a session stands (RFC 1939 §3).
#[derive(Debug)]
pub(super) enum State {
    /// AUTHORIZATION; the name if USER was the last command that counted.
    Authorization(Option<String>),
    /// AUTHORIZATION; the next line is a response of an AUTH exchange.
    Auth(Box<Login>),
    /// TRANSACTION.
    Transaction(Maildrop),
    /// The host owes an answer.
    Asked(Asked),
    /// Said goodbye, or the host broke the contract.
    Ended,
}

/// What the host was asked, and what depends on it.
#[derive(Debug)]
pub(super) enum Asked {
    /// [`super::Question::ScramKeys`]
    Keys(Box<Login>),
    /// [`super::Question::Credentials`] of USER and PASS.
    Password,
    /// [`super::Question::Credentials`] of an AUTH exchange.
    Credentials(Box<Login>),
    /// [`super::Question::Maildrop`]
    Maildrop,
    /// [`super::Question::Message`]: its size, and how much of it is wanted.
    Message { maildrop: Maildrop, size: u64, extent: Extent },
    /// [`super::Question::Remove`]: the UPDATE state (RFC 1939 §6).
    Update,
}

/// An AUTH exchange under way.
#[derive(Debug)]
pub(super) struct Login {
    /// The mechanism.
    pub(super) exchange: sasl::server::Exchange,
    /// The chain has accepted it: SCRAM has one more message then.
    pub(super) accepted: bool,
}
