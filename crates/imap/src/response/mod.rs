//! What a server says (RFC 3501 §7): replies as values, and writers that put data into the wire's form.

mod code;
mod data;
mod envelope;
mod fetch;
mod string;
mod structure;

use std::borrow::Cow;

pub use code::Code;
pub use data::{DELIMITER, Mailbox, MailboxAttribute, StatusValue, flags, id, list, namespace, number, search, status};
pub use envelope::envelope;
pub use fetch::FetchWriter;
pub use structure::{Detail, body};

use crate::command::Tag;

/// RFC 3501 §7.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Done, or information.
    Ok,
    /// Could not be done, or a warning.
    No,
    /// Not understood, or not allowed here.
    Bad,
    /// The connection is about to be closed; never tagged.
    Bye,
}

/// A status response without its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// How it went.
    pub condition: Condition,
    /// For programs.
    pub code: Option<Code>,
    /// For people, one line.
    pub text: Cow<'static, str>,
}

impl Reply {
    /// `OK`
    pub fn ok(text: impl Into<Cow<'static, str>>) -> Self {
        Self { condition: Condition::Ok, code: None, text: text.into() }
    }

    /// `NO`
    pub fn no(text: impl Into<Cow<'static, str>>) -> Self {
        Self { condition: Condition::No, code: None, text: text.into() }
    }

    /// `BAD`
    pub fn bad(text: impl Into<Cow<'static, str>>) -> Self {
        Self { condition: Condition::Bad, code: None, text: text.into() }
    }

    /// `BYE`
    pub fn bye(text: impl Into<Cow<'static, str>>) -> Self {
        Self { condition: Condition::Bye, code: None, text: text.into() }
    }

    /// With a code.
    #[must_use]
    pub fn code(self, code: Code) -> Self {
        Self { code: Some(code), ..self }
    }

    /// As the answer to a command.
    pub fn tagged(&self, tag: &Tag) -> Vec<u8> {
        self.line(tag.as_str())
    }

    /// As `* …`.
    pub fn untagged(&self) -> Vec<u8> {
        self.line("*")
    }

    fn line(&self, tag: &str) -> Vec<u8> {
        let condition = match self.condition {
            Condition::Ok => "OK",
            Condition::No => "NO",
            Condition::Bad => "BAD",
            Condition::Bye => "BYE",
        };
        let code = self.code.as_ref().map(|c| format!("[{c}] ")).unwrap_or_default();
        // A line break in a text would begin another response.
        let text = self.text.replace(char::is_control, " ");
        format!("{tag} {condition} {code}{text}\r\n").into_bytes()
    }
}
