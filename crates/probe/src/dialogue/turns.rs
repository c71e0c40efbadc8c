//! Whose turn it is: whether the server owes an answer, and what the client's next line is. No I/O, and no grammar beyond
//! what tells where an answer ends.

use crate::target::{Family, Protocol};

/// Commands of POP3 whose `+OK` is followed by lines up to a dot (RFC 1939, RFC 2449).
const LISTS: [&str; 2] = ["CAPA", "RETR"];

/// The same, but only without an argument (`TOP` always has one, and is told apart below).
const LISTS_ALONE: [&str; 3] = ["LIST", "UIDL", "AUTH"];

/// Follows a session line by line.
#[derive(Debug)]
pub(crate) struct Turns {
    protocol: Protocol,
    state: State,
    /// IMAP: the tag of the command under way.
    tag: Vec<u8>,
    /// The command under way, in upper case.
    verb: String,
    /// IMAP: octets of a literal for which the server's go-ahead is awaited.
    literal: Option<u64>,
    /// IMAP: octets of a literal of the server's that are still to come.
    skip: u64,
    /// LMTP: recipients that were taken; each gets a reply of its own (RFC 2033 §4.2).
    recipients: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The greeting is awaited.
    Greeting,
    /// The client may say a command.
    Free,
    /// So many replies of SMTP are owed.
    Replies(usize),
    /// A status line of POP3 is owed; whether lines follow it.
    Status(bool),
    /// Lines of POP3, up to a dot.
    UpToDot,
    /// IMAP's tagged line is owed.
    Tagged,
    /// The server waits for a response: 334, `+`.
    Response,
    /// Lines of a message, up to a dot.
    Message,
    /// Octets of the client's: a literal, a chunk of BDAT.
    Counted(u64),
}

/// What a line of the server's is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// A status with words for people behind it, or IMAP's untagged data.
    Status,
    /// A line of the reply to EHLO.
    Offer,
    /// A line of a list or a message.
    Data,
}

impl Turns {
    /// A session that begins with the server's greeting.
    pub(crate) fn new(protocol: Protocol) -> Self {
        let (tag, verb) = (Vec::new(), String::new());
        Self { protocol, state: State::Greeting, tag, verb, literal: None, skip: 0, recipients: 0 }
    }

    /// Whether the server owes an answer.
    pub(crate) fn is_waiting(&self) -> bool {
        use State::{Greeting, Replies, Status, Tagged, UpToDot};
        matches!(self.state, Greeting | Replies(_) | Status(_) | UpToDot | Tagged)
    }

    /// What the server's next line is.
    pub(crate) fn next(&self) -> Next {
        match (self.state, self.protocol.family()) {
            (State::UpToDot, _) => Next::Data,
            (_, Family::Imap) if self.skip > 0 => Next::Data,
            (_, Family::Smtp) if self.verb == "EHLO" || self.verb == "LHLO" => Next::Offer,
            _ => Next::Status,
        }
    }

    /// Whether a command may be said now.
    pub(crate) fn is_free(&self) -> bool {
        self.state == State::Free
    }

    /// Whether the client's next line is part of a message, and no command.
    pub(crate) fn is_message(&self) -> bool {
        let counted = matches!(self.state, State::Counted(_)) && self.verb != "LOGIN" && self.verb != "AUTHENTICATE";
        self.state == State::Message || counted
    }

    /// The command under way or last said, in upper case.
    pub(crate) fn verb(&self) -> &str {
        &self.verb
    }

    /// A message was sent to its end otherwise than by lines.
    pub(crate) fn message_sent(&mut self) {
        self.state = self.after_message();
    }

    /// The client says a line.
    pub(crate) fn client(&mut self, line: &[u8]) {
        self.state = match (self.state, self.protocol.family()) {
            (State::Message, _) if line == b"." => self.after_message(),
            (State::Message, _) => State::Message,
            (State::Counted(left), family) => self.counted(left, line, family),
            (State::Response, Family::Smtp) => State::Replies(1),
            (State::Response, Family::Pop3) => State::Status(false),
            (State::Response, Family::Imap) => State::Tagged,
            (_, Family::Smtp) => self.smtp_command(line),
            (_, Family::Pop3) => self.pop3_command(line),
            (_, Family::Imap) => self.imap_command(line),
        };
    }

    fn after_message(&self) -> State {
        let replies = if self.protocol == Protocol::Lmtp { self.recipients.max(1) } else { 1 };
        State::Replies(replies)
    }

    fn smtp_command(&mut self, line: &[u8]) -> State {
        let owed = if let State::Replies(owed) = self.state { owed } else { 0 };
        let text = String::from_utf8_lossy(line);
        let mut words = text.split_ascii_whitespace();
        self.verb = words.next().unwrap_or_default().to_ascii_uppercase();
        match self.verb.as_str() {
            // RFC 3030 §2.
            "BDAT" => match words.next().and_then(|size| size.parse().ok()).unwrap_or(0) {
                0 => State::Replies(owed + 1),
                size => State::Counted(size),
            },
            "MAIL" | "RSET" | "HELO" | "EHLO" | "LHLO" => {
                self.recipients = 0;
                State::Replies(owed + 1)
            }
            _ => State::Replies(owed + 1),
        }
    }

    fn pop3_command(&mut self, line: &[u8]) -> State {
        let text = String::from_utf8_lossy(line);
        let mut words = text.split_ascii_whitespace();
        self.verb = words.next().unwrap_or_default().to_ascii_uppercase();
        let (verb, alone) = (self.verb.as_str(), words.next().is_none());
        State::Status(verb == "TOP" || LISTS.contains(&verb) || (alone && LISTS_ALONE.contains(&verb)))
    }

    fn imap_command(&mut self, line: &[u8]) -> State {
        let mut words = line.split(|octet| *octet == b' ');
        self.tag = words.next().unwrap_or_default().to_vec();
        self.verb = String::from_utf8_lossy(words.next().unwrap_or_default()).to_ascii_uppercase();
        self.command_goes_on(line)
    }

    /// RFC 3501 §7.5, RFC 7888 §3: a literal's octets come at once, or behind the server's go-ahead.
    fn command_goes_on(&mut self, line: &[u8]) -> State {
        match announced(line) {
            Some((size, true)) => State::Counted(size),
            Some((size, false)) => {
                self.literal = Some(size);
                State::Tagged
            }
            None => State::Tagged,
        }
    }

    /// A line whose first octets, the line end with them, belong to what was counted.
    fn counted(&mut self, left: u64, line: &[u8], family: Family) -> State {
        let length = line.len() as u64 + 2;
        match (left.checked_sub(length), family) {
            (Some(0), Family::Smtp) => State::Replies(1),
            (Some(left), _) => State::Counted(left),
            (None, Family::Imap) => {
                let rest = usize::try_from(left).ok().and_then(|left| line.get(left..)).unwrap_or_default();
                self.command_goes_on(rest)
            }
            (None, _) => State::Replies(1),
        }
    }

    /// The server says a line.
    pub(crate) fn server(&mut self, line: &[u8]) {
        self.state = match self.protocol.family() {
            Family::Smtp => self.reply_line(line),
            Family::Pop3 => self.pop3_line(line),
            Family::Imap => self.imap_line(line),
        };
    }

    fn reply_line(&mut self, line: &[u8]) -> State {
        // RFC 5321 §4.2.1: a hyphen says that the reply goes on.
        if line.get(3) == Some(&b'-') {
            return self.state;
        }
        let taken = self.verb == "RCPT" && line.starts_with(b"2");
        self.recipients += usize::from(taken);
        match self.state {
            State::Replies(_) if line.starts_with(b"334") => State::Response,
            State::Replies(_) if line.starts_with(b"354") => State::Message,
            State::Replies(owed) if owed > 1 => State::Replies(owed - 1),
            State::Greeting | State::Replies(_) => State::Free,
            other => other,
        }
    }

    fn pop3_line(&mut self, line: &[u8]) -> State {
        match self.state {
            State::Status(true) if line.starts_with(b"+OK") => State::UpToDot,
            State::Status(_) if line.starts_with(b"+") && !line.starts_with(b"+OK") => State::Response,
            State::UpToDot if line != b"." => State::UpToDot,
            State::Greeting | State::Status(_) | State::UpToDot => State::Free,
            other => other,
        }
    }

    fn imap_line(&mut self, line: &[u8]) -> State {
        if self.skip > 0 {
            let length = line.len() as u64 + 2;
            let rest = usize::try_from(self.skip).ok().and_then(|skip| line.get(skip..));
            self.skip = self.skip.saturating_sub(length);
            // What follows a literal on its line may announce the next one.
            self.skip = rest.and_then(announced).map_or(self.skip, |(size, _)| size);
            return self.state;
        }
        self.skip = announced(line).map_or(0, |(size, _)| size);
        let tagged = line.strip_prefix(self.tag.as_slice()).is_some_and(|rest| rest.starts_with(b" "));
        match self.state {
            State::Greeting => State::Free,
            State::Tagged if line.starts_with(b"+") => self.literal.take().map_or(State::Response, State::Counted),
            State::Tagged | State::Response | State::Counted(_) if tagged && !line.starts_with(b"* ") => {
                self.literal = None;
                State::Free
            }
            other => other,
        }
    }
}

/// The size of the literal that a line ends with, and whether it comes without the server's go-ahead.
fn announced(line: &[u8]) -> Option<(u64, bool)> {
    let inner = line.strip_suffix(b"}")?;
    let inner = inner.get(inner.iter().rposition(|octet| *octet == b'{')? + 1..)?;
    let (digits, at_once) = match inner.strip_suffix(b"+").or_else(|| inner.strip_suffix(b"-")) {
        Some(digits) => (digits, true),
        None => (inner, false),
    };
    let size = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?.parse().ok()?;
    Some((size, at_once))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Plays lines (`C: `, `S: `) and says behind each what is seen: `w` waiting, `f` free, `m` message, `r` a response.
    fn seen(protocol: Protocol, lines: &[&str]) -> String {
        let mut turns = Turns::new(protocol);
        let mut seen = String::new();
        for line in lines {
            match line.split_at(3) {
                ("C: ", line) => turns.client(line.as_bytes()),
                (_, line) => turns.server(line.as_bytes()),
            }
            seen.push(match () {
                () if turns.is_waiting() => 'w',
                () if turns.is_free() => 'f',
                () if turns.is_message() => 'm',
                () => 'r',
            });
        }
        seen
    }

    #[test]
    fn smtp() {
        let lines =
            ["S: 220 x", "C: EHLO me", "S: 250-x", "S: 250 SIZE", "C: auth login", "S: 334 VXNlcm5hbWU6", "C: YQ=="];
        assert_eq!(seen(Protocol::Smtp, &lines), "fwwfwrw");
        let data = ["S: 220 x", "C: DATA", "S: 354 go", "C: a", "C: ..", "C: .", "S: 250 ok", "S: 421 timeout"];
        assert_eq!(seen(Protocol::Smtp, &data), "fwmmmwff");
        let chunk = ["S: 220 x", "C: BDAT 10 LAST", "C: abc", "C: def", "S: 250 ok"];
        assert_eq!(seen(Protocol::Smtp, &chunk), "fmmwf");
        let together = ["S: 220 x", "C: NOOP", "C: NOOP", "S: 250 ok", "S: 250 ok"];
        assert_eq!(seen(Protocol::Smtp, &together), "fwwwf");
    }

    /// RFC 2033 §4.2: a reply for each recipient that was taken.
    #[test]
    fn lmtp() {
        let envelope = [
            "S: 220 x",
            "C: MAIL",
            "S: 250 ok",
            "C: RCPT",
            "S: 250 ok",
            "C: RCPT",
            "S: 550 no",
            "C: RCPT",
            "S: 250 ok",
        ];
        let data = ["C: DATA", "S: 354 go", "C: .", "S: 250 one", "S: 250 two"];
        assert!(seen(Protocol::Lmtp, &[&envelope[..], &data].concat()).ends_with("wmwwf"));
    }

    #[test]
    fn pop3() {
        let lines =
            ["S: +OK x", "C: CAPA", "S: +OK", "S: USER", "S: .", "C: LIST 1", "S: +OK 1 2", "C: LIST", "S: -ERR no"];
        assert_eq!(seen(Protocol::Pop3, &lines), "fwwwfwfwf");
        let login = ["S: +OK x", "C: AUTH PLAIN", "S: + ", "C: x", "S: -ERR no"];
        assert_eq!(seen(Protocol::Pop3, &login), "fwrwf");
    }

    #[test]
    fn imap() {
        let idle = ["S: * OK x", "C: a IDLE", "S: + idling", "S: * 1 EXISTS", "C: DONE", "S: a OK done"];
        assert_eq!(seen(Protocol::Imap, &idle), "fwrrwf");
        // A literal of the server's with a line in it that looks like the end.
        let fetch = ["S: * OK x", "C: a FETCH", "S: * 1 FETCH (BODY[] {10}", "S: a OK end", "S: )", "S: a OK done"];
        assert_eq!(seen(Protocol::Imap, &fetch)[..2], *"fw");
        assert_eq!(
            seen(Protocol::Imap, &["S: * OK x", "C: a FETCH", "S: * 1 FETCH {12}", "S: a OK no en", "S: a OK"]),
            "fwwwf"
        );
        // Literals of the client's, with and without a go-ahead.
        let append = ["S: * OK x", "C: a APPEND INBOX {7}", "S: + go", "C: abc", "C: de", "S: a OK"];
        assert_eq!(seen(Protocol::Imap, &append), "fwmmwf");
        let login = ["S: * OK x", "C: a LOGIN {5}", "S: + go", "C: alice {6+}", "C: geheim", "S: a NO"];
        assert_eq!(seen(Protocol::Imap, &login), "fwrrwf");
    }

    proptest! {
        /// Whatever is said, nothing panics, and a client is never told to wait for what cannot come.
        #[test]
        fn any_lines(lines in prop::collection::vec(("[CS]", "[ -~]{0,3}|DATA|354 |334 |BDAT 5|a X [{]5[}]|a |[+] |[*] 1 [{]9[}]|[.]"), 0..30)) {
            for protocol in [Protocol::Smtp, Protocol::Lmtp, Protocol::Imap, Protocol::Pop3] {
                let mut turns = Turns::new(protocol);
                for (who, line) in &lines {
                    if who == "C" { turns.client(line.as_bytes()) } else { turns.server(line.as_bytes()) }
                    prop_assert!(!(turns.is_waiting() && (turns.is_free() || turns.is_message())));
                }
            }
        }
    }
}
