//! Reads replies line by line, as a client must (RFC 5321 §4.2, §4.2.1).

use crate::{Class, Reply, Status};

/// More lines than any reply needs; EHLO lists of 20 to 30 are the longest in the wild.
const MAX_LINES: usize = 128;
/// Octets of text kept of one reply.
const MAX_TEXT: usize = 16 * 1024;

/// Why a line is not part of a reply. After any of these the connection is out of step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// No three digits, or not 2xx to 5xx.
    #[error("the line does not begin with a reply code")]
    NoCode,
    /// Something other than space, hyphen or line end behind the code.
    #[error("neither space nor hyphen follows the reply code")]
    NoSeparator,
    /// RFC 5321 §4.2.1: the code is the same on every line.
    #[error("the reply code changes from line to line")]
    CodeChanged,
    /// More than 128 lines or 16 KiB.
    #[error("the reply does not end")]
    TooLong,
}

/// Collects the lines of one reply.
#[derive(Debug, Default)]
pub struct ReplyReader {
    partial: Option<Partial>,
}

/// The lines so far.
#[derive(Debug)]
struct Partial {
    code: u16,
    status: Option<Status>,
    text: String,
    lines: usize,
}

impl ReplyReader {
    /// Takes one line without its CRLF: the reply, when this was its last line. Octets that are not UTF-8 become
    /// U+FFFD: old servers answer in Latin-1.
    pub fn line(&mut self, line: &[u8]) -> Result<Option<Reply>, ReplyError> {
        let (code, last, text) = split(line)?;
        let text = String::from_utf8_lossy(text);
        let mut partial = match self.partial.take() {
            Some(partial) if partial.code != code => return Err(ReplyError::CodeChanged),
            Some(partial) => partial,
            None => Partial::new(code, &text),
        };
        partial.push(&text)?;
        if last {
            return Ok(Some(Reply::received(code, partial.status.map(|s| s.detail), partial.text)));
        }
        self.partial = Some(partial);
        Ok(None)
    }
}

impl Partial {
    fn new(code: u16, text: &str) -> Self {
        // RFC 2034 §4: the class is that of the code. A status that contradicts it is mere text.
        let status = Status::take(text).map(|(status, _)| status).filter(|s| Class::of(code) == Some(s.class));
        Self { code, status, text: String::new(), lines: 0 }
    }

    fn push(&mut self, text: &str) -> Result<(), ReplyError> {
        let words = match Status::take(text) {
            Some((status, words)) if Some(status) == self.status => words,
            _ => text,
        };
        if self.lines == MAX_LINES || self.text.len() + words.len() > MAX_TEXT {
            return Err(ReplyError::TooLong);
        }
        if self.lines > 0 {
            self.text.push('\n');
        }
        self.text.extend(words.chars().map(|c| if c.is_control() { '?' } else { c }));
        self.lines += 1;
        Ok(())
    }
}

/// `Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF`: the code, whether this is
/// the last line, and the text.
fn split(line: &[u8]) -> Result<(u16, bool, &[u8]), ReplyError> {
    let (digits, rest) = line.split_at_checked(3).ok_or(ReplyError::NoCode)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(ReplyError::NoCode);
    }
    let code = digits.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    Class::of(code).ok_or(ReplyError::NoCode)?;
    match rest.split_first() {
        None => Ok((code, true, rest)),
        Some((b' ', text)) => Ok((code, true, text)),
        Some((b'-', text)) => Ok((code, false, text)),
        Some(_) => Err(ReplyError::NoSeparator),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(lines: &[&str]) -> Result<Option<Reply>, ReplyError> {
        let mut reader = ReplyReader::default();
        let mut reply = None;
        for line in lines {
            assert_eq!(reply, None, "more lines behind the last one");
            reply = reader.line(line.as_bytes())?;
        }
        Ok(reply)
    }

    #[test]
    fn many_lines_are_one_reply() {
        let reply = read(&["550-5.7.1 go", "550-5.7.1 away", "550 5.7.1 please"]).expect("a reply").expect("complete");
        assert_eq!((reply.code(), reply.text()), (550, "go\naway\nplease"));
        assert_eq!(reply.status().expect("a status").to_string(), "5.7.1");
        assert_eq!(read(&["250-a", "250-b"]), Ok(None));
    }

    #[test]
    fn a_status_that_contradicts_the_code_is_text() {
        let reply = read(&["334 5.7.8 no"]).expect("a reply").expect("complete");
        assert_eq!((reply.status(), reply.text()), (None, "5.7.8 no"));
    }

    #[test]
    fn what_is_no_reply_says_why() {
        assert_eq!(read(&[""]), Err(ReplyError::NoCode));
        assert_eq!(read(&["abc def"]), Err(ReplyError::NoCode));
        assert_eq!(read(&["199 x"]), Err(ReplyError::NoCode));
        assert_eq!(read(&["250x"]), Err(ReplyError::NoSeparator));
        assert_eq!(read(&["250-a", "550 b"]), Err(ReplyError::CodeChanged));
        assert_eq!(read(&["250-a"; 200]), Err(ReplyError::TooLong));
        assert_eq!(read(&["250"]).map(|r| r.map(|r| r.code())), Ok(Some(250)));
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(code in 200u16..600, detail in prop::option::of((0u16..1000, 0u16..1000)), text in "[ -~ü]{0,40}(\n[ -~]{0,40}){0,5}") {
            // A line that looks like a status itself would be read as one.
            prop_assume!(text.split('\n').all(|line| Status::take(line).is_none()));
            let detail = detail.filter(|_| !(300..400).contains(&code));
            let reply = Reply::received(code, detail.map(|(subject, detail)| crate::Detail { subject, detail }), text);
            let mut wire = Vec::new();
            reply.encode(&mut wire);
            let wire = String::from_utf8(wire).expect("UTF-8");
            let lines: Vec<_> = wire.strip_suffix("\r\n").expect("ends with CRLF").split("\r\n").collect();
            prop_assert_eq!(read(&lines), Ok(Some(reply)));
        }

        #[test]
        fn nothing_panics(lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..5)) {
            let mut reader = ReplyReader::default();
            for line in lines {
                let _ = reader.line(&line);
            }
        }
    }
}
