//! What is valid when: each variant holds what a session may use in that state, and nothing else can be reached.

use message::Address;

use super::Transaction;
use super::receiver::Receiver;
use crate::ForwardPath;

/// Where a session stands.
#[derive(Debug)]
pub(super) enum State {
    /// A command may come; no transaction.
    Idle,
    /// A command may come; MAIL was accepted.
    Mail(Box<Transaction>),
    /// The next line is a response of an AUTH exchange.
    Auth(Box<Login>),
    /// The host owes an answer.
    Asked(Asked),
    /// DATA was accepted; the host has not handed in the arrival yet.
    Receiving(Box<Transaction>),
    /// Content comes.
    Data(Box<Receiver>),
    /// Said goodbye, or the host broke the contract.
    Ended,
}

/// What the host was asked, and what depends on it.
#[derive(Debug)]
pub(super) enum Asked {
    /// [`super::Question::ScramKeys`]
    Keys(Box<Login>),
    /// [`super::Question::Credentials`]
    Credentials(Box<Login>),
    /// [`super::Question::Sender`]
    Sender(Box<Transaction>),
    /// [`super::Question::Recipient`]
    Recipient(Box<Transaction>, ForwardPath),
    /// [`super::Step::Commit`]
    Commit,
}

/// An AUTH exchange under way.
#[derive(Debug)]
pub(super) struct Login {
    /// The mechanism.
    pub(super) exchange: sasl::server::Exchange,
    /// The account, once the chain has accepted it: SCRAM has one more message then.
    pub(super) account: Option<Address>,
}
