//! Why a line is not a command.

use crate::command::Tag;
use crate::utf7::Utf7Error;

/// What is wrong with a command; the text goes to the client, so that a person with telnet sees what to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// The line does not begin with a tag.
    #[error("a command begins with a tag")]
    NoTag,
    /// No command of that name.
    #[error("no such command")]
    UnknownCommand,
    /// Something else was expected here; the text says what.
    #[error("expected {0}")]
    Expected(&'static str),
    /// A number too large, or zero where there is none.
    #[error("a number from 1 to 4294967295 is expected")]
    Number,
    /// After the last argument.
    #[error("something follows the last argument")]
    Trailing,
    /// No such flag.
    #[error(
        "a server's flag cannot be set, and there are no other system flags than \\Answered \\Flagged \\Deleted \\Seen \\Draft"
    )]
    SystemFlag,
    /// Not a mailbox name.
    #[error(transparent)]
    Mailbox(#[from] Utf7Error),
    /// A text that is not in the charset that was said (or UTF-8).
    #[error("a text is not in its charset")]
    Charset,
    /// SEARCH in a charset that is not known here: `NO [BADCHARSET]`, not `BAD` (RFC 3501 §6.4.4).
    #[error("only US-ASCII and UTF-8 are known")]
    UnknownCharset,
    /// Parentheses or NOTs inside each other without end, to exhaust the stack.
    #[error("nested too deeply")]
    Depth,
}

/// A [`SyntaxError`] and the tag to answer it with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// Where the line had one.
    pub tag: Option<Tag>,
    /// What is wrong.
    pub error: SyntaxError,
}
