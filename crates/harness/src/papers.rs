//! Certificates that the openssl command makes, good ones and bad ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::{client, succeed};

/// A certificate and its key, PEM.
pub type Paper = (PathBuf, PathBuf);

/// A private authority, a good certificate for `mail.example.test`, `localhost` and loopback addresses, and others by need.
#[derive(Debug)]
pub struct Papers {
    folder: TempDir,
    good: Paper,
}

/// From the beginning of a year to the beginning of another, as `openssl ca` wants it.
const LONG: (u32, u32) = (2000, 2090);

impl Papers {
    /// Makes the authority and the good one.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut papers = Self { folder, good: Paper::default() };
        let mut authority = papers.key("ca");
        succeed(authority.args(["-x509", "-days", "90", "-subj", "/CN=authority"]).arg("-out").arg(papers.ca()));
        fs::write(papers.file("ca.conf"), papers.settings()).expect("written");
        papers.good = papers.signed("good", &format!("DNS:mail.example.test,{HERE}"), LONG);
        papers
    }

    /// What trusts them needs this file.
    pub fn ca(&self) -> PathBuf {
        self.file("ca.pem")
    }

    /// The good one, and its key.
    pub fn good(&self) -> (&Path, &Path) {
        (&self.good.0, &self.good.1)
    }

    /// One for here that is over.
    pub fn expired(&self) -> Paper {
        self.signed("expired", HERE, (2000, 2001))
    }

    /// One for here that is good in the next century, or where a clock is off.
    pub fn not_yet_valid(&self) -> Paper {
        self.signed("early", HERE, (2090, 2091))
    }

    /// One that the authority has signed for somebody else.
    pub fn for_another(&self) -> Paper {
        self.signed("another", "DNS:other.example.test", LONG)
    }

    /// One that will be over next week.
    pub fn short(&self) -> Paper {
        self.sign("short", HERE, &["-days", "7"])
    }

    /// One of a person, by which a client logs in.
    pub fn of_person(&self, address: &str) -> Paper {
        self.signed("person", &format!("email:{address}"), LONG)
    }

    /// One that has signed itself.
    pub fn self_signed(&self) -> Paper {
        let (certificate, key) = self.paper("self");
        let mut command = self.key("self");
        command.args(["-x509", "-days", "90", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]);
        succeed(command.arg("-out").arg(&certificate));
        (certificate, key)
    }

    fn signed(&self, name: &str, names: &str, (from, to): (u32, u32)) -> Paper {
        let [from, to] = [from, to].map(|year| format!("{year}0101000000Z"));
        self.sign(name, names, &["-startdate", &from, "-enddate", &to])
    }

    fn sign(&self, name: &str, names: &str, when: &[&str]) -> Paper {
        let (certificate, key) = self.paper(name);
        let (request, extensions) = (self.file("request"), self.file("extensions"));
        fs::write(&extensions, format!("subjectAltName={names}\n")).expect("written");
        succeed(self.key(name).args(["-subj", "/CN=signed"]).arg("-out").arg(&request));
        let mut sign = client("openssl");
        sign.args(["ca", "-batch", "-notext", "-config"]).arg(self.file("ca.conf")).args(when);
        succeed(sign.arg("-extfile").arg(extensions).arg("-in").arg(request).arg("-out").arg(&certificate));
        (certificate, key)
    }

    /// `openssl req` that makes a new key beside whatever it is asked for.
    fn key(&self, name: &str) -> Command {
        let mut command = client("openssl");
        command.args(["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-batch"]);
        command.arg("-keyout").arg(self.paper(name).1);
        command
    }

    /// What `openssl ca` is told by a file alone.
    fn settings(&self) -> String {
        fs::write(self.file("index"), "").expect("written");
        let folder = self.folder.path().display();
        format!(
            "[ca]\ndefault_ca = own\n[own]\ndatabase = {folder}/index\nnew_certs_dir = {folder}\nrand_serial = yes\n\
             unique_subject = no\ndefault_md = sha256\npolicy = any\ncertificate = {folder}/ca.pem\n\
             private_key = {folder}/ca-key.pem\n[any]\ncommonName = supplied\n"
        )
    }

    fn paper(&self, name: &str) -> Paper {
        (self.file(&format!("{name}.pem")), self.file(&format!("{name}-key.pem")))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Default for Papers {
    fn default() -> Self {
        Self::new()
    }
}

/// Where tests listen.
const HERE: &str = "DNS:localhost,IP:127.0.0.1,IP:127.0.0.2,IP:::1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_ones_are_bad_in_one_way() {
        let papers = Papers::new();
        let verified = |(certificate, _): Paper| {
            let mut verify = client("openssl");
            verify.args(["verify", "-verify_hostname", "localhost", "-CAfile"]).arg(papers.ca()).arg(certificate);
            let output = verify.output().expect("openssl");
            [output.stdout, output.stderr].map(|octets| String::from_utf8_lossy(&octets).into_owned()).join("")
        };
        for (paper, words) in [
            (papers.good.clone(), ": OK"),
            (papers.short(), ": OK"),
            (papers.expired(), "certificate has expired"),
            (papers.not_yet_valid(), "certificate is not yet valid"),
            (papers.for_another(), "hostname mismatch"),
            (papers.self_signed(), "self-signed certificate"),
        ] {
            let said = verified(paper);
            assert!(said.contains(words), "{words}: {said}");
        }
    }
}
