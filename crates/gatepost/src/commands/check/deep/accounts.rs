//! A walk over all accounts. They come one by one out of the stores, and only what is wrong is kept, of each kind the first.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use auth::inventory::{Listed, Unlisted};
use auth::{Account, Auth};

use super::Scene;
use super::homes::{self, Defect, Home};
use super::report::{Area, Finding, Severity};
use super::user::User;

/// Folders that are looked at at the same time: on a network file system each look is a round trip.
const AT_ONCE: usize = 8;
/// Accounts between the stores and those who look.
const AHEAD: usize = 256;
/// Of one kind of fault so many are told; a wrong mount makes one of every account.
const MOST: usize = 20;

/// What was found so far.
#[derive(Debug, Default)]
struct Found {
    looked_at: u64,
    ready: u64,
    to_be_made: u64,
    /// By kind: how many, and the first of them by path.
    defects: BTreeMap<&'static str, (u64, BTreeMap<PathBuf, Defect>)>,
    /// Entries of the stores that are no accounts.
    broken: (u64, Vec<String>),
}

/// Walks.
pub(super) async fn check(scene: &Scene<'_>, auth: &Auth) -> Vec<Finding> {
    let (sender, receiver) = sync_channel::<Account>(AHEAD);
    let found = Arc::new(Mutex::new(Found::default()));
    let lookers = lookers(receiver, &found, &scene.user);
    let unlisted = list(scene, auth, sender, &found).await;
    for looker in lookers {
        // One that panicked has told so; the others' findings count.
        drop(looker.join());
    }
    let found = std::mem::take(&mut *found.lock().unwrap_or_else(PoisonError::into_inner));
    found.told(unlisted)
}

/// Lists all accounts; whoever looks at them gets them from the channel, which ends with the list.
async fn list(scene: &Scene<'_>, auth: &Auth, sender: SyncSender<Account>, found: &Mutex<Found>) -> Vec<Unlisted> {
    let mut take = move |module: &'static str, listed: Listed| {
        scene.progress.one("accounts");
        match listed {
            // Nobody takes it only if every looker has panicked.
            Ok(account) => drop(sender.send(account)),
            Err(why) => found.lock().unwrap_or_else(PoisonError::into_inner).break_at(format!("{module}: {why}")),
        }
    };
    auth.list(&mut take).await
}

fn lookers(receiver: Receiver<Account>, found: &Arc<Mutex<Found>>, user: &User) -> Vec<std::thread::JoinHandle<()>> {
    let receiver = Arc::new(Mutex::new(receiver));
    let looker = |_| {
        let (receiver, found, user) = (Arc::clone(&receiver), Arc::clone(found), user.clone());
        std::thread::spawn(move || {
            loop {
                let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok(account) = next else { return };
                let home = homes::look(&account, &user);
                found.lock().unwrap_or_else(PoisonError::into_inner).add(home);
            }
        })
    };
    (0..AT_ONCE).map(looker).collect()
}

impl Found {
    fn add(&mut self, home: Home) {
        self.looked_at += 1;
        match home {
            Home::Ready => self.ready += 1,
            Home::ToBeMade => self.to_be_made += 1,
            Home::Wrong(defects) => {
                for defect in defects {
                    let (count, first) = self.defects.entry(defect.id).or_default();
                    *count += 1;
                    first.insert(defect.path.clone(), defect);
                    if first.len() > MOST {
                        first.pop_last();
                    }
                }
            }
        }
    }

    fn break_at(&mut self, why: String) {
        let (count, first) = &mut self.broken;
        *count += 1;
        if first.len() < MOST {
            first.push(why);
        }
    }

    fn told(self, unlisted: Vec<Unlisted>) -> Vec<Finding> {
        let Self { looked_at, ready, to_be_made, defects, broken } = self;
        let found = format!(
            "{looked_at} looked at: {ready} Maildirs are all right, {to_be_made} will be made by the first delivery or login"
        );
        let mut findings = vec![finding(Severity::Ok, "accounts", "all accounts", found)];
        for (count, first) in defects.into_values() {
            let more = count - first.len() as u64;
            let last = first.values().next_back().cloned();
            findings.extend(first.into_values().map(Defect::told));
            if let (Some(last), 1..) = (last, more) {
                findings.push(finding(last.severity, last.id, "other accounts", format!("the same with {more} more")));
            }
        }
        let (count, first) = broken;
        let more = count - first.len() as u64;
        for why in first {
            let fix = "mend the entry where it stands: its owner can neither log in nor get mail";
            findings.push(finding(Severity::Error, "broken-entry", "an entry", why).fix(fix));
        }
        if more > 0 {
            findings.push(finding(Severity::Error, "broken-entry", "entries", format!("{more} more are no accounts")));
        }
        for Unlisted { module, why, failed } in unlisted {
            let severity = if failed { Severity::Error } else { Severity::Note };
            findings.push(finding(severity, "not-walked", &module, format!("its accounts were not walked: {why}")));
        }
        findings
    }
}

fn finding(severity: Severity, id: &'static str, what: &str, found: String) -> Finding {
    Finding::new((Area::Accounts, severity, id), what, found)
}
