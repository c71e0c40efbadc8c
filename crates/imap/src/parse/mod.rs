//! From octets to a [`Command`] (RFC 3501 §9). The framer has found the command's end before this runs.

mod arguments;
mod cursor;
mod error;
mod fetch;
mod search;
mod string;
mod table;

pub use error::{ParseError, SyntaxError};
pub(crate) use table::{Allowed, COMMANDS, Entry};

use crate::command::{Append, Command, Tag};
use cursor::{Cursor, is_astring_char};

/// The tag and the row of a command; its arguments are not read yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opened<'a> {
    pub(crate) entry: &'static Entry,
    arguments: Cursor<'a>,
}

/// Reads the tag that a line begins with, for answers to lines that cannot be read further.
pub(crate) fn tag(line: &[u8]) -> Option<Tag> {
    read_tag(&mut Cursor::new(line))
}

/// `tag = 1*<any ASTRING-CHAR except "+">`
fn read_tag(c: &mut Cursor<'_>) -> Option<Tag> {
    let octets = c.take_while(|o| is_astring_char(o) && o != b'+');
    let text = std::str::from_utf8(octets).ok()?;
    (!text.is_empty() && c.peek().is_none_or(|o| o.is_ascii_whitespace())).then(|| Tag(text.to_owned()))
}

/// The first half: tag and name.
pub(crate) fn open(line: &[u8]) -> Result<(Tag, Opened<'_>), ParseError> {
    let mut c = Cursor::new(line);
    let tag = read_tag(&mut c).ok_or(ParseError { tag: None, error: SyntaxError::NoTag })?;
    match open_name(&mut c) {
        Ok(entry) => Ok((tag, Opened { entry, arguments: c })),
        Err(error) => Err(ParseError { tag: Some(tag), error }),
    }
}

fn open_name(c: &mut Cursor<'_>) -> Result<&'static Entry, SyntaxError> {
    c.space()?;
    let name = c.atom("a command")?;
    let second = if name.eq_ignore_ascii_case("UID") {
        c.space()?;
        Some(c.atom("a command after UID")?)
    } else {
        None
    };
    COMMANDS.iter().find(|e| e.is(name, second)).ok_or(SyntaxError::UnknownCommand)
}

impl Opened<'_> {
    /// The second half: the arguments.
    pub(crate) fn arguments(mut self) -> Result<Command, SyntaxError> {
        let command = (self.entry.read)(&mut self.arguments)?;
        self.arguments.end().map(|()| command)
    }
}

/// Reads a whole command, without its last line end.
pub fn parse(line: &[u8]) -> Result<(Tag, Command), ParseError> {
    let (tag, opened) = open(line)?;
    match opened.arguments() {
        Ok(command) => Ok((tag, command)),
        Err(error) => Err(ParseError { tag: Some(tag), error }),
    }
}

/// What stands before a literal: is it the message of an APPEND? `None` if the line is no APPEND, or if the literal
/// is its mailbox name.
pub(crate) fn append_head(line: &[u8]) -> Option<Result<(Tag, Append), ParseError>> {
    let mut c = Cursor::new(line);
    let tag = read_tag(&mut c)?;
    c.space().ok()?;
    if !c.eat_word("APPEND ") || c.is_empty() {
        return None;
    }
    Some(arguments::append(&mut c).map(|a| (tag.clone(), a)).map_err(|error| ParseError { tag: Some(tag), error }))
}
