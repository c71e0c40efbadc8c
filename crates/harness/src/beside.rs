//! Another process of the real binary, beside a server and with its config: `gatepost authd`.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::PATIENCE;
use crate::log::Log;

/// The process. Dropping it ends it; if the test is failing, its log is printed.
#[derive(Debug)]
pub struct Beside {
    child: Child,
    log: Log,
}

impl Beside {
    /// Starts a command, and waits until it says that it is ready.
    pub fn start(mut command: Command) -> Self {
        let log = Log::default();
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("spawn");
        log.follow(child.stdout.take().expect("piped"));
        log.follow(child.stderr.take().expect("piped"));
        let process = Self { child, log };
        process.wait_for_log(" ready");
        process
    }

    /// All that it has said so far.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Waits for a log line that contains `text`, also one that is there already.
    pub fn wait_for_log(&self, text: &str) -> String {
        let line = self.log.wait(0, |line| line.contains(text));
        line.unwrap_or_else(|| panic!("no line with {text:?}:\n{}", self.log.text()))
    }

    /// Sends a signal to it.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    /// SIGTERM, and waits until it has ended.
    pub fn stop(mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.wait()
    }

    /// SIGKILL, in the middle of whatever it does.
    pub fn kill(mut self) {
        self.signal(Signal::KILL);
        self.wait();
    }

    fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("wait") {
                return status;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end:\n{}", self.log.text())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // It may have ended already.
        if matches!(self.child.try_wait(), Ok(None)) {
            drop(self.child.kill());
            drop(self.child.wait());
        }
        if std::thread::panicking() {
            eprint(&self.log.text());
        }
    }
}

fn eprint(text: &str) {
    use std::io::Write;
    drop(writeln!(std::io::stderr(), "== the log of the process beside\n{text}"));
}
