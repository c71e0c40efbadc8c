//! What a server said to one command, whatever its protocol.

/// What it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// `2xx`, `+OK`, `OK`.
    Done,
    /// `3xx`, `+`: it waits for more.
    Continue,
    /// `4xx`, `[SYS/TEMP]`, `[UNAVAILABLE]`: it could not tell.
    Temporary,
    /// `5xx`, `-ERR`, `NO`, `BAD`.
    Refused,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it comes to.
    pub verdict: Verdict,
    /// SMTP's code.
    pub code: Option<u16>,
    /// Whether it has an enhanced status code (RFC 2034).
    pub enhanced: bool,
    /// Its words, without code, tag or sign; of an answer of many lines, all of them. As octets came: not for a terminal.
    pub lines: Vec<String>,
    /// Its last line as it came, marked `S: `, masked and made visible: evidence.
    pub shown: String,
}

impl Answer {
    /// Nothing that was said yet.
    pub(crate) fn none() -> Self {
        Self { verdict: Verdict::Continue, code: None, enhanced: false, lines: Vec::new(), shown: String::new() }
    }

    /// The words of its last line.
    pub fn text(&self) -> &str {
        self.lines.last().map_or("", String::as_str)
    }

    /// Whether it is done.
    pub fn is_done(&self) -> bool {
        self.verdict == Verdict::Done
    }

    /// Whether it has this code of SMTP.
    pub fn has_code(&self, code: u16) -> bool {
        self.code == Some(code)
    }
}

/// Words of IMAP and POP3 (RFC 5530, RFC 3206) that make a refusal a temporary one.
const TEMPORARY: [&str; 5] = ["[UNAVAILABLE]", "[SYS/TEMP]", "[IN-USE]", "[INUSE]", "[LOGIN-DELAY]"];

/// What a refusal of IMAP or POP3 comes to.
pub(super) fn refusal(text: &str) -> Verdict {
    let upper = text.to_ascii_uppercase();
    if TEMPORARY.iter().any(|code| upper.contains(code)) { Verdict::Temporary } else { Verdict::Refused }
}
