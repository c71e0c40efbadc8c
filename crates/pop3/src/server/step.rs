//! What a session wants done, and what it can be told.

use sasl::{Evidence, scram};

use super::Maildrop;
use crate::{Extent, Reply};

/// What to do next.
#[derive(Debug)]
pub enum Step {
    /// Say this and read the next line.
    Reply(Reply),
    /// Find out, and call [`Session::answer`](super::Session::answer).
    Ask(Question),
    /// Say this, then this much of the message that [`Question::Message`] was about, as a
    /// [`Multiline`](crate::Multiline); then read the next line.
    Send(Reply, Extent),
    /// Say this, forget what is buffered, do the handshake, and call
    /// [`Session::tls_started`](super::Session::tls_started). A handshake that fails ends the connection.
    StartTls(Reply),
    /// Say this and close.
    Close(Ending, Reply),
}

/// Why a session closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The client took its leave.
    Said,
    /// It took its leave, and what it had deleted could not be removed.
    NotRemoved,
    /// Logins that were refused.
    Logins,
    /// Commands that are wrong, or that lead to nothing.
    Commands,
    /// The host did what is not in the contract.
    Fault,
}

/// What only the host can know or do.
#[derive(Debug)]
pub enum Question {
    /// The SCRAM keys of an identity: [`Answer::Keys`] or [`Answer::Failed`].
    ScramKeys {
        /// Whose.
        identity: String,
        /// Which.
        hash: scram::Hash,
    },
    /// Whose login this is: [`Answer::LoggedIn`], [`Answer::LoginRefused`], [`Answer::LoginThrottled`] or
    /// [`Answer::Failed`].
    Credentials(Evidence),
    /// The mail of whoever has just logged in: [`Answer::Maildrop`] or [`Answer::Failed`].
    Maildrop,
    /// The message with this UID, for the [`Step::Send`] that will follow: [`Answer::Message`], [`Answer::Gone`] or
    /// [`Answer::Failed`].
    Message(u32),
    /// Remove the messages with these UIDs; those that are gone already count as removed: [`Answer::Removed`] or
    /// [`Answer::Failed`].
    Remove(Vec<u32>),
}

/// The host's answer.
#[derive(Debug)]
pub enum Answer {
    /// Keys, for unknown users plausible ones.
    Keys(scram::Keys),
    /// The evidence is good.
    LoggedIn,
    /// It is not. The client is not told why.
    LoginRefused,
    /// Too many failures; the evidence was not looked at.
    LoginThrottled,
    /// The mail.
    Maildrop(Maildrop),
    /// The message was read.
    Message,
    /// The message is not there any more.
    Gone,
    /// The messages are removed, durably.
    Removed,
    /// Could not be done.
    Failed(Failure),
}

/// What kind of fault it is; the log has the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Will likely pass: `[SYS/TEMP]`.
    Temporary,
    /// Needs somebody's hands: `[SYS/PERM]`.
    Permanent,
}
