//! A courier with a DNS of its own, and jobs for it.

use std::fs::{Permissions, set_permissions, write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use config::Config;
use harness::{Dns, Peer, Script};
use message::Address;
use net::ca::{self, PrivateCa};
use queue::{Body8, Courier, Envelope, Job, Outcome, QueueId, Recipient};
use relay::RelayCourier;
use tempfile::TempDir;

/// What most tests send.
pub(crate) const BODY: &str = "Subject: hello\r\n\r\n.a dot\r\n";

/// A courier with its surroundings.
pub(crate) struct Fixture {
    folder: TempDir,
    pub(crate) dns: Dns,
    tables: String,
    courier: RelayCourier,
}

impl Fixture {
    /// A courier with this zone and these tables in its config. MX hosts listen at `port`.
    pub(crate) fn new(zone: &str, port: u16, tables: &str) -> Self {
        let (folder, dns) = (tempfile::tempdir().expect("a folder"), Dns::start(zone));
        let tables = format!("{}\n{tables}", relay_table(&dns, port));
        let courier = RelayCourier::new(&config(&tables), trace::Tracer::off());
        Self { folder, dns, tables, courier }
    }

    /// A courier with one MX host for `x.example`, which is this peer.
    pub(crate) fn with_mx(peer: &Peer) -> Self {
        Self::new("x.example MX 10 mx.x.example\nmx.x.example A 127.0.0.1", peer.port(), "")
    }

    /// A courier that sends everything to a smarthost; `keys` are those of the route but `to` and `via`.
    pub(crate) fn with_route(peer: &Peer, keys: &str) -> Self {
        Self::new("", 25, &format!("[[route]]\nto = \"*\"\nvia = \"127.0.0.1:{}\"\n{keys}\n", peer.port()))
    }

    /// Reads its config again, with a table more.
    pub(crate) fn reload(&self, table: &str) {
        self.courier.reload(&config(&format!("{}\n{table}", self.tables)));
    }

    /// Sends a message to some recipients, and what became of them.
    pub(crate) async fn send(&self, recipients: &[&str]) -> Vec<Outcome> {
        self.send_job(job(recipients, BODY)).await
    }

    /// The same for one recipient.
    pub(crate) async fn send_one(&self, recipient: &str) -> Outcome {
        self.send(&[recipient]).await.remove(0)
    }

    /// Sends a job.
    pub(crate) async fn send_job(&self, job: Job) -> Vec<Outcome> {
        self.send_jobs(vec![job]).await.remove(0)
    }

    /// Sends several.
    pub(crate) async fn send_jobs(&self, jobs: Vec<Job>) -> Vec<Vec<Outcome>> {
        let outcomes = self.courier.deliver(jobs.clone()).await;
        assert_eq!(outcomes.len(), jobs.len());
        for (job, outcomes) in jobs.iter().zip(&outcomes) {
            assert_eq!(outcomes.len(), job.recipients.len());
        }
        outcomes
    }

    /// Writes a password file.
    pub(crate) fn password(&self, password: &str) -> PathBuf {
        password_file(self.folder.path(), password, 0o600)
    }
}

/// Writes a password file with a mode.
pub(crate) fn password_file(folder: &Path, password: &str, mode: u32) -> PathBuf {
    let path = folder.join("pass");
    write(&path, format!("{password}\n")).expect("a file");
    set_permissions(&path, Permissions::from_mode(mode)).expect("a mode");
    path
}

fn relay_table(dns: &Dns, port: u16) -> String {
    format!(
        "[relay]\nresolvers = [\"{}\"]\nport = {port}\nallow_private = true\nreply_timeout = \"30s\"\n",
        dns.address()
    )
}

fn config(tables: &str) -> Config {
    let top = "hostname = \"mail.us.example\"\ndata = \"/nowhere\"\ndomains = [\"us.example\"]\n";
    config::parse(Path::new("gatepost.toml"), &format!("{top}{tables}")).expect("a config").config
}

/// A message from `a@us.example`.
pub(crate) fn job(recipients: &[&str], body: &str) -> Job {
    let address = |text: &str| Address::parse(text).expect(text);
    let recipients: Vec<_> = recipients.iter().map(|r| Recipient { address: address(r), original: None }).collect();
    let indices = (0..recipients.len()).collect();
    let envelope = Envelope {
        reverse_path: Some(address("a@us.example")),
        recipients,
        body: Body8::SevenBit,
        smtputf8: false,
        authenticated: None,
        session: "test".into(),
    };
    Job {
        id: QueueId(1),
        envelope: Arc::new(envelope),
        body: Bytes::from(body.to_owned()),
        recipients: indices,
        accepted: SystemTime::UNIX_EPOCH,
        replay: false,
    }
}

/// A CA with a certificate for `mx.x.example`, `localhost` and 127.0.0.1.
pub(crate) struct Authority {
    _folder: TempDir,
    pub(crate) files: PrivateCa,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let files = ca::create(folder.path(), "mx.x.example", &[]).expect("a CA");
        Self { _folder: folder, files }
    }

    /// Adds STARTTLS to a script.
    pub(crate) fn starttls(&self, script: Script) -> Script {
        script.starttls(&self.files.certificate, &self.files.key)
    }

    /// `ca_file = …`, for a route.
    pub(crate) fn key(&self) -> String {
        format!("ca_file = \"{}\"", self.files.ca.display())
    }
}

/// Deferred, with its status, whether the operator must act, and everything that was said.
pub(crate) fn deferred(outcome: &Outcome) -> (&str, bool, String) {
    match outcome {
        Outcome::Deferred { status, reason, remote, configuration } => {
            (status, *configuration, format!("{reason} {remote:?}"))
        }
        other => panic!("not deferred: {other:?}"),
    }
}

/// Failed, with its status and everything that was said.
pub(crate) fn failed(outcome: &Outcome) -> (&str, String) {
    match outcome {
        Outcome::Failed { status, reason, remote } => (status, format!("{reason} {remote:?}")),
        other => panic!("not failed: {other:?}"),
    }
}

/// Asserts that it was handed on, and returns what is logged of it.
pub(crate) fn delivered(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Delivered(text) => text,
        other => panic!("not delivered: {other:?}"),
    }
}
