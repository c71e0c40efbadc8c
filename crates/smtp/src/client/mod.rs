//! The client's side: [`Opening`] brings a new connection to the point where mail can be sent, [`Mail`] sends one message
//! to some recipients. Both take replies and hand out octets; whoever drives them owns the socket and the clock.

mod capabilities;
mod content;
mod login;
mod mail;
mod opening;

pub use capabilities::{AuthList, Capabilities};
pub use content::ContentWriter;
pub use login::{Attempt, Login, LoginError};
pub use mail::{After, Answer, Mail, MailEnvelope, MailStep, Needs, Unsendable};
pub use opening::{Hello, Opening, OpeningError, OpeningStep, Ready, TlsWish};

/// Ends a session (RFC 5321 §4.1.1.10).
pub const QUIT: &[u8] = b"QUIT\r\n";

/// Drops a transaction that did not reach its content (RFC 5321 §4.1.1.5).
pub const RSET: &[u8] = b"RSET\r\n";

/// Which command (or moment) a reply belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The first words of the server.
    Greeting,
    /// EHLO or HELO.
    Hello,
    /// STARTTLS.
    StartTls,
    /// AUTH and its responses.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Recipient,
    /// DATA.
    Data,
    /// The dot behind the content: the server's word for the message.
    Content,
    /// RSET between two messages.
    Reset,
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Greeting => "greeting",
            Self::Hello => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::Mail => "MAIL FROM",
            Self::Recipient => "RCPT TO",
            Self::Data => "DATA",
            Self::Content => "end of data",
            Self::Reset => "RSET",
        })
    }
}
