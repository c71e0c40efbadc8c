//! Where a new password comes from: standard input, a terminal with its echo off, or chance.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use auth::accounts::generate_password;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use sasl::Secret;

use crate::exit::{Code, Failure};

/// More than any password has.
const MAX_LINE: u64 = 4096;

/// How a password is given.
#[derive(Debug, clap::Args)]
pub(crate) struct Source {
    /// Read the password from the first line of standard input [default: ask on a terminal, else make one]
    #[arg(long)]
    password_stdin: bool,
}

/// A new password.
#[derive(Debug)]
pub(crate) struct New {
    pub(crate) secret: Secret,
    /// Whether it was made here, and must be shown once.
    pub(crate) generated: bool,
}

impl Source {
    /// The new password.
    pub(crate) fn read(&self) -> Result<New, Failure> {
        let stdin = io::stdin();
        if self.password_stdin {
            return Ok(New { secret: line(&mut stdin.lock())?, generated: false });
        }
        if !stdin.is_terminal() {
            return Ok(New { secret: generate_password(), generated: true });
        }
        let first = ask("New password (empty makes one): ")?;
        if first.expose().is_empty() {
            return Ok(New { secret: generate_password(), generated: true });
        }
        if ask("The same again: ")? != first {
            return Err(Failure::new(Code::Data, "the two passwords differ; nothing was changed"));
        }
        Ok(New { secret: first, generated: false })
    }
}

/// A password that there is already: the first line of standard input if that was asked for, else what is typed on a
/// terminal. `None` if there is neither, or nothing was typed.
pub(crate) fn existing(stdin_wanted: bool) -> Result<Option<Secret>, Failure> {
    let stdin = io::stdin();
    if stdin_wanted {
        return line(&mut stdin.lock()).map(Some);
    }
    if !stdin.is_terminal() {
        return Ok(None);
    }
    let typed = ask("Password (empty only looks the account up): ")?;
    Ok(Some(typed).filter(|typed| !typed.expose().is_empty()))
}

/// A password hash from the first line of standard input.
pub(crate) fn hash_from_stdin() -> Result<String, Failure> {
    let hash = line(&mut io::stdin().lock())?;
    let hash = std::str::from_utf8(hash.expose()).map(str::trim);
    hash.map(str::to_owned).map_err(|_| Failure::new(Code::Data, "a password hash is ASCII text"))
}

/// The first line, without its end.
fn line(input: &mut dyn BufRead) -> Result<Secret, Failure> {
    let mut line = Vec::with_capacity(256);
    input.take(MAX_LINE).read_until(b'\n', &mut line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(Secret::new(line))
}

/// Asks on the terminal that is standard input, with its echo off.
pub(crate) fn ask(prompt: &str) -> Result<Secret, Failure> {
    // Before the prompt: who types fast is not seen either.
    let _quiet = Quiet::begin()?;
    let mut err = io::stderr();
    write!(err, "{prompt}")?;
    err.flush()?;
    let read = line(&mut io::stdin().lock());
    writeln!(err)?;
    read
}

/// The terminal echoes nothing while this lives.
struct Quiet(Termios);

impl Quiet {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &quiet)?;
        Ok(Self(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // The terminal is gone if this fails, and then nobody misses its echo.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_line_end_is_taken_off() {
        for (input, expected) in [
            ("secret\n", "secret"),
            ("secret\r\nmore\n", "secret"),
            (" two words ", " two words "),
            ("\n", ""),
            ("", ""),
        ] {
            assert!(line(&mut input.as_bytes()).expect("a line") == Secret::new(expected), "{input:?}");
        }
    }
}
