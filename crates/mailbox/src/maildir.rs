//! The store: accounts that are in use, and [`MailStore`] on Maildir++ files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use message::Domain;
use parking_lot::Mutex;

use crate::account::{Account, Look, OpenIndexes};
use crate::append::append;
use crate::file_name;
use crate::folder::Handle;
use crate::folders;
use crate::layout::ensure_home;
use crate::store::{Folder, FolderInfo, FolderName, Future, MailStore, NewMessage, Status, StoreError, Uid};
use crate::subscriptions;
use crate::watcher::Watcher;

/// Maildir++ mailboxes. Cheap to clone: all clones are one store.
#[derive(Clone)]
pub struct MaildirStore(Arc<Shared>);

/// What all accounts share.
pub(crate) struct Shared {
    /// The host's name as part of file names.
    pub(crate) host: String,
    pub(crate) create_special: bool,
    pub(crate) indexes: OpenIndexes,
    pub(crate) watcher: Watcher,
    accounts: Mutex<HashMap<PathBuf, Weak<Account>>>,
}

impl MaildirStore {
    /// A store for mailboxes anywhere. `hostname` becomes part of file names (Maildir wants them unique among hosts).
    pub fn new(hostname: &Domain, config: &config::Mailbox) -> Self {
        Self(Arc::new(Shared {
            host: file_name::host(hostname.as_ascii()),
            create_special: config.create_special,
            indexes: OpenIndexes::default(),
            watcher: Watcher::default(),
            accounts: Mutex::default(),
        }))
    }

    pub(crate) fn host(&self) -> &str {
        &self.0.host
    }

    pub(crate) fn create_special(&self) -> bool {
        self.0.create_special
    }

    /// New mail is in an account's INBOX: if somebody has it open, it is looked at again. Costs a look into a table.
    pub fn wake(&self, home: &Path) {
        let account = self.0.accounts.lock().get(home).and_then(Weak::upgrade);
        if let Some(inbox) = account.and_then(|account| account.opened("")) {
            self.0.watcher.look_again(&inbox);
        }
    }

    fn account(&self, home: &Path) -> Arc<Account> {
        let mut accounts = self.0.accounts.lock();
        if let Some(account) = accounts.get(home).and_then(Weak::upgrade) {
            return account;
        }
        accounts.retain(|_, account| account.strong_count() > 0);
        let account = Arc::new(Account::new(home, self.0.clone()));
        accounts.insert(home.to_owned(), Arc::downgrade(&account));
        account
    }

    /// Runs `work` on an account, off the I/O threads; a new account's Maildir is made first.
    fn run<T: Send + 'static>(
        &self,
        home: &Path,
        work: impl FnOnce(&Arc<Account>) -> Result<T, StoreError> + Send + 'static,
    ) -> Future<'_, T> {
        let account = self.account(home);
        Box::pin(blocking(move || {
            ensure_home(&account.home, account.shared.create_special)?;
            work(&account)
        }))
    }
}

/// Runs blocking work on the threads that are for it.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(StoreError::Index("the server is going down".into())),
    }
}

impl MailStore for MaildirStore {
    fn folders(&self, home: &Path) -> Future<'_, Vec<FolderInfo>> {
        self.run(home, |account| folders::list(&account.home))
    }

    fn create(&self, home: &Path, name: &str) -> Future<'_, ()> {
        let name = name.to_owned();
        self.run(home, move |account| folders::create(account, &name))
    }

    fn delete(&self, home: &Path, name: &str) -> Future<'_, ()> {
        let name = name.to_owned();
        self.run(home, move |account| folders::delete(account, &name))
    }

    fn rename(&self, home: &Path, from: &str, to: &str) -> Future<'_, ()> {
        let (from, to) = (from.to_owned(), to.to_owned());
        self.run(home, move |account| folders::rename(account, &from, &to))
    }

    fn subscriptions(&self, home: &Path) -> Future<'_, Vec<FolderName>> {
        self.run(home, |account| Ok(subscriptions::read(&account.home)?.into_iter().collect()))
    }

    fn subscribe(&self, home: &Path, name: &str, wanted: bool) -> Future<'_, ()> {
        let name = name.to_owned();
        self.run(home, move |account| account.exclusively(|_| subscriptions::change(&account.home, &name, wanted)))
    }

    fn status(&self, home: &Path, name: &str) -> Future<'_, Status> {
        let name = name.to_owned();
        self.run(home, move |account| {
            account.in_folder(&account.site(&name)?, Look::Again, |change, row| {
                let (messages, unseen, recent) = change.counts(row)?;
                Ok(Status { messages, recent, uid_next: row.uid_next, uid_validity: row.uid_validity, unseen })
            })
        })
    }

    fn open(&self, home: &Path, name: &str) -> Future<'_, Arc<dyn Folder>> {
        let (name, runtime) = (name.to_owned(), tokio::runtime::Handle::try_current().ok());
        self.run(home, move |account| {
            let folder = account.enter(account.site(&name)?);
            // Watched before it is read: nothing falls between.
            if let Some(runtime) = runtime {
                account.shared.watcher.watch(&folder, &runtime);
            }
            folder.look(Look::Afresh)?;
            Ok(Arc::new(Handle(folder)) as Arc<dyn Folder>)
        })
    }

    fn append(&self, home: &Path, name: &str, messages: Vec<NewMessage>) -> Future<'_, (u32, Vec<Uid>)> {
        let name = name.to_owned();
        self.run(home, move |account| append(account, &account.site(&name)?, &messages))
    }
}
