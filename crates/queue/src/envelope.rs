//! What is known of a message beside its content.

use message::Address;

/// `BODY=` of RFC 6152.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body8 {
    /// `7BIT`, or not said.
    SevenBit,
    /// `8BITMIME`.
    EightBitMime,
}

/// One recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Where it goes: aliases are already expanded.
    pub address: Address,
    /// What the client said in RCPT, where an alias changed it.
    pub original: Option<Address>,
}

/// RFC 5321 §2.3.1, and where the message came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Reverse-path; `None` is the null one, `<>`.
    pub reverse_path: Option<Address>,
    /// At least one.
    pub recipients: Vec<Recipient>,
    /// 8-bit content declared.
    pub body: Body8,
    /// SMTPUTF8 asked for (RFC 6531).
    pub smtputf8: bool,
    /// The account that submitted it, if any.
    pub authenticated: Option<Address>,
    /// The session that brought it (for the log).
    pub session: String,
}
