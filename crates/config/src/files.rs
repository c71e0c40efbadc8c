//! The files that a config names: there, readable, and secret where they hold secrets.

use std::fs::File;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::finding::Cause;
use crate::model::Config;
use crate::reading::Reading;

/// A file that a config names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// Its key: `tls.key`, `route.0.password_file`.
    pub key: String,
    /// Where it is.
    pub path: PathBuf,
    /// Whether it holds a secret.
    pub secret: bool,
}

/// Every file that a config names and the server opens itself, in the order of the reference. Those of modules count if the
/// chain asks the module.
pub fn named_files(config: &Config) -> Vec<NamedFile> {
    let mut files = Files(Vec::new());
    let tls = &config.tls;
    files.public("tls.certificate", tls.certificate.as_deref());
    files.secret("tls.key", tls.key.as_deref());
    files.public("tls.client_ca", tls.client_ca.as_deref());
    files.public("relay.ca_file", config.relay.ca_file.as_deref());
    for (n, route) in config.routes.iter().enumerate() {
        files.secret(&format!("route.{n}.password_file"), route.password_file.as_deref());
        files.secret(&format!("route.{n}.token_file"), route.token_file.as_deref());
        files.public(&format!("route.{n}.ca_file"), route.ca_file.as_deref());
    }
    files.modules(config);
    files.0
}

/// Looks at every file that the config names.
pub(crate) fn check(config: &Config, reading: &mut Reading<'_>) {
    for NamedFile { key, path, secret } in named_files(config) {
        let mode = open(&key, &path, reading);
        if secret {
            closed(&key, (&path, mode), reading);
        }
    }
    if config.data.exists() && !config.data.is_dir() {
        reading.at(
            "data",
            Cause::NotAFolder(config.data.clone()),
            "a folder; a missing one is made by `gatepost serve`",
        );
    }
}

/// What was found so far.
struct Files(Vec<NamedFile>);

impl Files {
    fn add(&mut self, key: &str, path: Option<&Path>, secret: bool) {
        self.0.extend(path.map(|path| NamedFile { key: key.to_owned(), path: path.to_owned(), secret }));
    }

    fn public(&mut self, key: &str, path: Option<&Path>) {
        self.add(key, path, false);
    }

    fn secret(&mut self, key: &str, path: Option<&Path>) {
        self.add(key, path, true);
    }

    /// Those of the modules that the chain asks.
    fn modules(&mut self, config: &Config) {
        let asked = |module: &str| config.auth.chain.iter().any(|name| name == module);
        let (ldap, http, oauth) = (&config.modules.ldap, &config.modules.http, &config.modules.oauth);
        let (postgres, mysql) = (&config.modules.postgres, &config.modules.mysql);
        if asked("postgres") {
            self.secret("auth.postgres.password_file", postgres.password_file.as_deref());
            self.public("auth.postgres.ca_file", postgres.ca_file.as_deref());
        }
        if asked("mysql") {
            self.secret("auth.mysql.password_file", mysql.password_file.as_deref());
            self.public("auth.mysql.ca_file", mysql.ca_file.as_deref());
        }
        if asked("ldap") {
            self.secret("auth.ldap.bind_password_file", ldap.bind_password_file.as_deref());
            self.public("auth.ldap.ca_file", ldap.ca_file.as_deref());
        }
        if asked("http") {
            self.secret("auth.http.token_file", http.token_file.as_deref());
            self.public("auth.http.ca_file", http.ca_file.as_deref());
        }
        if asked("oauth") {
            self.secret("auth.oauth.client_secret_file", oauth.client_secret_file.as_deref());
            self.public("auth.oauth.jwks_file", oauth.jwks_file.as_deref());
            self.public("auth.oauth.ca_file", oauth.ca_file.as_deref());
        }
    }
}

/// The user that this process is.
pub(crate) fn uid() -> u32 {
    // /proc/self belongs to the effective user of the process.
    std::fs::metadata("/proc/self").map_or(u32::MAX, |meta| meta.uid())
}

/// A file with a secret: not for everybody. A group may read it, as Debian's `ssl-cert` does.
fn closed(key: &str, (path, mode): (&Path, Option<u32>), reading: &mut Reading<'_>) {
    if let Some(mode) = mode.filter(|mode| mode & 0o007 != 0) {
        let cause = Cause::SecretExposed { path: path.to_owned(), mode };
        reading.at(key, cause, &format!("chmod 600 {}", path.display()));
    }
}

/// Opens a file as the server will; its mode, or a finding.
fn open(key: &str, path: &Path, reading: &mut Reading<'_>) -> Option<u32> {
    let meta = File::open(path).and_then(|file| file.metadata());
    let error = match meta {
        Ok(meta) if meta.is_file() => return Some(meta.permissions().mode() & 0o7777),
        Ok(_) => io::Error::new(io::ErrorKind::InvalidInput, "not a file"),
        Err(error) => error,
    };
    let cause = Cause::FileUnreadable { path: path.to_owned(), error, uid: uid() };
    reading.at(key, cause, "a file that the server's user can read");
    None
}
