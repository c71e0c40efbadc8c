//! A message as the wire wants it: dots doubled, a lone dot at the end (RFC 1939 §3).

use memchr::{memchr_iter, memmem};

/// How much of a message is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// RETR.
    Whole,
    /// TOP (RFC 1939 §7): the header, the empty line, and this many lines of the body.
    Top(u64),
}

impl Extent {
    /// The part of a message that is meant.
    fn of(self, message: &[u8]) -> &[u8] {
        let Self::Top(lines) = self else { return message };
        let Some(body) = body(message) else { return message };
        let Some(last) = usize::try_from(lines).ok().and_then(|lines| lines.checked_sub(1)) else {
            return message.get(..body).unwrap_or(message);
        };
        let rest = message.get(body..).unwrap_or_default();
        let end = memchr_iter(b'\n', rest).nth(last).map(|feed| body + feed + 1);
        end.and_then(|end| message.get(..end)).unwrap_or(message)
    }
}

/// Where the body begins: behind the first empty line.
fn body(message: &[u8]) -> Option<usize> {
    if message.starts_with(b"\r\n") {
        return Some(2);
    }
    memmem::find(message, b"\r\n\r\n").map(|at| at + 4)
}

/// A message's octets as they are sent, in slices of the message itself: nothing is copied.
#[derive(Debug, Clone)]
pub struct Multiline<'a> {
    rest: &'a [u8],
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    LineStart,
    /// Behind a dot that was doubled, or behind the last octet.
    InLine,
    End,
}

impl<'a> Multiline<'a> {
    /// Sends this much of `message`, whose lines end with CRLF.
    pub fn new(message: &'a [u8], extent: Extent) -> Self {
        Self { rest: extent.of(message), place: Place::LineStart }
    }
}

impl<'a> Iterator for Multiline<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        match (self.place, self.rest) {
            (Place::End, _) => None,
            (Place::LineStart, []) => {
                self.place = Place::End;
                Some(b".\r\n")
            }
            (Place::InLine, []) => {
                self.place = Place::End;
                Some(b"\r\n.\r\n")
            }
            (Place::LineStart, [b'.', ..]) => {
                self.place = Place::InLine;
                Some(b".")
            }
            // A bare LF counts as a line's end here: a client that takes it for one must not see a lone dot behind it.
            (_, rest) => {
                let length = memmem::find(rest, b"\n.").map_or(rest.len(), |at| at + 1);
                let (slice, rest) = rest.split_at(length);
                self.rest = rest;
                self.place = if slice.ends_with(b"\n") { Place::LineStart } else { Place::InLine };
                Some(slice)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sent(message: &str, extent: Extent) -> String {
        String::from_utf8(Multiline::new(message.as_bytes(), extent).collect::<Vec<_>>().concat()).unwrap()
    }

    #[test]
    fn dots_are_doubled() {
        assert_eq!(sent("a\r\n.\r\n..b\r\nc.\r\n", Extent::Whole), "a\r\n..\r\n...b\r\nc.\r\n.\r\n");
        assert_eq!(sent(".", Extent::Whole), "..\r\n.\r\n");
        assert_eq!(sent("", Extent::Whole), ".\r\n");
        assert_eq!(sent("no end", Extent::Whole), "no end\r\n.\r\n");
    }

    #[test]
    fn the_top_is_the_header_and_some_lines() {
        let message = "A: b\r\nC: d\r\n\r\none\r\n.two\r\nthree\r\n";
        assert_eq!(sent(message, Extent::Top(0)), "A: b\r\nC: d\r\n\r\n.\r\n");
        assert_eq!(sent(message, Extent::Top(2)), "A: b\r\nC: d\r\n\r\none\r\n..two\r\n.\r\n");
        assert_eq!(sent(message, Extent::Top(u64::MAX)), sent(message, Extent::Whole));
        assert_eq!(sent("\r\none\r\ntwo\r\n", Extent::Top(1)), "\r\none\r\n.\r\n");
        assert_eq!(sent("A: no body\r\n", Extent::Top(1)), "A: no body\r\n.\r\n");
    }

    /// What a client makes of it (RFC 1939 §3).
    fn received(octets: &[u8]) -> Vec<u8> {
        let octets = octets.strip_suffix(b".\r\n").expect("ends with a lone dot");
        let lines = octets.split_inclusive(|octet| *octet == b'\n');
        lines.map(|line| line.strip_prefix(b".").unwrap_or(line)).collect::<Vec<_>>().concat()
    }

    proptest! {
        #[test]
        fn what_is_sent_is_received(lines in proptest::collection::vec("[.ab]{0,4}", 0..9)) {
            let message: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
            let octets = sent(&message, Extent::Whole);
            prop_assert_eq!(received(octets.as_bytes()), message.into_bytes());
            let end = octets.len() - 3;
            prop_assert!(!octets[..end].contains("\n.\r\n") && !octets[..end].starts_with(".\r\n"), "ends too early");
        }

        #[test]
        fn any_octets_end_once(message: Vec<u8>, top in 0u64..5) {
            let octets = Multiline::new(&message, Extent::Top(top)).collect::<Vec<_>>().concat();
            let expected = Extent::Top(top).of(&message);
            let received = received(&octets);
            prop_assert!(received == expected || received == [expected, b"\r\n"].concat());
        }
    }
}
