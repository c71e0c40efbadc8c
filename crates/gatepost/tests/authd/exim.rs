//! Exim authenticates submission through our daemon (its driver `dovecot`).

use std::process::Command;

use harness::{Exim, client, fail_with, succeed};

use crate::{PASSWORD, Setting};

/// swaks' exit code when AUTH fails.
const NO_AUTH: i32 = 28;

const CONFIG: &str = "primary_hostname = exim.example.test
tls_advertise_hosts = *
acl_smtp_rcpt = acl_rcpt
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

fn start(setting: &Setting) -> Exim {
    let tls = setting.server.data().join("tls");
    let config = CONFIG.replace("SOCKET", &setting.socket("dovecot").display().to_string());
    Exim::start(&tls.join("cert.pem"), &tls.join("key.pem"), &config)
}

fn swaks(exim: &Exim, mechanism: &str, password: &str, more: &[&str]) -> Command {
    let mut command = client("swaks");
    command.arg("--server").arg(format!("127.0.0.1:{}", exim.port()));
    command.args(["--from", "alice@example.test", "--to", "x@example.net", "--timeout", "60"]);
    command.args(["--quit-after", "RCPT", "--auth", mechanism, "--auth-user", "alice@example.test"]);
    command.args(["--auth-password", password]).args(more);
    command
}

#[test]
fn exim_asks_our_accounts() {
    let setting = Setting::new("");
    let authd = setting.authd();
    let exim = start(&setting);
    for mechanism in ["PLAIN", "LOGIN"] {
        let said = succeed(&mut swaks(&exim, mechanism, PASSWORD, &["--tls"]));
        assert!(said.contains("235 Authentication succeeded"), "{said}");
        let said = fail_with(&mut swaks(&exim, mechanism, "wrong", &["--tls"]), NO_AUTH);
        assert!(said.contains("535 Incorrect authentication data"), "{said}");
    }
    let line = authd.wait_for_log("login accepted");
    assert!(line.contains("service=\"smtp\" peer=127.0.0.1") && line.contains("tls=true"), "{line}");
    // Exim takes a client at its own address for secure.
    fail_with(&mut swaks(&exim, "PLAIN", PASSWORD, &["--local-interface", "127.0.0.2"]), NO_AUTH);
    authd.wait_for_log("no TLS yet, and auth.require_tls is true");
    // A daemon that is gone is temporary.
    assert!(authd.stop().success());
    let said = fail_with(&mut swaks(&exim, "PLAIN", PASSWORD, &["--tls"]), NO_AUTH);
    assert!(said.contains("435 Unable to authenticate at present"), "{said}");
}
