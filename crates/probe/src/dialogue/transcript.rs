//! What was said both ways, fit to be shown: secrets masked, control characters visible, lengths bounded.

use std::fmt;

use sasl::Secret;
use zeroize::Zeroizing;

use super::secrets::{Hidden, Secrets, Sight};
use super::turns::Turns;
use crate::target::Protocol;

/// What stands for a secret.
pub const MASK: &str = "•••";

/// Lines that are kept of one session; what comes behind them is not evidence any more.
const MAX_LINES: usize = 400;

/// Characters that are shown of a line.
const MAX_SHOWN: usize = 600;

/// The lines of one session.
#[derive(Debug)]
pub struct Transcript {
    lines: Vec<String>,
    /// Octets that must not be shown, whoever says them.
    hidden: Wiped,
    secrets: Secrets,
    turns: Turns,
    watcher: Watcher,
}

/// Octet strings to be masked, wiped at the end.
#[derive(Default)]
struct Wiped(Vec<Zeroizing<Vec<u8>>>);

/// It never prints.
impl fmt::Debug for Wiped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wiped(…)")
    }
}

/// Who is told each line as it is said.
#[derive(Default)]
struct Watcher(Option<Watch>);

/// What is called for each line as it is said.
pub type Watch = Box<dyn FnMut(&Said) + Send>;

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Watcher(somebody)" } else { "Watcher(nobody)" })
    }
}

/// Who says a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// We.
    Client,
    /// The other side.
    Server,
    /// Nobody: TLS begins here, and the line says which.
    Tls,
    /// Nobody: so many lines of the client's that are not listed.
    Unlisted,
}

impl Speaker {
    /// How its lines begin.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Client => "C:",
            Self::Server => "S:",
            Self::Tls | Self::Unlisted => "--",
        }
    }
}

/// One line that was said, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// By whom.
    pub speaker: Speaker,
    /// What may be seen of it. As octets came: not for a terminal.
    pub octets: Vec<u8>,
    /// What stood behind that.
    pub hidden: Option<Hidden>,
    /// What the base64 in it says. Not for a terminal either.
    pub note: Option<String>,
}

impl Said {
    /// Fit for a terminal, behind its mark.
    pub fn shown(&self) -> String {
        let mask = if self.hidden.is_some() { MASK } else { "" };
        format!("{} {}{mask}", self.speaker.mark(), visible(&String::from_utf8_lossy(&self.octets)))
    }
}

impl Transcript {
    pub(super) fn new(protocol: Protocol) -> Self {
        let (hidden, secrets, watcher) = (Wiped::default(), Secrets::default(), Watcher::default());
        Self { lines: Vec::new(), hidden, secrets, turns: Turns::new(protocol), watcher }
    }

    /// From now on this is masked in all lines, also in the server's: some echo what they do not understand.
    pub fn hide(&mut self, secret: &Secret) {
        for octets in [secret.expose(), sasl::wire::encode(secret.expose()).as_bytes()] {
            if !octets.is_empty() {
                self.hidden.0.push(Zeroizing::new(octets.to_vec()));
            }
        }
    }

    /// Whose turn it is.
    pub(crate) fn turns(&self) -> &Turns {
        &self.turns
    }

    /// A message was sent that is not listed line by line.
    pub(super) fn message_sent(&mut self) {
        self.turns.message_sent();
    }

    pub(super) fn watch(&mut self, watch: Watch) {
        self.watcher.0 = Some(watch);
    }

    /// Keeps a line, and returns it as it is shown.
    pub(super) fn add(&mut self, speaker: Speaker, line: &[u8]) -> String {
        self.add_secret(speaker, line, usize::MAX)
    }

    /// The same with a line of which a secret is known to begin at a place, or before.
    pub(super) fn add_secret(&mut self, speaker: Speaker, line: &[u8], from: usize) -> String {
        let Sight { hidden, note } = self.sight(speaker, line);
        let (from, hidden) = match hidden {
            Some((found, kind)) => (found.min(from), Some(kind)),
            None => (from, (from < line.len()).then_some(Hidden::Other)),
        };
        let octets = self.masked(line.get(..from.min(line.len())).unwrap_or_default());
        let note = note.map(|note| String::from_utf8_lossy(&self.masked(note.as_bytes())).into_owned());
        let said = Said { speaker, octets, hidden, note };
        let shown = said.shown();
        if self.lines.len() < MAX_LINES {
            self.lines.push(shown.clone());
        }
        if let Some(watch) = &mut self.watcher.0 {
            watch(&said);
        }
        shown
    }

    /// Without what must not be shown, whoever says it.
    fn masked(&self, octets: &[u8]) -> Vec<u8> {
        let seen = Zeroizing::new(octets.to_vec());
        self.hidden.0.iter().fold(seen, |line, secret| Zeroizing::new(replaced(&line, secret))).to_vec()
    }

    /// A line of a message is no login, whatever it looks like.
    fn sight(&mut self, speaker: Speaker, line: &[u8]) -> Sight {
        match speaker {
            Speaker::Client => {
                let message = self.turns.is_message();
                self.turns.client(line);
                if message { Sight::default() } else { self.secrets.client(line) }
            }
            Speaker::Server => {
                self.turns.server(line);
                self.secrets.server(line)
            }
            Speaker::Tls | Speaker::Unlisted => Sight::default(),
        }
    }

    /// The last `count` lines.
    pub fn last(&self, count: usize) -> Vec<String> {
        self.lines.iter().skip(self.lines.len().saturating_sub(count)).cloned().collect()
    }

    /// All lines.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }
}

fn replaced(line: &[u8], secret: &[u8]) -> Vec<u8> {
    let (mut kept, mut rest) = (Vec::with_capacity(line.len()), line);
    while let Some((first, behind)) = rest.split_first() {
        match rest.strip_prefix(secret) {
            Some(behind) => {
                kept.extend_from_slice(MASK.as_bytes());
                rest = behind;
            }
            None => {
                kept.push(*first);
                rest = behind;
            }
        }
    }
    kept
}

/// What a stranger wrote, for a terminal: control characters and those that turn the direction of writing are written out.
pub fn visible(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars().take(MAX_SHOWN) {
        match c {
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                shown.extend(c.escape_unicode())
            }
            c if c.is_control() => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    if text.chars().nth(MAX_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_whoever_says_them() {
        let mut transcript = Transcript::new(Protocol::Smtp);
        transcript.hide(&Secret::new("hunter2"));
        assert_eq!(transcript.add(Speaker::Server, b"535 bad password hunter2!"), "S: 535 bad password •••!");
        assert_eq!(transcript.add(Speaker::Server, b"535 aHVudGVyMg== is wrong"), "S: 535 ••• is wrong");
        assert!(!format!("{transcript:?}").contains("hunter2"));
    }

    #[test]
    fn nothing_steers_the_terminal() {
        let mut transcript = Transcript::new(Protocol::Smtp);
        assert_eq!(transcript.add(Speaker::Server, b"220 \x1b[2J\x07 \xff"), "S: 220 \\u{1b}[2J\\u{7} \u{fffd}");
        assert_eq!(visible("\u{202e}gnp"), "\\u{202e}gnp");
        assert_eq!(visible(&"x".repeat(5000)).chars().count(), MAX_SHOWN + 1);
    }
}
