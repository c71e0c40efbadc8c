//! EXTERNAL, with certificates that the openssl command makes.

use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Gatepost, client, fail_with, succeed};

use super::{ALICE, CURL_DENIED, PASSWORD, assert_noted, curl, msmtp, prepare};

/// curl: the connection broke while receiving. In TLS 1.3 a client has finished its handshake when its certificate is
/// judged.
const CURL_BROKEN: i32 = 56;

/// A CA of a test.
pub(super) struct Authority {
    folder: PathBuf,
    name: String,
}

/// A certificate and its key.
struct Credential {
    certificate: PathBuf,
    key: PathBuf,
}

impl Authority {
    /// Makes one whose files are in `folder`.
    pub(super) fn new(folder: &Path, name: &str) -> Self {
        let authority = Self { folder: folder.to_owned(), name: name.to_owned() };
        let mut command = authority.key(name);
        command.args(["-x509", "-days", "2"]).arg("-out").arg(authority.file(name, "pem"));
        succeed(command.args(["-subj", &format!("/CN={name}")]));
        authority
    }

    /// Its own certificate.
    pub(super) fn certificate(&self) -> PathBuf {
        self.file(&self.name, "pem")
    }

    fn file(&self, name: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{name}.{ending}"))
    }

    /// `openssl req` that makes a new key beside whatever it is asked for.
    fn key(&self, name: &str) -> Command {
        let mut command = client("openssl");
        command.args(["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout"]);
        command.arg(self.file(name, "key"));
        command
    }

    /// A certificate for an address, as its rfc822Name.
    fn sign(&self, address: &str) -> Credential {
        let name = format!("{}-{address}", self.name);
        let (certificate, key, request) =
            (self.file(&name, "pem"), self.file(&name, "key"), self.file(&name, "request"));
        let mut command = self.key(&name);
        command.args(["-subj", "/CN=client", "-addext", &format!("subjectAltName=email:{address}")]);
        succeed(command.arg("-out").arg(&request));
        let mut command = client("openssl");
        command.args(["x509", "-req", "-days", "2", "-copy_extensions", "copy", "-CAcreateserial"]);
        command.arg("-in").arg(&request).arg("-out").arg(&certificate);
        succeed(command.arg("-CA").arg(self.certificate()).arg("-CAkey").arg(self.file(&self.name, "key")));
        Credential { certificate, key }
    }
}

/// curl without a password, with a certificate.
fn with(server: &Gatepost, standard: u16, credential: &Credential) -> Command {
    let mut command = curl(server, standard, "EXTERNAL", "");
    command.arg("--cert").arg(&credential.certificate).arg("--key").arg(&credential.key);
    command
}

/// MISSION 003-03: a certificate of the account's address is a login in every protocol; nobody's is none.
#[test]
fn a_certificate_logs_in_whom_it_names() {
    let (mut server, authority) = prepare("\"passwd-file\"", "");
    server.start();
    let (alice, nobody) = (authority.sign(ALICE), authority.sign("nobody@example.test"));
    let mut wanted = Vec::new();
    for (port, listener) in [(465, "submissions"), (143, "imap"), (993, "imaps"), (995, "pop3s")] {
        succeed(&mut with(&server, port, &alice));
        fail_with(&mut with(&server, port, &nobody), CURL_DENIED);
        wanted.extend(["ok", "unknown user"].map(|outcome| format!("{listener} EXTERNAL {outcome}")));
    }
    let lines = format!("tls_cert_file {}\ntls_key_file {}\n", alice.certificate.display(), alice.key.display());
    succeed(&mut msmtp(&server, "external", "", &lines));
    wanted.push("submission EXTERNAL ok".to_owned());
    server.maildir(ALICE).wait_for(2);
    assert_noted(&server, &wanted);
}

/// MISSION 003-03: a certificate that the authority did not sign ends the handshake, whatever it says; without any
/// EXTERNAL is not offered, so that curl sends nothing.
#[test]
fn only_the_authority_is_believed() {
    let (mut server, _) = prepare("\"passwd-file\"", "");
    server.start();
    let forged = Authority::new(server.folder(), "stranger").sign(ALICE);
    fail_with(&mut with(&server, 993, &forged), CURL_BROKEN);
    server.wait_for_log("TLS handshake failed");
    fail_with(&mut curl(&server, 993, "EXTERNAL", ""), CURL_DENIED);
    succeed(&mut curl(&server, 993, "PLAIN", PASSWORD));
    assert_noted(&server, &["imaps PLAIN ok".to_owned()]);
}

/// A proxy's certificate is the proxy's: behind XCLIENT its client cannot log in with it.
#[test]
fn a_proxys_certificate_is_none_of_its_client() {
    let (mut server, authority) = prepare("\"passwd-file\"", "[smtp]\nxclient = [\"127.0.0.1\"]");
    server.start();
    let alice = authority.sign(ALICE);
    let mut swaks = client("swaks");
    swaks.args(["--server", &format!("127.0.0.1:{}", server.port(465)), "--tls-on-connect", "--timeout", "60"]);
    swaks.args(["--xclient-addr", "192.0.2.7", "--from", ALICE, "--to", ALICE, "--quit-after", "MAIL"]);
    swaks.arg("--tls-cert").arg(&alice.certificate).arg("--tls-key").arg(&alice.key);
    // 23: MAIL was refused, as nobody is logged in.
    let said = fail_with(&mut swaks, 23);
    let offers: Vec<_> = said.lines().filter(|line| line.contains("250-AUTH ") || line.contains("250 AUTH ")).collect();
    let [own, clients] = offers.as_slice() else { panic!("{said}") };
    assert!(own.contains(" EXTERNAL") && own.contains("-PLUS"), "{own}");
    assert!(!clients.contains(" EXTERNAL") && !clients.contains("-PLUS") && clients.contains(" PLAIN"), "{clients}");
}
