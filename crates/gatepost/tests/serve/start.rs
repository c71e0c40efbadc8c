//! A start that cannot work says why, and what to do.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;

use harness::Scenario;

use crate::BINARY;

#[test]
fn a_second_server_on_one_folder_is_told_the_first_ones_pid() {
    let server = Scenario::new(BINARY).start();
    let second = server.command(&["serve"]).output().unwrap();
    let text = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{text}");
    let pid = server.pid().as_raw_nonzero().to_string();
    assert!(text.contains("another server runs on") && text.contains(&format!("(process {pid})")), "{text}");
}

#[test]
fn a_server_that_was_killed_leaves_nothing_in_the_way() {
    let mut server = Scenario::new(BINARY).start();
    server.kill();
    server.start();
    assert!(server.stop().success());
}

#[test]
fn every_port_that_is_taken_is_named_with_its_listener() {
    let mut server = Scenario::new(BINARY).prepare();
    let taken = [25, 993].map(|port| TcpListener::bind(("127.0.0.1", server.port(port))).unwrap());
    server.launch();
    assert_eq!(server.wait_for_exit().code(), Some(1));
    let log = server.log();
    for (service, socket) in ["smtp", "imaps"].iter().zip(&taken) {
        let line = format!("listen.{service}: {} is taken by another program", socket.local_addr().unwrap());
        assert!(log.contains(&line), "{log}");
    }
    drop(taken);
    server.start();
}

#[test]
fn a_broken_config_is_refused_with_its_place() {
    let server = Scenario::new(BINARY).prepare();
    server.edit_config(|config| config + "\n[limits]\nrecipient = 5\n");
    let output = server.command(&["serve"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(78), "{text}");
    assert!(text.contains("gatepost.toml:") && text.contains("did you mean `recipients`"), "{text}");
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let server = Scenario::new(BINARY).prepare();
    let other = Scenario::new(BINARY).prepare();
    fs::copy(other.data().join("tls/key.pem"), server.data().join("tls/key.pem")).unwrap();
    let output = server.command(&["serve"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(78), "{text}");
    assert!(text.contains("does not belong to the first certificate"), "{text}");
    let check = server.command(&["check"]).output().unwrap();
    let text = String::from_utf8_lossy(&check.stdout);
    assert!(check.status.code() == Some(78) && text.contains(": the server would not start"), "{text}");
}

#[test]
fn init_overwrites_nothing() {
    let server = Scenario::new(BINARY).prepare();
    let before = fs::read_to_string(server.config()).unwrap();
    let output = server.command(&["init", "--hostname", "other.example.test"]).arg(server.data()).output().unwrap();
    assert_eq!(output.status.code(), Some(73));
    assert_eq!(fs::read_to_string(server.config()).unwrap(), before);
}

/// MISSION 002-09, 004-31: a certificate or key that is not there, or that the server's user may not read, is told with path,
/// uid, errno and the cure, before anything listens.
#[test]
fn a_certificate_that_cannot_be_read_is_told_with_the_cure() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let server = Scenario::new(BINARY).prepare();
    let (data, key) = (server.data(), server.data().join("tls/key.pem"));
    for path in [server.folder(), &data, &data.join("tls")] {
        fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    }
    fs::set_permissions(server.config(), Permissions::from_mode(0o644)).unwrap();
    let said = |words: &[&str]| {
        for command in ["serve", "check"] {
            let output = server.command(&[command]).uid(65534).gid(65534).output().unwrap();
            let text = [output.stdout, output.stderr].concat();
            let text = String::from_utf8_lossy(&text);
            assert_eq!(output.status.code(), Some(78), "{text}");
            words.iter().for_each(|words| assert!(text.contains(words), "{words:?} is not in\n{text}"));
        }
    };
    let path = key.to_str().unwrap();
    said(&[path, "as uid 65534: Permission denied (os error 13)", "a file that the server's user can read"]);
    fs::remove_file(&key).unwrap();
    said(&[path, "as uid 65534: No such file or directory (os error 2)", "a file that the server's user can read"]);
}

/// MISSION 004-31: a port that could only accept and close is not opened.
#[test]
fn without_a_certificate_the_tls_ports_stay_shut() {
    let mut server = Scenario::new(BINARY).prepare();
    let tls = |line: &&str| !line.starts_with("certificate =") && !line.starts_with("key =");
    server.edit_config(|config| config.lines().filter(tls).collect::<Vec<_>>().join("\n"));
    server.start();
    let line = server.wait_for_log("not opened: it needs TLS");
    assert!(line.contains("[tls] names no certificate"), "{line}");
    assert!(std::net::TcpStream::connect(("127.0.0.1", server.port(993))).is_err());
    let mut client = crate::client::Client::clear(&server, 25);
    assert!(client.line().starts_with("220 "));
    client.send("EHLO client.example.org\r\n");
    let capabilities: Vec<String> =
        std::iter::repeat_with(|| client.line()).take_while(|line| line.as_bytes()[3] == b'-').collect();
    assert!(!capabilities.iter().any(|line| line.contains("STARTTLS")), "{capabilities:?}");
}

/// MISSION 002-13: who may log in how, and what is in the way, is in the log before the first user calls.
#[test]
fn the_log_summarises_the_logins() {
    let chain = "[auth]\nchain = [\"accounts\", \"passwd-file\"]\n\
        [auth.passwd-file]\npath = \"/nonexistent/users\"\n";
    let server = Scenario::new(BINARY).config(chain).user("alice@example.test", "correct horse").start();
    let log = server.log();
    let line = |parts: &[&str]| {
        let found = log.lines().position(|line| parts.iter().all(|part| line.contains(part)));
        found.unwrap_or_else(|| panic!("no line with {parts:?}: {log}"))
    };
    let submission = line(&["logins", "submission", "PLAIN LOGIN", "in_clear", "none"]);
    let imaps = line(&["logins", "imaps", "PLAIN LOGIN"]);
    let module = line(&["a module of auth.chain cannot tell", "passwd-file", "/nonexistent/users"]);
    let (listening, ready) = (line(&["listening"]), line(&["ready", "pid"]));
    assert!([submission, imaps, module].iter().all(|at| (listening..ready).contains(at)), "{log}");
}
