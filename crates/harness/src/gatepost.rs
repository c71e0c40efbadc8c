//! The real binary, in a folder and on ports of its own.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use tempfile::TempDir;

use crate::log::Log;
use crate::{Maildir, PATIENCE, Ports, Scenario};

/// A server. Dropping it stops the process; if the test is failing, its log is printed.
#[derive(Debug)]
pub struct Gatepost {
    binary: PathBuf,
    folder: TempDir,
    ports: Ports,
    log: Log,
    child: Option<Child>,
    open_files: Option<u32>,
}

impl Gatepost {
    pub(crate) fn prepare(scenario: Scenario) -> Self {
        let folder = tempfile::Builder::new().prefix("gatepost-test-").tempdir().expect("a temporary folder");
        let (ports, log) = (Ports::claim(), Log::default());
        let server = Self { binary: scenario.binary, folder, ports, log, child: None, open_files: scenario.open_files };
        let offset = server.ports.offset().to_string();
        let mut init = server.command(&["init", "--hostname", "mail.example.test", "--listen", "127.0.0.1"]);
        init.arg("--port-offset").arg(offset).arg(server.data());
        for domain in &scenario.domains {
            init.args(["--domain", domain]);
        }
        finish(init, "");
        server.edit_config(|config| format!("{}{config}{}", scenario.top, scenario.tables));
        for (address, password) in &scenario.users {
            server.add_user(address, password);
        }
        server
    }

    /// Starts the server and waits until it says that it is ready.
    pub fn start(&mut self) {
        let from = self.log.len();
        self.launch();
        if self.log.wait(from, |line| line.contains(" ready")).is_none() {
            panic!("the server did not get ready:\n{}", self.log.text());
        }
    }

    /// Starts the server without waiting, for tests of a start that fails.
    pub fn launch(&mut self) {
        assert!(self.child.is_none(), "the server runs already");
        let mut command = match self.open_files {
            None => self.command(&["serve"]),
            // The shell becomes the server, so that the pid is the server's.
            Some(most) => self.about(Command::new("sh"), &["-c", &format!("ulimit -n {most}; exec \"$0\" serve")]),
        };
        command.args(self.open_files.map(|_| &self.binary));
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("spawn");
        self.log.follow(child.stdout.take().expect("piped"));
        self.log.follow(child.stderr.take().expect("piped"));
        self.child = Some(child);
    }

    /// Sends a signal to the running server.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the server runs");
    }

    /// The running server's process id.
    pub fn pid(&self) -> Pid {
        let child = self.child.as_ref().expect("the server runs");
        Pid::from_raw(i32::try_from(child.id()).expect("a pid")).expect("a pid")
    }

    /// SIGKILL, in the middle of whatever it does. It can be started again on the same folder and ports.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.wait_for_exit();
    }

    /// SIGTERM, and waits until it has drained.
    pub fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.wait_for_exit()
    }

    /// Waits until the process has ended by itself or after a signal; kills it when it takes too long.
    pub fn wait_for_exit(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("the server runs");
        let late = !ends_within(&child, PATIENCE);
        if late {
            child.kill().expect("not reaped yet");
        }
        let status = child.wait().expect("wait");
        self.log.wait_for_end();
        assert!(!late, "the server did not end within {PATIENCE:?}:\n{}", self.log.text());
        status
    }

    /// Its folder: config, queue, mailboxes, certificates.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Its config.
    pub fn config(&self) -> PathBuf {
        self.data().join("gatepost.toml")
    }

    /// The CA that its certificate is signed by.
    pub fn ca(&self) -> PathBuf {
        self.data().join("tls/ca.pem")
    }

    /// Rewrites the config.
    pub fn edit_config(&self, edit: impl FnOnce(String) -> String) {
        let text = fs::read_to_string(self.config()).expect("the config");
        fs::write(self.config(), edit(text)).expect("the config");
    }

    /// The port at which a service listens, named by its standard port: `port(25)`.
    pub fn port(&self, standard: u16) -> u16 {
        self.ports.port(standard)
    }

    /// All that the server has said so far.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Waits for a log line that contains `text`, also one that is there already.
    pub fn wait_for_log(&self, text: &str) -> String {
        self.log.wait(0, |line| line.contains(text)).unwrap_or_else(|| panic!("no log line with {text:?}"))
    }

    /// A `gatepost` command about this server's config, ready to be run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.about(Command::new(&self.binary), arguments)
    }

    fn about(&self, mut command: Command, arguments: &[&str]) -> Command {
        command.args(arguments).env("GATEPOST_CONFIG", self.config()).current_dir(self.folder.path());
        command
    }

    /// Runs a `gatepost` command that must succeed, with `input` on its standard input; its standard output.
    pub fn run(&self, arguments: &[&str], input: &str) -> String {
        let output = finish(self.command(arguments), input);
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Makes an account.
    pub fn add_user(&self, address: &str, password: &str) {
        self.run(&["user", "add", address, "--password-stdin"], &format!("{password}\n"));
    }

    /// An account's Maildir.
    pub fn maildir(&self, address: &str) -> Maildir {
        let (local, domain) = address.split_once('@').expect("an address");
        Maildir::at(self.data().join("mail").join(domain).join(local))
    }

    /// The folder that all of this is in; tests may put files of their own there.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Gatepost {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let asked = kill_process(Pid::from_child(child), Signal::TERM);
            if asked.is_err() || !ends_within(child, Duration::from_secs(20)) {
                drop(child.kill());
            }
            drop(child.wait());
        }
        if std::thread::panicking() {
            drop(writeln!(std::io::stderr(), "== the server's log\n{}", self.log.text()));
        }
    }
}

/// Whether the child ends in time. It is not reaped, so that its pid cannot be given to another process meanwhile.
fn ends_within(child: &Child, patience: Duration) -> bool {
    let (pid, how) = (Pid::from_child(child), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
    let (told, end) = mpsc::channel();
    std::thread::spawn(move || told.send(waitid(WaitId::Pid(pid), how).is_ok()));
    end.recv_timeout(patience).is_ok()
}

fn finish(mut command: Command, input: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("spawn");
    // A command that reads no input may be gone already.
    drop(child.stdin.take().expect("piped").write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("wait");
    assert!(output.status.success(), "{command:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    output
}
