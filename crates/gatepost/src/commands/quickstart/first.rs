//! The first message: really submitted, queued and delivered.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use config::{Config, Route, RouteTls, Service};
use mailbox::Folder;
use queue::{Body8, Courier, Envelope, Job, Outcome, QueueId, Recipient};
use relay::RelayCourier;
use server::Context;

use super::people::{People, Person};
use crate::exit::{Code, Failure};

/// Longest time from submission to INBOX; it takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the first message came to bob.
pub(super) enum Journey {
    /// It was sent just now.
    Now {
        /// What the submission port answered.
        answer: String,
        /// The file in bob's Maildir.
        file: PathBuf,
        /// Its header fields that tell the way.
        fields: Vec<String>,
    },
    /// It was sent in an earlier run; so many messages are in bob's INBOX now.
    Earlier(usize),
}

/// Sends the first message unless bob has mail already, and waits until it is in bob's INBOX.
pub(super) async fn message(context: &Context, people: &People, dir: &Path) -> Result<Journey, Failure> {
    let home = people.bob.home(&context.auth).await?;
    let inbox = context.store.open(&home, "INBOX").await.map_err(|error| failed(&error))?;
    let there = inbox.snapshot().messages.len();
    if there > 0 {
        return Ok(Journey::Earlier(there));
    }
    let answer = submit(&context.config.load_full(), people, dir).await?;
    let text = arrived(&*inbox).await?;
    Ok(Journey::Now { answer, file: newest(&home)?, fields: trail(&text) })
}

/// Alice's mail program: the relay's SMTP client, told that our own submission port is its smarthost.
async fn submit(config: &Config, people: &People, dir: &Path) -> Result<String, Failure> {
    let courier = RelayCourier::new(&smarthost(config, people, dir)?, trace::Tracer::off());
    let envelope = Envelope {
        reverse_path: Some(people.alice.address.clone()),
        recipients: vec![Recipient { address: people.bob.address.clone(), original: None }],
        body: Body8::SevenBit,
        smtputf8: false,
        authenticated: None,
        session: "quickstart".to_owned(),
    };
    let job = Job {
        id: QueueId(0),
        envelope: Arc::new(envelope),
        body: compose(people),
        recipients: vec![0],
        accepted: SystemTime::now(),
        replay: false,
    };
    match courier.deliver(vec![job]).await.into_iter().flatten().next() {
        Some(Outcome::Delivered(answer)) => Ok(answer),
        Some(Outcome::Deferred { reason, remote, .. } | Outcome::Failed { reason, remote, .. }) => {
            let said = remote.map(|remote| format!(" ({}: {})", remote.host, remote.reply)).unwrap_or_default();
            Err(Failure::new(Code::Failed, format!("the first message was not taken: {reason}{said}")))
        }
        None => Err(Failure::new(Code::Failed, "the first message was not tried")),
    }
}

/// A config whose only route is our own submission port, with a login as alice.
fn smarthost(config: &Config, people: &People, dir: &Path) -> Result<Config, Failure> {
    let port = config.listen.iter().find(|listener| listener.service == Service::Submission);
    let port =
        port.ok_or_else(|| Failure::new(Code::Config, "the config has no submission listener any more"))?.address;
    let ip = if port.ip().is_unspecified() { super::summary::loopback(port.ip()) } else { port.ip() };
    let route = Route {
        to: "*".to_owned(),
        host: ip.to_string(),
        port: port.port(),
        tls: RouteTls::Starttls,
        user: Some(people.alice.address.to_string()),
        password_file: Some(people.alice.password_file.clone()),
        token_file: None,
        cleartext: false,
        ca_file: Some(dir.join("tls/ca.pem")),
    };
    // As somebody who listens nowhere: the relay refuses to send mail round in circles.
    Ok(Config { routes: vec![route], listen: Vec::new(), ..config.clone() })
}

fn compose(people: &People) -> Bytes {
    let (alice, bob) = (&people.alice.address, &people.bob.address);
    let text = format!(
        "From: Alice <{alice}>\r\nTo: Bob <{bob}>\r\nSubject: Between you, me and the gatepost\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n\
         Hello Bob,\r\n\r\nthis came through the submission port with STARTTLS and a login, was kept in the\r\n\
         queue's journal before I was told so, and lies in your Maildir now.\r\n\r\nAlice\r\n"
    );
    text.into()
}

/// Waits for the first message in an INBOX that was empty; its text.
async fn arrived(inbox: &dyn Folder) -> Result<String, Failure> {
    let mut changes = inbox.changes();
    let first = async {
        loop {
            changes.borrow_and_update();
            if let Some(meta) = inbox.snapshot().messages.first() {
                return inbox.read(meta.uid).await.map_err(|error| failed(&error));
            }
            changes.changed().await.map_err(|error| failed(&error))?;
        }
    };
    let octets = tokio::time::timeout(PATIENCE, first).await.map_err(|_| {
        Failure::new(Code::Failed, "the first message was taken but is not in bob's INBOX; see `gatepost queue list`")
    })??;
    Ok(String::from_utf8_lossy(&octets).into_owned())
}

/// The header fields that tell a message's way, unfolded.
fn trail(text: &str) -> Vec<String> {
    let header = text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n\t", " ").replace("\r\n ", " ");
    let tells = |line: &&str| ["Return-Path:", "Delivered-To:", "Received:"].iter().any(|name| line.starts_with(name));
    header.split("\r\n").filter(tells).map(str::to_owned).collect()
}

/// The only message's file.
fn newest(home: &Path) -> Result<PathBuf, Failure> {
    let list = |name: &str| std::fs::read_dir(home.join(name)).into_iter().flatten().filter_map(Result::ok);
    let file = list("new").chain(list("cur")).map(|entry| entry.path()).next();
    file.ok_or_else(|| Failure::new(Code::Failed, format!("no file in {}", home.display())))
}

fn failed(error: &dyn std::error::Error) -> Failure {
    Failure::new(Code::Failed, error.to_string())
}

impl Person {
    /// The account's Maildir.
    async fn home(&self, auth: &auth::Auth) -> Result<PathBuf, Failure> {
        match auth.resolve(&self.address).await {
            auth::Resolution::Account(account) => Ok(account.maildir),
            other => Err(Failure::new(Code::Failed, format!("{} has no mailbox: {other:?}", self.address))),
        }
    }
}
