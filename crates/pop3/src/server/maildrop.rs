//! The mail as it was when the session logged in (RFC 1939 §4: it stays so until the session ends).

use std::fmt;

use super::replies;
use crate::Reply;

/// A snapshot of a mailbox. Messages are numbered from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maildrop {
    uid_validity: u32,
    messages: Vec<Message>,
}

/// One message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) uid: u32,
    /// Octets with CRLF line ends.
    pub(super) size: u64,
    /// Marked by DELE; removed when the session ends with QUIT.
    pub(super) deleted: bool,
}

/// What UIDL shows (RFC 1939 §7): the same for ever, as long as the message is there, and for nothing else.
pub(super) struct UniqueId {
    uid_validity: u32,
    uid: u32,
}

impl fmt::Display for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.uid_validity, self.uid)
    }
}

impl Maildrop {
    /// A maildrop with these messages: UID, and size in octets with CRLF line ends. `uid_validity` changes whenever
    /// UIDs mean other messages than before (RFC 3501 §2.3.1.1).
    pub fn new(uid_validity: u32, messages: impl IntoIterator<Item = (u32, u64)>) -> Self {
        let messages = messages.into_iter().map(|(uid, size)| Message { uid, size, deleted: false }).collect();
        Self { uid_validity, messages }
    }

    /// The messages that are not marked as deleted, with their numbers.
    pub(super) fn messages(&self) -> impl Iterator<Item = (usize, Message)> + '_ {
        (1..).zip(self.messages.iter().copied()).filter(|(_, message)| !message.deleted)
    }

    /// How many messages are not marked, and their octets.
    pub(super) fn stat(&self) -> (usize, u64) {
        self.messages().fold((0, 0), |(count, octets), (_, message)| (count + 1, octets + message.size))
    }

    /// The message with the number that stands in a command.
    pub(super) fn find(&self, argument: &[u8]) -> Result<(usize, Message), Reply> {
        let number = number(argument).ok_or(replies::NEEDS_NUMBER)?;
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        match index.and_then(|index| Some((index + 1, *self.messages.get(index)?))) {
            None => Err(replies::NO_SUCH_MESSAGE),
            // RFC 1939 §5: any later reference to its number is an error.
            Some((_, message)) if message.deleted => Err(replies::DELETED),
            Some(found) => Ok(found),
        }
    }

    /// Marks a message, found before.
    pub(super) fn delete(&mut self, number: usize) {
        if let Some(message) = number.checked_sub(1).and_then(|index| self.messages.get_mut(index)) {
            message.deleted = true;
        }
    }

    /// Takes all marks away.
    pub(super) fn undelete(&mut self) {
        self.messages.iter_mut().for_each(|message| message.deleted = false);
    }

    /// The UIDs of the marked messages.
    pub(super) fn deleted(&self) -> Vec<u32> {
        self.messages.iter().filter(|message| message.deleted).map(|message| message.uid).collect()
    }

    /// What UIDL shows of a message.
    pub(super) fn unique_id(&self, message: Message) -> UniqueId {
        UniqueId { uid_validity: self.uid_validity, uid: message.uid }
    }
}

/// A decimal number of at most ten digits.
pub(super) fn number(argument: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(argument.trim_ascii()).ok()?;
    let plain = text.len() <= 10 && text.bytes().all(|octet| octet.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_decimal_and_short() {
        assert_eq!(number(b" 12 "), Some(12));
        for bad in [&b""[..], b"-1", b"+1", b"1 2", b"0x1", b"12345678901", b"\xff", b"1\0"] {
            assert_eq!(number(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn marks_come_and_go() {
        let mut maildrop = Maildrop::new(7, [(3, 100), (9, 50)]);
        assert_eq!(maildrop.stat(), (2, 150));
        let (number, message) = maildrop.find(b"2").unwrap();
        assert_eq!(maildrop.unique_id(message).to_string(), "7.9");
        maildrop.delete(number);
        assert_eq!((maildrop.stat(), maildrop.deleted()), ((1, 100), vec![9]));
        assert_eq!(maildrop.find(b"2"), Err(replies::DELETED));
        maildrop.undelete();
        assert_eq!((maildrop.stat(), maildrop.deleted()), ((2, 150), vec![]));
        assert_eq!(maildrop.find(b"0"), Err(replies::NO_SUCH_MESSAGE));
        assert_eq!(maildrop.find(b"3"), Err(replies::NO_SUCH_MESSAGE));
    }
}
