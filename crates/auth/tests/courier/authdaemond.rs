//! Debian's authdaemond on accounts of the test's own. The paths of its config and its socket are compiled in, so it runs
//! in a mount namespace where those folders are the test's. It takes root.

use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const CONFIG: &str = "authmodulelist=\"authuserdb\"\nauthmodulelistorig=\"authuserdb\"\ndaemons=2\n\
                      authdaemonvar=/run/courier/authdaemon\nDEBUG_LOGIN=1\nDEFAULTOPTIONS=\"\"\nLOGGEROPTS=\"\"\n";

/// `brian` has a key for CRAM-MD5 as well; `bar@example.test` has not, and may not use IMAP.
const SCRIPT: &str = r#"set -e
mkdir -p /run/courier
mount --bind "$1/etc" /etc/courier
mount --bind "$1/run" /run/courier
userdb brian set uid=1001 gid=1002 home="$1/home/brian" gecos="Brian Candler"
printf 'secret\nsecret\n' | userdbpw -md5 | userdb brian set systempw
printf 'secret\nsecret\n' | userdbpw -hmac-md5 | userdb brian set hmac-md5pw
userdb bar@example.test set uid=1003 gid=1003 home="$1/home/bar" mail=./mail quota=1000S options=disableimap=1
printf 'secret\nsecret\n' | userdbpw -md5 | userdb bar@example.test set systempw
chmod 700 /etc/courier/userdb
makeuserdb
set -a
. /etc/courier/authdaemonrc
exec /usr/lib/courier/courier-authlib/authdaemond
"#;

/// The daemon; it ends with this value.
pub(crate) struct Authdaemond {
    dir: TempDir,
    child: Child,
}

impl Authdaemond {
    pub(crate) fn start() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        for folder in ["etc", "run/authdaemon"] {
            std::fs::create_dir_all(dir.path().join(folder)).expect("a folder");
        }
        std::fs::write(dir.path().join("etc/authdaemonrc"), CONFIG).expect("a config");
        let log = std::fs::File::create(dir.path().join("log")).expect("a log");
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", SCRIPT, "sh"]).arg(dir.path());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().expect("unshare");
        let daemon = Self { dir, child };
        let deadline = Instant::now() + Duration::from_secs(60);
        while UnixStream::connect(daemon.socket()).is_err() {
            assert!(Instant::now() < deadline, "authdaemond does not listen (./test installs it):\n{}", daemon.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        daemon
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.path().join("run/authdaemon/socket")
    }

    pub(crate) fn home(&self, user: &str) -> PathBuf {
        self.dir.path().join("home").join(user)
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// SIGTERM: it takes its children with it. The socket stays, and nobody listens.
    pub(crate) fn stop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        // It may be gone already.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        self.child.wait().expect("it ends");
    }
}

impl Drop for Authdaemond {
    fn drop(&mut self) {
        self.stop();
    }
}
