//! ENVELOPE (RFC 3501 §7.4.2).

use message::{HeaderEnvelope, ListedAddress};

use super::string::nstring;

/// `envelope`: the texts stay as encoded as the message has them.
pub fn envelope(out: &mut Vec<u8>, e: &HeaderEnvelope) {
    out.push(b'(');
    nstring(out, e.date.as_deref());
    out.push(b' ');
    nstring(out, e.subject.as_deref());
    for list in [&e.from, &e.sender, &e.reply_to, &e.to, &e.cc, &e.bcc] {
        out.push(b' ');
        addresses(out, list);
    }
    for text in [&e.in_reply_to, &e.message_id] {
        out.push(b' ');
        nstring(out, text.as_deref());
    }
    out.push(b')');
}

/// `"(" 1*address ")" / nil`
fn addresses(out: &mut Vec<u8>, list: &[ListedAddress]) {
    if list.is_empty() {
        out.extend_from_slice(b"NIL");
        return;
    }
    out.push(b'(');
    for address in list {
        out.push(b'(');
        nstring(out, address.name.as_deref());
        for part in [&address.route, &address.mailbox, &address.host] {
            out.push(b' ');
            nstring(out, part.as_deref());
        }
        out.push(b')');
    }
    out.push(b')');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_fields_are_nil_and_the_sender_is_the_author() {
        let header = b"From: \"Fred \\\"F\\\"\" <fred@example.org>\r\nSubject: =?utf-8?q?=c3=bc?=\r\n\r\n";
        let mut out = Vec::new();
        envelope(&mut out, &HeaderEnvelope::of_header(header));
        let fred = "((\"Fred \\\"F\\\"\" NIL \"fred\" \"example.org\"))";
        let expected = format!("(NIL \"=?utf-8?q?=c3=bc?=\" {fred} {fred} {fred} NIL NIL NIL NIL NIL)");
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
