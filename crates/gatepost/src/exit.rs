//! How a command ends: an exit code that scripts can use, and a text for people.

use std::io::{self, Write};
use std::process::ExitCode;

use auth::accounts::StoreError;

/// The exit codes but for 0 (done) and 2 (clap's, for a wrong command line). The numbers are those of BSD's
/// `sysexits.h` where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// It could not be done.
    Failed = 1,
    /// `checkpassword` alone: it was not called as its interface says.
    Misused = 2,
    /// `probe` alone: the worst that it found is a warning.
    Warning = 3,
    /// `probe` alone: the worst that it found is an error.
    Error = 4,
    /// `probe` alone: it found something critical.
    Critical = 5,
    /// `talk --replay` alone: the server said something else than the file.
    Differs = 6,
    /// What was given is not well formed.
    Data = 65,
    /// No such account, alias, message or session.
    NotFound = 67,
    /// `talk` and `send` alone: no such host, or nothing answers there.
    Unreachable = 68,
    /// `send` alone: the message, or a recipient, was refused for good.
    Refused = 69,
    /// It is there already; nothing was changed.
    Exists = 73,
    /// It may work later.
    Temporary = 75,
    /// `talk` and `send` alone: no TLS where it must be, or the server broke off or said what is none of its protocol.
    Protocol = 76,
    /// This user may not; `send`: the login was refused, or is not possible.
    Permission = 77,
    /// The config is missing or wrong.
    Config = 78,
    /// `checkpassword` alone: its interface's number for "could not tell".
    CannotTell = 111,
}

/// What `--help` and the pages in docs say of them.
pub(crate) const HELP: &str = "\
Exit codes:
  0 done   1 failed   2 wrong command line   65 malformed input
  3 probe: a warning   4 probe: an error   5 probe: something critical
  6 talk: the replay differs   68 talk, send: not reachable   69 send: refused for good
  76 talk, send: no TLS, or the connection broke
  67 no such account, alias, message or session   73 it is there already
  75 try again later   77 no permission; send: no login   78 config missing or wrong";

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
            _ => Self::new(code(&error), error.to_string()),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Open { error, .. } => code(error),
            StoreError::Locked { .. } => Code::Temporary,
            StoreError::Database { .. } | StoreError::Newer { .. } => Code::Failed,
            StoreError::AccountExists(_) | StoreError::IsAlias(_) | StoreError::AliasExists { .. } => Code::Exists,
            StoreError::NoAccount(_) | StoreError::NoAlias(_) | StoreError::Missing { .. } => Code::NotFound,
            StoreError::Itself(_)
            | StoreError::TooManyTargets { .. }
            | StoreError::Password(_)
            | StoreError::Hash(_) => Code::Data,
        };
        Self::new(code, error.to_string())
    }
}

/// The code of a file that cannot be read or written.
pub(crate) fn code(error: &io::Error) -> Code {
    match error.kind() {
        io::ErrorKind::PermissionDenied => Code::Permission,
        _ => Code::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_the_help() {
        let common =
            [Code::Failed, Code::Data, Code::NotFound, Code::Exists, Code::Temporary, Code::Permission, Code::Config];
        let codes = common.into_iter().chain([
            Code::Warning,
            Code::Error,
            Code::Critical,
            Code::Differs,
            Code::Unreachable,
            Code::Refused,
            Code::Protocol,
        ]);
        for code in codes {
            assert!(HELP.contains(&format!(" {} ", code as u8)), "{code:?}");
        }
    }
}
