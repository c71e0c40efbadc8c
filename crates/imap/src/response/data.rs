//! Untagged data that is not FETCH (RFC 3501 §7.2, §7.3).

use super::string::{mailbox, string};
use crate::command::StatusItem;

/// Between the levels of a mailbox's name.
pub const DELIMITER: char = '/';

/// What LIST says of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailboxAttribute {
    /// RFC 3501: a mere parent.
    NoSelect,
    /// RFC 3348.
    HasChildren,
    /// RFC 3348.
    HasNoChildren,
    /// RFC 6154.
    Archive,
    /// RFC 6154.
    Drafts,
    /// RFC 6154.
    Junk,
    /// RFC 6154.
    Sent,
    /// RFC 6154.
    Trash,
}

impl MailboxAttribute {
    fn name(self) -> &'static str {
        match self {
            Self::NoSelect => "\\Noselect",
            Self::HasChildren => "\\HasChildren",
            Self::HasNoChildren => "\\HasNoChildren",
            Self::Archive => "\\Archive",
            Self::Drafts => "\\Drafts",
            Self::Junk => "\\Junk",
            Self::Sent => "\\Sent",
            Self::Trash => "\\Trash",
        }
    }
}

/// A line of LIST or LSUB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox<'a> {
    /// Decoded; empty for the answer about the delimiter (RFC 3501 §6.3.8).
    pub name: &'a str,
    /// What is said of it.
    pub attributes: Vec<MailboxAttribute>,
}

/// `* LIST (…) "/" name`, or `* LSUB`: `command` is the name.
pub fn list(out: &mut Vec<u8>, command: &str, entry: &Mailbox<'_>) {
    let attributes: Vec<_> = entry.attributes.iter().map(|a| a.name()).collect();
    out.extend_from_slice(format!("* {command} ({}) \"{DELIMITER}\" ", attributes.join(" ")).as_bytes());
    mailbox(out, entry.name);
    out.extend_from_slice(b"\r\n");
}

/// An item of STATUS and its value.
pub type StatusValue = (StatusItem, u32);

/// `* STATUS name (…)`
pub fn status(out: &mut Vec<u8>, name: &str, values: &[StatusValue]) {
    let value = |(item, n): &StatusValue| {
        let name = match item {
            StatusItem::Messages => "MESSAGES",
            StatusItem::Recent => "RECENT",
            StatusItem::UidNext => "UIDNEXT",
            StatusItem::UidValidity => "UIDVALIDITY",
            StatusItem::Unseen => "UNSEEN",
        };
        format!("{name} {n}")
    };
    out.extend_from_slice(b"* STATUS ");
    mailbox(out, name);
    let values: Vec<_> = values.iter().map(value).collect();
    out.extend_from_slice(format!(" ({})\r\n", values.join(" ")).as_bytes());
}

/// RFC 2342: everybody's own mail, nothing of others.
pub fn namespace(out: &mut Vec<u8>) {
    out.extend_from_slice(format!("* NAMESPACE ((\"\" \"{DELIMITER}\")) NIL NIL\r\n").as_bytes());
}

/// `* FLAGS (…)`
pub fn flags(out: &mut Vec<u8>, names: &str) {
    out.extend_from_slice(format!("* FLAGS ({names})\r\n").as_bytes());
}

/// `* 23 EXISTS`, `RECENT`, `EXPUNGE`.
pub fn number(out: &mut Vec<u8>, n: u32, what: &str) {
    out.extend_from_slice(format!("* {n} {what}\r\n").as_bytes());
}

/// `* SEARCH 2 84 882`
pub fn search(out: &mut Vec<u8>, found: &[u32]) {
    out.extend_from_slice(b"* SEARCH");
    for n in found {
        out.extend_from_slice(format!(" {n}").as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}

/// RFC 2971: `* ID ("name" "…" …)`
pub fn id(out: &mut Vec<u8>, fields: &[(&str, &str)]) {
    out.extend_from_slice(b"* ID (");
    for (i, (name, value)) in fields.iter().enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        string(out, name.as_bytes());
        out.push(b' ');
        string(out, value.as_bytes());
    }
    out.extend_from_slice(b")\r\n");
}
