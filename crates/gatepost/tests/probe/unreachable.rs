//! What cannot be probed: clear errors with advice, and an exit code that says "later".

use std::net::TcpListener;

use harness::Papers;

use crate::Probe;

#[test]
fn nothing_listens() {
    let papers = Papers::new();
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
    let (code, out, err) = Probe::new(format!("127.0.0.1:{free}"), "imap", &papers.ca()).output();
    assert_eq!((code, out.as_str()), (75, ""));
    assert!(err.contains(&format!("127.0.0.1:{free} cannot be reached")), "{err}");
    assert!(err.contains("nothing listens on this port"), "{err}");
}

#[test]
fn a_name_without_an_address() {
    let papers = Papers::new();
    let (code, _, err) = Probe::new("no-such-host.invalid:25", "smtp", &papers.ca()).output();
    assert_eq!(code, 75, "{err}");
    assert!(err.contains("no-such-host.invalid has no address"), "{err}");
}

/// MISSION 004-29: what says nothing is not waited for without an end.
#[test]
fn a_server_that_says_nothing() {
    let papers = Papers::new();
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = silent.local_addr().expect("bound").to_string();
    let probed = Probe::new(place, "smtp", &papers.ca()).with(&["--timeout", "1"]).run();
    probed.has_wrong(&["error no-session"]);
    assert!(probed.finding("no-session").contains("no answer within 1s"), "{}", probed.finding("no-session"));
}

#[test]
fn a_command_line_that_is_wrong() {
    let papers = Papers::new();
    for arguments in [&["--user", "alice"][..], &["--smuggling-to", "nobody"], &["--timeout", "0"]] {
        let (code, _, err) = Probe::new("127.0.0.1:25", "smtp", &papers.ca()).with(arguments).output();
        assert_eq!(code, 2, "{err}");
    }
}
