//! `accounts`: the account store, asked for logins and deliveries.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use config::Config;
use message::{Address, Domain};
use parking_lot::Mutex;
use sasl::Secret;

use crate::accounts::{Improvement, Known, Receiver, Snapshot, Store, StoreError};
use crate::directory::{Census, Directory, Entry, Shared, Standing};
use crate::inventory::{self, Take};
use crate::module::{Answer, Found, Who};
use crate::scheme::Stored;
use crate::trail::Trail;
use crate::workers::{Lane, Workers};
use crate::{Account, TempFail, login_name, maildir};

const NAME: &str = "accounts";

/// The store, as the chain asks it.
#[derive(Debug)]
pub(crate) struct Accounts {
    data: PathBuf,
    domains: Vec<Domain>,
    postmaster: Option<Address>,
    settings: config::Accounts,
    /// The store while it is open, with the file that was opened.
    open: Mutex<Option<Opened>>,
    workers: Workers,
}

#[derive(Debug)]
struct Opened {
    store: Arc<Store>,
    /// Device and inode: a file that was put in its place is another store.
    file: (u64, u64),
}

impl Accounts {
    pub(crate) fn new(config: &Config, shared: &Shared) -> Self {
        Self {
            data: config.data.clone(),
            domains: config.domains.clone(),
            postmaster: config.postmaster.clone(),
            settings: config.modules.accounts.clone(),
            open: Mutex::default(),
            workers: shared.workers.clone(),
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

    /// What is kept of an account. An unknown user costs the same queries.
    fn kept(&self, who: &Who) -> Result<Option<Entry>, TempFail> {
        let store = self.store()?;
        let name = who.address.as_ref().map(login_name::key).unwrap_or_default();
        who.trail.say(format_args!("looking up {name:?} in {}", Store::path(&self.data).display()));
        let known = store.snapshot().map_err(tempfail)?.account(&name).cloned();
        let credentials = store.credentials(&name).map_err(tempfail)?;
        let (Some(known), Some(credentials)) = (known, credentials) else { return Ok(None) };
        let stored = credentials.forms();
        let stored = stored.map_err(|error| TempFail { module: NAME, cause: format!("{name}: {error}") })?;
        let active = known.active && known.services.allows(who.service);
        let standing = if active { Standing::Active } else { Standing::Disabled };
        Ok(Some(Entry { account: self.account(&known), stored, standing, version: known.changed.cast_unsigned() }))
    }

    /// Keeps the password better from now on: Argon2id instead of a weak hash, and the SCRAM keys that are missing. Those
    /// only inside TLS: what came in clear may be known to others, and should be changed, not kept in one more form.
    async fn improve(&self, entry: &Entry, password: &Secret, tls: bool) {
        let keys = entry.stored.iter().any(|form| matches!(form, Stored::Scram(_)));
        let what = Improvement {
            rehash: self.settings.upgrade_hashes && entry.stored.iter().any(Stored::is_weak),
            add_keys: self.settings.add_scram_keys && tls && !keys,
        };
        let (true, Ok(store)) = (what.rehash || what.add_keys, self.store()) else { return };
        let (address, secret, version) = (entry.account.address.clone(), password.clone(), entry.version.cast_signed());
        let work = move || store.improve(&address, &secret, what, version);
        let user = &entry.account.address;
        match self.workers.run(Lane::Known, || None, work).await {
            Ok(Ok(true)) => tracing::info!(%user, ?what, "the password is kept in a better form"),
            // Somebody changed the account meanwhile, or no worker was free: the next login does it.
            Ok(Ok(false)) | Err(_) => {}
            Ok(Err(error)) => tracing::warn!(%user, %error, "the password could not be kept in a better form"),
        }
    }

    fn account(&self, known: &Known) -> Account {
        account(&self.data, known)
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
            Receiver::Account(known) => Found::Account(Box::new(self.account(known))),
            Receiver::Alias(targets) => Found::Targets(targets.to_vec()),
        }
    }
}

impl Directory for Accounts {
    fn name(&self) -> &'static str {
        NAME
    }

    fn entry<'a>(&'a self, who: &'a Who) -> Answer<'a, Result<Option<Entry>, TempFail>> {
        Box::pin(async { self.kept(who) })
    }

    fn census<'a>(&'a self, _: &'a Trail) -> Answer<'a, Result<Census, TempFail>> {
        Box::pin(async { Ok(self.snapshot()?.census.clone()) })
    }

    fn census_now(&self) -> Option<Result<Census, TempFail>> {
        Some(self.snapshot().map(|snapshot| snapshot.census.clone()))
    }

    fn list<'a>(&'a self, take: &'a mut Take<'_>) -> Option<Answer<'a, Result<(), TempFail>>> {
        let (snapshot, data) = (self.snapshot(), self.data.clone());
        Some(inventory::apart(NAME, take, move |take| {
            for known in snapshot.map_err(|tempfail| tempfail.cause)?.accounts() {
                take(Ok(account(&data, known)));
            }
            Ok(())
        }))
    }

    fn receives<'a>(&'a self, recipient: &'a Address) -> Option<Answer<'a, Found>> {
        Some(Box::pin(async {
            match self.snapshot() {
                Ok(snapshot) => self.find(&snapshot, recipient),
                Err(tempfail) => Found::TempFail(tempfail),
            }
        }))
    }

    fn proven<'a>(&'a self, entry: &'a Entry, password: &'a Secret, tls: bool) -> Answer<'a, ()> {
        Box::pin(self.improve(entry, password, tls))
    }
}

fn account(data: &Path, known: &Known) -> Account {
    Account::new(known.address.clone(), maildir::of(data, &known.address))
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
