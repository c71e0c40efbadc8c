//! What IMAP's ENVELOPE is made of (RFC 3501 §7.4.2): fields of one header, unfolded and still encoded.

use crate::header::{Field, fields};
use crate::list::{ListedAddress, address_list};

/// The fields of ENVELOPE; `None` and empty lists are NIL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeaderEnvelope {
    /// `Date`
    pub date: Option<Vec<u8>>,
    /// `Subject`
    pub subject: Option<Vec<u8>>,
    /// `From`
    pub from: Vec<ListedAddress>,
    /// `Sender`; `From` where it is missing or empty (RFC 3501 §7.4.2).
    pub sender: Vec<ListedAddress>,
    /// `Reply-To`; `From` where it is missing or empty.
    pub reply_to: Vec<ListedAddress>,
    /// `To`
    pub to: Vec<ListedAddress>,
    /// `Cc`
    pub cc: Vec<ListedAddress>,
    /// `Bcc`
    pub bcc: Vec<ListedAddress>,
    /// `In-Reply-To`
    pub in_reply_to: Option<Vec<u8>>,
    /// `Message-ID`
    pub message_id: Option<Vec<u8>>,
}

impl HeaderEnvelope {
    /// Reads a header. Repeated address fields are joined, as RFC 5322 §3.6 forbids them but senders write them; of the
    /// others the first counts.
    pub fn of_header(header: &[u8]) -> Self {
        let mut envelope = Self::default();
        for field in fields(header) {
            envelope.take(&field);
        }
        if envelope.sender.is_empty() {
            envelope.sender.clone_from(&envelope.from);
        }
        if envelope.reply_to.is_empty() {
            envelope.reply_to.clone_from(&envelope.from);
        }
        envelope
    }

    fn take(&mut self, field: &Field<'_>) {
        if let Some(list) = self.list(field.name) {
            list.extend(address_list(&field.unfolded()));
        } else if let Some(text) = self.text(field.name) {
            text.get_or_insert_with(|| field.unfolded().into_owned());
        }
    }

    fn list(&mut self, name: &[u8]) -> Option<&mut Vec<ListedAddress>> {
        match name.to_ascii_lowercase().as_slice() {
            b"from" => Some(&mut self.from),
            b"sender" => Some(&mut self.sender),
            b"reply-to" => Some(&mut self.reply_to),
            b"to" => Some(&mut self.to),
            b"cc" => Some(&mut self.cc),
            b"bcc" => Some(&mut self.bcc),
            _ => None,
        }
    }

    fn text(&mut self, name: &[u8]) -> Option<&mut Option<Vec<u8>>> {
        match name.to_ascii_lowercase().as_slice() {
            b"date" => Some(&mut self.date),
            b"subject" => Some(&mut self.subject),
            b"in-reply-to" => Some(&mut self.in_reply_to),
            b"message-id" => Some(&mut self.message_id),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_unfolded_and_from_stands_in() {
        let header = b"DATE: Mon, 1 Jan 2024 00:00:00 +0000\r\nSubject: a\r\n b\r\nSubject: second\r\nFrom: a@b\r\n\
                       To: c@d\r\nTo: e@f\r\nMessage-Id: <x@y>\r\n\r\nCc: body@x\r\n";
        let envelope = HeaderEnvelope::of_header(header);
        assert_eq!(envelope.subject.as_deref(), Some(&b"a b"[..]));
        assert_eq!(envelope.message_id.as_deref(), Some(&b"<x@y>"[..]));
        assert_eq!((envelope.to.len(), envelope.cc.len()), (2, 0));
        assert_eq!((&envelope.sender, &envelope.reply_to), (&envelope.from, &envelope.from));
        assert_eq!(envelope.in_reply_to, None);
    }
}
