//! Gatepost itself: nothing above a notice, on any of its ports.

use harness::{Gatepost, Papers, Scenario};

use crate::{PASSWORD, Probe, USER};

fn server() -> Gatepost {
    let scenario = Scenario::new(env!("CARGO_BIN_EXE_gatepost")).user(USER, PASSWORD);
    let mut server = scenario.prepare();
    server.start();
    server
}

const PORTS: [(u16, &str); 7] = [
    (25, "smtp"),
    (587, "submission"),
    (465, "submissions"),
    (143, "imap"),
    (993, "imaps"),
    (110, "pop3"),
    (995, "pop3s"),
];

/// MISSION 000-01, 000-02, 003-13, 003-17.
#[test]
fn every_port_of_gatepost_is_right() {
    let server = server();
    for (port, protocol) in PORTS {
        let probed = Probe::new(format!("127.0.0.1:{}", server.port(port)), protocol, &server.ca()).run();
        probed.is_right();
        assert_eq!(probed.report["protocol"], protocol);
    }
}

/// MISSION 000-09: what is offered works, with and without an initial response.
#[test]
fn every_mechanism_that_gatepost_offers_works() {
    let server = server();
    for (port, protocol) in [(587, "submission"), (993, "imaps"), (110, "pop3")] {
        let place = format!("127.0.0.1:{}", server.port(port));
        let probed = Probe::new(place, protocol, &server.ca()).with_alice().run();
        probed.is_right();
        let accepted = probed.finding("logins");
        for mechanism in ["PLAIN;", "PLAIN with an initial response", "SCRAM-SHA-256-PLUS"] {
            assert!(accepted.contains(mechanism), "{protocol}: {accepted}");
        }
    }
}

/// All messages that seem to end early stay one, or are refused.
#[test]
fn nothing_is_smuggled_into_gatepost() {
    let server = server();
    let probe = Probe::new(format!("127.0.0.1:{}", server.port(25)), "smtp", &server.ca());
    let probed = probe.with(&["--smuggling-to", USER]).run();
    probed.is_right();
    assert_eq!(probed.skipped("smuggling"), "");
}

#[test]
fn people_are_told_what_was_done_and_what_was_not() {
    let server = server();
    let place = format!("127.0.0.1:{}", server.port(587));
    let (code, said, err) = Probe::new(place, "submission", &server.ca()).output();
    assert_eq!((code, err.as_str()), (0, ""), "{said}");
    for part in [
        "inside TLS   ",
        "days left",
        "not done: it takes --user and --password-stdin",
        "not done: it takes --smuggling-to MAILBOX",
        "injection    a command in the packet of STARTTLS",
        "\nFound: ",
    ] {
        assert!(said.contains(part), "{part:?} is missing:\n{said}");
    }
}

/// The password goes nowhere when the server is not who it should be, and that is said.
#[test]
fn without_the_authority_no_password_leaves() {
    let server = server();
    let papers = Papers::new();
    let (other, _) = papers.self_signed();
    let probed = Probe::new(format!("127.0.0.1:{}", server.port(587)), "submission", &other).with_alice().run();
    probed.has_wrong(&["error certificate-unknown-issuer"]);
    assert!(probed.skipped("mechanisms").contains("--insecure"), "{}", probed.skipped("mechanisms"));
    assert!(!server.log().contains(USER), "{}", server.log());
}
