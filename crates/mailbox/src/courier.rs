//! Local delivery: a file in `tmp/`, then its name in `new/` at once. It is visible at once and durable after
//! [`LocalCourier::flush`], before which the journal does not forget it. Exactly once: the name is made of the message's
//! id and the recipient, so that a delivery that is repeated after a crash finds the file of the first one.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use message::Address;
use parking_lot::Mutex;
use queue::{Courier, Future, Job, Outcome};

use crate::MaildirStore;
use crate::delivery::{Delivery, Trouble};
use crate::layout::ensure_home;

/// Where an address has its mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whereabouts {
    /// The account's Maildir.
    Maildir(PathBuf),
    /// No such account.
    NoSuchUser,
    /// The accounts could not be asked; why, for the log and the queue's listing.
    Unavailable(String),
}

/// Knows the accounts; the server implements it with `auth`.
pub trait Recipients: Send + Sync {
    /// Where mail to this address is kept (`+detail` and aliases are the implementation's to resolve).
    fn maildir<'a>(&'a self, address: &'a Address) -> Future<'a, Whereabouts>;
}

/// Delivers to Maildirs.
pub struct LocalCourier {
    store: MaildirStore,
    recipients: Arc<dyn Recipients>,
    /// A file on each file system that was written to since the last flush, by device.
    touched: Arc<Mutex<HashMap<u64, File>>>,
}

/// One message for one recipient.
struct Task {
    job: usize,
    slot: usize,
    home: PathBuf,
}

impl LocalCourier {
    /// Delivers into the mailboxes of `store`, so that open folders learn of it.
    pub fn new(store: MaildirStore, recipients: Arc<dyn Recipients>) -> Self {
        Self { store, recipients, touched: Arc::default() }
    }

    /// Finds each recipient's mailbox; those that have none are settled.
    async fn resolve(&self, jobs: &[Job], outcomes: &mut [Vec<Outcome>]) -> Vec<Task> {
        let mut known: HashMap<&Address, Whereabouts> = HashMap::new();
        let mut tasks = Vec::new();
        for (at, job) in jobs.iter().enumerate() {
            for (slot, &index) in job.recipients.iter().enumerate() {
                let Some(recipient) = job.envelope.recipients.get(index) else { continue };
                let address = &recipient.address;
                if !known.contains_key(address) {
                    known.insert(address, self.recipients.maildir(address).await);
                }
                let outcome = match known.get(address) {
                    Some(Whereabouts::Maildir(home)) => {
                        tasks.push(Task { job: at, slot, home: home.clone() });
                        continue;
                    }
                    Some(Whereabouts::Unavailable(why)) => {
                        deferred("4.3.0", format!("the accounts cannot be asked: {why}"))
                    }
                    Some(Whereabouts::NoSuchUser) | None => {
                        failed("5.1.1", format!("no mailbox here by the name {address}"))
                    }
                };
                outcomes[at][slot] = outcome;
            }
        }
        tasks
    }

    async fn carry(&self, jobs: Vec<Job>) -> Vec<Vec<Outcome>> {
        let unknown = || failed("5.1.1", "the envelope has no such recipient".into());
        let mut outcomes: Vec<Vec<Outcome>> = jobs.iter().map(|job| vec![unknown(); job.recipients.len()]).collect();
        let tasks = self.resolve(&jobs, &mut outcomes).await;
        let (store, touched) = (self.store.clone(), self.touched.clone());
        let work = move || {
            let mut settled = Vec::with_capacity(tasks.len());
            let mut delivery = Delivery::new(store.host());
            for task in tasks {
                let job = &jobs[task.job];
                let outcome = deliver_one(&store, &mut delivery, job, &task, &touched);
                settled.push((task.job, task.slot, outcome));
            }
            settled
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(settled) => settled.into_iter().for_each(|(job, slot, outcome)| outcomes[job][slot] = outcome),
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => {
                outcomes.iter_mut().flatten().for_each(|outcome| *outcome = deferred("4.3.2", "shutting down".into()))
            }
        }
        outcomes
    }
}

/// Writes one file, and wakes who looks at the mailbox.
fn deliver_one(
    store: &MaildirStore,
    delivery: &mut Delivery,
    job: &Job,
    task: &Task,
    touched: &Mutex<HashMap<u64, File>>,
) -> Outcome {
    let index = job.recipients[task.slot];
    let written = match delivery.deliver(&task.home, job, index) {
        Err(Trouble::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
            ensure_home(&task.home, store.create_special())
                .map_err(Trouble::from)
                .and_then(|()| delivery.deliver(&task.home, job, index))
        }
        other => other,
    };
    match written {
        Ok(done) => {
            if let Some((device, file)) = done.device.zip(done.file) {
                touched.lock().entry(device).or_insert(file);
            }
            store.wake(&task.home);
            Outcome::Delivered(format!("{} in {}", done.name, task.home.display()))
        }
        Err(trouble) => refused(&task.home, trouble),
    }
}

/// What a failed write means for the message.
fn refused(home: &Path, trouble: Trouble) -> Outcome {
    use rustix::io::Errno;
    let (path, error) = match trouble {
        Trouble::Loop(address) => return failed("5.4.6", format!("mail loop: it was delivered to {address} before")),
        Trouble::Io { path, error } => (path, error),
    };
    let uid = rustix::process::geteuid().as_raw();
    let (path, home) = (path.display(), home.display());
    let (status, advice) = match Errno::from_io_error(&error) {
        Some(Errno::NOSPC) => ("4.3.1", "free space on the disk of the mailboxes".to_owned()),
        Some(Errno::DQUOT) => ("4.2.2", format!("raise the disk quota of uid {uid} or remove mail")),
        Some(Errno::ACCESS | Errno::PERM) => ("4.3.0", format!("make {home} owned and writable by uid {uid}")),
        Some(Errno::ROFS) => ("4.3.0", "the file system is read-only: look at the kernel's log".to_owned()),
        Some(Errno::NOTDIR | Errno::LOOP) => ("4.3.0", format!("{home} must be a Maildir with real cur, new and tmp")),
        _ => ("4.3.0", "look at the disk and the kernel's log".to_owned()),
    };
    let reason = format!("{path}: {error} (as uid {uid}); {advice}");
    tracing::error!(status, reason, "delivery deferred");
    deferred(status, reason)
}

fn deferred(status: &str, reason: String) -> Outcome {
    Outcome::Deferred { status: status.into(), reason, remote: None, configuration: false }
}

fn failed(status: &str, reason: String) -> Outcome {
    Outcome::Failed { status: status.into(), reason, remote: None }
}

/// `syncfs` on each; those that failed are left.
fn sync_all(touched: &mut HashMap<u64, File>) -> io::Result<()> {
    let mut result = Ok(());
    touched.retain(|_, file| match rustix::fs::syncfs(file.as_fd()) {
        Ok(()) => false,
        Err(error) => {
            result = Err(error.into());
            true
        }
    });
    result
}

impl Courier for LocalCourier {
    fn deliver(&self, jobs: Vec<Job>) -> Future<'_, Vec<Vec<Outcome>>> {
        Box::pin(self.carry(jobs))
    }

    /// One `syncfs` for each file system that was written to.
    fn flush(&self) -> Future<'_, io::Result<()>> {
        let touched = self.touched.clone();
        Box::pin(async move {
            let mut batch = std::mem::take(&mut *touched.lock());
            if batch.is_empty() {
                return Ok(());
            }
            let work = move || {
                let result = sync_all(&mut batch);
                // What could not be flushed is still owed; what came meanwhile stays.
                let mut touched = touched.lock();
                batch.into_iter().for_each(|(device, file)| {
                    touched.entry(device).or_insert(file);
                });
                result
            };
            tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
        })
    }
}
