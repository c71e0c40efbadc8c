//! Routes that do not work: the provider wants something else than the route says. Each is told from the id of the message that
//! waits.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use harness::{Dns, Gatepost, Papers, Peer, Script};
use tempfile::TempDir;

use crate::naming::{assert_named, path, queued, send, sender};

/// Routes to providers, one for each domain, and what they need.
struct Routes {
    papers: Papers,
    folder: TempDir,
    tables: String,
    peers: Vec<Peer>,
}

impl Routes {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { papers: Papers::new(), folder, tables: String::new(), peers: Vec::new() }
    }

    /// What a provider says that offers STARTTLS.
    fn with_tls(&self) -> Script {
        let (certificate, key) = self.papers.good();
        Script::default().starttls(certificate, key)
    }

    /// A route to a provider. `lines` are of the route.
    fn add(&mut self, domain: &str, script: Script, lines: &str) {
        let peer = Peer::start(script);
        self.tables += &format!("[[route]]\nto = \"{domain}\"\nvia = \"127.0.0.1:{}\"\n{lines}\n", peer.port());
        self.peers.push(peer);
    }

    /// The line of a route that trusts the provider's authority.
    fn trusting(&self) -> String {
        format!("ca_file = \"{}\"", path(&self.papers.ca()))
    }

    /// The lines of a route that logs in, too.
    fn login(&self, user: &str) -> String {
        let file = self.folder.path().join("password");
        fs::write(&file, "right horse\n").expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("a mode");
        format!("{}\nuser = \"{user}\"\npassword_file = \"{}\"", self.trusting(), path(&file))
    }

    fn start(&self) -> Gatepost {
        sender(&Dns::start(""), 25, &self.tables)
    }
}

/// Each case is a domain of the same name.
fn assert_routes(routes: &Routes, cases: &[(&str, &str, &str)]) {
    let server = routes.start();
    for (domain, cause, words) in cases {
        let said = send(&server, &format!("bob@{domain}"));
        let story = assert_named(&server, queued(&said), cause, words);
        assert!(!story.contains("right horse"), "{story}");
    }
}

/// MISSION 001-03, 001-14, 001-16: another mechanism, no TLS in front of it, a refusal without a reason, a server that cannot tell
/// now. MISSION 002-17, 002-29: the user of the route is in the reason, and a user that looks misspelt is told so.
#[test]
fn logins_that_the_provider_does_not_take() {
    let mut routes = Routes::new();
    let user = "us@provider.test";
    let login = routes.login(user);
    let offering = |routes: &Routes, mechanisms: &str| routes.with_tls().hello_inside(&[&format!("AUTH {mechanisms}")]);
    routes.add("mechanism.test", offering(&routes, "GSSAPI NTLM"), &login);
    routes.add("later.test", offering(&routes, "PLAIN").answer("AUTH", &["454 4.7.0 try again"]), &login);
    routes.add("refused.test", offering(&routes, "PLAIN LOGIN").answer("AUTH", &["535 Error"]), &login);
    routes.add(
        "misspelt.test",
        offering(&routes, "PLAIN").login(user, "right horse"),
        &routes.login("us%provider.test"),
    );
    assert_routes(
        &routes,
        &[
            ("mechanism.test", "relay-other-mechanism", "(it offers GSSAPI NTLM)"),
            ("later.test", "relay-login-later", "The other server could not check this server's login now."),
            ("refused.test", "relay-wrong-credentials", "as us@provider.test: the login was refused"),
            ("misspelt.test", "relay-user-misspelt", "refused this server's login as us%provider.test."),
        ],
    );
}

/// TLS first, no TLS, another port, a login, another user: MISSION 001-12.
#[test]
fn what_else_a_provider_wants() {
    let mut routes = Routes::new();
    let trusting = routes.trusting();
    let demand = |command: &str, reply: &str| Script::default().answer(command, &[reply]);
    routes.add("tls.test", demand("MAIL", "530 5.7.0 Must issue a STARTTLS command first"), "tls = \"none\"");
    routes.add("login.test", demand("MAIL", "530 5.7.0 Authentication required"), "tls = \"none\"");
    routes.add("never.test", Script::default(), &format!("{trusting}\ntls = \"starttls\""));
    routes.add("plain.test", Script::default(), &format!("{trusting}\ntls = \"implicit\""));
    let (certificate, key) = routes.papers.good();
    routes.add("implicit.test", Script::default().implicit_tls(certificate, key), "tls = \"none\"");
    let not_owned = "553 5.7.1 <alice@example.test>: Sender address rejected: not owned by user us@provider.test";
    let other = routes.with_tls().hello_inside(&["AUTH PLAIN"]).login("us@provider.test", "right horse");
    routes.add("user.test", other.answer("MAIL", &[not_owned]), &routes.login("us@provider.test"));
    assert_routes(
        &routes,
        &[
            ("tls.test", "relay-tls-first", "The other server wants TLS before anything else."),
            ("login.test", "relay-wants-login", "The other server takes mail only after a login."),
            ("never.test", "relay-no-tls", "TLS is demanded here, and the other server does not offer it."),
            ("plain.test", "relay-tls-to-plain-port", "a port of the other server that begins in clear"),
            ("implicit.test", "relay-plain-to-tls-port", "Set tls = \"implicit\" in the route"),
            ("user.test", "relay-other-user", "The other server takes this sender from another user only."),
        ],
    );
}

/// MISSION 001-07: what was good when the server started may have changed since.
#[test]
fn files_that_cannot_be_used() {
    let mut routes = Routes::new();
    let file = routes.folder.path().join("password");
    routes.add("password.test", routes.with_tls(), &routes.login("us@provider.test"));
    let empty = routes.folder.path().join("authorities");
    fs::write(&empty, "none\n").expect("written");
    let lines = format!("tls = \"starttls\"\nca_file = \"{}\"", path(&empty));
    routes.add("authority.test", routes.with_tls(), &lines);
    let server = routes.start();
    let waits = |domain: &str, words: &str| {
        assert_named(&server, queued(&send(&server, &format!("bob@{domain}"))), "relay-file", words);
    };
    waits("authority.test", "holds no certificate");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("a mode");
    waits("password.test", "others than its owner may read it (mode 0640)");
}

/// The provider's certificate, which a route verifies.
#[test]
fn certificates_that_are_not_good() {
    let mut routes = Routes::new();
    let lines = format!("{}\ntls = \"starttls\"", routes.trusting());
    for (domain, (certificate, key)) in [
        ("expired.test", routes.papers.expired()),
        ("early.test", routes.papers.not_yet_valid()),
        ("name.test", routes.papers.for_another()),
        ("self.test", routes.papers.self_signed()),
    ] {
        routes.add(domain, Script::default().starttls(&certificate, &key), &lines);
    }
    assert_routes(
        &routes,
        &[
            ("expired.test", "relay-certificate-expired", "The other server's certificate has expired."),
            ("early.test", "relay-certificate-time", "Mostly this host's clock is off."),
            ("name.test", "relay-certificate-name", "The other server's certificate is for another name."),
            ("self.test", "relay-certificate", "If its certificate is of a private authority"),
        ],
    );
}
