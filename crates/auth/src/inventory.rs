//! Looking into the stores for an operator: how each module answers now, every account that it can list, and what it keeps of
//! one. Nothing is counted, throttled or changed, and no password or hash comes out.

use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::mpsc;

use crate::directory::{Entry, Standing};
use crate::guard::Guarded;
use crate::module::{Answer, Who};
use crate::trail::{Kind, Trail};
use crate::{Account, Auth, Service, TempFail};

/// Accounts that are found ahead of who takes them: a store of millions must not lie in memory twice.
const AHEAD: usize = 256;

/// An account, or why an entry of the store is none.
pub type Listed = Result<Account, String>;

/// Takes what is listed, one after the other.
pub(crate) type Take<'t> = dyn FnMut(Listed) + Send + 't;

/// What a module can tell beside logins. Each may be unknown.
pub(crate) trait Inventory: Send + Sync {
    /// The version of whom it asks.
    fn version(&self) -> Option<Answer<'_, Result<Option<String>, TempFail>>> {
        None
    }

    /// Hands over every account.
    fn list<'a>(&'a self, _: &'a mut Take<'_>) -> Option<Answer<'a, Result<(), TempFail>>> {
        None
    }

    /// What is kept of one user.
    fn entry<'a>(&'a self, _: &'a Who) -> Option<Answer<'a, Result<Option<Entry>, TempFail>>> {
        None
    }
}

/// How a module answered when it was asked now.
#[derive(Debug, Clone, Serialize)]
pub struct Examined {
    /// As in `auth.chain`.
    pub module: &'static str,
    /// How long it took to ask whether it is there and what its accounts keep.
    pub took: Duration,
    /// Why it could not tell.
    pub trouble: Option<String>,
    /// What it said on the way.
    pub says: Vec<String>,
    /// The version of whom it asks, where that one says it.
    pub version: Option<String>,
}

/// A module whose accounts are not all listed.
#[derive(Debug, Clone, Serialize)]
pub struct Unlisted {
    /// As in `auth.chain`.
    pub module: String,
    /// Why not.
    pub why: String,
    /// Whether that is a fault, and not just how this module is.
    pub failed: bool,
}

/// What a module keeps of a user, without its secrets.
#[derive(Debug, Clone, Serialize)]
pub struct Copied {
    /// As in `auth.chain`.
    pub module: &'static str,
    /// What it did.
    pub says: Vec<String>,
    /// What it keeps; `Err` with why that cannot be told, `Ok(None)` if there is no such user.
    #[serde(skip)]
    pub entry: Result<Option<Masked>, String>,
}

/// An entry without its secrets.
#[derive(Debug, Clone)]
pub struct Masked {
    /// The account.
    pub account: Account,
    /// The forms in which its password is kept, by name: `ARGON2ID`, `SCRAM-SHA-256`.
    pub forms: Vec<&'static str>,
    /// Whether it may log in.
    pub active: bool,
}

impl Auth {
    /// Asks every module whether it is there, one after the other, and says how long each took.
    pub async fn examine(&self) -> Vec<Examined> {
        let running = self.running();
        let Some(modules) = running.chain.here() else {
            return self.examine_daemon().await;
        };
        let mut examined = Vec::new();
        for module in modules {
            let (trail, begun) = (Trail::default(), Instant::now());
            trail.speaks(module.name());
            let surveyed = module.survey(&trail).await;
            let took = begun.elapsed();
            let version = if surveyed.is_ok() { module.version().await } else { None };
            let trouble = surveyed.err().map(|tempfail| tempfail.cause);
            examined.push(Examined { module: module.name(), took, trouble, says: said(&trail), version });
        }
        examined
    }

    /// The chain is elsewhere: it says how its modules fare.
    async fn examine_daemon(&self) -> Vec<Examined> {
        let begun = Instant::now();
        self.survey().await;
        let took = begun.elapsed();
        let of = |health: crate::Health| {
            let trouble = health.trouble.map(|tempfail| tempfail.cause);
            Examined { module: health.module, took, trouble, says: Vec::new(), version: None }
        };
        self.modules().into_iter().map(of).collect()
    }

    /// Hands over every account of every module that can list them, as it comes; which modules could not.
    pub async fn list(&self, take: &mut (dyn FnMut(&'static str, Listed) + Send)) -> Vec<Unlisted> {
        let running = self.running();
        let Some(modules) = running.chain.here() else {
            let why = "the chain is in `gatepost authd`, which does not list accounts to others".to_owned();
            return vec![Unlisted { module: "authd".to_owned(), why, failed: false }];
        };
        let mut unlisted = Vec::new();
        for module in modules {
            let name = module.name();
            let mut each = |listed| take(name, listed);
            let listing = module.inventory().and_then(|inventory| inventory.list(&mut each));
            let (why, failed) = match listing {
                None => ("this module cannot list its accounts".to_owned(), false),
                Some(listing) => match listing.await {
                    Ok(()) => continue,
                    Err(tempfail) => (tempfail.cause, true),
                },
            };
            unlisted.push(Unlisted { module: name.to_owned(), why, failed });
        }
        unlisted
    }

    /// What each module keeps of a login name, in the order in which they are asked; none where the chain is elsewhere.
    pub async fn copies(&self, name: &str) -> Vec<Copied> {
        let running = self.running();
        let mut copies = Vec::new();
        for module in running.chain.here().unwrap_or_default() {
            let who = running.who(name, Service::Imap);
            who.trail.speaks(module.name());
            let asked = module.inventory().and_then(|inventory| inventory.entry(&who));
            let entry = match asked {
                None => Err("this module does not show what it keeps".to_owned()),
                Some(asked) => module.in_time(asked).await.map(|entry| entry.map(Masked::of)).map_err(|why| why.cause),
            };
            copies.push(Copied { module: module.name(), says: said(&who.trail), entry });
        }
        copies
    }
}

impl Guarded {
    async fn version(&self) -> Option<String> {
        let asked = self.inventory()?.version()?;
        self.in_time(asked).await.ok().flatten()
    }
}

impl Masked {
    fn of(entry: Entry) -> Self {
        let forms = entry.stored.iter().map(crate::scheme::Stored::name).collect();
        Self { account: entry.account, forms, active: entry.standing == Standing::Active }
    }
}

fn said(trail: &Trail) -> Vec<String> {
    trail.lines().into_iter().filter(|line| line.kind == Kind::Note).map(|line| line.text).collect()
}

/// Lists accounts where it may block; they come over as they are found.
pub(crate) fn apart<'a>(
    module: &'static str,
    take: &'a mut Take<'_>,
    find: impl FnOnce(&mut Take<'_>) -> Result<(), String> + Send + 'static,
) -> Answer<'a, Result<(), TempFail>> {
    Box::pin(async move {
        let (sender, mut found) = mpsc::channel(AHEAD);
        // Nobody takes any more: the rest is found for nothing, and that is all.
        let finding = tokio::task::spawn_blocking(move || find(&mut |listed| drop(sender.blocking_send(listed))));
        while let Some(listed) = found.recv().await {
            take(listed);
        }
        let found = finding.await.unwrap_or_else(|error| Err(error.to_string()));
        found.map_err(|cause| TempFail { module, cause })
    })
}
