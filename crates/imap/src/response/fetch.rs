//! One FETCH response, item by item (RFC 3501 §7.4.2). Contents of messages do not go through here: the host sends
//! them behind the size that is written for them, in pieces.

use message::{HeaderEnvelope, Part};

use super::envelope::envelope;
use super::string::literal_size;
use super::structure::{Detail, body};
use crate::date::write_date_time;
use crate::fetch::{Content, ContentName, SectionText};

/// Writes one `* n FETCH (…)`.
#[derive(Debug)]
pub struct FetchWriter {
    out: Vec<u8>,
    empty: bool,
}

impl FetchWriter {
    /// Begins the response for a message.
    pub fn new(sequence: u32) -> Self {
        Self { out: format!("* {sequence} FETCH (").into_bytes(), empty: true }
    }

    fn item(&mut self, name: &str) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.empty) {
            self.out.push(b' ');
        }
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b' ');
        &mut self.out
    }

    /// `UID`
    pub fn uid(&mut self, uid: u32) {
        self.item("UID").extend_from_slice(uid.to_string().as_bytes());
    }

    /// `FLAGS`, already joined by spaces.
    pub fn flags(&mut self, names: &str) {
        self.item("FLAGS").extend_from_slice(format!("({names})").as_bytes());
    }

    /// `INTERNALDATE`, seconds since 1970.
    pub fn internal_date(&mut self, seconds: i64) {
        self.item("INTERNALDATE").extend_from_slice(format!("\"{}\"", write_date_time(seconds)).as_bytes());
    }

    /// `RFC822.SIZE`
    pub fn size(&mut self, octets: u64) {
        self.item("RFC822.SIZE").extend_from_slice(octets.to_string().as_bytes());
    }

    /// `ENVELOPE`
    pub fn envelope(&mut self, header: &[u8]) {
        envelope(self.item("ENVELOPE"), &HeaderEnvelope::of_header(header));
    }

    /// `BODY` or `BODYSTRUCTURE`
    pub fn structure(&mut self, raw: &[u8], part: &Part, detail: Detail) {
        let name = match detail {
            Detail::Basic => "BODY",
            Detail::Extended => "BODYSTRUCTURE",
        };
        body(self.item(name), raw, part, detail);
    }

    /// The name of a content item, and `NIL`, or the size of what follows: the host sends that many octets next.
    pub fn content(&mut self, content: &Content, size: Option<usize>) {
        let out = self.item(&content_name(content));
        match size {
            Some(0) => out.extend_from_slice(b"\"\""),
            Some(size) => literal_size(out, size),
            None => out.extend_from_slice(b"NIL"),
        }
    }

    /// What is written so far; the next item goes on behind it.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Ends the response; what is written since [`Self::take`].
    pub fn finish(mut self) -> Vec<u8> {
        self.out.extend_from_slice(b")\r\n");
        self.out
    }
}

/// `BODY[1.HEADER.FIELDS (To)]<0>`
fn content_name(content: &Content) -> String {
    match content.name {
        ContentName::Rfc822 => return "RFC822".to_owned(),
        ContentName::Rfc822Header => return "RFC822.HEADER".to_owned(),
        ContentName::Rfc822Text => return "RFC822.TEXT".to_owned(),
        ContentName::Body => {}
    }
    let mut parts: Vec<String> = content.section.path.iter().map(u32::to_string).collect();
    match &content.section.text {
        SectionText::All => {}
        SectionText::Header => parts.push("HEADER".to_owned()),
        SectionText::Fields(names) => parts.push(format!("HEADER.FIELDS ({})", field_names(names))),
        SectionText::FieldsNot(names) => parts.push(format!("HEADER.FIELDS.NOT ({})", field_names(names))),
        SectionText::Text => parts.push("TEXT".to_owned()),
        SectionText::Mime => parts.push("MIME".to_owned()),
    }
    // RFC 3501 §7.4.2: only the origin octet is told, not the length.
    let origin = content.partial.map(|p| format!("<{}>", p.offset)).unwrap_or_default();
    format!("BODY[{}]{origin}", parts.join("."))
}

fn field_names(names: &[String]) -> String {
    names.iter().map(|n| field_name(n)).collect::<Vec<_>>().join(" ")
}

/// An astring: a name with octets that no atom may have is quoted.
fn field_name(name: &str) -> String {
    if name.bytes().all(|o| o.is_ascii_alphanumeric() || matches!(o, b'-' | b'_' | b'.')) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::{Partial, Section, Seen};

    #[test]
    fn a_response_in_two_pieces() {
        let mut w = FetchWriter::new(12);
        w.uid(7);
        w.flags("\\Seen");
        let section = Section { path: vec![1, 2], text: SectionText::Fields(vec!["To".into(), "X\"".into()]) };
        let partial = Some(Partial { offset: 4, length: 9 });
        w.content(&Content { name: ContentName::Body, section, partial, seen: Seen::Peek }, Some(3));
        let first = String::from_utf8(w.take()).unwrap();
        let expected = "* 12 FETCH (UID 7 FLAGS (\\Seen) BODY[1.2.HEADER.FIELDS (To \"X\\\"\")]<4> {3}\r\n";
        assert_eq!(first, expected);
        w.size(99);
        assert_eq!(w.finish(), b" RFC822.SIZE 99)\r\n");
    }
}
