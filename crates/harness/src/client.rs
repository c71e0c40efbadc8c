//! Mail clients that nobody here wrote.

use std::io::{Seek, Write};
use std::process::{Command, Output, Stdio};

use crate::PATIENCE;

/// A client program, ready for its arguments; it is ended when it hangs.
pub fn client(program: &str) -> Command {
    let mut command = Command::new("timeout");
    command.args(["--kill-after=5", &PATIENCE.as_secs().to_string(), program]);
    command
}

/// Standard input for a client.
pub fn input(text: impl AsRef<[u8]>) -> Stdio {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(text.as_ref()).and_then(|()| file.rewind()).expect("a temporary file");
    file.into()
}

/// Runs a client that must succeed; its standard output.
pub fn succeed(command: &mut Command) -> String {
    let output = outcome(command);
    assert!(output.status.success(), "{command:?}: {}\n{}", output.status, said(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs a client that must end with this exit code; all that it said.
pub fn fail_with(command: &mut Command, code: i32) -> String {
    let output = outcome(command);
    assert_eq!(output.status.code(), Some(code), "{command:?}\n{}", said(&output));
    said(&output)
}

fn outcome(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    // timeout(1): 127 when there is no such program.
    assert_ne!(output.status.code(), Some(127), "{command:?}: not installed? ./test installs it\n{}", said(&output));
    output
}

fn said(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).join("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_told_apart() {
        assert_eq!(succeed(client("echo").arg("hello")), "hello\n");
        assert_eq!(succeed(client("cat").stdin(input("in"))), "in");
        assert_eq!(fail_with(client("sh").args(["-c", "echo out; echo err >&2; exit 3"]), 3), "out\nerr\n");
    }
}
