//! Where commands begin and end: lines, and the literals inside them (RFC 3501 §4.3, RFC 7888). This comes before any
//! parsing, with hard limits, and stays in step with the client whatever it sends.

use crate::command::{Append, Tag};
use crate::parse::{self, ParseError};

/// Digits of a literal's size: what has more is no literal. Their value always fits 64 bits.
const MAX_DIGITS: usize = 19;
/// What is kept of a line that is skipped: enough to see the literal that it may end with.
const SKIPPED_TAIL: usize = MAX_DIGITS + 8;

/// Whether the client waits for `+` before it sends a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Literal {
    /// `{5}`: it waits; the literal can be refused before it is sent.
    Synchronizing,
    /// `{5+}` (RFC 7888): it is under way already.
    NonSynchronizing,
}

/// What the next line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// A command, with literals.
    Command,
    /// A response of AUTHENTICATE, or IDLE's `DONE`: a line where braces mean nothing.
    Plain,
}

/// An APPEND has come as far as its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// Its arguments, or what is wrong with them.
    pub append: Result<(Tag, Append), ParseError>,
    /// Octets of the message.
    pub size: u64,
    /// Whether the client waits for an answer before it sends them.
    pub literal: Literal,
}

/// What came of some input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The input is used up; nothing to do yet.
    More,
    /// Send `+`: the client waits with a literal.
    Continue,
    /// A command with its literals, or a plain line, without the last line end.
    Line(Vec<u8>),
    /// The message of an APPEND begins: call [`Framer::accept`] (and send `+` if the client waits) or [`Framer::refuse`].
    Message(Announced),
    /// The input that was used is a piece of that message.
    Body,
    /// The message is complete, and so is its command; `clean` says that nothing but a line end followed.
    MessageEnd {
        /// Otherwise the command is broken (RFC 3502's further messages are not taken).
        clean: bool,
    },
    /// A command was longer than the limit. It has been skipped, or the client waits with its literal.
    TooLong(Option<Tag>),
}

#[derive(Debug)]
enum State {
    /// Within a line that goes into `raw`; it begins there, behind the literals before it.
    Line { start: usize },
    /// Within a literal that goes into `raw`.
    Literal { left: usize },
    /// Waiting for [`Framer::accept`] or [`Framer::refuse`].
    Announced { size: u64, literal: Literal },
    /// Within an APPEND's message.
    Body { left: u64 },
    /// Behind it.
    AfterBody,
    /// Within a line that is thrown away.
    SkipLine(Skipped),
    /// Within a literal that is thrown away.
    SkipLiteral { left: u64, then: Skipped },
}

/// What is said when the skipping has ended: a tag, if something is said at all.
#[derive(Debug)]
enum Skipped {
    TooLong(Option<Tag>),
    /// The line behind an APPEND's message.
    Unclean,
    Silently,
}

/// Finds commands in a stream of octets.
#[derive(Debug)]
pub struct Framer {
    limit: usize,
    raw: Vec<u8>,
    state: State,
}

impl Framer {
    /// `limit`: the longest command with its literals, in octets (an APPEND's message is not counted).
    pub fn new(limit: usize) -> Self {
        Self { limit, raw: Vec::new(), state: State::Line { start: 0 } }
    }

    /// Whether a command has begun: a server that must close says so in the middle of it.
    pub fn is_between_commands(&self) -> bool {
        matches!(self.state, State::Line { .. }) && self.raw.is_empty()
    }

    /// Looks at input; how much of it was used, and what came of it. Call again with the rest. Never uses nothing of
    /// something, unless a message waits for its decision.
    pub fn feed(&mut self, input: &[u8], expect: Expect) -> (usize, Event) {
        match &mut self.state {
            State::Line { start } => {
                let start = *start;
                self.line(input, start, expect)
            }
            State::Literal { left } => {
                let n = input.len().min(*left);
                *left -= n;
                let complete = *left == 0;
                self.raw.extend_from_slice(input.get(..n).unwrap_or_default());
                if complete {
                    self.state = State::Line { start: self.raw.len() };
                }
                (n, Event::More)
            }
            State::Announced { .. } => (0, Event::More),
            State::Body { left } => {
                let n = take(left, input.len());
                if *left == 0 {
                    self.state = State::AfterBody;
                }
                (n, Event::Body)
            }
            State::AfterBody => self.after_body(input),
            State::SkipLine(_) => self.skip_line(input),
            State::SkipLiteral { left, then } => {
                let n = take(left, input.len());
                if *left == 0 {
                    self.state = State::SkipLine(std::mem::replace(then, Skipped::Silently));
                }
                (n, Event::More)
            }
        }
    }

    /// Takes the message that was announced.
    pub fn accept(&mut self) {
        if let State::Announced { size, .. } = self.state {
            self.state = if size == 0 { State::AfterBody } else { State::Body { left: size } };
        }
    }

    /// Does not take it. If it is under way already, it is skipped, and nothing is said of it any more.
    pub fn refuse(&mut self) {
        if let State::Announced { size, literal } = self.state {
            self.state = match literal {
                Literal::Synchronizing => State::Line { start: 0 },
                Literal::NonSynchronizing => State::SkipLiteral { left: size, then: Skipped::Silently },
            };
        }
    }

    fn line(&mut self, input: &[u8], start: usize, expect: Expect) -> (usize, Event) {
        let end = memchr::memchr(b'\n', input);
        let n = end.map_or(input.len(), |i| i + 1);
        if self.raw.len() + n > self.limit {
            let mut begun = std::mem::take(&mut self.raw);
            // A literal may be announced across the limit: what the line has so far must be seen with the rest.
            let line = begun.get(start..).unwrap_or_default();
            self.raw = line.get(line.len().saturating_sub(SKIPPED_TAIL)..).unwrap_or_default().to_vec();
            let room = self.limit.saturating_sub(begun.len());
            begun.extend_from_slice(input.get(..n.min(room)).unwrap_or_default());
            self.state = State::SkipLine(match self.state {
                State::AfterBody => Skipped::Unclean,
                _ => Skipped::TooLong(parse::tag(&begun)),
            });
            return self.skip_line(input);
        }
        self.raw.extend_from_slice(input.get(..n).unwrap_or_default());
        if end.is_none() {
            return (n, Event::More);
        }
        let line = self.raw.get(start..).unwrap_or_default();
        let announced = if expect == Expect::Command { literal_at_end(line) } else { None };
        let event = match announced {
            Some((size, literal)) => self.literal(size, literal),
            None => self.finished(),
        };
        (n, event)
    }

    /// A line has ended, and the command with it.
    fn finished(&mut self) -> Event {
        self.state = State::Line { start: 0 };
        let mut line = std::mem::take(&mut self.raw);
        line.truncate(chomp(&line).len());
        Event::Line(line)
    }

    /// A line has ended with the announcement of a literal.
    fn literal(&mut self, size: u64, literal: Literal) -> Event {
        let line = chomp(&self.raw);
        let head = line.iter().rposition(|&o| o == b'{').and_then(|i| line.get(..i)).unwrap_or_default();
        if let Some(append) = parse::append_head(head) {
            self.raw = Vec::new();
            self.state = State::Announced { size, literal };
            return Event::Message(Announced { append, size, literal });
        }
        let room = self.limit.saturating_sub(self.raw.len());
        match usize::try_from(size).ok().filter(|&s| s <= room) {
            Some(left) => {
                self.state = match left {
                    0 => State::Line { start: self.raw.len() },
                    _ => State::Literal { left },
                };
                if literal == Literal::Synchronizing { Event::Continue } else { Event::More }
            }
            None => self.refuse_literal(size, literal),
        }
    }

    fn refuse_literal(&mut self, size: u64, literal: Literal) -> Event {
        let tag = parse::tag(&std::mem::take(&mut self.raw));
        match literal {
            // RFC 3501 §7.5: it waits for `+`; any tagged answer tells it that none will come.
            Literal::Synchronizing => {
                self.state = State::Line { start: 0 };
                Event::TooLong(tag)
            }
            Literal::NonSynchronizing => {
                self.state = State::SkipLiteral { left: size, then: Skipped::TooLong(tag) };
                Event::More
            }
        }
    }

    fn after_body(&mut self, input: &[u8]) -> (usize, Event) {
        let (n, event) = self.line(input, 0, Expect::Plain);
        let Event::Line(rest) = event else { return (n, event) };
        self.state = match literal_at_end(&rest) {
            Some((left, Literal::NonSynchronizing)) => State::SkipLiteral { left, then: Skipped::Silently },
            _ => State::Line { start: 0 },
        };
        (n, Event::MessageEnd { clean: rest.is_empty() })
    }

    /// `raw` holds the end of the line that is skipped, to see whether it announces a literal.
    fn skip_line(&mut self, input: &[u8]) -> (usize, Event) {
        let end = memchr::memchr(b'\n', input);
        let n = end.map_or(input.len(), |i| i + 1);
        let tail = input.get(n.saturating_sub(SKIPPED_TAIL)..n).unwrap_or_default();
        self.raw.extend_from_slice(tail);
        self.raw.drain(..self.raw.len().saturating_sub(SKIPPED_TAIL));
        if end.is_none() {
            return (n, Event::More);
        }
        let announced = literal_at_end(&std::mem::take(&mut self.raw));
        let State::SkipLine(then) = std::mem::replace(&mut self.state, State::Line { start: 0 }) else {
            return (n, Event::More);
        };
        if let Some((left, Literal::NonSynchronizing)) = announced {
            self.state = State::SkipLiteral { left, then };
            return (n, Event::More);
        }
        match then {
            Skipped::TooLong(tag) => (n, Event::TooLong(tag)),
            Skipped::Unclean => (n, Event::MessageEnd { clean: false }),
            Skipped::Silently => (n, Event::More),
        }
    }
}

/// Counts off what there is, at most `left`.
fn take(left: &mut u64, there: usize) -> usize {
    let n = usize::try_from(*left).unwrap_or(usize::MAX).min(there);
    *left -= u64::try_from(n).unwrap_or(*left);
    n
}

fn chomp(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// `"{" number ["+"] "}"` at the end of a line.
fn literal_at_end(line: &[u8]) -> Option<(u64, Literal)> {
    let rest = chomp(line).strip_suffix(b"}")?;
    let (rest, literal) = match rest.strip_suffix(b"+") {
        Some(rest) => (rest, Literal::NonSynchronizing),
        None => (rest, Literal::Synchronizing),
    };
    let open = rest.iter().rposition(|o| !o.is_ascii_digit())?;
    let digits = rest.get(open + 1..).filter(|d| d.len() <= MAX_DIGITS)?;
    let size = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (rest.get(open) == Some(&b'{')).then_some((size, literal))
}
