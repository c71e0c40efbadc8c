//! What the server offers, picked up from its answers to whoever asks: EHLO, CAPABILITY, CAPA.

use crate::capabilities::Capabilities;
use crate::dialogue::{Answer, Turns};
use crate::target::Family;

/// Lines of one answer that are looked at.
const MAX_LINES: usize = 200;

/// The lines of the answer under way.
#[derive(Debug, Default)]
pub(super) struct Offered {
    lines: Vec<String>,
    known: bool,
}

impl Offered {
    /// Whether the server was asked since TLS began, or ever.
    pub(super) fn is_known(&self) -> bool {
        self.known
    }

    /// The server was asked elsewhere.
    pub(super) fn is_asked(&mut self) {
        self.known = true;
    }

    /// The client says something: another answer begins.
    pub(super) fn begin(&mut self) {
        self.lines.clear();
    }

    /// The server says a line, which the turns have heard of: what it offers, if that was the end of the list.
    pub(super) fn line(&mut self, line: &[u8], turns: &Turns, family: Family) -> Option<Capabilities> {
        if !matches!(turns.verb(), "EHLO" | "LHLO" | "CAPABILITY" | "CAPA") || self.lines.len() == MAX_LINES {
            return None;
        }
        self.lines.push(String::from_utf8_lossy(line).into_owned());
        if !turns.is_free() {
            return None;
        }
        let lines = std::mem::take(&mut self.lines);
        let words = |line: &String| line.get(4..).unwrap_or_default().to_owned();
        let lines: Vec<String> = match family {
            Family::Smtp if lines.iter().all(|line| line.starts_with('2')) => lines.iter().map(words).collect(),
            Family::Imap => lines.iter().filter_map(|line| line.strip_prefix("* ")).map(str::to_owned).collect(),
            // The status and the dot are no lines of the list.
            Family::Pop3 if lines.len() > 1 => lines[1..lines.len() - 1].to_vec(),
            _ => return None,
        };
        self.known = true;
        Some(Capabilities::of(&Answer { lines, ..Answer::none() }, family))
    }
}
