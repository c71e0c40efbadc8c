//! Logins at smarthosts. A route with a login never sends without one, and never bounces mail for it.

use harness::{Peer, Script};
use queue::Outcome;

use crate::fixture::{Authority, BODY, Fixture, deferred, delivered, job, password_file};

const RIGHT: &str = "right horse";

/// A smarthost inside TLS with these AUTH lines, and a courier that logs in there as `me`.
struct Smarthost {
    peer: Peer,
    fixture: Fixture,
    _authority: Authority,
    folder: tempfile::TempDir,
}

impl Smarthost {
    fn new(inside: &[&str], script: Script) -> Self {
        let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
        let script = authority.starttls(script.login("me", RIGHT)).hello_inside(inside);
        let peer = Peer::start(script);
        let path = password_file(folder.path(), RIGHT, 0o600);
        let login = format!("user = \"me\"\npassword_file = \"{}\"\n{}", path.display(), authority.key());
        let fixture = Fixture::with_route(&peer, &login);
        Self { peer, fixture, _authority: authority, folder }
    }

    fn write_password(&self, password: &str) {
        password_file(self.folder.path(), password, 0o600);
    }

    async fn send(&self) -> Outcome {
        self.fixture.send_one("b@x.example").await
    }

    /// The mechanisms that were tried, in all sessions.
    fn tried(&self) -> Vec<String> {
        let lines = self.peer.sessions().into_iter().flat_map(|session| session.lines);
        lines
            .filter_map(|line| line.strip_prefix("AUTH ").map(|rest| rest.split(' ').next().unwrap_or("").to_owned()))
            .collect()
    }
}

#[tokio::test]
async fn logged_in_by_the_strongest_mechanism() {
    let smarthost = Smarthost::new(&["AUTH=LOGIN", "AUTH login XOAUTH2 plain"], Script::default());
    delivered(&smarthost.send().await);
    assert_eq!(smarthost.tried(), ["PLAIN"]);
    assert_eq!(smarthost.peer.mails().len(), 1);
}

/// MISSION 001-16: a mechanism that is offered and not there leads to the next, and is not tried first again.
#[tokio::test]
async fn the_next_mechanism_is_tried_and_remembered() {
    let smarthost =
        Smarthost::new(&["AUTH CRAM-MD5 PLAIN LOGIN"], Script::default().answer("AUTH PLAIN", &["504 5.5.4 no"]));
    delivered(&smarthost.send().await);
    assert_eq!(smarthost.tried(), ["CRAM-MD5", "PLAIN", "LOGIN"]);
    // A new connection, as the first one is not kept across a change of config.
    smarthost.fixture.reload("");
    delivered(&smarthost.send().await);
    assert_eq!(smarthost.tried()[3..], ["LOGIN"]);
}

/// MISSION 001-03, 001-14: a wrong password keeps the mail queued; a corrected file is used at once.
#[tokio::test]
async fn a_wrong_password_keeps_mail_queued_and_is_not_tried_again() {
    let smarthost = Smarthost::new(&["AUTH PLAIN LOGIN"], Script::default());
    smarthost.write_password("wrong horse");
    let outcome = smarthost.send().await;
    let (status, configuration, text) = deferred(&outcome);
    assert!(status == "4.7.8" && configuration, "{outcome:?}");
    assert!(text.contains("535 5.7.8") && text.contains("PLAIN LOGIN") && !text.contains("horse"), "{text}");
    assert_eq!(smarthost.tried(), ["PLAIN", "LOGIN"]);

    let again = smarthost.fixture.send_jobs((0..4).map(|_| job(&["b@x.example"], BODY)).collect()).await;
    for outcomes in &again {
        let (status, configuration, text) = deferred(&outcomes[0]);
        assert!(status == "4.7.8" && configuration && text.contains("535 5.7.8"), "{text}");
    }
    assert_eq!(smarthost.tried().len(), 2, "the account was not tried again");

    smarthost.write_password(RIGHT);
    delivered(&smarthost.send().await);
    assert_eq!(smarthost.peer.mails().len(), 1);
}

#[tokio::test]
async fn many_at_once_try_a_wrong_password_once() {
    let smarthost = Smarthost::new(&["AUTH PLAIN"], Script::default());
    smarthost.write_password("wrong horse");
    let (a, b, c) = tokio::join!(smarthost.send(), smarthost.send(), smarthost.send());
    for outcome in [a, b, c] {
        assert_eq!(deferred(&outcome).0, "4.7.8");
    }
    assert_eq!(smarthost.tried(), ["PLAIN"]);
}

/// MISSION 001-14: no usable mechanism is a failure that names the list, not a session without a login.
#[tokio::test]
async fn nothing_usable_keeps_mail_queued_and_names_the_list() {
    for (inside, list) in [(&["AUTH NTLM GSSAPI"][..], "GSSAPI NTLM"), (&[], "nothing")] {
        let smarthost = Smarthost::new(inside, Script::default());
        let outcome = smarthost.send().await;
        let (status, configuration, text) = deferred(&outcome);
        assert!(status == "4.7.4" && configuration && text.contains(list), "{outcome:?}");
        assert_eq!(smarthost.peer.mails(), []);
        assert!(!smarthost.peer.sessions()[0].lines.iter().any(|line| line.starts_with("MAIL")));
    }
}

#[tokio::test]
async fn a_server_that_cannot_check_now_is_no_wrong_password() {
    let script = Script::default().answer("AUTH", &["454 4.7.0 database is down"]);
    let smarthost = Smarthost::new(&["AUTH PLAIN LOGIN"], script);
    let outcome = smarthost.send().await;
    let (status, configuration, text) = deferred(&outcome);
    assert!(status == "4.7.0" && !configuration && text.contains("454"), "{outcome:?}");
    smarthost.peer.relent("AUTH");
    delivered(&smarthost.send().await);
    assert_eq!(smarthost.tried(), ["PLAIN", "PLAIN"]);
}

/// MISSION 001-07.
#[tokio::test]
async fn a_password_file_that_others_can_read_is_not_used() {
    let smarthost = Smarthost::new(&["AUTH PLAIN"], Script::default());
    password_file(smarthost.folder.path(), RIGHT, 0o644);
    let outcome = smarthost.send().await;
    let (status, configuration, text) = deferred(&outcome);
    assert!(status == "4.3.5" && configuration && text.contains("chmod 600"), "{outcome:?}");
    assert_eq!(smarthost.peer.sessions(), []);
}

/// `token_file`: OAUTHBEARER before XOAUTH2, a refused token is not tried again, a renewed one at once, and a token never
/// goes where a password would.
#[tokio::test]
async fn a_token_logs_in_by_oauth_alone() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let script =
        Script::default().answer("AUTH OAUTHBEARER", &["535 5.7.8 no"]).answer("AUTH XOAUTH2", &["535 5.7.8 no"]);
    let script = authority.starttls(script).hello_inside(&["AUTH PLAIN XOAUTH2 SCRAM-SHA-256 OAUTHBEARER"]);
    let peer = Peer::start(script);
    let path = password_file(folder.path(), "t0ken", 0o600);
    let login = format!("user = \"me\"\ntoken_file = \"{}\"\n{}", path.display(), authority.key());
    let fixture = Fixture::with_route(&peer, &login);
    let auth = || -> Vec<String> {
        let lines = peer.sessions().into_iter().flat_map(|session| session.lines);
        lines.filter(|line| line.starts_with("AUTH ")).collect()
    };
    let bearer = |token: &str| {
        format!("AUTH OAUTHBEARER {}", sasl::wire::encode(format!("n,a=me,\x01auth=Bearer {token}\x01\x01").as_bytes()))
    };
    for _ in 0..2 {
        let outcome = fixture.send_one("b@x.example").await;
        let (status, configuration, text) = deferred(&outcome);
        assert!(status == "4.7.8" && configuration && !text.contains("t0ken"), "{outcome:?}");
    }
    let xoauth2 = format!("AUTH XOAUTH2 {}", sasl::wire::encode(b"user=me\x01auth=Bearer t0ken\x01\x01"));
    assert_eq!(auth(), [bearer("t0ken"), xoauth2], "once, and by nothing else");
    password_file(folder.path(), "renewed", 0o600);
    fixture.send_one("b@x.example").await;
    assert_eq!(auth()[2], bearer("renewed"));
}

#[tokio::test]
async fn no_login_in_clear_unless_the_route_says_so() {
    let peer = Peer::start(Script::default().hello(&["AUTH PLAIN"]).login("me", RIGHT));
    let fixture = Fixture::new("", 25, "");
    let path = fixture.password(RIGHT);
    let route = |tls: &str| {
        let (port, path) = (peer.port(), path.display());
        format!("[[route]]\nto = \"*\"\nvia = \"127.0.0.1:{port}\"\nuser = \"me\"\npassword_file = \"{path}\"\n{tls}\n")
    };
    fixture.reload(&route("tls = \"starttls\""));
    let outcome = fixture.send_one("b@x.example").await;
    assert_eq!((deferred(&outcome).0, deferred(&outcome).1), ("4.7.4", true));
    assert!(!peer.sessions()[0].lines.iter().any(|line| line.starts_with("AUTH")));
    fixture.reload(&route("tls = \"none\"\ncleartext = \"allow\""));
    delivered(&fixture.send_one("b@x.example").await);
}
