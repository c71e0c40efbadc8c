//! Debian's Postfix in a folder and on a port of its own. It takes root, as Postfix itself does.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::log::Log;
use crate::{Maildir, PATIENCE, Ports};

/// What is the same whatever the test wants. Nothing here reads the machine's own configuration.
const MAIN: &str = "compatibility_level = 3.6
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
biff = no
maillog_file = /dev/stdout
smtputf8_enable = yes
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
";

/// The services that a small Postfix needs; the first one listens.
const MASTER: &str = "127.0.0.1:PORT inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";

/// A running Postfix. Dropping it stops it; if the test is failing, its log is printed.
#[derive(Debug)]
pub struct Postfix {
    folder: TempDir,
    ports: Ports,
    log: Log,
    child: Child,
}

impl Postfix {
    /// Starts one with these lines added to `main.cf`, and waits until it listens. `prepare` is given the folder that its
    /// files may be put in.
    pub fn start(prepare: impl FnOnce(&Path) -> String) -> Self {
        let folder = tempfile::Builder::new().prefix("gatepost-postfix-").tempdir().expect("a temporary folder");
        // Postfix's processes run as another user.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("permissions");
        let (ports, log) = (Ports::claim(), Log::default());
        let more = prepare(folder.path());
        write_config(folder.path(), ports.port(25), &more);
        let mut child = command(folder.path(), "postfix")
            .arg("start-fg")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("postfix is installed (./test installs it)");
        log.follow(child.stdout.take().expect("piped"));
        log.follow(child.stderr.take().expect("piped"));
        let server = Self { folder, ports, log, child };
        server.wait_for_log("daemon started");
        server
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.ports.port(25)
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Hands it a message as a program on its host would (`sendmail`).
    pub fn send(&self, from: &str, to: &str, message: &str) {
        let mut command = command(self.folder.path(), "sendmail");
        command.args(["-i", "-f", from, to]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("sendmail");
        child.stdin.take().expect("piped").write_all(message.as_bytes()).expect("sendmail reads");
        let output = child.wait_with_output().expect("wait");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Waits for a log line that contains all of these, also one that is there already.
    pub fn wait_for_log_with(&self, parts: &[&str]) -> String {
        let line = self.log.wait(0, |line| parts.iter().all(|part| line.contains(part)));
        line.unwrap_or_else(|| panic!("no line with {parts:?} in {PATIENCE:?}:\n{}", self.log.text()))
    }

    /// Waits for a log line that contains `text`, also one that is there already.
    pub fn wait_for_log(&self, text: &str) -> String {
        self.wait_for_log_with(&[text])
    }

    /// The Maildir `mail/<name>` in its folder, where `virtual_mailbox_base` may point to.
    pub fn maildir(&self, name: &str) -> Maildir {
        Maildir::at(self.folder.path().join("mail").join(name))
    }
}

fn write_config(folder: &Path, port: u16, more: &str) {
    let own = |name: &str| -> PathBuf {
        let path = folder.join(name);
        fs::create_dir_all(&path).expect("a folder");
        path
    };
    let (config, queue, data) = (own("config"), own("queue"), own("data"));
    give_to_postfix(&data);
    let main = format!(
        "{MAIN}queue_directory = {}\ndata_directory = {}\nmyhostname = postfix.example.test\n{more}\n",
        queue.display(),
        data.display()
    );
    fs::write(config.join("main.cf"), last_of_each(&main)).expect("main.cf");
    fs::write(config.join("master.cf"), MASTER.replace("PORT", &port.to_string())).expect("master.cf");
}

/// Of lines for the same parameter, the last one. Postfix would do so itself, but warns of each, and so many warnings at
/// once fill the queue of its log daemon, which then waits for itself.
fn last_of_each(main: &str) -> String {
    let name = |line: &str| line.split('=').next().unwrap_or_default().trim().to_owned();
    let lines: Vec<&str> = main.lines().collect();
    let later = |index: usize| lines.iter().skip(index + 1).any(|line| name(line) == name(lines[index]));
    let kept = lines.iter().enumerate().filter(|(index, _)| !later(*index));
    kept.map(|(_, line)| format!("{line}\n")).collect()
}

/// Makes the user that Postfix runs as the owner of a file or folder.
pub fn give_to_postfix(path: &Path) {
    let status = Command::new("chown").arg("postfix").arg(path).status().expect("chown");
    assert!(status.success(), "chown postfix {}", path.display());
}

/// A command of Postfix about this folder's configuration.
fn command(folder: &Path, name: &str) -> Command {
    let mut command = Command::new(format!("/usr/sbin/{name}"));
    command.arg(if name == "sendmail" { "-C" } else { "-c" }).arg(folder.join("config"));
    command
}

impl Drop for Postfix {
    fn drop(&mut self) {
        // The master takes its processes with it. It runs under the script that `start-fg` is.
        let stopped =
            command(self.folder.path(), "postfix").arg("stop").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !stopped.is_ok_and(|status| status.success()) {
            // It may be gone already.
            let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        }
        drop(self.child.wait());
        if std::thread::panicking() {
            drop(writeln!(std::io::stderr(), "== Postfix's log\n{}", self.log.text()));
        }
    }
}
