//! SIGHUP and `gatepost reload`: certificates and config are taken up while sessions go on.

use std::fs;

use harness::Scenario;
use rustix::process::Signal;

use crate::BINARY;
use crate::client::Client;

#[test]
fn a_new_certificate_is_used_by_the_next_handshake() {
    let server = Scenario::new(BINARY).start();
    let mut old = Client::tls(&server, 993);
    assert!(old.line().starts_with("* OK"));
    let other = Scenario::new(BINARY).prepare();
    for file in ["ca.pem", "cert.pem", "key.pem"] {
        fs::copy(other.data().join("tls").join(file), server.data().join("tls").join(file)).unwrap();
    }
    server.signal(Signal::HUP);
    server.wait_for_log("config and certificate reloaded");
    // The client trusts the CA that is in the folder now.
    assert!(Client::tls(&server, 993).line().starts_with("* OK"));
    assert!(old.say("a NOOP").starts_with("a OK"), "the old session goes on");
}

#[test]
fn a_broken_config_or_certificate_leaves_the_old_one_in_force() {
    let server = Scenario::new(BINARY).start();
    let good = fs::read_to_string(server.config()).unwrap();
    server.edit_config(|config| config + "\n[limits]\nconnections = \"many\"\n");
    let refused = server.command(&["reload"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(78), "{}", String::from_utf8_lossy(&refused.stderr));
    server.signal(Signal::HUP);
    server.wait_for_log("not reloaded: the old config stays");
    fs::write(server.config(), good).unwrap();
    fs::write(server.data().join("tls/cert.pem"), "nonsense").unwrap();
    let refused = server.command(&["reload"]).output().unwrap();
    let text = String::from_utf8_lossy(&refused.stderr);
    assert!(text.contains("cert.pem"), "{text}");
    assert!(Client::tls(&server, 993).line().starts_with("* OK"));
}

#[test]
fn changed_limits_hold_at_once_and_what_needs_a_restart_is_named() {
    let server = Scenario::new(BINARY).start();
    let mut first = Client::clear(&server, 25);
    assert!(first.line().starts_with("220 "));
    server.edit_config(|config| config + "\n[limits]\nconnections_per_ip = 1\n\n[log]\nlevel = \"debug\"\n");
    assert_eq!(server.run(&["reload"], ""), "reloaded; a restart is needed for: log\n");
    assert!(Client::clear(&server, 25).line().starts_with("421 4.7.0 "));
}
