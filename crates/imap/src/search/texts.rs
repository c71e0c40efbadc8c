//! The decoded text of a message, as SEARCH looks at it: encoded words (RFC 2047), charsets and transfer encodings
//! are undone, and case does not count (RFC 3501 §6.4.4).

use std::cell::OnceCell;

use mail_parser::{HeaderName, HeaderValue, Message, MessageParser, PartType};
use message::Date;
use message::header::fields;

use crate::date::Day;

/// Messages inside messages that are looked into.
const MAX_DEPTH: usize = 10;

/// A message's text; what is not asked for is not decoded.
pub struct Texts<'a> {
    raw: &'a [u8],
    header: OnceCell<Vec<(String, String)>>,
    body: OnceCell<Vec<String>>,
}

impl<'a> Texts<'a> {
    /// Of a whole message.
    pub fn new(raw: &'a [u8]) -> Self {
        Self { raw, header: OnceCell::new(), body: OnceCell::new() }
    }

    /// The day of the `Date:` field, as its writer's clock showed it.
    pub(super) fn sent(&self) -> Option<Day> {
        let date = fields(self.raw).find(|f| f.is("Date"))?;
        let (year, month, day) = Date::parse(&date.unfolded())?.day();
        Day::new(year, month, day)
    }

    pub(super) fn header_holds(&self, field: &str, wanted: &str) -> bool {
        let wanted = wanted.to_lowercase();
        self.header().iter().any(|(name, value)| name.eq_ignore_ascii_case(field) && value.contains(&wanted))
    }

    /// TEXT: also the fields' names.
    pub(super) fn any_header_holds(&self, wanted: &str) -> bool {
        let wanted = wanted.to_lowercase();
        self.header().iter().any(|(name, value)| format!("{}: {value}", name.to_lowercase()).contains(&wanted))
    }

    pub(super) fn body_holds(&self, wanted: &str) -> bool {
        let wanted = wanted.to_lowercase();
        wanted.is_empty() || self.body().iter().any(|text| text.contains(&wanted))
    }

    /// Names, and values in lower case.
    fn header(&self) -> &[(String, String)] {
        self.header.get_or_init(|| {
            // The parser heeds its default only beside a field that is named.
            let parser = MessageParser::new().header_text(HeaderName::Subject).default_header_text();
            let message = parser.parse_headers(self.raw);
            message.iter().flat_map(|m| m.headers()).map(|h| (h.name().to_owned(), lower(&h.value))).collect()
        })
    }

    /// Every text part in lower case, also of messages inside.
    fn body(&self) -> &[String] {
        self.body.get_or_init(|| {
            let parser = MessageParser::new().with_mime_headers().default_header_text();
            let mut found = Vec::new();
            if let Some(message) = parser.parse(self.raw) {
                collect(&message, &mut found, MAX_DEPTH);
            }
            found
        })
    }
}

fn lower(value: &HeaderValue<'_>) -> String {
    match value {
        HeaderValue::Text(text) => text.to_lowercase(),
        HeaderValue::TextList(texts) => texts.join(" ").to_lowercase(),
        _ => String::new(),
    }
}

fn collect(message: &Message<'_>, found: &mut Vec<String>, depth: usize) {
    for part in &message.parts {
        match &part.body {
            PartType::Text(text) | PartType::Html(text) => found.push(text.to_lowercase()),
            PartType::Message(inner) if depth > 0 => {
                found.extend(inner.headers().iter().map(|h| lower(&h.value)));
                collect(inner, found, depth - 1);
            }
            _ => {}
        }
    }
}
