//! What a fake server says.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Where TLS begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tls {
    Never,
    OnCommand,
    AtOnce,
}

/// What a server says; without anything added it takes every message.
#[derive(Debug)]
pub struct Script {
    pub(super) hello: Vec<String>,
    pub(super) hello_inside: Option<Vec<String>>,
    pub(super) tls: Tls,
    pub(super) certificate: Option<Arc<ServerConfig>>,
    pub(super) login: Option<(String, String)>,
    pub(super) keeps_input: bool,
    answers: Mutex<Vec<(String, VecDeque<String>)>>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            hello: Vec::new(),
            hello_inside: None,
            tls: Tls::Never,
            certificate: None,
            login: None,
            keeps_input: false,
            answers: Mutex::default(),
        }
    }
}

impl Script {
    /// The lines of the EHLO reply behind the name: `.hello(&["SIZE 1000", "AUTH=LOGIN"])`.
    #[must_use]
    pub fn hello(mut self, lines: &[&str]) -> Self {
        self.hello = lines.iter().map(|&line| line.to_owned()).collect();
        self
    }

    /// Other lines inside TLS.
    #[must_use]
    pub fn hello_inside(mut self, lines: &[&str]) -> Self {
        self.hello_inside = Some(lines.iter().map(|&line| line.to_owned()).collect());
        self
    }

    /// The answers to lines that begin like this, in order; the last one is for all that follow. `GREETING` and `.` (the end of
    /// content) are commands too. A `|` ends a line of the reply; `DROP` closes the connection.
    #[must_use]
    pub fn answer(self, command: &str, replies: &[&str]) -> Self {
        let replies = replies.iter().map(|&reply| reply.to_owned()).collect();
        self.lock().push((command.to_owned(), replies));
        self
    }

    /// AUTH PLAIN and LOGIN succeed for this user and password alone.
    #[must_use]
    pub fn login(mut self, user: &str, password: &str) -> Self {
        self.login = Some((user.to_owned(), password.to_owned()));
        self
    }

    /// Offers STARTTLS with this certificate and key.
    #[must_use]
    pub fn starttls(mut self, certificate: &Path, key: &Path) -> Self {
        (self.tls, self.certificate) = (Tls::OnCommand, Some(load(certificate, key)));
        self
    }

    /// What came in clear behind STARTTLS is obeyed inside TLS, as some servers once did.
    #[must_use]
    pub fn keeps_input(mut self) -> Self {
        self.keeps_input = true;
        self
    }

    /// TLS from the first octet.
    #[must_use]
    pub fn implicit_tls(mut self, certificate: &Path, key: &Path) -> Self {
        (self.tls, self.certificate) = (Tls::AtOnce, Some(load(certificate, key)));
        self
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(String, VecDeque<String>)>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The script's answer to a line, if it has one.
    pub(super) fn answer_to(&self, line: &str) -> Option<String> {
        let mut answers = self.lock();
        let (_, replies) = answers
            .iter_mut()
            .find(|(start, _)| line.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))?;
        if replies.len() > 1 { replies.pop_front() } else { replies.front().cloned() }
    }

    pub(super) fn relent(&self, command: &str) {
        self.lock().retain(|(start, _)| start != command);
    }
}

fn load(certificate: &Path, key: &Path) -> Arc<ServerConfig> {
    let chain =
        CertificateDer::pem_file_iter(certificate).expect("a certificate").map(|one| one.expect("PEM")).collect();
    let key = PrivateKeyDer::from_pem_file(key).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key);
    Arc::new(config.expect("certificate and key"))
}
