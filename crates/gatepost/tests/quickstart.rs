//! The newcomer's first command, run for real, twice; and what it prints, done literally.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use harness::Ports;
use rustix::process::{Pid, Signal, kill_process};

/// A quickstart in its own process group, ended when dropped.
struct Quickstart {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Quickstart {
    fn run(dir: &Path, ports: &Ports) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatepost"));
        command.arg("quickstart").arg("--dir").arg(dir).args(["--port-offset", &ports.offset().to_string()]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out }
    }

    /// What it prints, up to its last line.
    fn summary(&mut self) -> String {
        let mut text = String::new();
        while !text.contains("Ctrl-C ends it") {
            assert_ne!(self.out.read_line(&mut text).unwrap(), 0, "it ended early, after:\n{text}");
        }
        text
    }

    /// SIGTERM, and its exit.
    fn stop(mut self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Quickstart {
    fn drop(&mut self) {
        // Only a test that failed leaves it running.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The line after a comment, as a shell runs it when it is pasted.
fn paste(summary: &str, comment: &str) -> Output {
    let mut lines = summary.lines().skip_while(|line| line.trim() != comment);
    let command = lines.nth(1).unwrap_or_else(|| panic!("no {comment:?} in\n{summary}"));
    let output = Command::new("sh").arg("-c").arg(command.trim()).output().unwrap();
    let text = [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy).concat();
    assert!(output.status.success(), "{command}\n{text}");
    output
}

fn line<'a>(summary: &'a str, needle: &str) -> &'a str {
    summary.lines().find(|line| line.contains(needle)).unwrap_or_else(|| panic!("no {needle:?} in\n{summary}"))
}

#[test]
fn it_runs_sends_and_goes_on_with_the_same_folder() {
    let (temporary, ports) = (tempfile::TempDir::new().unwrap(), Ports::claim());
    let dir = temporary.path().join("it's a folder");
    let mut first = Quickstart::run(&dir, &ports);
    let summary = first.summary();
    assert!(line(&summary, "submission  ").contains(&format!("127.0.0.1:{}", ports.port(587))));
    assert!(line(&summary, "delivered  ").contains("/mail/example.test/bob/"), "{summary}");
    let received = line(&summary, "> Received:");
    // "queued as 1K1H3VZPF2V [ZCXT54J3]": the ids of the message and of the session.
    let mut said = line(&summary, "answer: ").rsplit(' ');
    let session = said.next().unwrap().trim_matches(['[', ']']);
    let id = format!(" id {}/{session} ", said.next().unwrap());
    assert!(received.contains("ESMTPSA") && received.contains(&id), "{summary}");

    paste(&summary, "# send a message");
    let read = paste(&summary, "# read bob's first message");
    assert!(String::from_utf8_lossy(&read.stdout).contains("Subject: Between you, me and the gatepost"));
    let transcript = paste(&summary, "# see the whole conversation");
    let transcript = String::from_utf8_lossy(&transcript.stdout);
    assert!(transcript.contains("TLS started") && transcript.contains("<~  235 "), "{transcript}");
    first.stop();
    refuses_other_ports(&dir);

    let mut second = Quickstart::run(&dir, &ports);
    let again = second.summary();
    assert_eq!(line(&again, "alice@example.test  "), line(&summary, "alice@example.test  "), "the same passwords");
    assert!(line(&again, "bob@example.test has").contains("alice@example.test sent the first one in an earlier run"));
    assert!(String::from_utf8_lossy(&paste(&again, "# read bob's first message").stdout).contains("Hello Bob"));
    second.stop();
}

/// An option that would change nothing is not taken silently.
fn refuses_other_ports(dir: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatepost"));
    let output = command.arg("quickstart").arg("--dir").arg(dir).args(["--port-offset", "1"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(73), "{text}");
    assert!(text.contains("--port-offset changes nothing") && text.contains("another --dir"), "{text}");
}
