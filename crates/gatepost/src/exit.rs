//! How a command ends: an exit code that scripts can use, and a text for people.

use std::io::{self, Write};
use std::process::ExitCode;

/// The exit codes, as `gatepost --help` lists them. `0` is success; `2` is clap's, for a wrong command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// It could not be done.
    Failed = 1,
    /// The config is missing or wrong.
    Config = 3,
    /// No such account, alias or message.
    NotFound = 4,
    /// It is there already; nothing was changed.
    Exists = 5,
}

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// For scripts.
    pub(crate) code: Code,
    /// For people: what, where and what to do. May have several lines.
    pub(crate) text: String,
}

impl Failure {
    /// A failure with its text.
    pub(crate) fn new(code: Code, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }

    /// Prints the text, and tells the exit code.
    pub(crate) fn report(&self, err: &mut dyn Write) -> ExitCode {
        if !self.text.is_empty() {
            // Nobody reads stderr any more: the exit code still tells.
            drop(writeln!(err, "gatepost: {}", self.text));
        }
        ExitCode::from(self.code as u8)
    }
}

impl From<io::Error> for Failure {
    /// Output that nobody reads (`gatepost queue list | head`) ends the command without a complaint.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::new(Code::Failed, ""),
            _ => Self::new(Code::Failed, error.to_string()),
        }
    }
}
