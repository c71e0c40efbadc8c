//! Proxies that say for whom they speak: the PROXY protocol, by Debian's HAProxy and by hand.

use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use harness::dialogue::{Tcp, Wire};
use harness::{Gatepost, PATIENCE, Ports, Scenario};
use serde_json::Value;

use crate::BINARY;

const ALICE: &str = "alice@example.test";
const PROXY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const CLIENT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 5);

/// A server that believes 127.0.0.2, with these limits.
fn server(limits: &str) -> Gatepost {
    let scenario = Scenario::new(BINARY).user(ALICE, "sesame").config(&format!("[limits]\n{limits}"));
    let mut server = scenario.prepare();
    server.edit_config(|config| config.replace("[listen]\n", "[listen]\nproxies = [\"127.0.0.2\"]\n"));
    server.start();
    server
}

/// HAProxy in front of a server's ports 25 (version 1 of the protocol) and 993 (version 2).
struct HaProxy {
    ports: Ports,
    child: Child,
}

impl HaProxy {
    fn before(server: &Gatepost) -> Self {
        let ports = Ports::claim();
        let listen = |port, header| {
            let (here, there) = (ports.port(port), server.port(port));
            format!("listen p{port}\n bind 127.0.0.1:{here}\n server s 127.0.0.1:{there} source {PROXY} {header}\n")
        };
        let times = " mode tcp\n timeout connect 60s\n timeout client 60s\n timeout server 60s\n";
        let config = format!("defaults\n{times}{}{}", listen(25, "send-proxy"), listen(993, "send-proxy-v2"));
        let file = server.folder().join("haproxy.cfg");
        fs::write(&file, config).expect("a config");
        let mut command = Command::new("/usr/sbin/haproxy");
        let command = command.args(["-db", "-f"]).arg(file).stdin(Stdio::null());
        let child = command.spawn().expect("haproxy: ./test installs it");
        let haproxy = Self { ports, child };
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", haproxy.ports.port(993))).is_err() {
            assert!(Instant::now() < until, "HAProxy does not listen");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        haproxy
    }
}

impl Drop for HaProxy {
    fn drop(&mut self) {
        // It may be gone already. Nothing of it is to be kept.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The last line of the answer.
fn say(wire: &mut Tcp, line: &str) -> String {
    wire.send(format!("{line}\r\n").as_bytes());
    loop {
        let line = wire.line();
        if line.as_bytes().get(3) != Some(&b'-') {
            return line;
        }
    }
}

/// As a proxy: its header, then the greeting of the server.
fn proxied(server: &Gatepost, header: &[u8]) -> (Tcp, String) {
    let mut wire = Tcp::connect_from(PROXY, server.port(25), server.ca());
    wire.send(header);
    let greeting = wire.line();
    (wire, greeting)
}

#[test]
fn clients_behind_haproxy_are_known_by_their_own_addresses() {
    let server = server("");
    let haproxy = HaProxy::before(&server);
    let mut mail = Tcp::connect_from(CLIENT, haproxy.ports.port(25), server.ca());
    mail.line();
    mail.send(b"EHLO mx.example.org\r\n");
    assert_eq!(mail.line(), "250-mail.example.test Hello [127.0.0.5]");
    while mail.line().starts_with("250-") {}
    for line in ["MAIL FROM:<eve@example.org>", "RCPT TO:<alice@example.test>", "DATA", "Subject: x\r\n\r\nhello\r\n."]
    {
        assert!(say(&mut mail, line).starts_with(['2', '3']), "{line}");
    }
    let message = server.maildir(ALICE).wait_for(1).concat();
    assert!(message.contains("from mx.example.org ([127.0.0.5])"), "{message}");

    // The handshake of TLS comes right behind the header.
    let mut imap = Tcp::connect_from(CLIENT, haproxy.ports.port(993), server.ca());
    imap.start_tls();
    imap.line();
    imap.send(format!("a LOGIN {ALICE} wrong\r\n").as_bytes());
    assert!(imap.line().starts_with("a NO [AUTHENTICATIONFAILED]"));
    drop(imap);
    server.wait_for_log("login refused");
    let attempt: Value = serde_json::from_str(&server.run(&["auth", "log", "--json"], "")).expect("one");
    assert_eq!(attempt["address"], "127.0.0.5");
    let record = server.run(&["trace", "list", "--ip", "127.0.0.5", "--protocol", "imap", "--json"], "");
    let record: Value = serde_json::from_str(record.lines().next().expect("a session")).expect("JSON");
    assert_eq!((&record["origin"]["said_by"], &record["origin"]["address"]), (&"PROXY".into(), &"127.0.0.5".into()));
    assert!(record["peer"].as_str().is_some_and(|peer| peer.starts_with("127.0.0.2:")), "{record}");
    let story = server.run(&["trace", record["id"].as_str().expect("an id")], "");
    assert!(story.contains("really from 127.0.0.5, as PROXY said"), "{story}");
}

#[test]
fn limits_are_the_clients() {
    let server = server("connections_per_ip = 1");
    let header = |client: &str| format!("PROXY TCP4 {client} 192.0.2.1 49152 25\r\n").into_bytes();
    let (_one, greeting) = proxied(&server, &header("198.51.100.1"));
    assert!(greeting.starts_with("220 "), "{greeting}");
    let (_two, greeting) = proxied(&server, &header("198.51.100.2"));
    assert!(greeting.starts_with("220 "), "{greeting}");
    let (_again, greeting) = proxied(&server, &header("198.51.100.2"));
    assert!(greeting.starts_with("421 4.7.0 mail.example.test too many connections from your address"), "{greeting}");
}

#[test]
fn a_proxy_that_speaks_for_itself_is_a_client() {
    let server = server("");
    let local = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";
    for header in [&b"PROXY UNKNOWN\r\n"[..], local] {
        let (mut wire, greeting) = proxied(&server, header);
        assert!(greeting.starts_with("220 "), "{greeting}");
        wire.send(b"EHLO balancer\r\n");
        assert_eq!(wire.line(), "250-mail.example.test Hello [127.0.0.2]");
    }
}

#[test]
fn who_is_to_be_believed_is_taken_up_by_a_reload() {
    let server = server("");
    server.edit_config(|config| config.replace("127.0.0.2", "192.0.2.0/24"));
    assert_eq!(server.run(&["reload"], ""), "reloaded\n");
    let mut wire = Tcp::connect_from(PROXY, server.port(25), server.ca());
    assert!(wire.line().starts_with("220 "), "nothing is waited for");
    assert!(say(&mut wire, "PROXY TCP4 198.51.100.1 192.0.2.1 49152 25").starts_with("500 "));
    wire.send(b"EHLO mx\r\n");
    assert_eq!(wire.line(), "250-mail.example.test Hello [127.0.0.2]");
}
