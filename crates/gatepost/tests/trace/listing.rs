//! `gatepost trace list`.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use harness::{Scenario, client, fail_with};

use crate::{ALICE, BINARY, PASSWORD, call, id, told};

#[test]
fn sessions_are_filtered() {
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).start();
    let (wrong, unknown) = (id(&call(&server, "wrong-password")), id(&call(&server, "unknown-user")));
    told(&server, &["trace", "list"], &wrong);
    told(&server, &["trace", "list"], &unknown);
    let list = |filters: &[&str]| {
        let text = server.run(&[&["trace", "list"], filters].concat(), "");
        [&wrong, &unknown].map(|id| text.contains(id.as_str()))
    };
    assert_eq!(list(&["--failed", "--since", "1h"]), [true, true]);
    assert_eq!(list(&["--user", "ALISE"]), [false, true]);
    assert_eq!(list(&["--protocol", "smtp"]), [true, false]);
    assert_eq!(list(&["--protocol", "relay"]), [false, false]);
    assert_eq!(list(&["--reason", "wrong_password"]), [true, false]);
    assert_eq!(list(&["--reason", "unknown user"]), [false, true]);
    assert_eq!(list(&["--ip", "127.0.0.0/8"]), [true, true]);
    assert_eq!(list(&["--ip", "192.0.2.1"]), [false, false]);
    assert_eq!(list(&["--since", "2100-01-01T00:00:00Z"]), [false, false]);
    assert_eq!(list(&["--limit", "1"]), [false, true], "the newest one is the last");
    let json = server.run(&["trace", "list", "--json", "--limit", "1"], "");
    let json: serde_json::Value = serde_json::from_str(&json).expect("one record");
    assert_eq!(json["id"], unknown.as_str());
    // Options that every command has may stand in front of its name.
    assert!(server.run(&["trace", "--json", "list"], "").starts_with('{'));
    let misspelt = server.command(&["trace", "list", "--reason", "wrong-pasword"]).output().expect("the binary");
    let said = String::from_utf8_lossy(&misspelt.stderr);
    assert!(misspelt.status.code() == Some(2) && said.contains("did you mean wrong_password?"), "{said}");
    let both = server.command(&["trace", &wrong, "list"]).output().expect("the binary");
    assert_eq!(both.status.code(), Some(65));
}

/// MISSION 004-31: where the client can be told nothing, the list names the reason by its address.
#[test]
fn the_wrong_kind_of_port_is_in_the_list() {
    let server = Scenario::new(BINARY).start();
    let ca = server.ca();
    let curl = |url: String| {
        let mut curl = client("curl");
        curl.args(["--silent", "--show-error", "--cacert"]).arg(&ca).arg(url);
        curl
    };
    // 35: the handshake failed, 60: the certificate is not trusted.
    fail_with(&mut curl(format!("imaps://localhost:{}/", server.port(143))), 35);
    told(&server, &["trace", "list", "--ip", "127.0.0.1"], "spoke_tls_to_plain  tls-to-plain-port");
    let mut untrusting = client("curl");
    fail_with(untrusting.args(["--silent", "--show-error", &format!("pop3s://localhost:{}/", server.port(995))]), 60);
    told(&server, &["trace", "list"], "certificate-not-trusted");
    // HTTP is what a client speaks that does not wait for a greeting: 56, nothing comes back but an alert.
    let mut http = client("curl");
    drop(http.args(["--silent", &format!("http://localhost:{}/", server.port(993))]).output().expect("curl"));
    told(&server, &["trace", "list"], "spoke_plain_to_tls  plain-to-tls-port");
}

#[test]
fn new_sessions_are_followed() {
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).start();
    let first = id(&call(&server, "wrong-password"));
    told(&server, &["trace", "list"], &first);
    let mut follow =
        server.command(&["trace", "list", "--follow", "--failed"]).stdout(Stdio::piped()).spawn().expect("it");
    let mut lines = BufReader::new(follow.stdout.take().expect("a pipe")).lines();
    let mut next = || lines.next().expect("a line").expect("read");
    assert!(next().contains(&first));
    let second = id(&call(&server, "unknown-user"));
    assert!(next().contains(&second));
    follow.kill().expect("it runs");
    follow.wait().expect("its end");
}
