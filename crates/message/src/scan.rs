//! The one pass over a message that finds its parts. Only lines that begin with `--` are compared with anything, so that
//! it runs as fast as `memchr` finds line ends.

use crate::header::{chomp, is_blank, line_end};
use crate::media::Media;
use crate::structure::{Content, Part};

/// Parts inside parts; deeper ones are left whole. Bounds the stack.
pub const MAX_DEPTH: usize = 50;
/// Parts of one message; bounds memory.
pub const MAX_PARTS: usize = 1000;
/// RFC 2046 §5.1.1 says 70; some mail goes over.
const MAX_BOUNDARY: usize = 255;

/// Why a part ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The text is over.
    Text,
    /// A delimiter of the multipart at this place of the stack, `--boundary`.
    Next(usize),
    /// Its last one, `--boundary--`.
    Close(usize),
}

struct Scanner<'a> {
    raw: &'a [u8],
    /// Start of the next line.
    at: usize,
    /// Line ends before `at`.
    lines: usize,
    /// Boundaries of the multiparts that are open, outermost first.
    open: Vec<Vec<u8>>,
    /// Parts that may still be made.
    budget: usize,
}

/// A stretch of lines, up to a delimiter.
struct Body {
    end: usize,
    lines: usize,
    why: End,
}

/// Scans a message.
pub(crate) fn message(raw: &[u8]) -> Part {
    let mut scanner = Scanner { raw, at: 0, lines: 0, open: Vec::new(), budget: MAX_PARTS };
    scanner.part(&Media::plain_text(), 0).0
}

impl<'a> Scanner<'a> {
    /// One part, from the first line of its header; `default` is its type if it names none.
    fn part(&mut self, default: &Media, depth: usize) -> (Part, End) {
        self.budget = self.budget.saturating_sub(1);
        let start = self.at;
        let ended = self.header();
        let body_start = ended.as_ref().map_or(self.at, |body| body.end);
        let header = start..body_start;
        let mut media = Media::of_header(self.raw.get(header.clone()).unwrap_or_default(), default);
        let first_line = self.lines;
        let (content, body) = match ended {
            Some(body) => (Content::Leaf, body),
            None => self.content(&mut media, depth),
        };
        // A delimiter right behind the header takes the empty line's end as its own.
        let end = body.end.max(body_start);
        let lines = body.lines.saturating_sub(first_line);
        (Part { header, body: body_start..end, lines, media, content }, body.why)
    }

    /// Passes the header and its empty line. A delimiter may stand in it: then the part has no body, and this is its end.
    fn header(&mut self) -> Option<Body> {
        while self.at < self.raw.len() {
            let (start, lines) = (self.at, self.lines);
            let line = self.line();
            if is_blank(line) {
                return None;
            }
            if let Some(why) = self.delimiter(line) {
                return Some(Body { end: start, lines, why });
            }
        }
        Some(Body { end: self.at, lines: self.lines, why: End::Text })
    }

    fn content(&mut self, media: &mut Media, depth: usize) -> (Content, Body) {
        let multipart = media.kind == "multipart";
        let message = media.is("message", "rfc822") || media.is("message", "global");
        let plain = matches!(media.encoding.as_str(), "7bit" | "8bit" | "binary");
        if (multipart || message) && (depth >= MAX_DEPTH || self.budget == 0) {
            media.become_octets();
        } else if multipart {
            return self.multipart(media, depth);
        } else if message && plain {
            // RFC 2046 §5.2.1: only an unencoded message can be looked into.
            let (inner, why) = self.part(&Media::plain_text(), depth + 1);
            let body = Body { end: inner.body.end, lines: self.lines_before(&inner), why };
            return (Content::Message(Box::new(inner)), body);
        }
        (Content::Leaf, self.skip())
    }

    /// Line ends before the end of a part that was just scanned.
    fn lines_before(&self, inner: &Part) -> usize {
        let behind = self.raw.get(inner.body.end..self.at).unwrap_or_default();
        self.lines - memchr::memchr_iter(b'\n', behind).count()
    }

    fn multipart(&mut self, media: &mut Media, depth: usize) -> (Content, Body) {
        let boundary = media.parameter("boundary").unwrap_or_default().trim_ascii_end().to_vec();
        if boundary.is_empty() || boundary.len() > MAX_BOUNDARY {
            media.become_plain_text();
            return (Content::Leaf, self.skip());
        }
        let mine = self.open.len();
        self.open.push(boundary);
        let mut body = self.skip();
        let default = if media.subtype == "digest" { digest() } else { Media::plain_text() };
        let mut parts = Vec::new();
        while body.why == End::Next(mine) {
            if self.budget == 0 {
                body = self.skip();
                continue;
            }
            let (part, why) = self.part(&default, depth + 1);
            body = Body { end: part.body.end, lines: self.lines_before(&part), why };
            parts.push(part);
        }
        self.open.truncate(mine);
        if body.why == End::Close(mine) {
            body = self.skip();
        }
        if parts.is_empty() {
            media.become_plain_text();
            return (Content::Leaf, body);
        }
        (Content::Multipart(parts), body)
    }

    /// Passes lines up to a delimiter of any open multipart: an outer one ends the inner ones (RFC 2046 §5.1.2).
    fn skip(&mut self) -> Body {
        while self.at < self.raw.len() {
            let (start, lines) = (self.at, self.lines);
            let line = self.line();
            if let Some(why) = self.delimiter(line) {
                let before = self.raw.get(..start).unwrap_or_default();
                let end = chomp(before).len();
                return Body { end, lines: lines - usize::from(end < start), why };
            }
        }
        Body { end: self.at, lines: self.lines, why: End::Text }
    }

    /// The next line with its end; the place moves behind it.
    fn line(&mut self) -> &'a [u8] {
        let start = self.at;
        self.at = line_end(self.raw, start);
        let line = self.raw.get(start..self.at).unwrap_or_default();
        self.lines += usize::from(line.ends_with(b"\n"));
        line
    }

    /// Whether a line is a delimiter. It is enough that it begins with one (RFC 2046 §5.1.1); of several, the longest
    /// counts, so that `--ab` does not end the part before `--abc`; of equal ones, the innermost.
    fn delimiter(&self, line: &[u8]) -> Option<End> {
        let text = line.strip_prefix(b"--")?;
        let fitting = self.open.iter().enumerate().filter(|(_, boundary)| text.starts_with(boundary));
        let (place, boundary) = fitting.max_by_key(|(_, boundary)| boundary.len())?;
        let closes = text.get(boundary.len()..).is_some_and(|rest| rest.starts_with(b"--"));
        Some(if closes { End::Close(place) } else { End::Next(place) })
    }
}

/// RFC 2046 §5.1.5.
fn digest() -> Media {
    let mut media = Media::plain_text();
    "message".clone_into(&mut media.kind);
    "rfc822".clone_into(&mut media.subtype);
    media.parameters.clear();
    media
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `number type body` of each part, depth first; a message's own line comes before what is in it.
    fn outline(raw: &str) -> Vec<String> {
        fn walk(raw: &str, part: &Part, number: &str, into: &mut Vec<String>) {
            let body = raw.get(part.body.clone()).expect("a body in bounds");
            into.push(format!("{number} {}/{} {} {body:?}", part.media.kind, part.media.subtype, part.lines));
            match &part.content {
                Content::Leaf => {}
                Content::Message(inner) => walk(raw, inner, &format!("{number}M"), into),
                Content::Multipart(parts) => {
                    parts.iter().zip(1..).for_each(|(part, n)| walk(raw, part, &format!("{number}.{n}"), into));
                }
            }
        }
        let mut lines = Vec::new();
        walk(raw, &message(raw.as_bytes()), "", &mut lines);
        lines
    }

    #[test]
    fn a_plain_message_is_one_part() {
        assert_eq!(outline("A: b\r\n\r\none\r\ntwo\r\n"), [r#" text/plain 2 "one\r\ntwo\r\n""#]);
        assert_eq!(outline("A: b\r\n"), [r#" text/plain 0 """#]);
        assert_eq!(outline(""), [r#" text/plain 0 """#]);
    }

    #[test]
    fn line_ends_before_a_delimiter_belong_to_it() {
        let raw = "Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n\n--b  \nContent-Type: text/html\n\n--b\n\
                   Content-Type: text/css\n--b--\nepilogue\n";
        let found = outline(raw);
        assert_eq!(found[1..], [r#".1 text/plain 1 "one\n""#, r#".2 text/html 0 """#, r#".3 text/css 0 """#]);
        assert!(found[0].starts_with(" multipart/mixed 12 "), "{}", found[0]);
    }

    #[test]
    fn an_outer_delimiter_ends_what_was_not_closed() {
        let raw = "Content-Type: multipart/mixed; boundary=out\n\n--out\nContent-Type: multipart/alternative; \
                   boundary=outer\n\n--outer\n\nin\n--out\n\nout\n--out--\n";
        let found = outline(raw);
        assert_eq!(found[2..], [r#".1.1 text/plain 0 "in""#, r#".2 text/plain 0 "out""#]);
    }

    #[test]
    fn messages_inside_are_looked_into_unless_encoded() {
        let raw = "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\nhello\n\n--b\n\
                   Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--\n";
        let found = outline(raw);
        let expected = [
            r#".1 message/rfc822 3 "Subject: x\n\nhello\n""#,
            r#".1M text/plain 1 "hello\n""#,
            r#".2 message/rfc822 0 "AAAA""#,
        ];
        assert_eq!(found[1..], expected);
    }

    #[test]
    fn what_has_no_parts_is_shown_as_text() {
        for raw in [
            "Content-Type: multipart/mixed\n\nx",
            "Content-Type: multipart/mixed; boundary=\"\"\n\nx",
            "Content-Type: multipart/mixed; boundary=b\n\nx",
            "Content-Type: multipart/mixed; boundary=b\n\n--b--\nx",
        ] {
            let found = outline(raw);
            assert!(found.len() == 1 && found[0].starts_with(" text/plain"), "{found:?}");
        }
    }

    #[test]
    fn the_same_boundary_twice_ends_the_inner_multipart_first() {
        let raw = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n\
                   --b\n\nin\n--b--\n--b\n\nout\n--b--\n";
        let found = outline(raw);
        assert_eq!(found[2..], [r#".1.1 text/plain 0 "in""#, r#".2 text/plain 0 "out""#]);
    }

    #[test]
    fn depth_and_number_of_parts_are_bounded() {
        let nested: String =
            (0..80).map(|n| format!("Content-Type: multipart/mixed; boundary=x{n}x\n\n--x{n}x\n")).collect();
        let found = outline(&nested);
        assert_eq!(found.len(), MAX_DEPTH + 1);
        assert!(found[MAX_DEPTH].contains("application/octet-stream"));
        let wide = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(MAX_PARTS + 50));
        assert_eq!(outline(&wide).len(), MAX_PARTS);
    }

    #[test]
    fn sections_are_numbered_as_imap_does() {
        let raw = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\nContent-Type: message/rfc822\n\n\
                   Subject: in\n\ntwo\n--b--\n";
        let root = message(raw.as_bytes());
        let body = |path: &[u32]| root.find(path).map(|part| &raw[part.body.clone()]);
        assert_eq!((body(&[1]), body(&[2, 1]), body(&[3])), (Some("one"), Some("two"), None));
        assert_eq!((body(&[1, 1]), body(&[0]), body(&[2, 2])), (None, None, None));
        let inner = root.find(&[2]).and_then(Part::message).expect("a message");
        assert_eq!(&raw[inner.header.clone()], "Subject: in\n\n");
        let plain = message(b"A: b\n\nc");
        assert_eq!((plain.find(&[1]), plain.find(&[2])), (Some(&plain), None));
    }

    /// Parts lie inside their parents, in order, and lines are counted right.
    fn check(raw: &[u8], part: &Part) -> Result<(), TestCaseError> {
        prop_assert_eq!(part.header.end, part.body.start);
        let body = raw.get(part.body.clone()).expect("a body in bounds");
        prop_assert_eq!(part.lines, memchr::memchr_iter(b'\n', body).count());
        let inside: &[Part] = match &part.content {
            Content::Leaf => &[],
            Content::Message(inner) => std::slice::from_ref(inner),
            Content::Multipart(parts) => parts,
        };
        let mut before = part.body.start;
        for inner in inside {
            prop_assert!(inner.header.start >= before && inner.body.end <= part.body.end);
            before = inner.body.end;
            check(raw, inner)?;
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn any_text_has_a_sound_structure(pieces in prop::collection::vec(prop::sample::select(vec![
            "--a", "--ab", "--a--", "--ab--", "\n", "\r\n", "\n\n", "x", "Content-Type: multipart/mixed; boundary=a\n",
            "Content-Type: multipart/digest; boundary=ab\r\n\r\n", "Content-Type: message/rfc822\n\n", "\r", ":", " ",
        ]), 0..40)) {
            let raw = pieces.concat();
            check(raw.as_bytes(), &message(raw.as_bytes()))?;
        }
    }
}
