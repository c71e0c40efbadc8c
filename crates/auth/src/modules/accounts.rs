//! `accounts`: the account store, asked for logins and deliveries.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use config::Config;
use message::{Address, Domain};
use parking_lot::Mutex;
use sasl::{Evidence, PasswordEvidence, ScramEvidence, scram};

use crate::accounts::{Credentials, Known, Receiver, Snapshot, Store, StoreError};
use crate::module::{Abilities, Ability, Answer, Found, Module, Request};
use crate::remember::Memory;
use crate::workers::Workers;
use crate::{Account, Rejection, TempFail, Verdict, invent, login_name, maildir, password};

const NAME: &str = "accounts";

/// The module.
#[derive(Debug)]
pub(crate) struct Accounts {
    data: PathBuf,
    domains: Vec<Domain>,
    postmaster: Option<Address>,
    /// The store while it is open, with the file that was opened.
    open: Mutex<Option<Opened>>,
    memory: Arc<Memory>,
    workers: Workers,
}

#[derive(Debug)]
struct Opened {
    store: Arc<Store>,
    /// Device and inode: a file that was put in its place is another store.
    file: (u64, u64),
}

/// Who a login would be, with what it is held against.
struct Candidate {
    name: String,
    known: Option<Known>,
    credentials: Option<Credentials>,
}

impl Accounts {
    pub(crate) fn new(config: &Config, workers: Workers) -> Self {
        Self {
            data: config.data.clone(),
            domains: config.domains.clone(),
            postmaster: config.postmaster.clone(),
            open: Mutex::default(),
            memory: Arc::new(Memory::new(config.auth.remember)),
            workers,
        }
    }

    /// The store, opened now if it was not. What cannot be read is a TEMPFAIL with its reason, never a wrong password
    /// (MISSION 002-09), and is tried again with the next question.
    fn store(&self) -> Result<Arc<Store>, TempFail> {
        let path = Store::path(&self.data);
        let mut open = self.open.lock();
        let file = identity(&path);
        if let (Some(opened), Ok(file)) = (&*open, &file)
            && opened.file == *file
        {
            return Ok(opened.store.clone());
        }
        *open = None;
        let store = Arc::new(Store::open_existing(&path).map_err(tempfail)?);
        let file = identity(&path).map_err(|error| tempfail(StoreError::open(&path, error)))?;
        *open = Some(Opened { store: store.clone(), file });
        Ok(store)
    }

    fn snapshot(&self) -> Result<Arc<Snapshot>, TempFail> {
        self.store()?.snapshot().map_err(tempfail)
    }

    /// The account that a login is for. An unknown user costs the same queries.
    fn candidate(&self, user: Option<&Address>) -> Result<Candidate, TempFail> {
        let store = self.store()?;
        let name = user.map(login_name::key).unwrap_or_default();
        let known = store.snapshot().map_err(tempfail)?.account(&name).cloned();
        let credentials = store.credentials(&name).map_err(tempfail)?;
        Ok(Candidate { name, known, credentials })
    }

    async fn password(&self, request: &Request, evidence: &PasswordEvidence) -> Result<Verdict, TempFail> {
        let candidate = self.candidate(request.user.as_ref())?;
        let changed = candidate.known.as_ref().map_or(0, |known| known.changed);
        let remembered = || self.memory.knows(&candidate.name, changed, &evidence.password);
        let right = remembered() || {
            // Nobody's hash has the parameters of everybody's: the work is the same for unknown users.
            let hash = candidate.credentials.as_ref().map_or(password::nobody(), |c| c.hash.as_str()).to_owned();
            let secret = evidence.password.clone();
            let work = move || password::verify(&hash, &secret);
            let right = self.workers.run(|| remembered().then_some(true), work).await;
            right.map_err(|busy| TempFail { module: NAME, cause: busy.to_string() })?
        };
        if right && candidate.known.is_some() {
            self.memory.learn(&candidate.name, changed, &evidence.password);
        }
        Ok(self.verdict(request, candidate.known, right))
    }

    fn proof(&self, request: &Request, evidence: &ScramEvidence) -> Result<Verdict, TempFail> {
        let candidate = self.candidate(request.user.as_ref())?;
        let keys = match candidate.credentials.and_then(|credentials| credentials.scram) {
            Some(keys) => keys,
            None => invent::keys(&self.snapshot()?.secret, &candidate.name),
        };
        let right = evidence.verify(&keys);
        Ok(self.verdict(request, candidate.known, right))
    }

    fn verdict(&self, request: &Request, known: Option<Known>, right: bool) -> Verdict {
        let Some(known) = known else { return Verdict::Reject(Rejection::UnknownUser) };
        if !right {
            return Verdict::Reject(Rejection::WrongPassword);
        }
        if !known.active || !known.services.allows(request.attempt.service) {
            return Verdict::Reject(Rejection::NotAllowed);
        }
        Verdict::Accept(self.account(&known))
    }

    fn account(&self, known: &Known) -> Account {
        Account { address: known.address.clone(), maildir: maildir::of(&self.data, &known.address) }
    }

    fn find(&self, snapshot: &Snapshot, recipient: &Address) -> Found {
        if !self.domains.contains(recipient.domain()) {
            return Found::Unknown;
        }
        let postmaster = || self.postmaster.clone().filter(|to| is_postmaster(recipient) && to != recipient);
        match snapshot.mailbox(recipient) {
            Some(receiver) => self.found(&receiver),
            // RFC 5321 §4.5.1: mail to postmaster must be read by somebody, also where nobody thought of it.
            None => match (postmaster(), snapshot.catch_all(recipient)) {
                (Some(postmaster), _) => Found::Targets(vec![postmaster]),
                (None, Some(receiver)) => self.found(&receiver),
                (None, None) => Found::Unknown,
            },
        }
    }

    fn found(&self, receiver: &Receiver<'_>) -> Found {
        match receiver {
            Receiver::Account(known) => Found::Account(self.account(known)),
            Receiver::Alias(targets) => Found::Targets(targets.to_vec()),
        }
    }
}

impl Module for Accounts {
    fn name(&self) -> &'static str {
        NAME
    }

    fn check<'a>(&'a self, request: &'a Request) -> Answer<'a, Verdict> {
        Box::pin(async move {
            let verdict = match &request.evidence {
                Evidence::Password(evidence) => self.password(request, evidence).await,
                Evidence::Scram(evidence) => self.proof(request, evidence),
                // It is not offered; who sends it anyway has shown nothing.
                _ => Ok(Verdict::Reject(Rejection::WrongPassword)),
            };
            verdict.unwrap_or_else(Verdict::TempFail)
        })
    }

    fn scram_keys<'a>(&'a self, user: &'a Address) -> Answer<'a, Result<Option<scram::Keys>, TempFail>> {
        Box::pin(async move {
            let credentials = self.store()?.credentials(&login_name::key(user)).map_err(tempfail)?;
            Ok(credentials.and_then(|credentials| credentials.scram))
        })
    }

    fn invented_keys(&self, name: &str) -> Option<scram::Keys> {
        Some(invent::keys(&self.snapshot().ok()?.secret, name))
    }

    fn lookup(&self, recipient: &Address) -> Found {
        match self.snapshot() {
            Ok(snapshot) => self.find(&snapshot, recipient),
            Err(tempfail) => Found::TempFail(tempfail),
        }
    }

    /// MISSION 000-09: CRAM-MD5 needs the password itself, or a key that is as good; a store that keeps neither could
    /// verify it for nobody.
    fn abilities(&self) -> Abilities {
        let scram = match self.snapshot() {
            Ok(snapshot) => match (snapshot.without_scram, snapshot.len()) {
                (0, accounts) => Ability::Yes(format!("all accounts ({accounts}) keep SCRAM-SHA-256 keys")),
                (some, _) => {
                    Ability::No(format!("{some} active accounts keep no SCRAM-SHA-256 keys; give them a new password"))
                }
            },
            Err(tempfail) => Ability::No(tempfail.to_string()),
        };
        Abilities {
            password: Ability::Yes("accounts verifies passwords against Argon2id hashes".to_owned()),
            scram,
            cram: Ability::No("accounts keeps salted hashes, and CRAM-MD5 needs the password in clear".to_owned()),
        }
    }
}

fn is_postmaster(address: &Address) -> bool {
    address.local().eq_ignore_ascii_case("postmaster")
}

fn identity(path: &Path) -> std::io::Result<(u64, u64)> {
    path.metadata().map(|meta| (meta.dev(), meta.ino()))
}

fn tempfail(error: StoreError) -> TempFail {
    TempFail { module: NAME, cause: error.to_string() }
}
