//! Postfix as a provider's smarthost: Cyrus SASL with a password file of its own, STARTTLS, mail only after a login.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Postfix, give_to_postfix};

/// The realm of the logins.
const REALM: &str = "provider.test";

/// The uid of `nobody`, who owns the mailboxes.
const NOBODY: u32 = 65_534;

/// What a test wants of the provider.
#[derive(Debug, Clone, Copy)]
pub struct Provider<'a> {
    /// Its certificate chain, PEM.
    pub certificate: &'a Path,
    /// The key, PEM.
    pub key: &'a Path,
    /// Who may log in.
    pub user: &'a str,
    /// With which password.
    pub password: &'a str,
    /// Cyrus' `mech_list`: `PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256`.
    pub mechanisms: &'a str,
}

impl Provider<'_> {
    /// Starts it. It delivers mail for anybody at `x.example` to its Maildir `box`.
    pub fn start(self) -> Postfix {
        self.start_with("")
    }

    /// The same with these lines of `main.cf` behind the others, which the last one of a name wins over.
    pub fn start_with(self, more: &str) -> Postfix {
        Postfix::start(|folder| self.prepare(folder) + more)
    }

    fn prepare(self, folder: &Path) -> String {
        // Debian's Postfix looks for SASL's settings beside `main.cf`, whatever `cyrus_sasl_config_path` says.
        let (sasl, mail) = (folder.join("config/sasl"), folder.join("mail"));
        fs::create_dir_all(&sasl).expect("a folder");
        fs::create_dir_all(&mail).expect("a folder");
        std::os::unix::fs::chown(&mail, Some(NOBODY), Some(NOBODY)).expect("chown takes root");
        let passwords = sasl.join("sasldb2");
        let config = format!(
            "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {}\nmech_list: {}\n",
            passwords.display(),
            self.mechanisms
        );
        fs::write(sasl.join("smtpd.conf"), config).expect("smtpd.conf");
        set_password(&passwords, self.user, self.password);
        give_to_postfix(&passwords);
        for (from, to) in [(self.certificate, "cert.pem"), (self.key, "key.pem")] {
            fs::copy(from, folder.join(to)).expect("a copy");
        }
        main(folder)
    }
}

fn main(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "smtpd_tls_cert_file = {folder}/cert.pem
smtpd_tls_key_file = {folder}/key.pem
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = cyrus
smtpd_sasl_path = smtpd
smtpd_sasl_local_domain = {REALM}
smtpd_sasl_authenticated_header = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
virtual_mailbox_domains = x.example
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:box/
virtual_uid_maps = static:{NOBODY}
virtual_gid_maps = static:{NOBODY}
"
    )
}

/// saslpasswd2(8): makes the file, or changes a password in it.
fn set_password(file: &Path, user: &str, password: &str) {
    let mut command = Command::new("saslpasswd2");
    command.args(["-p", "-c", "-u", REALM, "-f"]).arg(file).arg(user).stdin(Stdio::piped());
    let mut child = command.spawn().expect("saslpasswd2 is installed (./test installs sasl2-bin)");
    child.stdin.take().expect("piped").write_all(password.as_bytes()).expect("saslpasswd2 reads");
    assert!(child.wait().expect("wait").success(), "saslpasswd2 failed");
}
