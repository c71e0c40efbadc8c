//! The files that a config names: there, readable, and secret where they hold secrets.

use std::fs::File;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use crate::finding::Cause;
use crate::model::Config;
use crate::reading::Reading;

/// Looks at every file that the config names.
pub(crate) fn check(config: &Config, reading: &mut Reading<'_>) {
    let tls = &config.tls;
    public("tls.certificate", tls.certificate.as_deref(), reading);
    secret("tls.key", tls.key.as_deref(), reading);
    public("tls.client_ca", tls.client_ca.as_deref(), reading);
    public("relay.ca_file", config.relay.ca_file.as_deref(), reading);
    for (n, route) in config.routes.iter().enumerate() {
        secret(&format!("route.{n}.password_file"), route.password_file.as_deref(), reading);
        secret(&format!("route.{n}.token_file"), route.token_file.as_deref(), reading);
        public(&format!("route.{n}.ca_file"), route.ca_file.as_deref(), reading);
    }
    modules(config, reading);
    if config.data.exists() && !config.data.is_dir() {
        reading.at(
            "data",
            Cause::NotAFolder(config.data.clone()),
            "a folder; a missing one is made by `gatepost serve`",
        );
    }
}

/// Those of the modules that the chain asks.
fn modules(config: &Config, reading: &mut Reading<'_>) {
    let asked = |module: &str| config.auth.chain.iter().any(|name| name == module);
    let (ldap, http, oauth) = (&config.modules.ldap, &config.modules.http, &config.modules.oauth);
    let (postgres, mysql) = (&config.modules.postgres, &config.modules.mysql);
    if asked("postgres") {
        secret("auth.postgres.password_file", postgres.password_file.as_deref(), reading);
        public("auth.postgres.ca_file", postgres.ca_file.as_deref(), reading);
    }
    if asked("mysql") {
        secret("auth.mysql.password_file", mysql.password_file.as_deref(), reading);
        public("auth.mysql.ca_file", mysql.ca_file.as_deref(), reading);
    }
    if asked("ldap") {
        secret("auth.ldap.bind_password_file", ldap.bind_password_file.as_deref(), reading);
        public("auth.ldap.ca_file", ldap.ca_file.as_deref(), reading);
    }
    if asked("http") {
        secret("auth.http.token_file", http.token_file.as_deref(), reading);
        public("auth.http.ca_file", http.ca_file.as_deref(), reading);
    }
    if asked("oauth") {
        secret("auth.oauth.client_secret_file", oauth.client_secret_file.as_deref(), reading);
        public("auth.oauth.jwks_file", oauth.jwks_file.as_deref(), reading);
        public("auth.oauth.ca_file", oauth.ca_file.as_deref(), reading);
    }
}

/// The user that this process is.
pub(crate) fn uid() -> u32 {
    // /proc/self belongs to the effective user of the process.
    std::fs::metadata("/proc/self").map_or(u32::MAX, |meta| meta.uid())
}

fn public(key: &str, path: Option<&Path>, reading: &mut Reading<'_>) {
    if let Some(path) = path {
        open(key, path, reading);
    }
}

/// A file with a secret: not for everybody. A group may read it, as Debian's `ssl-cert` does.
fn secret(key: &str, path: Option<&Path>, reading: &mut Reading<'_>) {
    let Some(path) = path else { return };
    let Some(mode) = open(key, path, reading) else { return };
    if mode & 0o007 != 0 {
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
