//! What a session wants done, and what it can be told.

use std::net::IpAddr;

use message::Address;
use sasl::{Evidence, scram};

use super::Message;
use crate::{ForwardPath, Reply};

/// What to do next.
#[derive(Debug)]
pub enum Step {
    /// Say this and read the next line.
    Reply(Reply),
    /// Find out, and call [`Session::answer`](super::Session::answer).
    Ask(Question),
    /// Say this, forget what is buffered, do the handshake, and call
    /// [`Session::tls_started`](super::Session::tls_started). A handshake that fails ends the connection.
    StartTls(Reply),
    /// A proxy has said for whom it speaks: call [`Session::speaks_for`](super::Session::speaks_for), and say
    /// [`Session::greeting`](super::Session::greeting) again.
    SpeaksFor(Box<Speaker>),
    /// Call [`Session::receive`](super::Session::receive), say this, and feed octets to
    /// [`Session::data`](super::Session::data) until that gives a step.
    Receive(Reply),
    /// Make the message durable, and answer [`Answer::Queued`] or [`Answer::NotQueued`].
    Commit(Box<Message>),
    /// Say this and close.
    Close(Ending, Reply),
}

/// For whom a proxy speaks (XCLIENT), as far as it says so.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Speaker {
    /// The client's address.
    pub address: Option<IpAddr>,
    /// Its port.
    pub port: Option<u16>,
    /// Its name in EHLO or HELO.
    pub helo: Option<String>,
    /// As whom it has logged in at the proxy. That is no login here.
    pub login: Option<String>,
}

/// Why a session closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The client took its leave.
    Said,
    /// Logins that were refused.
    Logins,
    /// Commands that are wrong, or that lead to nothing.
    Commands,
    /// Recipients who do not exist.
    Recipients,
    /// The server goes down.
    Draining,
    /// The host did what is not in the contract.
    Fault,
}

/// What only the host can know.
#[derive(Debug)]
pub enum Question {
    /// The SCRAM keys of an identity: [`Answer::Keys`] or [`Answer::TempFail`].
    ScramKeys {
        /// Whose.
        identity: String,
        /// Which.
        hash: scram::Hash,
    },
    /// Whose login this is: [`Answer::LoggedIn`], [`Answer::LoginRefused`], [`Answer::LoginThrottled`] or
    /// [`Answer::TempFail`].
    Credentials(Evidence),
    /// Whether the account that is logged in may send as this address: [`Answer::SenderAllowed`],
    /// [`Answer::SenderDenied`] or [`Answer::TempFail`]. Not asked for the null reverse-path, nor without a login.
    Sender(Address),
    /// Whose mail this is: [`Answer::Local`], [`Answer::Elsewhere`], [`Answer::NoSuchUser`] or [`Answer::TempFail`].
    Recipient(ForwardPath),
}

/// The host's answer.
#[derive(Debug)]
pub enum Answer {
    /// Keys, for unknown users plausible ones.
    Keys(scram::Keys),
    /// The evidence is good; this is the account.
    LoggedIn(Address),
    /// It is not. The client is not told why.
    LoginRefused,
    /// Too many failures; the evidence was not looked at.
    LoginThrottled,
    /// The account may send as that address.
    SenderAllowed,
    /// The address is somebody else's.
    SenderDenied,
    /// Delivered here, to these addresses: the one that was asked about, or what its alias expands to. Not empty.
    Local(Vec<Address>),
    /// In none of our domains.
    Elsewhere,
    /// In one of our domains, and nobody's.
    NoSuchUser,
    /// It is durable, under this id.
    Queued(String),
    /// It was not taken.
    NotQueued(NotQueued),
    /// Could not tell now.
    TempFail,
}

/// Why a message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotQueued {
    /// The disk is almost full.
    NoSpace,
    /// It could not be written.
    Failed,
    /// The server is going down.
    Closing,
}
