//! Certificates, good ones and bad ones.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use net::ca::{self, PrivateCa};
use tempfile::TempDir;

/// A private authority, a good certificate for `mail.example.test` and loopback addresses, and others by need.
pub(crate) struct Papers {
    folder: TempDir,
    files: PrivateCa,
}

impl Papers {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let second: IpAddr = [127, 0, 0, 2].into();
        let files = ca::create(folder.path(), "mail.example.test", &[second]).expect("certificates");
        Self { folder, files }
    }

    pub(crate) fn ca(&self) -> &Path {
        &self.files.ca
    }

    /// The good one, and its key.
    pub(crate) fn good(&self) -> (&Path, &Path) {
        (&self.files.certificate, &self.files.key)
    }

    /// One that the authority has signed for 127.0.0.1, and that is over.
    pub(crate) fn expired(&self) -> (PathBuf, PathBuf) {
        self.signed("expired", "IP:127.0.0.1", "-1")
    }

    /// One that the authority has signed for somebody else.
    pub(crate) fn for_another(&self) -> (PathBuf, PathBuf) {
        self.signed("another", "DNS:other.example.test", "90")
    }

    /// One that will be over next week.
    pub(crate) fn short(&self) -> (PathBuf, PathBuf) {
        self.signed("short", "IP:127.0.0.1", "7")
    }

    /// One that has signed itself.
    pub(crate) fn self_signed(&self) -> (PathBuf, PathBuf) {
        let (certificate, key) = self.paths("self");
        openssl(
            Command::new("openssl")
                .args(NEW)
                .arg("-x509")
                .arg("-keyout")
                .arg(&key)
                .arg("-out")
                .arg(&certificate)
                .args(["-days", "90", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]),
        );
        (certificate, key)
    }

    fn signed(&self, name: &str, names: &str, days: &str) -> (PathBuf, PathBuf) {
        let (certificate, key) = self.paths(name);
        let file = |name: &str| self.folder.path().join(name);
        std::fs::write(file("extensions"), format!("subjectAltName={names}\n")).expect("written");
        let subject = ["-subj", "/CN=signed"];
        openssl(
            Command::new("openssl").args(NEW).arg("-keyout").arg(&key).arg("-out").arg(file("request")).args(subject),
        );
        let mut sign = Command::new("openssl");
        sign.args(["x509", "-req", "-days", days, "-in"]).arg(file("request")).arg("-CA").arg(self.ca());
        sign.arg("-CAkey").arg(file("ca-key.pem")).arg("-extfile").arg(file("extensions"));
        openssl(sign.arg("-out").arg(&certificate));
        (certificate, key)
    }

    fn paths(&self, name: &str) -> (PathBuf, PathBuf) {
        (self.folder.path().join(format!("{name}.pem")), self.folder.path().join(format!("{name}-key.pem")))
    }
}

const NEW: [&str; 7] = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-batch"];

fn openssl(command: &mut Command) {
    let output = command.output().expect("openssl is installed");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
