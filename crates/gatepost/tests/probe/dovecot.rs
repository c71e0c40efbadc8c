//! Debian's Dovecot, IMAP and POP3. Its packages for them cannot stand beside Courier's, so `./test` unpacks them into a
//! folder. It listens at 127.0.0.2: a client at the server's own address is one in a safe place for Dovecot.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use harness::{PATIENCE, Ports};
use tempfile::TempDir;

use crate::papers::Papers;
use crate::{PASSWORD, Probe, Probed, USER};

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
struct Dovecot {
    folder: TempDir,
    ports: Ports,
    papers: Papers,
}

impl Dovecot {
    /// With this password entry for alice and these lines of config.
    fn start(entry: &str, more: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("gatepost-dovecot-").tempdir().expect("a folder");
        let (ports, papers) = (Ports::claim(), Papers::new());
        let dovecot = Self { folder, ports, papers };
        let path = dovecot.folder.path();
        open_to_all(path);
        programs(&path.join("libexec"));
        fs::create_dir(path.join("mail")).expect("a folder");
        std::os::unix::fs::chown(path.join("mail"), Some(65_534), Some(65_534)).expect("it takes root");
        let (certificate, key) = dovecot.papers.good();
        fs::copy(certificate, path.join("cert.pem")).expect("a copy");
        fs::copy(key, path.join("key.pem")).expect("a copy");
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

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn probe(&self, protocol: &str) -> Probe {
        let port = self.ports.port(if protocol == "imap" { 143 } else { 110 });
        Probe::new(format!("127.0.0.2:{port}"), protocol, self.papers.ca())
    }

    fn probed(&self, protocol: &str) -> Probed {
        self.probe(protocol).with_alice().run()
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

/// An entry from which every mechanism can be verified.
fn plain() -> String {
    format!("{{PLAIN}}{PASSWORD}")
}

#[test]
fn a_right_dovecot() {
    let dovecot = Dovecot::start(&plain(), "auth_mechanisms = plain login cram-md5 scram-sha-256");
    for protocol in ["imap", "pop3"] {
        let probed = dovecot.probed(protocol);
        probed.is_right();
        assert!(probed.finding("logins").contains("CRAM-MD5"), "{}", probed.finding("logins"));
    }
}

/// MISSION 000-09: the very story, on Dovecot: the hash that is kept is of no use to CRAM-MD5.
#[test]
fn a_mechanism_that_cannot_be_verified() {
    let hash = hashed("SHA512-CRYPT");
    let dovecot = Dovecot::start(&hash, "auth_mechanisms = plain cram-md5");
    for protocol in ["imap", "pop3"] {
        let probed = dovecot.probed(protocol);
        probed.has_wrong(&["error mechanism-fails"]);
        let said = probed.finding("mechanism-fails");
        assert!(said.starts_with("CRAM-MD5 is offered, and fails with a password that PLAIN accepts"), "{said}");
        // Which modules were asked cannot be seen from here, but the server's words can.
        assert!(said.contains("AUTHENTICATIONFAILED") || said.contains("-ERR [AUTH]"), "{said}");
    }
}

/// MISSION 000-12: a timestamp in the greeting promises APOP.
#[test]
fn apop_that_is_kept_and_apop_that_is_not() {
    let dovecot = Dovecot::start(&plain(), "auth_mechanisms = plain apop");
    let probed = dovecot.probed("pop3");
    probed.is_right();
    assert!(probed.finding("logins").contains("APOP"), "{}", probed.finding("logins"));
    let dovecot = Dovecot::start(&hashed("SHA512-CRYPT"), "auth_mechanisms = plain apop");
    let probed = dovecot.probed("pop3");
    probed.has_wrong(&["error mechanism-fails"]);
    let said = probed.finding("mechanism-fails");
    assert!(
        said.starts_with("APOP is offered, and fails") && said.contains("C: APOP alice@example.test •••"),
        "{said}"
    );
}

/// MISSION 000-02.
#[test]
fn passwords_in_clear() {
    let dovecot = Dovecot::start(&plain(), "disable_plaintext_auth = no");
    let said = dovecot.probed("imap");
    said.has_wrong(&["error login-in-clear"]);
    assert!(said.finding("login-in-clear").contains("AUTH=PLAIN"), "{}", said.finding("login-in-clear"));
    dovecot.probed("pop3").has_wrong(&["error login-in-clear"]);
}

/// A hash that takes long is reckoned for those who exist only. (Dovecot answers refusals every half second: only one that
/// takes longer shows.)
#[test]
fn unknown_users_are_refused_faster() {
    let dovecot = Dovecot::start(&hashed("BLF-CRYPT"), "auth_cache_size = 0");
    let probed = dovecot.probed("imap");
    probed.has_wrong(&["warning timing"]);
    assert!(probed.finding("timing").contains("longer for users who exist"), "{}", probed.finding("timing"));
}

/// Without TLS, the password is kept back.
#[test]
fn no_tls_at_all() {
    let dovecot = Dovecot::start(&plain(), "ssl = no\ndisable_plaintext_auth = no");
    let probed = dovecot.probed("imap");
    probed.has_wrong(&["error no-tls", "error login-in-clear"]);
    assert!(probed.skipped("mechanisms").contains("--allow-clear"), "{}", probed.skipped("mechanisms"));
    assert!(!dovecot.log().contains(USER), "{}", dovecot.log());
    let probed = dovecot.probe("imap").with(&["--allow-clear"]).with_alice().run();
    assert!(probed.finding("logins").contains("PLAIN"), "{}", probed.finding("logins"));
}

/// MISSION 004-33: a store that cannot be read is not a wrong password.
#[test]
fn a_store_that_is_away() {
    let dovecot = Dovecot::start(&plain(), "passdb {\n driver = passwd-file\n args = FOLDER/no/such/file\n}");
    fs::remove_file(dovecot.folder.path().join("users")).expect("it is there");
    let probed = dovecot.probed("imap");
    probed.has_wrong(&["error login-temporary"]);
}

/// The password as Dovecot keeps it; strong schemes cost some time even there.
fn hashed(scheme: &str) -> String {
    let mut command = Command::new("/usr/bin/doveadm");
    command.args(["-c", "/dev/null", "pw", "-s", scheme, "-p", PASSWORD]);
    if scheme == "BLF-CRYPT" {
        command.args(["-r", "14"]);
    }
    let output = command.output().expect("doveadm is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}
