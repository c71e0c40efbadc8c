//! Each route is tried as far as its login, and no further.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use harness::{Dns, Gatepost, Peer, Scenario, Script};

use crate::{Deep, ZONE, scenario};

/// A smarthost with a certificate of its own, and a server that sends through it.
struct Site {
    server: Gatepost,
    peer: Peer,
    _dns: Dns,
}

/// The certificate's authority lies in another server's folder.
fn papers() -> Gatepost {
    Scenario::new(crate::BINARY).prepare()
}

impl Site {
    /// `keys` are those of the route but `to`, `via` and its files.
    fn new(papers: &Gatepost, script: Script, keys: &str) -> Self {
        let (dns, peer) = (Dns::start(&format!("{ZONE}localhost A 127.0.0.1\n")), Peer::start(script));
        let server = scenario(&dns).prepare();
        let (ca, port) = (papers.ca(), peer.port());
        let route = |to: &str| {
            format!(
                "\n[[route]]\nto = \"{to}\"\nvia = \"localhost:{port}\"\npassword_file = \"pass\"\nca_file = \"{}\"\n{keys}\n",
                ca.display()
            )
        };
        let site = Self { server, peer, _dns: dns }.with_password("secret of kunde");
        site.server.edit_config(|config| format!("{config}{}{}", route("*"), route("again.test")));
        site
    }

    fn with_password(self, password: &str) -> Self {
        let path = self.server.data().join("pass");
        fs::write(&path, format!("{password}\n")).expect("written");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("a mode");
        self
    }

    /// Nothing was sent, whatever came of it.
    fn check(&self) -> Deep {
        let deep = Deep::of(&self.server);
        for session in self.peer.sessions() {
            let said = session.lines.iter().any(|line| line.to_uppercase().starts_with("MAIL"));
            assert!(!said && session.mails.is_empty(), "{session:?}");
        }
        assert!(!deep.text.contains("secret of kunde"), "{}", deep.text);
        assert!(!self.server.data().join("trace").exists(), "nothing is recorded");
        deep
    }
}

fn smarthost(papers: &Gatepost) -> Script {
    let tls = papers.data().join("tls");
    let script = Script::default().starttls(&tls.join("cert.pem"), &tls.join("key.pem"));
    script.hello(&["SIZE 1000"]).hello_inside(&["AUTH PLAIN LOGIN", "8BITMIME"])
}

/// MISSION 002-29, 002-30, 002-32: the 235 itself, what is offered before and inside TLS, and no MAIL. Two destinations with one
/// way are one login.
#[test]
fn a_route_that_works_is_tried_to_its_235() {
    let papers = papers();
    let site = Site::new(
        &papers,
        smarthost(&papers).login("kunde@example.org", "secret of kunde"),
        "user = \"kunde@example.org\"",
    );
    let deep = site.check();
    let words = [
        "logged in as kunde@example.org by PLAIN, inside TLSv1.3: 235 2.7.0 welcome",
        "offers in clear: SIZE 1000, STARTTLS",
        "offers inside TLS: AUTH PLAIN LOGIN, 8BITMIME",
    ];
    deep.has(("ok", "route-login"), "to * via localhost:", &words);
    assert_eq!(site.peer.sessions().len(), 1);
    assert!(site.peer.sessions()[0].lines.contains(&"QUIT".to_owned()));
    deep.has(("note", "spf-smarthost"), "example.test", &["mail leaves by localhost:"]);
}

/// MISSION 002-31: the password is wrong, and looks like base64, as a line of qmail's smtproutes had it.
#[test]
fn a_refused_login_is_told_with_its_answer_and_a_hint() {
    let papers = papers();
    let site = Site::new(&papers, smarthost(&papers).login("kunde", "testing"), "user = \"kunde\"")
        .with_password("dGVzdGluZw==");
    let deep = site.check();
    let words = ["the login was refused", "answered the login: 535 5.7.8 wrong user or password", "the first line of "];
    deep.has(("error", "route-login-refused"), "to * via", &words);
    let hints: Vec<_> = deep.all("route-typo").iter().map(|hint| hint["found"].to_string()).collect();
    assert!(hints.iter().any(|hint| hint.contains("has no @")), "{hints:?}");
    assert!(hints.iter().any(|hint| hint.contains("/pass looks like base64")), "{hints:?}");
    assert!(!deep.text.contains("dGVzdGluZw") && !deep.text.contains("testing"), "{}", deep.text);
    assert_eq!(deep.code, 1);
}

/// MISSION 002-17, 002-29: a user that was copied in base64 is shown decoded, so that the eye sees it.
#[test]
fn a_user_in_base64_is_shown_decoded() {
    let papers = papers();
    let site = Site::new(&papers, smarthost(&papers).login("kunde", "x"), "user = \"dHJvdHRlbA==\"");
    site.check().has(("note", "route-typo"), "to * via", &["looks like base64 and means", "trottel"]);
}

/// Nobody answers; TLS is missing; nothing to log in by; the host turns us away; the password file is open to others.
#[test]
fn each_way_not_to_work_has_its_fix() {
    let papers = papers();
    let user = "user = \"kunde@example.org\"";
    let cases = [
        (Script::default().hello(&["AUTH PLAIN"]), "error", "route-tls", "does not offer STARTTLS"),
        (smarthost(&papers).hello_inside(&["AUTH NTLM"]), "error", "route-mechanism", "it offers NTLM"),
        (smarthost(&papers).hello_inside(&["SIZE 1"]), "error", "route-mechanism", "it offers nothing"),
        (Script::default().answer("GREETING", &["554 5.7.1 go away"]), "warning", "route-refused", "go away"),
        (smarthost(&papers).answer("AUTH", &["454 4.7.0 later"]), "warning", "route-refused", "454 4.7.0 later"),
        (Script::default().answer("EHLO", &["DROP"]), "error", "route-connection", "waiting for the reply to EHLO"),
    ];
    for (script, severity, id, words) in cases {
        Site::new(&papers, script, user).check().has((severity, id), "to * via", &[words]);
    }
    let no_starttls = Site::new(&papers, Script::default(), user).check();
    no_starttls.has(("error", "route-tls"), "to * via", &["this one offers no STARTTLS"]);
    let others = self::papers();
    let wrong_ca = Site::new(&papers, smarthost(&others), user).check();
    wrong_ca.has(("error", "route-tls"), "to * via", &["TLS handshake", "ca_file = the provider's CA"]);
    let site = Site::new(&papers, smarthost(&papers), user);
    fs::set_permissions(site.server.data().join("pass"), Permissions::from_mode(0o640)).expect("a mode");
    site.check().has(("error", "route-secret"), "to * via", &["mode 0640", "chmod 600"]);
    site.server.edit_config(|config| config.replace("localhost:", "nowhere.test:"));
    site.check().has(("error", "route-name"), "to * via", &["nowhere.test"]);
    site.server.edit_config(|config| config.replace(&format!("nowhere.test:{}", site.peer.port()), "127.0.0.1:1"));
    fs::set_permissions(site.server.data().join("pass"), Permissions::from_mode(0o600)).expect("a mode");
    site.check().has(("error", "route-connection"), "to * via", &["Connection refused", "587"]);
}
