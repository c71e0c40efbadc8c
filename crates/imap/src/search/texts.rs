//! The decoded text of a message, as SEARCH looks at it: encoded words (RFC 2047), charsets and transfer encodings
//! are undone, and case does not count (RFC 3501 §6.4.4).

use std::cell::OnceCell;

use mail_parser::{HeaderName, HeaderValue, MessageParser, PartType};
use message::header::fields;
use message::{Content, Date, Media, Part};

use crate::date::Day;

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
        self.header.get_or_init(|| decoded(self.raw))
    }

    /// Every text part in lower case, also of messages inside.
    fn body(&self) -> &[String] {
        self.body.get_or_init(|| {
            let mut found = Vec::new();
            collect(self.raw, &Part::scan(self.raw), &mut found);
            found
        })
    }
}

/// The names of a header, and its values in lower case.
fn decoded(raw: &[u8]) -> Vec<(String, String)> {
    // The parser heeds its default only beside a field that is named.
    let parser = MessageParser::new().header_text(HeaderName::Subject).default_header_text();
    let message = parser.parse_headers(raw);
    message.iter().flat_map(|m| m.headers()).map(|h| (h.name().to_owned(), lower(&h.value))).collect()
}

fn lower(value: &HeaderValue<'_>) -> String {
    match value {
        HeaderValue::Text(text) => text.to_lowercase(),
        HeaderValue::TextList(texts) => texts.join(" ").to_lowercase(),
        _ => String::new(),
    }
}

/// The parts are our own scanner's, which bounds their depth: the parser follows messages in messages as deep as a
/// stranger has nested them, and the stack overflows when they are dropped, which no session survives.
fn collect(raw: &[u8], part: &Part, found: &mut Vec<String>) {
    match &part.content {
        Content::Multipart(parts) => parts.iter().for_each(|part| collect(raw, part, found)),
        Content::Message(inner) => {
            let header = raw.get(inner.header.clone()).unwrap_or_default();
            found.extend(decoded(header).into_iter().map(|(_, value)| value));
            collect(raw, inner, found);
        }
        Content::Leaf if part.media.kind == "text" => {
            found.extend(text(raw.get(part.body.clone()).unwrap_or_default(), &part.media));
        }
        Content::Leaf => {}
    }
}

/// A text part in lower case. The parser gets a header that we wrote: whatever stood in the part's own, this is one text.
fn text(body: &[u8], media: &Media) -> Option<String> {
    let charset = media.parameter("charset").map(token).filter(|name| !name.eq_ignore_ascii_case("us-ascii"));
    let charset = charset.map(|name| format!("; charset={name}")).unwrap_or_default();
    let encoding = token(media.encoding.as_bytes());
    let header = format!("Content-Type: text/plain{charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n");
    let whole = [header.as_bytes(), body].concat();
    let message = MessageParser::new().with_mime_headers().parse(&whole)?;
    match &message.parts.first()?.body {
        PartType::Text(text) | PartType::Html(text) => Some(text.to_lowercase()),
        _ => None,
    }
}

/// What of a value can stand in a header of ours: names of charsets and encodings have nothing else.
fn token(value: &[u8]) -> String {
    let plain = |o: &u8| o.is_ascii_alphanumeric() || b"-_.:+".contains(o);
    value.iter().filter(|o| plain(o)).map(|o| char::from(*o)).take(60).collect()
}
