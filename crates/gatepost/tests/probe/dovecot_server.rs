//! Debian's Dovecot, IMAP and POP3. Its packages for them cannot stand beside Courier's, so `./test` unpacks them into a
//! folder. It listens at 127.0.0.2: a client at the server's own address is one in a safe place for Dovecot.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use harness::{PATIENCE, Ports};
use net::ca::{self, PrivateCa};
use tempfile::TempDir;

use crate::USER;

const CONFIG: &str = "base_dir = FOLDER/run
state_dir = FOLDER/state
libexec_dir = FOLDER/libexec
log_path = FOLDER/log
listen = 127.0.0.2
protocols = imap pop3
ssl = yes
ssl_cert = <FOLDER/cert.pem
ssl_key = <FOLDER/key.pem
ssl_dh =
mail_location = maildir:FOLDER/mail/%u
auth_failure_delay = 0
default_login_user = nobody
default_internal_user = nobody
default_internal_group = nogroup
first_valid_uid = 0
passdb {
  driver = passwd-file
  args = FOLDER/users
}
userdb {
  driver = static
  args = uid=65534 gid=65534 home=FOLDER/mail
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = IMAP
  }
  inet_listener imaps {
    port = 0
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = POP3
  }
  inet_listener pop3s {
    port = 0
  }
}
";

/// A running Dovecot; it ends with this value.
pub(crate) struct Dovecot {
    folder: TempDir,
    ports: Ports,
    papers: PrivateCa,
}

impl Dovecot {
    /// With this password entry for alice and these lines of config.
    pub(crate) fn start(entry: &str, more: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("gatepost-dovecot-").tempdir().expect("a folder");
        let papers = ca::create(folder.path(), "mail.example.test", &[[127, 0, 0, 2].into()]).expect("certificates");
        let ports = Ports::claim();
        let dovecot = Self { folder, ports, papers };
        let path = dovecot.folder.path();
        open_to_all(path);
        programs(&path.join("libexec"));
        fs::create_dir(path.join("mail")).expect("a folder");
        std::os::unix::fs::chown(path.join("mail"), Some(65_534), Some(65_534)).expect("it takes root");
        fs::write(path.join("users"), format!("{USER}:{entry}\n")).expect("written");
        let config = format!("{CONFIG}{more}\n")
            .replace("FOLDER", &path.display().to_string())
            .replace("= IMAP", &format!("= {}", dovecot.ports.port(143)))
            .replace("= POP3", &format!("= {}", dovecot.ports.port(110)));
        fs::write(path.join("dovecot.conf"), config).expect("written");
        assert!(dovecot.command("start"), "{}", dovecot.log());
        for port in [143, 110] {
            let deadline = Instant::now() + PATIENCE;
            while TcpStream::connect(("127.0.0.2", dovecot.ports.port(port))).is_err() {
                assert!(Instant::now() < deadline, "Dovecot does not listen:\n{}", dovecot.log());
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        dovecot
    }

    fn command(&self, what: &str) -> bool {
        let mut command = Command::new("/usr/sbin/dovecot");
        command.arg("-c").arg(self.folder.path().join("dovecot.conf"));
        if what == "stop" {
            command.arg("stop");
        }
        // It goes on in the background, and would hold a pipe open.
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    /// `HOST:PORT` of `imap` or `pop3`.
    pub(crate) fn place(&self, protocol: &str) -> String {
        format!("127.0.0.2:{}", self.ports.port(if protocol == "imap" { 143 } else { 110 }))
    }

    /// The authority that has signed its certificate.
    pub(crate) fn ca(&self) -> &Path {
        &self.papers.ca
    }

    /// Where its files are.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.command("stop");
        if std::thread::panicking() {
            let mut err = std::io::stderr();
            drop(std::io::Write::write_all(&mut err, self.log().as_bytes()));
        }
    }
}

/// The programs of the packages that are installed and of those that are unpacked, in one folder.
fn programs(folder: &Path) {
    fs::create_dir(folder).expect("a folder");
    let unpacked = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/dovecot/usr/lib/dovecot"));
    assert!(unpacked.exists(), "{} is missing: ./test unpacks it", unpacked.display());
    for library in [Path::new("/usr/lib/dovecot"), &unpacked] {
        for entry in fs::read_dir(library).expect("it is installed").map_while(Result::ok) {
            // What is in both is the same.
            drop(std::os::unix::fs::symlink(entry.path(), folder.join(entry.file_name())));
        }
    }
}

fn open_to_all(path: &Path) {
    let all = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    fs::set_permissions(path, all).expect("permissions");
}
