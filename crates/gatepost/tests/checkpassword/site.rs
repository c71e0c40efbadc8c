//! A config, an account, and a caller that writes on descriptor 3.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

pub(crate) const GATEPOST: &str = env!("CARGO_BIN_EXE_gatepost");

/// A folder with a config, and `brian@example.test` with the password `right`.
pub(crate) struct Site(TempDir);

/// How a checker ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Site {
    pub(crate) fn new() -> Self {
        let site = Self(tempfile::tempdir().expect("a folder"));
        let dir = site.path().to_str().expect("UTF-8");
        run(
            Command::new(GATEPOST).args(["init", dir, "--hostname", "mail.example.test", "--domain", "example.test"]),
            b"",
        );
        let mut add = Command::new(GATEPOST);
        add.args(["user", "add", "brian@example.test", "--password-stdin", "-c"]).arg(site.config());
        let added = run(&mut add, b"right\n");
        assert_eq!(added.code, 0, "{}", added.err);
        site
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path().join("gatepost.toml")
    }

    /// Another chain, with these lines of config behind it.
    pub(crate) fn chain(&self, module: &str, lines: &str) {
        let text = fs::read_to_string(self.config()).expect("the config");
        let lines = format!("\n[auth]\nchain = [{module:?}]\n{lines}\n");
        fs::write(self.config(), text + &lines).expect("written");
    }

    /// Calls the checker with these fields, as `sh` does; `words` stand before the program.
    pub(crate) fn call(&self, fields: &[u8], words: &[&str], program: &[&str], variables: &[(&str, &str)]) -> Ended {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "exec \"$@\" 3<&0 </dev/null", "sh", GATEPOST, "checkpassword", "-c"]).arg(self.config());
        command.args(words).args(program).envs(variables.iter().copied());
        run(&mut command, fields)
    }
}

/// Runs a command with this on its standard input.
pub(crate) fn run(command: &mut Command, input: &[u8]) -> Ended {
    for name in ["TCPLOCALPORT", "SERVICE", "GATEPOST_CONFIG"] {
        if !command.get_envs().any(|(known, _)| known == name) {
            command.env_remove(name);
        }
    }
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    drop(child.stdin.take().expect("a pipe").write_all(input));
    let output = child.wait_with_output().expect("its end");
    let text = |octets| String::from_utf8(octets).expect("UTF-8");
    Ended { code: output.status.code().expect("no signal"), out: text(output.stdout), err: text(output.stderr) }
}
