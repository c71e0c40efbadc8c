//! A chain of one module on files in a folder of its own.

use std::io::Write;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use auth::inventory::{Listed, Unlisted};
use auth::{Account, Attempt, Auth, Rejection, Service, Told, Verdict};
use config::Config;
use sasl::{CramEvidence, Evidence, Mechanism, PasswordEvidence, Secret, cram};
use tempfile::TempDir;

pub(crate) struct Stage {
    dir: TempDir,
    pub(crate) auth: Auth,
}

impl Stage {
    /// A chain of `module`; `prepare` is told the folder, writes the files and sets the config.
    pub(crate) fn new(module: &str, prepare: impl FnOnce(&Path, &mut Config)) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let mut config = Config::example(dir.path().join("data"));
        std::fs::create_dir(&config.data).expect("a data folder");
        config.auth.chain = vec![module.to_owned()];
        prepare(dir.path(), &mut config);
        let auth = Auth::new(&config);
        Self { dir, auth }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) async fn told(&self, service: Service, evidence: Evidence) -> Told {
        let attempt = Attempt::new(service, IpAddr::from([192, 0, 2, 1]), true);
        self.auth.explain(attempt, evidence).await
    }

    /// What the chain says to a password.
    pub(crate) async fn login(&self, service: Service, identity: &str, password: &str) -> Verdict {
        self.told(service, plain(identity, password)).await.verdict
    }

    /// The account that a right password leads to.
    pub(crate) async fn account(&self, service: Service, identity: &str, password: &str) -> Account {
        let told = self.told(service, plain(identity, password)).await;
        match told.verdict {
            Verdict::Accept(account) => *account,
            other => panic!("{identity} by {password} for {service:?}: {other:?}\n{:#?}", told.lines),
        }
    }

    /// Why a password leads to none.
    pub(crate) async fn refused(&self, service: Service, identity: &str, password: &str) -> Rejection {
        match self.login(service, identity, password).await {
            Verdict::Reject(why) => why,
            other => panic!("{identity} by {password} for {service:?}: {other:?}"),
        }
    }

    /// Every account that is listed, with its Maildir, or why it is none; and which modules could not list theirs.
    pub(crate) async fn listed(&self) -> (Vec<Result<(String, PathBuf), String>>, Vec<Unlisted>) {
        let mut listed = Vec::new();
        let mut take = |_: &'static str, one: Listed| {
            listed.push(one.map(|account| (account.address.to_string(), account.maildir)));
        };
        let unlisted = self.auth.list(&mut take).await;
        listed.sort();
        (listed, unlisted)
    }

    /// What the operator is told when nothing can be told to the client.
    pub(crate) async fn trouble(&self, identity: &str) -> String {
        match self.login(Service::Imap, identity, "secret").await {
            Verdict::TempFail(tempfail) => tempfail.cause,
            other => panic!("{identity}: {other:?}"),
        }
    }

    /// Whether CRAM-MD5 is offered, after the accounts were counted, and why.
    pub(crate) async fn cram_offer(&self) -> (bool, String) {
        self.auth.survey().await;
        let offers = self.auth.offers(true);
        let offer = offers.iter().find(|offer| offer.mechanism == Mechanism::CramMd5).expect("it is one of all");
        (offer.offered, offer.why.clone())
    }
}

pub(crate) fn plain(identity: &str, password: &str) -> Evidence {
    Evidence::Password(PasswordEvidence {
        mechanism: Mechanism::Plain,
        authzid: None,
        identity: identity.to_owned(),
        password: Secret::new(password),
    })
}

/// What a client answers to a challenge of CRAM-MD5.
pub(crate) fn response(identity: &str, password: &str) -> Evidence {
    let challenge = b"<1896.697170952@postoffice.example.test>".to_vec();
    let digest = cram::digest(&Secret::new(password), &challenge);
    Evidence::Cram(CramEvidence { identity: identity.to_owned(), challenge, digest })
}

/// Runs a program with a line on its standard input, and yields what it prints.
pub(crate) fn run(program: &str, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} (./test installs it): {error}"));
    // A program that asks for nothing may be gone already.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("its end");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {}\n{errors}", output.status);
    String::from_utf8(output.stdout).expect("text").trim_end().to_owned()
}

/// Sets the mode of a file.
pub(crate) fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).expect("its mode");
}

/// The lines of a trail, in one text.
pub(crate) fn trail(told: &Told) -> String {
    told.lines.iter().map(|line| format!("{}: {}\n", line.module, line.text)).collect()
}
