//! The MIME fields of a part (RFC 2045 §5, RFC 2183, RFC 3282), still encoded as BODYSTRUCTURE wants them.

use crate::cursor::Cursor;
use crate::header::{Field, fields};

/// Parameters of one field that are kept; more are dropped.
const MAX_PARAMETERS: usize = 100;

/// A parameter: the name in lower case (`filename*0*` stays such), the value unquoted, not decoded (RFC 2231).
pub type Parameter = (String, Vec<u8>);

/// `Content-Disposition` (RFC 2183).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disposition {
    /// `inline`, `attachment`, ..., in lower case.
    pub kind: String,
    /// `filename` and others.
    pub parameters: Vec<Parameter>,
}

/// What the MIME fields of one header say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// `text`, `multipart`, ..., in lower case.
    pub kind: String,
    /// `plain`, `mixed`, ..., in lower case.
    pub subtype: String,
    /// `charset`, `boundary`, ...
    pub parameters: Vec<Parameter>,
    /// `Content-Transfer-Encoding`, in lower case; `7bit` without one (RFC 2045 §6.1).
    pub encoding: String,
    /// `Content-ID`, with its angle brackets.
    pub id: Option<Vec<u8>>,
    /// `Content-Description`, still encoded.
    pub description: Option<Vec<u8>>,
    /// `Content-MD5` (RFC 1864).
    pub md5: Option<Vec<u8>>,
    /// `Content-Disposition`.
    pub disposition: Option<Disposition>,
    /// `Content-Language` (RFC 3282).
    pub languages: Vec<String>,
    /// `Content-Location` (RFC 2557).
    pub location: Option<Vec<u8>>,
}

impl Media {
    /// Without a (valid) `Content-Type`: `text/plain; charset=us-ascii` (RFC 2045 §5.2).
    pub(crate) fn plain_text() -> Self {
        Self {
            kind: "text".into(),
            subtype: "plain".into(),
            parameters: vec![("charset".into(), b"us-ascii".to_vec())],
            encoding: "7bit".into(),
            id: None,
            description: None,
            md5: None,
            disposition: None,
            languages: Vec::new(),
            location: None,
        }
    }

    /// For a part that cannot be taken apart, or whose type cannot be read: shown as text.
    pub(crate) fn become_plain_text(&mut self) {
        let Self { kind, subtype, parameters, .. } = Self::plain_text();
        (self.kind, self.subtype, self.parameters) = (kind, subtype, parameters);
    }

    /// For a part that must not be taken apart: shown as data.
    pub(crate) fn become_octets(&mut self) {
        "application".clone_into(&mut self.kind);
        "octet-stream".clone_into(&mut self.subtype);
        self.parameters.clear();
    }

    /// Whether it is `kind/subtype`.
    pub fn is(&self, kind: &str, subtype: &str) -> bool {
        self.kind == kind && self.subtype == subtype
    }

    /// A parameter of `Content-Type`; the first counts where it is repeated.
    pub fn parameter(&self, name: &str) -> Option<&[u8]> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_slice())
    }

    /// Reads the MIME fields of a header; where a field is repeated, the first counts. `default` is what stands for a
    /// missing `Content-Type` (RFC 2046 §5.1.5: `message/rfc822` inside a digest).
    pub(crate) fn of_header(header: &[u8], default: &Self) -> Self {
        let mut media = default.clone();
        let mut seen: Vec<&[u8]> = Vec::new();
        for field in fields(header) {
            let mime = field.name.get(..8).is_some_and(|p| p.eq_ignore_ascii_case(b"content-"));
            if mime && !seen.iter().any(|name| name.eq_ignore_ascii_case(field.name)) && media.take(&field) {
                seen.push(field.name);
            }
        }
        media
    }

    /// Takes what one field says; whether it is one of ours.
    fn take(&mut self, field: &Field<'_>) -> bool {
        let value = field.unfolded();
        let text = || Some(value.to_vec());
        match field.name.get(8..).unwrap_or_default().to_ascii_lowercase().as_slice() {
            b"type" => match content_type(&value) {
                Some((kind, subtype, parameters)) => {
                    (self.kind, self.subtype, self.parameters) = (kind, subtype, parameters);
                }
                // RFC 2045 §5.2: what cannot be read counts as plain text, also in a digest.
                None => self.become_plain_text(),
            },
            b"transfer-encoding" => {
                if let Some(encoding) = token(&mut Cursor::new(&value)) {
                    self.encoding = encoding;
                }
            }
            b"id" => self.id = text(),
            b"description" => self.description = text(),
            b"md5" => self.md5 = text(),
            b"disposition" => self.disposition = disposition(&value),
            b"language" => self.languages = languages(&value),
            b"location" => self.location = text(),
            _ => return false,
        }
        true
    }
}

/// `type "/" subtype *(";" parameter)` (RFC 2045 §5.1).
fn content_type(value: &[u8]) -> Option<(String, String, Vec<Parameter>)> {
    let mut cursor = Cursor::new(value);
    let kind = token(&mut cursor)?;
    cursor.space();
    if !cursor.eat(b'/') {
        return None;
    }
    let subtype = token(&mut cursor)?;
    Some((kind, subtype, parameters(&mut cursor)))
}

fn disposition(value: &[u8]) -> Option<Disposition> {
    let mut cursor = Cursor::new(value);
    let kind = token(&mut cursor)?;
    Some(Disposition { kind, parameters: parameters(&mut cursor) })
}

fn languages(value: &[u8]) -> Vec<String> {
    let mut cursor = Cursor::new(value);
    let mut tags = Vec::new();
    while let Some(tag) = token(&mut cursor) {
        tags.push(tag);
        if tags.len() == MAX_PARAMETERS || !cursor.skip_past(b',') {
            break;
        }
    }
    tags
}

/// A token in lower case, space around it skipped.
fn token(cursor: &mut Cursor<'_>) -> Option<String> {
    cursor.space();
    let token = cursor.atom(b"/;=,")?;
    token.iter().all(u8::is_ascii_graphic).then(|| String::from_utf8_lossy(token).to_ascii_lowercase())
}

/// `*(";" attribute "=" value)`. What is broken is passed over up to the next semicolon. An unquoted value may hold
/// `/` and `=` here: boundaries of real mail do.
fn parameters(cursor: &mut Cursor<'_>) -> Vec<Parameter> {
    let mut found: Vec<Parameter> = Vec::new();
    while found.len() < MAX_PARAMETERS && cursor.skip_past(b';') {
        let Some(name) = token(cursor) else { continue };
        cursor.space();
        if !cursor.eat(b'=') {
            continue;
        }
        cursor.space();
        if let Some(value) = cursor.word(b";") {
            found.push((name, value));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Media {
        Media::of_header(header.as_bytes(), &Media::plain_text())
    }

    #[test]
    fn types_and_parameters() {
        let media = read("Content-Type: Text/HTML (x); Charset=\"utf-8\"; junk; name*0*=utf-8''a%20b ;\r\n b=c=d\r\n");
        assert!(media.is("text", "html"));
        assert_eq!(media.parameter("charset"), Some(&b"utf-8"[..]));
        assert_eq!(media.parameter("name*0*"), Some(&b"utf-8''a%20b"[..]));
        assert_eq!(media.parameter("b"), Some(&b"c=d"[..]));
        assert_eq!(media.encoding, "7bit");
    }

    #[test]
    fn a_broken_type_is_plain_text() {
        for header in ["", "Content-Type: text\n", "Content-Type: /plain\n", "Content-Type: ü/b\n"] {
            assert_eq!(read(header), Media::plain_text(), "{header:?}");
        }
    }

    #[test]
    fn the_other_fields() {
        let media = read(
            "content-transfer-encoding: Base64\nContent-ID: <a@b>\nContent-Description: =?utf-8?q?=41?=\n\
             Content-Disposition: Attachment; filename=\"a;b\"\nContent-Language: de, EN (British)\n\
             Content-Location: http://x/\nContent-MD5: Q2hlY2s=\nContent-ID: <second@b>\n",
        );
        assert_eq!((media.encoding.as_str(), media.id.as_deref()), ("base64", Some(&b"<a@b>"[..])));
        assert_eq!(media.description.as_deref(), Some(&b"=?utf-8?q?=41?="[..]));
        let parameters = vec![("filename".to_owned(), b"a;b".to_vec())];
        assert_eq!(media.disposition, Some(Disposition { kind: "attachment".into(), parameters }));
        assert_eq!(media.languages, ["de", "en"]);
        assert_eq!(
            (media.location.as_deref(), media.md5.as_deref()),
            (Some(&b"http://x/"[..]), Some(&b"Q2hlY2s="[..]))
        );
    }
}
