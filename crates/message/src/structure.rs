//! The MIME structure of a message: where each part begins and ends, in octets of the raw text (RFC 2045, RFC 2046).

use std::ops::Range;

use crate::media::Media;
use crate::scan;

/// One part; the message itself is the outermost one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its header, the empty line included.
    pub header: Range<usize>,
    /// Its content. The line end before a boundary belongs to the boundary (RFC 2046 §5.1.1).
    pub body: Range<usize>,
    /// Line ends in `body`.
    pub lines: usize,
    /// What its MIME fields say.
    pub media: Media,
    /// What is inside.
    pub content: Content,
}

/// What a part holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Text or data, or something that could not be taken apart.
    Leaf,
    /// A message (`message/rfc822`, RFC 6532's `message/global`), not encoded.
    Message(Box<Part>),
    /// Parts between boundaries, at least one.
    Multipart(Vec<Part>),
}

impl Part {
    /// Scans a whole message in one pass. Never fails: a multipart in which no part can be found is shown as
    /// `text/plain`; what is nested deeper than [`crate::MAX_DEPTH`] as `application/octet-stream`; what follows the
    /// [`crate::MAX_PARTS`]th part is not taken apart.
    pub fn scan(raw: &[u8]) -> Self {
        scan::message(raw)
    }

    /// The part that an IMAP section number names (RFC 3501 §6.4.5); the empty path is the message itself. Of what is
    /// found, `body` is `BODY[path]`, `header` is `BODY[path.MIME]`; `BODY[path.HEADER]` and `BODY[path.TEXT]` are
    /// the `header` and `body` of the [`Content::Message`] inside.
    pub fn find(&self, path: &[u32]) -> Option<&Self> {
        let Some((&first, rest)) = path.split_first() else { return Some(self) };
        let mut part = self.numbered(first)?;
        for &number in rest {
            part = match &part.content {
                Content::Multipart(parts) => nth(parts, number)?,
                Content::Message(inner) => inner.numbered(number)?,
                Content::Leaf => return None,
            };
        }
        Some(part)
    }

    /// The message inside, of a `message/rfc822`.
    pub fn message(&self) -> Option<&Self> {
        match &self.content {
            Content::Message(inner) => Some(inner),
            _ => None,
        }
    }

    /// Part `number` of a message: what is no multipart has itself as part 1 (RFC 3501 §6.4.5).
    fn numbered(&self, number: u32) -> Option<&Self> {
        match &self.content {
            Content::Multipart(parts) => nth(parts, number),
            _ => (number == 1).then_some(self),
        }
    }
}

fn nth(parts: &[Part], number: u32) -> Option<&Part> {
    parts.get(usize::try_from(number).ok()?.checked_sub(1)?)
}
