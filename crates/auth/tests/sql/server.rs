//! What a database server in a temporary folder needs, whichever it is.

use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// A command that runs as a user whom the server accepts: both refuse root.
pub(crate) fn command_as(user: &str, program: &Path) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", user, "--clear-groups", "--"]).arg(program);
    command
}

/// A folder that belongs to that user.
pub(crate) fn folder_of(user: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    if rustix::process::geteuid().is_root() {
        let id = |what| {
            let told = Command::new("id").args([what, user]).output().expect("id runs");
            String::from_utf8_lossy(&told.stdout).trim().parse::<u32>().expect("a number")
        };
        chown(dir.path(), Some(id("-u")), Some(id("-g"))).expect("root may");
    }
    dir
}

/// Runs it to its end; what it says if it fails is the test's.
pub(crate) fn run(command: &mut Command, input: &str) -> String {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("written");
    let done = child.wait_with_output().expect("waited");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{command:?}: {said}\n{input}");
    String::from_utf8_lossy(&done.stdout).into_owned()
}

/// A server's process, stopped by its pid.
pub(crate) struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Starts it; it is there when `there` says so.
    pub(crate) fn start(command: &mut Command, log: PathBuf, there: impl Fn() -> bool) -> Self {
        let out = std::fs::File::create(&log).expect("a log");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(out);
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut running = Self { child, log };
        let deadline = Instant::now() + Duration::from_secs(60);
        while !there() {
            let ended = running.child.try_wait().expect("asked");
            assert!(ended.is_none() && Instant::now() < deadline, "{ended:?}: {}", running.said());
            std::thread::sleep(Duration::from_millis(50));
        }
        running
    }

    fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let _ = kill_process(pid.expect("a pid"), signal);
    }

    /// Stops it, and waits until it is gone.
    pub(crate) fn stop(mut self, signal: Signal) {
        self.signal(signal);
        self.child.wait().expect("waited");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // QUIT ends PostgreSQL with its children at once. KILL would leave them.
        self.signal(Signal::QUIT);
        self.signal(Signal::TERM);
        let _ = self.child.wait();
    }
}

/// A certificate for `localhost` that is its own authority, with its key, readable by the user.
pub(crate) fn certificate(folder: &Path, user: &str) -> (PathBuf, PathBuf) {
    let (certificate, key) = (folder.join("server.pem"), folder.join("server.key"));
    let mut openssl = command_as(user, Path::new("openssl"));
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]);
    openssl.args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]);
    openssl.args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"]).arg(&key).arg("-out").arg(&certificate);
    run(&mut openssl, "");
    (certificate, key)
}
