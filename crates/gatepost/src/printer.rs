//! How a command prints: a text for people, or JSON for scripts.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::json;

pub(crate) use ::trace::causes::shell_word as shell;

use crate::exit::Failure;

/// `--json`, for every command whose answer scripts may want.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Format {
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

/// Where to print, and how.
pub(crate) struct Printer<'a> {
    out: &'a mut dyn Write,
    format: Format,
}

impl Format {
    /// For people.
    pub(crate) const TEXT: Self = Self { json: false };
    /// For scripts.
    pub(crate) const JSON: Self = Self { json: true };

    /// Whether scripts read it.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// A printer to `out`.
    pub(crate) fn to(self, out: &mut dyn Write) -> Printer<'_> {
        Printer { out, format: self }
    }
}

impl Printer<'_> {
    /// Prints `value` as one line of JSON, or what `text` writes.
    pub(crate) fn print(
        &mut self,
        value: &impl Serialize,
        text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let printed = if self.format.json { writeln!(self.out, "{}", json!(value)) } else { text(self.out) };
        Ok(printed?)
    }
}

/// What strangers wrote must not steer the terminal.
pub(crate) fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { '\u{FFFD}' } else { c }).collect()
}

/// Two columns, the first as wide as its longest entry.
pub(crate) fn columns(rows: &[(&str, String)], out: &mut dyn Write) -> io::Result<()> {
    let width = rows.iter().map(|(first, _)| first.chars().count()).max().unwrap_or_default();
    rows.iter().try_for_each(|(first, second)| writeln!(out, "{first:width$}  {second}"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// What `print` prints, for people and for scripts.
    pub(crate) fn printed(json: bool, print: impl FnOnce(Printer<'_>) -> Result<(), Failure>) -> String {
        let mut out = Vec::new();
        print(Format { json }.to(&mut out)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_path_is_one_word_for_a_shell() {
        assert_eq!(shell("/home/a.b@x/Maildir"), "/home/a.b@x/Maildir");
        assert_eq!(shell("/home/$(reboot);x"), "'/home/$(reboot);x'");
        assert_eq!(shell("it's me"), "'it'\\''s me'");
    }

    #[test]
    fn people_and_scripts_are_told_the_same() {
        let rows = [("a", "1".to_owned()), ("été", "2".to_owned())];
        let print = |mut printer: Printer<'_>| printer.print(&rows, |out| columns(&rows, out));
        assert_eq!(printed(false, print), "a    1\nété  2\n");
        assert_eq!(printed(true, print), "[[\"a\",\"1\"],[\"été\",\"2\"]]\n");
    }
}
