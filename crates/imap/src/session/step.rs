//! What a session wants of its host, and what it needs to know.

use sasl::{Evidence, scram};

use crate::command::{Append, Command, Tag};

/// What does not change during a session.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server's name.
    pub host: String,
    /// The session's id, told with every refusal.
    pub session: String,
    /// Whether a login in clear that only TLS would allow ends the session.
    pub cleartext_closes: bool,
    /// See [`Limits`].
    pub limits: Limits,
}

/// Where a session ends, or a command is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Commands without a login.
    pub commands_before_login: u32,
    /// `BAD` answers.
    pub bad_commands: u32,
    /// Failed logins.
    pub auth_failures: u32,
    /// Octets of an APPEND's message.
    pub message_size: u64,
}

/// What to do next.
#[derive(Debug)]
pub enum Step {
    /// Send this and read on.
    Reply(Vec<u8>),
    /// Find out, and call [`super::Session::answer`].
    Ask(Question),
    /// Send this, do the handshake, and call [`super::Session::secured`].
    StartTls(Vec<u8>),
    /// Do it with the mailboxes, send the data, and call [`super::Session::finish`].
    Perform(Tag, Command),
    /// Read the message, add it, and call [`super::Session::finish`].
    Receive(Box<Receive>),
    /// Send this and close.
    Close(Ending, Vec<u8>),
}

/// Why a session closes; the words are those of the BYE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The client took its leave.
    Said,
    /// Logins that were refused.
    Logins(&'static str),
    /// Commands that are wrong, or that lead to nothing.
    Commands(&'static str),
}

/// An APPEND that may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receive {
    /// Its tag.
    pub tag: Tag,
    /// Its arguments.
    pub append: Append,
    /// Octets of its message.
    pub size: u64,
    /// Send this first, if the message is wanted.
    pub go_ahead: Vec<u8>,
}

/// What only the host can know.
#[derive(Debug)]
pub enum Question {
    /// Is this login right?
    Credentials(Box<Evidence>),
    /// The SCRAM keys of an identity.
    ScramKeys {
        /// Whose.
        identity: String,
        /// Which.
        hash: scram::Hash,
    },
}

/// What the host found out.
#[derive(Debug)]
pub enum Answer {
    /// The login is right.
    Accepted,
    /// It is not.
    Refused(Refusal),
    /// The keys.
    Keys(scram::Keys),
}

/// Why a login failed, as far as the client may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Wrong user or password, or not for this service: the client cannot tell which.
    Credentials,
    /// Right, but not for the identity that was asked for.
    Authorization,
    /// Too many failures.
    Throttled,
    /// It could not be found out now. Never shown as a wrong password.
    Unavailable,
}
