//! BODY and BODYSTRUCTURE (RFC 3501 §7.4.2), out of the scanned structure.

use message::{Content, Disposition, HeaderEnvelope, Media, Parameter, Part};

use super::envelope::envelope;
use super::string::{nstring, string};

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// `BODY`
    Basic,
    /// `BODYSTRUCTURE`: with extension data.
    Extended,
}

/// `body`: of a part of `raw`. How deep parts are nested was bounded by the scanner.
pub fn body(out: &mut Vec<u8>, raw: &[u8], part: &Part, detail: Detail) {
    out.push(b'(');
    match &part.content {
        Content::Multipart(parts) => {
            for inner in parts {
                body(out, raw, inner, detail);
            }
            out.push(b' ');
            string(out, part.media.subtype.as_bytes());
            if detail == Detail::Extended {
                out.push(b' ');
                parameters(out, &part.media.parameters);
                extension(out, &part.media);
            }
        }
        Content::Message(inner) if part.media.is("message", "rfc822") => {
            basic(out, part, &part.media);
            out.push(b' ');
            let header = raw.get(inner.header.clone()).unwrap_or_default();
            envelope(out, &HeaderEnvelope::of_header(header));
            out.push(b' ');
            body(out, raw, inner, detail);
            lines(out, part);
            single(out, &part.media, detail);
        }
        _ => leaf(out, part, detail),
    }
    out.push(b')');
}

fn leaf(out: &mut Vec<u8>, part: &Part, detail: Detail) {
    let media = &part.media;
    if media.is("message", "rfc822") {
        // Not taken apart (an encoded one, RFC 2046 §5.2.1 forbids it): the grammar would want its envelope here.
        let octets = Media { kind: "application".to_owned(), subtype: "octet-stream".to_owned(), ..media.clone() };
        basic(out, part, &octets);
    } else {
        basic(out, part, media);
    }
    if media.kind == "text" {
        lines(out, part);
    }
    single(out, media, detail);
}

/// Type, subtype, and `body-fields`.
fn basic(out: &mut Vec<u8>, part: &Part, media: &Media) {
    string(out, media.kind.as_bytes());
    out.push(b' ');
    string(out, media.subtype.as_bytes());
    out.push(b' ');
    parameters(out, &media.parameters);
    for text in [&media.id, &media.description] {
        out.push(b' ');
        nstring(out, text.as_deref());
    }
    out.push(b' ');
    string(out, media.encoding.as_bytes());
    out.extend_from_slice(format!(" {}", part.body.len()).as_bytes());
}

fn lines(out: &mut Vec<u8>, part: &Part) {
    out.extend_from_slice(format!(" {}", part.lines).as_bytes());
}

/// `body-ext-1part`
fn single(out: &mut Vec<u8>, media: &Media, detail: Detail) {
    if detail == Detail::Extended {
        out.push(b' ');
        nstring(out, media.md5.as_deref());
        extension(out, media);
    }
}

/// Disposition, languages, location.
fn extension(out: &mut Vec<u8>, media: &Media) {
    out.push(b' ');
    disposition(out, media.disposition.as_ref());
    out.push(b' ');
    match media.languages.as_slice() {
        [] => out.extend_from_slice(b"NIL"),
        [first, more @ ..] => {
            out.push(b'(');
            string(out, first.as_bytes());
            for language in more {
                out.push(b' ');
                string(out, language.as_bytes());
            }
            out.push(b')');
        }
    }
    out.push(b' ');
    nstring(out, media.location.as_deref());
}

fn disposition(out: &mut Vec<u8>, disposition: Option<&Disposition>) {
    let Some(d) = disposition else { return out.extend_from_slice(b"NIL") };
    out.push(b'(');
    string(out, d.kind.as_bytes());
    out.push(b' ');
    parameters(out, &d.parameters);
    out.push(b')');
}

/// `body-fld-param`
fn parameters(out: &mut Vec<u8>, parameters: &[Parameter]) {
    if parameters.is_empty() {
        return out.extend_from_slice(b"NIL");
    }
    let mut before = b'(';
    for (name, value) in parameters {
        out.push(before);
        string(out, name.as_bytes());
        out.push(b' ');
        string(out, value);
        before = b' ';
    }
    out.push(b')');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(raw: &str, detail: Detail) -> String {
        let mut out = Vec::new();
        body(&mut out, raw.as_bytes(), &Part::scan(raw.as_bytes()), detail);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn plain_text() {
        let raw = "Subject: x\r\n\r\none\r\ntwo\r\n";
        let basic = "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 10 2";
        assert_eq!(written(raw, Detail::Basic), format!("{basic})"));
        assert_eq!(written(raw, Detail::Extended), format!("{basic} NIL NIL NIL NIL)"));
    }

    #[test]
    fn a_message_inside_a_multipart() {
        let raw = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n\
                   Subject: in\r\n\r\nhello\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <i@x>\r\n\
                   Content-Disposition: attachment; filename=a.png\r\nContent-Transfer-Encoding: base64\r\n\
                   \r\nAAAA\r\n--b--\r\n";
        let envelope = "(NIL \"in\" NIL NIL NIL NIL NIL NIL NIL NIL)";
        let inner = "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 5 0)";
        let message = format!("(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 20 {envelope} {inner} 2)");
        let image = "(\"image\" \"png\" NIL \"<i@x>\" NIL \"base64\" 4)";
        assert_eq!(written(raw, Detail::Basic), format!("({message}{image} \"mixed\")"));
        let extended = written(raw, Detail::Extended);
        assert!(extended.contains("4 NIL (\"attachment\" (\"filename\" \"a.png\")) NIL NIL)"), "{extended}");
        assert!(extended.ends_with("\"mixed\" (\"boundary\" \"b\") NIL NIL NIL)"), "{extended}");
    }
}
