//! The lines that were typed, in a file of the user's. Lines with a secret never get here.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

/// Lines that are offered again.
const MAX_LINES: usize = 1000;

/// The file; `None` where there is none to be had, or none is wanted.
#[derive(Debug)]
pub(super) struct History(Option<PathBuf>);

impl History {
    /// In the user's state folder (XDG's, `~/.local/state` without it).
    pub(super) fn new(wanted: bool) -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let state = set("XDG_STATE_HOME").or_else(|| set("HOME").map(|home| home.join(".local/state")));
        Self(state.filter(|_| wanted).map(|folder| folder.join("gatepost/talk-history")))
    }

    /// The last lines, the oldest first. A file that has grown long is cut.
    pub(super) fn load(&self) -> Vec<String> {
        let Some(path) = &self.0 else { return Vec::new() };
        let text = fs::read_to_string(path).unwrap_or_default();
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let last = lines.get(lines.len().saturating_sub(MAX_LINES)..).unwrap_or_default().to_vec();
        if lines.len() > 2 * MAX_LINES {
            drop(fs::remove_file(path));
            last.iter().for_each(|line| self.add(line));
        }
        last
    }

    /// Adds a line. A history that cannot be written is no reason to stop a conversation.
    pub(super) fn add(&self, line: &str) {
        let Some(path) = &self.0 else { return };
        let folder = path.parent().map(|folder| DirBuilder::new().recursive(true).mode(0o700).create(folder));
        if folder.is_none_or(|made| made.is_err()) {
            return;
        }
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
        drop(file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes())));
    }
}
