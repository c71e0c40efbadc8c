//! What was said both ways, fit to be shown: secrets masked, control characters visible, lengths bounded.

use sasl::Secret;
use zeroize::Zeroizing;

/// What stands for a secret.
pub(crate) const MASK: &str = "•••";

/// Lines that are kept of one session; what comes behind them is not evidence any more.
const MAX_LINES: usize = 400;

/// Characters that are shown of a line.
const MAX_SHOWN: usize = 600;

/// The lines of one session.
#[derive(Debug, Default)]
pub struct Transcript {
    lines: Vec<String>,
    /// Octets that must not be shown, whoever says them.
    hidden: Hidden,
}

/// Octet strings to be masked, wiped at the end.
#[derive(Default)]
struct Hidden(Vec<Zeroizing<Vec<u8>>>);

/// It never prints.
impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden(…)")
    }
}

impl Transcript {
    /// From now on this is masked in all lines, also in the server's: some echo what they do not understand.
    pub fn hide(&mut self, secret: &Secret) {
        for octets in [secret.expose(), sasl::wire::encode(secret.expose()).as_bytes()] {
            if !octets.is_empty() {
                self.hidden.0.push(Zeroizing::new(octets.to_vec()));
            }
        }
    }

    /// Keeps a line, and returns it as it is shown.
    pub(super) fn add(&mut self, who: &str, line: &[u8]) -> String {
        let masked = self
            .hidden
            .0
            .iter()
            .fold(Zeroizing::new(line.to_vec()), |line, secret| Zeroizing::new(replaced(&line, secret)));
        let shown = format!("{who} {}", visible(&String::from_utf8_lossy(&masked)));
        if self.lines.len() < MAX_LINES {
            self.lines.push(shown.clone());
        }
        shown
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
        let mut transcript = Transcript::default();
        transcript.hide(&Secret::new("hunter2"));
        assert_eq!(transcript.add("S:", b"535 bad password hunter2!"), "S: 535 bad password •••!");
        assert_eq!(transcript.add("S:", b"535 aHVudGVyMg== is wrong"), "S: 535 ••• is wrong");
        assert!(!format!("{transcript:?}").contains("hunter2"));
    }

    #[test]
    fn nothing_steers_the_terminal() {
        let mut transcript = Transcript::default();
        assert_eq!(transcript.add("S:", b"220 \x1b[2J\x07 \xff"), "S: 220 \\u{1b}[2J\\u{7} \u{fffd}");
        assert_eq!(visible("\u{202e}gnp"), "\\u{202e}gnp");
        assert_eq!(visible(&"x".repeat(5000)).chars().count(), MAX_SHOWN + 1);
    }
}
