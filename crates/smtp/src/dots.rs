//! The end of a message and its stuffed dots (RFC 5321 §4.1.1.4, §4.5.2).
//!
//! A message ends at `CRLF . CRLF` and nowhere else. A server that also takes `LF . LF` or `CR . CR` for the end lets
//! an attacker hide a second message, with any sender, inside the first one ("SMTP smuggling"). So a bare CR or LF
//! never ends a line here: neither does a dot behind it get unstuffed, nor can it be part of the end.

use memchr::memchr3;

/// What a bare CR or LF does to the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BareNewline {
    /// The message is refused after its end.
    Reject,
    /// It becomes CRLF in the content; as for the end of the message it still counts for nothing.
    Normalize,
}

/// What makes a message unacceptable. Decoding goes on to its end, to stay in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// RFC 5321 §2.3.8: CR and LF must not be sent but together.
    #[error("bare CR or LF")]
    BareNewline,
    /// RFC 2045 §2.7, §2.8: neither 7bit nor 8bit data has NULs, and IMAP could not hand one out (RFC 3501 §9 `CHAR8`).
    #[error("NUL octet")]
    Nul,
}

/// How far a buffer was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fed {
    /// Octets taken. What follows the end of the message is left alone: it is the next command.
    pub consumed: usize,
    /// Whether the message has ended.
    pub ended: bool,
}

/// Takes dots off and finds the end, however the octets are cut into buffers.
#[derive(Debug)]
pub struct DotDecoder {
    bare: BareNewline,
    place: Place,
    fault: Option<Fault>,
}

/// Where in a line the last octet left us.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// Behind CRLF, or behind the DATA command's.
    LineStart,
    /// Behind a dot at the line's start.
    Dot,
    /// Behind that dot and a CR.
    DotCr,
    /// Inside a line.
    Text,
    /// Behind a CR inside a line.
    Cr,
}

impl DotDecoder {
    /// At the start of a message.
    pub fn new(bare: BareNewline) -> Self {
        Self { bare, place: Place::LineStart, fault: None }
    }

    /// The first thing that was wrong with the content, so far.
    pub fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Adds what `input` holds of the content to `out`.
    pub fn feed(&mut self, input: &[u8], out: &mut Vec<u8>) -> Fed {
        let mut consumed = 0;
        while let Some((&octet, _)) = input.get(consumed..).and_then(<[u8]>::split_first) {
            match (self.place, octet) {
                (Place::Text, _) => {
                    consumed += self.text(input.get(consumed..).unwrap_or_default(), out);
                    continue;
                }
                (Place::DotCr, b'\n') => return Fed { consumed: consumed + 1, ended: true },
                (Place::LineStart, b'.') => self.place = Place::Dot,
                (Place::Dot, b'\r') => self.place = Place::DotCr,
                (Place::Cr, b'\n') => {
                    out.extend_from_slice(b"\r\n");
                    self.place = Place::LineStart;
                }
                // The octet belongs to the text of the line: looked at again in there.
                (place, _) => {
                    if matches!(place, Place::Cr | Place::DotCr) {
                        self.bare_newline(out);
                    }
                    self.place = Place::Text;
                    continue;
                }
            }
            consumed += 1;
        }
        Fed { consumed, ended: false }
    }

    /// Copies lines in one go, up to the first place that needs a decision; gives back how many octets that was.
    fn text(&mut self, input: &[u8], out: &mut Vec<u8>) -> usize {
        let mut seen = 0;
        while let Some(found) = memchr3(b'\r', b'\n', 0, input.get(seen..).unwrap_or_default()) {
            let here = seen + found;
            let (before, after) = input.split_at(here);
            match after {
                [b'\r', b'\n', b'.', ..] | [b'\r', b'\n'] => {
                    out.extend_from_slice(before);
                    out.extend_from_slice(b"\r\n");
                    self.place = Place::LineStart;
                    return here + 2;
                }
                [b'\r', b'\n', ..] => seen = here + 2,
                [b'\r', ..] => {
                    out.extend_from_slice(before);
                    self.place = Place::Cr;
                    return here + 1;
                }
                [b'\n', ..] => {
                    out.extend_from_slice(before);
                    self.bare_newline(out);
                    return here + 1;
                }
                _ => {
                    self.fault = self.fault.or(Some(Fault::Nul));
                    seen = here + 1;
                }
            }
        }
        out.extend_from_slice(input);
        input.len()
    }

    fn bare_newline(&mut self, out: &mut Vec<u8>) {
        match self.bare {
            BareNewline::Reject => self.fault = self.fault.or(Some(Fault::BareNewline)),
            BareNewline::Normalize => out.extend_from_slice(b"\r\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Feeds the cuts one after the other: content, fault, and what is left behind the end.
    fn decode(bare: BareNewline, cuts: &[&[u8]]) -> (Vec<u8>, Option<Fault>, Option<Vec<u8>>) {
        let mut decoder = DotDecoder::new(bare);
        let mut out = Vec::new();
        for (index, cut) in cuts.iter().enumerate() {
            let fed = decoder.feed(cut, &mut out);
            if fed.ended {
                let mut rest = cut[fed.consumed..].to_vec();
                rest.extend(cuts[index + 1..].concat());
                return (out, decoder.fault(), Some(rest));
            }
            assert_eq!(fed.consumed, cut.len());
        }
        (out, decoder.fault(), None)
    }

    fn whole(bare: BareNewline, input: &str) -> (String, Option<Fault>, Option<String>) {
        let (out, fault, rest) = decode(bare, &[input.as_bytes()]);
        let text = |octets| String::from_utf8(octets).expect("text");
        (text(out), fault, rest.map(text))
    }

    #[test]
    fn dots_are_taken_off_at_line_starts_only() {
        let (content, fault, rest) = whole(BareNewline::Reject, "..a\r\n.b\r\nc.d\r\n...\r\n.\r\nQUIT\r\n");
        assert_eq!((content.as_str(), fault), (".a\r\nb\r\nc.d\r\n..\r\n", None));
        assert_eq!(rest.as_deref(), Some("QUIT\r\n"));
        assert_eq!(whole(BareNewline::Reject, ".\r\n"), (String::new(), None, Some(String::new())));
    }

    /// Every known way to pretend an end; none of them may be one.
    #[test]
    fn nothing_but_crlf_dot_crlf_ends_a_message() {
        for lie in [
            "\n.\n",
            "\n.\r\n",
            "\r.\r",
            "\r.\r\n",
            "\r\n.\n",
            "\r\n.\r",
            "\n.\r",
            "\r.\n",
            "\r\n\0.\r\n",
            "\r\r\n.\n",
            "\r\n.\r\r\n",
        ] {
            let input = format!("a{lie}MAIL FROM:<evil@example.org>\r\n.\r\nRSET");
            let (content, fault, rest) = whole(BareNewline::Reject, &input);
            assert_eq!(rest.as_deref(), Some("RSET"), "{lie:?}");
            assert!(fault.is_some(), "{lie:?}");
            assert!(content.contains("MAIL FROM"), "{lie:?}");
            let (content, _, rest) = whole(BareNewline::Normalize, &input);
            assert_eq!(rest.as_deref(), Some("RSET"), "{lie:?}");
            assert!(!content.replace("\r\n", "").contains(['\r', '\n']), "{lie:?} {content:?}");
        }
    }

    #[test]
    fn bare_newlines_become_crlf_where_asked() {
        let (content, fault, _) = whole(BareNewline::Normalize, "a\nb\rc\r\r\nd\n.e\r\n.\r\n");
        assert_eq!((content.as_str(), fault), ("a\r\nb\r\nc\r\n\r\nd\r\n.e\r\n", None));
    }

    /// RFC 5321 §4.5.2 told as simply as can be: cut at the end, then look at each line.
    fn reference(input: &[u8]) -> Option<(Vec<u8>, usize)> {
        let framed = [b"\r\n", input].concat();
        let end = framed.windows(5).position(|w| w == b"\r\n.\r\n")?;
        let mut content = Vec::new();
        let mut at = 0;
        while at < end {
            if framed[at..].starts_with(b"\r\n.") {
                content.extend_from_slice(b"\r\n");
                at += 3;
            } else {
                content.push(framed[at]);
                at += 1;
            }
        }
        content.extend_from_slice(b"\r\n");
        Some((content[2..].to_vec(), end + 3))
    }

    proptest! {
        /// Where the octets are cut changes nothing, and the end is where the simple search finds it.
        #[test]
        fn cuts_do_not_matter(parts in prop::collection::vec("(\r\n|\r|\n|\\.|a|\0|\r\n\\.\r\n){0,4}", 0..12)) {
            let input = parts.concat().into_bytes();
            let cuts: Vec<_> = parts.iter().map(String::as_bytes).collect();
            for bare in [BareNewline::Reject, BareNewline::Normalize] {
                prop_assert_eq!(decode(bare, &cuts), decode(bare, &[&input]));
            }
            let (content, fault, rest) = decode(BareNewline::Reject, &cuts);
            let expected = reference(&input);
            prop_assert_eq!(rest.map(|rest| input.len() - rest.len()), expected.as_ref().map(|(_, used)| *used));
            if let (Some((expected, _)), None) = (expected, fault) {
                prop_assert_eq!(content, expected);
            }
        }
    }
}
