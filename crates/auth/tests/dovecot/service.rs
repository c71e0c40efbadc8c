//! Debian's Dovecot with its auth service alone, in a folder of the test's own. It takes root, as Dovecot itself does.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const CONFIG: &str = "base_dir = FOLDER/run
state_dir = FOLDER/state
log_path = FOLDER/log
protocols =
ssl = no
auth_mechanisms = MECHANISMS
auth_failure_delay = 0
passdb {
  PASSDB
}
userdb {
  driver = passwd-file
  args = username_format=%u FOLDER/users
}
service auth {
  unix_listener auth-client {
    mode = 0600
  }
  unix_listener auth-userdb {
    mode = 0600
  }
}
";

const USERS: &str = "brian:{PLAIN}secret:1001:1002::FOLDER/home/brian::
bar@example.test:{PLAIN}secret:1003:1003::FOLDER/home/bar::userdb_mail=maildir:~/mail userdb_quota_rule=*:bytes=1000
";

/// A running Dovecot; it ends with this value.
pub(crate) struct Service {
    folder: TempDir,
    child: Child,
}

impl Service {
    pub(crate) fn start(mechanisms: &str) -> Self {
        Self::with(mechanisms, "driver = passwd-file\n  args = scheme=PLAIN username_format=%u FOLDER/users")
    }

    /// One whose logins are judged by a program that is not there.
    pub(crate) fn broken() -> Self {
        Self::with("plain", "driver = checkpassword\n  args = /nonexistent/checkpassword")
    }

    fn with(mechanisms: &str, passdb: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("dovecot-").tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let text = text.replace("PASSDB", passdb).replace("FOLDER", &folder.path().display().to_string());
            std::fs::write(folder.path().join(name), text.replace("MECHANISMS", mechanisms)).expect("a file");
        };
        write("config", CONFIG);
        write("users", USERS);
        // Its auth process runs as another user.
        let open = |path: &Path| {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("permissions");
        };
        open(folder.path());
        open(&folder.path().join("users"));
        for name in ["run", "state"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        let mut command = Command::new("/usr/sbin/dovecot");
        command.arg("-F").arg("-c").arg(folder.path().join("config"));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("dovecot (./test installs it)");
        let service = Self { folder, child };
        let deadline = Instant::now() + Duration::from_secs(60);
        while UnixStream::connect(service.socket("auth-client")).is_err() {
            assert!(Instant::now() < deadline, "Dovecot does not listen:\n{}", service.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        service
    }

    /// `auth-client` or `auth-userdb`.
    pub(crate) fn socket(&self, name: &str) -> PathBuf {
        self.folder.path().join("run").join(name)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// SIGTERM, which ends its processes with it.
    pub(crate) fn stop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        // It may be gone already.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        self.child.wait().expect("it ends");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop();
    }
}
