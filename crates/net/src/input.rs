//! Octets that have come and wait to be taken, and the search for the end of a line among them.

use memchr::memchr;

use crate::LineEnd;

/// Received octets. Lines are found first and parsed later, so that a line that is too long never gets the reader out
/// of step.
#[derive(Debug, Default)]
pub(crate) struct Input {
    octets: Vec<u8>,
    /// Everything before has been taken.
    start: usize,
    /// Up to here no line end was found (never before `start`).
    scanned: usize,
    /// The rest of a line that was too long is being thrown away.
    skipping: bool,
}

/// What [`Input::take_line`] found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// A whole line.
    Line,
    /// A line over the limit; it is gone, to its end.
    TooLong,
    /// No line end yet.
    Incomplete,
}

impl Input {
    /// What is not yet taken.
    pub(crate) fn unread(&self) -> &[u8] {
        self.octets.get(self.start..).unwrap_or_default()
    }

    /// Adds what came.
    pub(crate) fn append(&mut self, octets: &[u8]) {
        if self.start > 0 {
            self.octets.drain(..self.start);
            self.scanned -= self.start;
            self.start = 0;
        }
        self.octets.extend_from_slice(octets);
    }

    /// Takes `n` octets (all that are there, if there are fewer).
    pub(crate) fn consume(&mut self, n: usize) {
        self.start = self.octets.len().min(self.start.saturating_add(n));
        self.scanned = self.scanned.max(self.start);
        if self.start == self.octets.len() {
            self.discard();
        }
    }

    /// Throws away what was not taken.
    pub(crate) fn discard(&mut self) {
        self.octets.clear();
        self.start = 0;
        self.scanned = 0;
    }

    /// Gives the memory back if nothing is in it: an idle session holds no buffer.
    pub(crate) fn release(&mut self) {
        if self.octets.is_empty() {
            self.octets = Vec::new();
        }
    }

    /// Appends the next line, without its end, to `line`.
    pub(crate) fn take_line(&mut self, line: &mut Vec<u8>, end: LineEnd, limit: usize) -> Taken {
        let Some(length) = self.find_end(end) else {
            return self.incomplete(limit);
        };
        let content = content(self.unread().get(..length).unwrap_or_default());
        let fits = content.len() <= limit && !self.skipping;
        if fits {
            line.extend_from_slice(content);
        }
        self.skipping = false;
        self.consume(length);
        if fits { Taken::Line } else { Taken::TooLong }
    }

    /// Length of the first line with its end.
    fn find_end(&mut self, end: LineEnd) -> Option<usize> {
        while let Some(offset) = memchr(b'\n', self.octets.get(self.scanned..)?) {
            let feed = self.scanned + offset;
            self.scanned = feed + 1;
            // RFC 5321 §2.3.8: in SMTP nothing but CRLF ends a line; see `LineEnd::Crlf`.
            if end == LineEnd::Lf || (feed > self.start && self.octets.get(feed - 1) == Some(&b'\r')) {
                return Some(feed + 1 - self.start);
            }
        }
        self.scanned = self.octets.len();
        None
    }

    /// Past the limit nothing is kept but the last octet: it may be the CR of the line's end.
    fn incomplete(&mut self, limit: usize) -> Taken {
        let length = self.unread().len();
        self.skipping |= length > limit.saturating_add(1);
        if self.skipping {
            self.start += length.saturating_sub(1);
        }
        Taken::Incomplete
    }
}

/// A line without its LF, or CR and LF.
fn content(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Feeds `octets` in pieces and collects the lines (`None` for one that was too long).
    fn lines(pieces: &[Vec<u8>], end: LineEnd, limit: usize) -> (Vec<Option<Vec<u8>>>, Vec<u8>) {
        let (mut input, mut found) = (Input::default(), Vec::new());
        for piece in pieces {
            input.append(piece);
            loop {
                let mut line = Vec::new();
                match input.take_line(&mut line, end, limit) {
                    Taken::Line => found.push(Some(line)),
                    Taken::TooLong => found.push(None),
                    Taken::Incomplete => break,
                }
            }
        }
        (found, input.unread().to_vec())
    }

    #[test]
    fn a_bare_line_feed_or_return_never_ends_an_smtp_line() {
        let (found, rest) = lines(&[b"a\nb\rc\r\r\n.\n\r\nrest".to_vec()], LineEnd::Crlf, 100);
        assert_eq!(found, [Some(b"a\nb\rc\r".to_vec()), Some(b".\n".to_vec())]);
        assert_eq!(rest, b"rest");
    }

    #[test]
    fn a_bare_line_feed_ends_a_lenient_line() {
        let (found, rest) = lines(&[b"a\nb\r\n\n".to_vec()], LineEnd::Lf, 100);
        assert_eq!(found, [Some(b"a".to_vec()), Some(b"b".to_vec()), Some(vec![])]);
        assert_eq!(rest, b"");
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped_to_its_end_wherever_it_is_cut() {
        let octets = b"0123456789\nabc\r\nNOOP\r\n";
        for cut in 0..octets.len() {
            let (head, tail) = octets.split_at(cut);
            let (found, _) = lines(&[head.to_vec(), tail.to_vec()], LineEnd::Crlf, 6);
            assert_eq!(found, [None, Some(b"NOOP".to_vec())], "cut at {cut}");
        }
    }

    #[test]
    fn a_line_as_long_as_the_limit_is_taken() {
        let (found, _) = lines(&[b"012345\r".to_vec(), b"\n0123456\r\n".to_vec()], LineEnd::Crlf, 6);
        assert_eq!(found, [Some(b"012345".to_vec()), None]);
    }

    #[test]
    fn an_endless_line_takes_no_memory() {
        let mut input = Input::default();
        for _ in 0..1000 {
            input.append(&[b'x'; 1000]);
            assert_eq!(input.take_line(&mut Vec::new(), LineEnd::Crlf, 500), Taken::Incomplete);
            assert!(input.octets.len() <= 1001);
        }
    }

    proptest! {
        /// How the octets are cut into packets never matters.
        #[test]
        fn pieces_give_the_same_lines(
            pieces in proptest::collection::vec(proptest::collection::vec(proptest::sample::select(&b"\r\nab"[..]), 0..9), 0..12),
            crlf: bool, limit in 0usize..12,
        ) {
            let end = if crlf { LineEnd::Crlf } else { LineEnd::Lf };
            let whole = lines(&[pieces.concat()], end, limit).0;
            prop_assert_eq!(lines(&pieces, end, limit).0, whole);
        }
    }
}
