//! The mail transaction (RFC 5321 §3.3): one value, which RSET, EHLO and STARTTLS drop.

use message::Address;

/// `BODY=` (RFC 6152 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// `7BIT`, or not said.
    SevenBit,
    /// `8BITMIME`, or eight bits were seen.
    EightBitMime,
}

/// One recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Where the message goes.
    pub address: Address,
    /// What RCPT named, where an alias or the postmaster's address changed it.
    pub original: Option<Address>,
}

/// What MAIL and RCPT have said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Reverse-path; `None` is `<>`.
    pub reverse_path: Option<Address>,
    /// `BODY=`.
    pub body: Body,
    /// `SMTPUTF8` (RFC 6531 §3.4).
    pub smtputf8: bool,
    /// `SIZE=`, octets (RFC 1870 §6.1).
    pub declared_size: Option<u64>,
    /// Without duplicates.
    pub recipients: Vec<Recipient>,
    /// RCPT commands that were accepted.
    pub accepted: usize,
}

impl Transaction {
    /// Adds a recipient. Mail goes to an address once, however often it is named (RFC 5321 §4.1.1.3).
    pub(super) fn add(&mut self, recipient: Recipient) {
        if !self.recipients.iter().any(|r| r.address == recipient.address) {
            self.recipients.push(recipient);
        }
    }
}

/// A message that is complete.
#[derive(Debug, PartialEq, Eq)]
pub struct Message {
    /// Its envelope.
    pub transaction: Transaction,
    /// Who submitted it.
    pub login: Option<Address>,
    /// Its content with our `Received:` on top, line ends CRLF, dots unstuffed.
    pub content: Vec<u8>,
    /// Octets of it that the client sent (RFC 1870 §5).
    pub size: usize,
}
