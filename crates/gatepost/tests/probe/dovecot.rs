//! Debian's Dovecot, IMAP and POP3.

use std::fs;
use std::process::Command;

use crate::dovecot_server::Dovecot;
use crate::{PASSWORD, Probe, Probed, USER};

impl Dovecot {
    fn probe(&self, protocol: &str) -> Probe {
        Probe::new(self.place(protocol), protocol, self.ca())
    }

    fn probed(&self, protocol: &str) -> Probed {
        self.probe(protocol).with_alice().run()
    }
}

/// An entry from which every mechanism can be verified.
fn plain() -> String {
    format!("{{PLAIN}}{PASSWORD}")
}

#[test]
fn a_right_dovecot() {
    let dovecot = Dovecot::start(&plain(), "auth_mechanisms = plain login cram-md5 scram-sha-256");
    for protocol in ["imap", "pop3"] {
        let probed = dovecot.probed(protocol);
        probed.is_right();
        assert!(probed.finding("logins").contains("CRAM-MD5"), "{}", probed.finding("logins"));
    }
}

/// MISSION 000-09: the very story, on Dovecot: the hash that is kept is of no use to CRAM-MD5.
#[test]
fn a_mechanism_that_cannot_be_verified() {
    let hash = hashed("SHA512-CRYPT");
    let dovecot = Dovecot::start(&hash, "auth_mechanisms = plain cram-md5");
    for protocol in ["imap", "pop3"] {
        let probed = dovecot.probed(protocol);
        probed.has_wrong(&["error mechanism-fails"]);
        let said = probed.finding("mechanism-fails");
        assert!(said.starts_with("CRAM-MD5 is offered, and fails with a password that PLAIN accepts"), "{said}");
        // Which modules were asked cannot be seen from here, but the server's words can.
        assert!(said.contains("AUTHENTICATIONFAILED") || said.contains("-ERR [AUTH]"), "{said}");
    }
}

/// MISSION 000-12: a timestamp in the greeting promises APOP.
#[test]
fn apop_that_is_kept_and_apop_that_is_not() {
    let dovecot = Dovecot::start(&plain(), "auth_mechanisms = plain apop");
    let probed = dovecot.probed("pop3");
    probed.is_right();
    assert!(probed.finding("logins").contains("APOP"), "{}", probed.finding("logins"));
    let dovecot = Dovecot::start(&hashed("SHA512-CRYPT"), "auth_mechanisms = plain apop");
    let probed = dovecot.probed("pop3");
    probed.has_wrong(&["error mechanism-fails"]);
    let said = probed.finding("mechanism-fails");
    assert!(
        said.starts_with("APOP is offered, and fails") && said.contains("C: APOP alice@example.test •••"),
        "{said}"
    );
}

/// MISSION 000-02.
#[test]
fn passwords_in_clear() {
    let dovecot = Dovecot::start(&plain(), "disable_plaintext_auth = no");
    let said = dovecot.probed("imap");
    said.has_wrong(&["error login-in-clear"]);
    assert!(said.finding("login-in-clear").contains("AUTH=PLAIN"), "{}", said.finding("login-in-clear"));
    dovecot.probed("pop3").has_wrong(&["error login-in-clear"]);
}

/// A hash that takes long is reckoned for those who exist only. (Dovecot answers refusals every half second: only one that
/// takes longer shows.)
#[test]
fn unknown_users_are_refused_faster() {
    let dovecot = Dovecot::start(&hashed("BLF-CRYPT"), "auth_cache_size = 0");
    let probed = dovecot.probed("imap");
    probed.has_wrong(&["warning timing"]);
    assert!(probed.finding("timing").contains("longer for users who exist"), "{}", probed.finding("timing"));
}

/// Without TLS, the password is kept back.
#[test]
fn no_tls_at_all() {
    let dovecot = Dovecot::start(&plain(), "ssl = no\ndisable_plaintext_auth = no");
    let probed = dovecot.probed("imap");
    probed.has_wrong(&["error no-tls", "error login-in-clear"]);
    assert!(probed.skipped("mechanisms").contains("--allow-clear"), "{}", probed.skipped("mechanisms"));
    assert!(!dovecot.log().contains(USER), "{}", dovecot.log());
    let probed = dovecot.probe("imap").with(&["--allow-clear"]).with_alice().run();
    assert!(probed.finding("logins").contains("PLAIN"), "{}", probed.finding("logins"));
}

/// MISSION 004-33: a store that cannot be read is not a wrong password.
#[test]
fn a_store_that_is_away() {
    let dovecot = Dovecot::start(&plain(), "passdb {\n driver = passwd-file\n args = FOLDER/no/such/file\n}");
    fs::remove_file(dovecot.folder().join("users")).expect("it is there");
    let probed = dovecot.probed("imap");
    probed.has_wrong(&["error login-temporary"]);
}

/// The password as Dovecot keeps it; strong schemes cost some time even there.
fn hashed(scheme: &str) -> String {
    let mut command = Command::new("/usr/bin/doveadm");
    command.args(["-c", "/dev/null", "pw", "-s", scheme, "-p", PASSWORD]);
    if scheme == "BLF-CRYPT" {
        command.args(["-r", "14"]);
    }
    let output = command.output().expect("doveadm is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}
