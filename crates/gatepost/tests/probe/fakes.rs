//! Servers that are wrong in a way that no server of today's Debian is.

use harness::{Papers, Peer, Script};

use crate::{PASSWORD, Probe, Probed, USER};

/// Right but for its codes, which are given and not announced.
fn script(papers: &Papers) -> Script {
    let (certificate, key) = papers.good();
    let script = Script::default().starttls(certificate, key).login(USER, PASSWORD);
    script.answer("MAIL", &["530 5.7.0 Authentication required"])
}

/// The usual script with something added, probed with alice's login.
fn probed(lines: &[&str], inside: &[&str], add: impl FnOnce(Script) -> Script) -> Probed {
    let papers = Papers::new();
    let peer = Peer::start(add(script(&papers).hello(lines).hello_inside(inside)));
    Probe::new(format!("127.0.0.1:{}", peer.port()), "submission", &papers.ca()).with_alice().run()
}

#[test]
fn a_right_one() {
    probed(&[], &["AUTH PLAIN LOGIN"], |script| script).is_right();
}

/// CVE-2011-0411: what a stranger adds to the packet of STARTTLS is obeyed inside TLS.
#[test]
fn input_that_is_kept_across_starttls() {
    let probed = probed(&[], &["AUTH PLAIN"], Script::keeps_input);
    probed.has_wrong(&["critical starttls-injection"]);
    let said = probed.finding("starttls-injection");
    assert!(
        said.contains("C: STARTTLS | NOOP   (one packet)") && said.contains("C: QUIT\nS: 500 5.5.1 what?"),
        "{said}"
    );
}

/// MISSION 001-16.
#[test]
fn the_old_form_only() {
    probed(&[], &["AUTH=PLAIN LOGIN"], |script| script).has_wrong(&["warning auth-old-form-only"]);
}

/// MISSION 003-09: offered, and then not allowed.
#[test]
fn offered_in_clear_and_refused_there() {
    let papers = Papers::new();
    let script = script(&papers).hello(&["AUTH LOGIN PLAIN CRAM-MD5"]).hello_inside(&["AUTH LOGIN PLAIN"]);
    let script = script.answer("AUTH LOGIN", &["538 auth not available without TLS (#5.3.3)", "334 VXNlcm5hbWU6"]);
    let peer = Peer::start(script.answer("*", &["501 5.7.0 cancelled"]));
    let probed = Probe::new(format!("127.0.0.1:{}", peer.port()), "submission", &papers.ca()).run();
    probed.has_wrong(&["error login-in-clear", "warning auth-offered-then-refused"]);
    assert!(probed.finding("auth-offered-then-refused").contains("S: 538 auth not available without TLS (#5.3.3)"));
}

/// MISSION 000-09: offered, and not even known.
#[test]
fn a_mechanism_that_is_not_there() {
    let probed = probed(&[], &["AUTH PLAIN CRAM-MD5"], |script| script);
    probed.has_wrong(&["error mechanism-not-begun", "error mechanism-fails"]);
    assert!(probed.finding("mechanism-not-begun").contains("S: 504 5.5.4 no such mechanism"));
}

#[test]
fn no_initial_response() {
    let refuse = |script: Script| script.answer("AUTH PLAIN ", &["501 5.5.2 one word"]);
    let probed = probed(&[], &["AUTH PLAIN"], refuse);
    probed.has_wrong(&["warning initial-response"]);
    let said = probed.finding("initial-response");
    assert!(
        said.starts_with("PLAIN with an initial response does not work") && said.contains("C: AUTH PLAIN •••"),
        "{said}"
    );
}

/// MISSION 004-29: the connection ends without a word.
#[test]
fn a_login_that_ends_in_silence() {
    let probed = probed(&[], &["AUTH LOGIN"], |script| script.answer("AUTH LOGIN", &["334 VXNlcm5hbWU6", "DROP"]));
    probed.has_wrong(&["error login-breaks"]);
    assert!(probed.finding("login-breaks").contains("closed the connection without a word"));
}

/// MISSION 003-13: announced, and not always given.
#[test]
fn codes_that_are_missing() {
    let lines = ["ENHANCEDSTATUSCODES", "AUTH PLAIN"];
    let probed = probed(&[], &lines, |script| script.answer("RSET", &["250 flushed"]));
    probed.has_wrong(&["warning status-missing"]);
    assert!(probed.finding("status-missing").contains("C: RSET\nS: 250 flushed"));
}

#[test]
fn starttls_inside_tls_and_a_mechanism_twice() {
    let probed = probed(&[], &["STARTTLS", "AUTH PLAIN LOGIN PLAIN"], |script| script);
    probed.has_wrong(&["warning starttls-inside-tls"]);
    assert!(probed.finding("mechanism-twice").contains("PLAIN"));
}

/// A server that has enough of us in the middle of it says nothing about the mechanisms that are left.
#[test]
fn a_server_that_turns_us_away_in_the_end() {
    let turned_away = |script: Script| {
        let mut greetings = vec!["220 peer.test"; 9];
        greetings.push("421 4.7.0 too many connections");
        script.answer("GREETING", &greetings)
    };
    let probed = probed(&[], &["AUTH PLAIN LOGIN"], turned_away);
    assert_eq!(probed.wrong(), Vec::<String>::new());
    let why = probed.skipped("mechanisms");
    assert!(why.contains("on no session was opened") && why.contains("421 4.7.0 too many connections"), "{why}");
}

/// LMTP asks for no TLS and no login; its codes are a must.
#[test]
fn lmtp() {
    let papers = Papers::new();
    let probed = |lines: &str| {
        let script = Script::default().answer("LHLO", &[lines]).answer("GREETING", &["220 peer.test LMTP"]);
        let peer = Peer::start(script);
        Probe::new(format!("127.0.0.1:{}", peer.port()), "lmtp", &papers.ca()).run()
    };
    probed("250-peer.test|250-PIPELINING|250 ENHANCEDSTATUSCODES").is_right();
}

/// What a server says must not steer the terminal.
#[test]
fn escape_sequences_are_shown_and_not_sent() {
    let papers = Papers::new();
    let peer = Peer::start(script(&papers).answer("GREETING", &["220 peer.test \u{1b}]0;owned\u{7} \u{202e}"]));
    let probe = Probe::new(format!("127.0.0.1:{}", peer.port()), "submission", &papers.ca());
    let (code, said, _) = probe.output();
    assert_eq!(code, 4);
    assert!(said.contains("220 peer.test \\u{1b}]0;owned\\u{7} \\u{202e}"), "{said}");
    assert!(!said.contains(|c: char| c.is_control() && c != '\n'), "{said:?}");
}
