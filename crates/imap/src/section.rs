//! The octets that a FETCH section names (RFC 3501 §6.4.5).

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use message::Part;
use message::header::{body_offset, fields};

use crate::fetch::{Content, Partial, Section, SectionText};

/// A message that was read, and its structure once that is asked for: most FETCHes want all of it, or none.
#[derive(Debug)]
pub struct Scanned<'a> {
    raw: &'a [u8],
    part: OnceLock<Part>,
}

impl<'a> Scanned<'a> {
    /// Of a whole message.
    pub fn new(raw: &'a [u8]) -> Self {
        Self { raw, part: OnceLock::new() }
    }

    /// Its text.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Its header, the empty line included.
    pub fn header(&self) -> &'a [u8] {
        self.raw.get(..body_offset(self.raw)).unwrap_or(self.raw)
    }

    /// Its structure.
    pub fn part(&self) -> &Part {
        self.part.get_or_init(|| Part::scan(self.raw))
    }

    /// What a content item is answered with; `None` is NIL: there is no such part.
    pub fn content(&self, wanted: &Content) -> Option<Cow<'a, [u8]>> {
        let whole = self.section(&wanted.section)?;
        Some(match wanted.partial {
            Some(partial) => cut(whole, partial),
            None => whole,
        })
    }

    fn section(&self, wanted: &Section) -> Option<Cow<'a, [u8]>> {
        let of = |range: &Range<usize>| self.raw.get(range.clone());
        if wanted.path.is_empty() {
            let header = self.header();
            let body = self.raw.get(header.len()..)?;
            return text(&wanted.text, header, body).or(Some(Cow::Borrowed(self.raw)));
        }
        let part = self.part().find(&wanted.path)?;
        match wanted.text {
            SectionText::All => of(&part.body).map(Cow::Borrowed),
            SectionText::Mime => of(&part.header).map(Cow::Borrowed),
            // HEADER and TEXT of a part are those of the message inside it.
            _ => {
                let inner = part.message()?;
                text(&wanted.text, of(&inner.header)?, of(&inner.body)?)
            }
        }
    }
}

/// A section that is made of a message's header or body; `None` for the others.
fn text<'a>(wanted: &SectionText, header: &'a [u8], body: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    match wanted {
        SectionText::Header => Some(Cow::Borrowed(header)),
        SectionText::Text => Some(Cow::Borrowed(body)),
        SectionText::Fields(names) => Some(Cow::Owned(subset(header, |n| is_in(names, n)))),
        SectionText::FieldsNot(names) => Some(Cow::Owned(subset(header, |n| !is_in(names, n)))),
        SectionText::All | SectionText::Mime => None,
    }
}

/// RFC 3501 §6.4.5: what lies behind the end is cut off, down to an empty string.
fn cut(whole: Cow<'_, [u8]>, partial: Partial) -> Cow<'_, [u8]> {
    let index = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let start = index(partial.offset).min(whole.len());
    let end = start.saturating_add(index(partial.length)).min(whole.len());
    match whole {
        Cow::Borrowed(octets) => Cow::Borrowed(octets.get(start..end).unwrap_or_default()),
        Cow::Owned(octets) => Cow::Owned(octets.get(start..end).unwrap_or_default().to_vec()),
    }
}

fn is_in(names: &[String], name: &[u8]) -> bool {
    names.iter().any(|n| n.as_bytes().eq_ignore_ascii_case(name))
}

/// The fields whose names are wanted, folded as they were, and the empty line (RFC 3501 §6.4.5).
fn subset(header: &[u8], wanted: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut found = Vec::new();
    for field in fields(header).filter(|f| wanted(f.name)) {
        found.extend_from_slice(header.get(field.start..field.end).unwrap_or_default());
    }
    found.extend_from_slice(b"\r\n");
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::fetch::FetchItem;
    use crate::parse::parse;

    const RAW: &str = "To: a@x\r\nSubject: out\r\n folded\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
                       --b\r\nContent-Type: text/plain\r\n\r\none\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n\
                       Subject: in\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\ndeep\r\n--c--\r\n--b--\r\n";

    fn fetched(item: &str) -> Option<String> {
        let (_, command) = parse(format!("a FETCH 1 {item}").as_bytes()).unwrap();
        let Command::Fetch(fetch) = command else { panic!("no FETCH") };
        let [FetchItem::Content(wanted)] = fetch.items.as_slice() else { panic!("not one content item") };
        let found = Scanned::new(RAW.as_bytes()).content(wanted)?;
        Some(String::from_utf8(found.into_owned()).unwrap())
    }

    #[test]
    fn sections_of_nested_parts() {
        assert_eq!(fetched("BODY[]").as_deref(), Some(RAW));
        assert_eq!(fetched("BODY[1]").as_deref(), Some("one"));
        assert_eq!(fetched("BODY[1.MIME]").as_deref(), Some("Content-Type: text/plain\r\n\r\n"));
        assert_eq!(fetched("BODY[2.HEADER.FIELDS (subject)]").as_deref(), Some("Subject: in\r\n\r\n"));
        assert_eq!(fetched("BODY[2.1]").as_deref(), Some("deep"));
        assert_eq!(fetched("BODY[2.TEXT]").as_deref(), Some("--c\r\n\r\ndeep\r\n--c--"));
        assert_eq!(fetched("BODY[3]"), None);
        assert_eq!(fetched("BODY[1.TEXT]"), None, "a text part has no message inside");
    }

    #[test]
    fn headers_and_partials() {
        assert_eq!(fetched("BODY[HEADER.FIELDS (SUBJECT)]").as_deref(), Some("Subject: out\r\n folded\r\n\r\n"));
        assert_eq!(fetched("BODY[HEADER.FIELDS.NOT (subject content-type)]").as_deref(), Some("To: a@x\r\n\r\n"));
        assert!(fetched("RFC822.HEADER").is_some_and(|h| h.ends_with("boundary=b\r\n\r\n")));
        assert!(fetched("RFC822.TEXT").is_some_and(|t| t.starts_with("--b\r\n")));
        assert_eq!(fetched("BODY[]<1.3>").as_deref(), Some("o: "));
        assert_eq!(fetched("BODY[1]<2.4294967295>").as_deref(), Some("e"));
        assert_eq!(fetched("BODY[1]<4000000000.1>").as_deref(), Some(""));
    }
}
