//! `[smtp]`

use crate::kinds::{choice, count, flag, list, network};
use crate::network::Network;
use crate::section::section;

/// What a bare LF or CR in SMTP does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BareNewline {
    /// `550 5.6.11`/`500 5.5.2`: the command or message is refused.
    Reject,
    /// It becomes CRLF in the stored message; it still never ends a line of the protocol or the message.
    Normalize,
}

/// How the authenticated user stands in `Received:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceivedUser {
    /// `(Authenticated sender: alice@example.test)`
    Full,
    /// A keyed hash that only this server can turn back (its log names both).
    Token,
    /// Nothing but ESMTPA/ESMTPSA.
    None,
}

/// The words of AUTH's replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replies {
    /// `535 5.7.8 Authentication credentials invalid`
    Rfc,
    /// `535 authorization failed (#5.7.0)`
    Qmail,
}

section! {
    /// How mail is taken in.
    pub struct Smtp = "smtp" "[smtp]" {
        /// What a line feed or carriage return without its partner does. `"reject"` refuses the command or message;
        /// `"normalize"` stores it as CRLF. It never ends a command or a message (SMTP smuggling).
        bare_newline: BareNewline = BareNewline::Reject
            => choice(&[("reject", BareNewline::Reject), ("normalize", BareNewline::Normalize)]);
        /// How the user who logged in stands in `Received:`, where all later servers can read it: by address, as a
        /// token that only this server's log can turn back, or not at all.
        received_user: ReceivedUser = ReceivedUser::Token
            => choice(&[("full", ReceivedUser::Full), ("token", ReceivedUser::Token), ("none", ReceivedUser::None)]);
        /// Most `Received:` fields before a message counts as looping.
        max_hops: usize = 50 => count(5..=1000);
        /// Whether spaces inside `<>`, missing brackets and odd EHLO names are let pass, as people and old devices
        /// send them.
        lenient: bool = true => flag();
        /// The words of AUTH's replies: `"rfc"` as in `535 5.7.8 Authentication credentials invalid`, `"qmail"` as
        /// qmail-smtpd-auth has them, `535 authorization failed (#5.7.0)`, for programs that look for those.
        replies: Replies = Replies::Rfc => choice(&[("rfc", Replies::Rfc), ("qmail", Replies::Qmail)]);
        /// Whether EHLO has the line `250-AUTH=…` as well, with the same mechanisms as `250-AUTH …`: for programs from
        /// before RFC 2554 (Outlook 97 to 2002, Netscape 4).
        legacy_auth_line: bool = false => flag();
        /// Proxies that may say by XCLIENT for whom they speak (nginx' mail proxy, Postfix' content filters): their addresses
        /// and networks. The client's address counts as the client's then, in limits, logs and `Received:`. A login at the
        /// proxy is recorded, and is none here.
        xclient: Vec<Network> = Vec::new() => list(network());
    }
}
