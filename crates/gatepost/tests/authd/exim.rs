//! Exim authenticates submission through our daemon (its driver `dovecot`). Debian's package cannot stand beside Postfix's,
//! so `./test` unpacks it into a folder; the user that it insists on is there in a mount namespace only.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use harness::{PATIENCE, Ports, client, fail_with, succeed};
use tempfile::TempDir;

use crate::{PASSWORD, Setting};

/// swaks' exit code when AUTH fails.
const NO_AUTH: i32 = 28;

const CONFIG: &str = "primary_hostname = exim.example.test
spool_directory = FOLDER/spool
log_file_path = FOLDER/spool/log/%slog
exim_user = mail
exim_group = mail
never_users =
local_interfaces = 127.0.0.1
daemon_smtp_ports = PORT
pid_file_path =
tls_advertise_hosts = *
tls_certificate = FOLDER/cert.pem
tls_privatekey = FOLDER/key.pem
acl_smtp_rcpt = acl_rcpt
keep_environment =
begin acl
acl_rcpt:
  accept authenticated = *
  deny message = relay not permitted
begin routers
nowhere:
  driver = redirect
  data = :blackhole:
begin authenticators
plain:
  driver = dovecot
  public_name = PLAIN
  server_socket = SOCKET
  server_set_id = $auth1
login:
  driver = dovecot
  public_name = LOGIN
  server_socket = SOCKET
  server_set_id = $auth1
";

const SCRIPT: &str = "set -e
cp /etc/passwd /etc/group \"$0\"
echo 'Debian-exim:x:8:8::/nonexistent:/usr/sbin/nologin' >> \"$0/passwd\"
echo 'Debian-exim:x:8:' >> \"$0/group\"
mount --bind \"$0/passwd\" /etc/passwd
mount --bind \"$0/group\" /etc/group
chmod 755 \"$0\"
chown -R mail \"$0/spool\" \"$0/cert.pem\" \"$0/key.pem\"
exec \"$1\" -C \"$0/config\" -bdf
";

/// A running Exim; it ends with this value.
struct Exim {
    folder: TempDir,
    ports: Ports,
    child: Child,
}

impl Exim {
    fn start(setting: &Setting) -> Self {
        let binary = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/exim/usr/sbin/exim4"));
        assert!(binary.exists(), "{} is missing: ./test unpacks it", binary.display());
        let folder = tempfile::Builder::new().prefix("gatepost-exim-").tempdir().expect("a folder");
        let ports = Ports::claim();
        fs::create_dir_all(folder.path().join("spool/log")).expect("a folder");
        for file in ["cert.pem", "key.pem"] {
            fs::copy(setting.server.data().join("tls").join(file), folder.path().join(file)).expect("the certificate");
        }
        let text = |path: &Path| path.display().to_string();
        let config = CONFIG
            .replace("FOLDER", &text(folder.path()))
            .replace("PORT", &ports.port(25).to_string())
            .replace("SOCKET", &text(&setting.socket("dovecot")));
        fs::write(folder.path().join("config"), config).expect("a config");
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", SCRIPT]).arg(folder.path()).arg(binary);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("unshare");
        let exim = Self { folder, ports, child };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", exim.ports.port(25))).is_err() {
            assert!(Instant::now() < deadline, "Exim does not listen:\n{}", exim.log());
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        exim
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("spool/log/mainlog")).unwrap_or_default()
    }

    fn swaks(&self, mechanism: &str, password: &str, more: &[&str]) -> Command {
        let mut command = client("swaks");
        command.arg("--server").arg(format!("127.0.0.1:{}", self.ports.port(25)));
        command.args(["--from", "alice@example.test", "--to", "x@example.net", "--timeout", "60"]);
        command.args(["--quit-after", "RCPT", "--auth", mechanism, "--auth-user", "alice@example.test"]);
        command.args(["--auth-password", password]).args(more);
        command
    }
}

impl Drop for Exim {
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        // It may be gone already.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        drop(self.child.wait());
    }
}

#[test]
fn exim_asks_our_accounts() {
    let setting = Setting::new("");
    let authd = setting.authd();
    let exim = Exim::start(&setting);
    for mechanism in ["PLAIN", "LOGIN"] {
        let said = succeed(&mut exim.swaks(mechanism, PASSWORD, &["--tls"]));
        assert!(said.contains("235 Authentication succeeded"), "{said}");
        let said = fail_with(&mut exim.swaks(mechanism, "wrong", &["--tls"]), NO_AUTH);
        assert!(said.contains("535 Incorrect authentication data"), "{said}");
    }
    let line = authd.wait_for_log("login accepted");
    assert!(line.contains("service=\"smtp\" peer=127.0.0.1") && line.contains("tls=true"), "{line}");
    // Exim takes a client at its own address for secure.
    fail_with(&mut exim.swaks("PLAIN", PASSWORD, &["--local-interface", "127.0.0.2"]), NO_AUTH);
    authd.wait_for_log("no TLS yet, and auth.require_tls is true");
    // A daemon that is gone is temporary.
    assert!(authd.stop().success());
    let said = fail_with(&mut exim.swaks("PLAIN", PASSWORD, &["--tls"]), NO_AUTH);
    assert!(said.contains("435 Unable to authenticate at present"), "{said}");
}
