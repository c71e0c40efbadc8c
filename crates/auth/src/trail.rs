//! What the modules did for one question, line by line: for `auth test`, the log and the attempts on disk.

use std::fmt::Display;
use std::sync::Arc;

use parking_lot::Mutex;

/// More lines than this of one question are not kept: a module that loops must not fill the memory.
const MAX: usize = 200;

/// The lines of one question, in order. Cheap to clone; all clones write the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trail(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    module: &'static str,
    lines: Vec<Line>,
}

/// One line. It never holds a password, a token or a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Who says it.
    pub module: &'static str,
    /// What.
    pub text: String,
}

impl Trail {
    /// From now on this module speaks.
    pub(crate) fn speaks(&self, module: &'static str) {
        self.0.lock().module = module;
    }

    /// Adds a line of the module that speaks. It is for operators: what was looked up, and what came of it.
    pub(crate) fn say(&self, text: impl Display) {
        let mut lines = self.0.lock();
        if lines.lines.len() < MAX {
            let line = Line { module: lines.module, text: text.to_string() };
            tracing::debug!(module = line.module, "{}", line.text);
            lines.lines.push(line);
        }
    }

    /// All lines so far.
    pub(crate) fn lines(&self) -> Vec<Line> {
        self.0.lock().lines.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_the_speakers_and_bounded() {
        let trail = Trail::default();
        trail.speaks("userdb");
        (0..MAX + 5).for_each(|n| trail.say(n));
        let lines = trail.lines();
        assert_eq!((lines.len(), lines[0].module, lines[0].text.as_str()), (MAX, "userdb", "0"));
    }
}
