//! A chain of one module, and what it says.

use std::fs;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use auth::{Attempt, Auth, Rejection, Service, Told, Verdict};
use config::Config;
use sasl::{CramEvidence, Evidence, Mechanism, PasswordEvidence, Secret, cram};
use tempfile::TempDir;

/// A chain on a folder of its own.
pub(crate) struct Asked {
    pub(crate) dir: TempDir,
    pub(crate) config: Config,
    pub(crate) auth: Auth,
}

impl Asked {
    /// The module `name`, with what `change` makes of the config; it is told the folder.
    pub(crate) fn new(name: &str, change: impl FnOnce(&mut Config, &Path)) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        // Checkers become other users, and are to reach what lies here.
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
        let mut config = Config::example(dir.path());
        config.auth.chain = vec![name.to_owned()];
        change(&mut config, dir.path());
        let auth = Auth::new(&config);
        Self { dir, config, auth }
    }

    /// `checkpassword` with this command.
    pub(crate) fn checker(command: &[&str], change: impl FnOnce(&mut config::Checkpassword)) -> Self {
        Self::new("checkpassword", |config, _| {
            let settings = &mut config.modules.checkpassword;
            settings.command = command.iter().map(|word| (*word).to_owned()).collect();
            change(settings);
        })
    }

    /// What the chain says to a login by password, and its trail.
    pub(crate) async fn login(&self, identity: &str, password: &str) -> Told {
        self.auth.explain(attempt(), plain(identity, password)).await
    }

    /// The same with CRAM-MD5.
    pub(crate) async fn cram(&self, identity: &str, password: &str) -> Told {
        let challenge = b"<1896.697170952@mail.example.test>".to_vec();
        let digest = cram::digest(&Secret::new(password), &challenge);
        let evidence = CramEvidence { identity: identity.to_owned(), challenge, digest };
        self.auth.explain(attempt(), Evidence::Cram(evidence)).await
    }
}

pub(crate) fn attempt() -> Attempt {
    Attempt::new(Service::Imap, IpAddr::from([192, 0, 2, 1]), true)
}

pub(crate) fn plain(identity: &str, password: &str) -> Evidence {
    Evidence::Password(PasswordEvidence {
        mechanism: Mechanism::Plain,
        authzid: None,
        identity: identity.to_owned(),
        password: Secret::new(password),
    })
}

/// The account, or a panic with the trail.
pub(crate) fn accepted(told: &Told) -> &auth::Account {
    match &told.verdict {
        Verdict::Accept(account) => account,
        other => panic!("{other:?}\n{}", trail(told)),
    }
}

/// The reason, or a panic with the trail.
pub(crate) fn rejected(told: &Told) -> Rejection {
    match &told.verdict {
        Verdict::Reject(why) => *why,
        other => panic!("{other:?}\n{}", trail(told)),
    }
}

/// The cause, or a panic with the trail.
pub(crate) fn temporary(told: &Told) -> &str {
    match &told.verdict {
        Verdict::TempFail(tempfail) => &tempfail.cause,
        other => panic!("{other:?}\n{}", trail(told)),
    }
}

/// All lines of the trail.
pub(crate) fn trail(told: &Told) -> String {
    told.lines.iter().map(|line| format!("{}: {}\n", line.module, line.text)).collect()
}

/// A program in a file of its own.
pub(crate) fn program(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    fs::write(&path, text).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
    path
}
