//! An account, as the protocol tells it.

use std::path::Path;

use message::{Address, Domain};

use super::Entry;
use crate::account::{Account, Options, maildir};

impl Entry {
    /// The account that is told. Its address is what was authenticated; a name without a domain gets `asked`, the address
    /// that the login stands for, or else this host's name.
    ///
    /// # Errors
    /// What is missing, in words.
    pub(crate) fn account(&self, asked: Option<&Address>, host: &Domain) -> Result<Account, String> {
        let name = self.address.as_deref().or(self.username.as_deref()).unwrap_or_default();
        let full = || Address::parse(name).ok().or_else(|| asked.cloned());
        let address = full().or_else(|| Address::parse(&format!("{name}@{host}")).ok());
        let address = address.ok_or_else(|| format!("ADDRESS={name:?} is no address"))?;
        let home = self.home.as_deref().filter(|home| !home.is_empty()).map(Path::new);
        let maildir = maildir(home, self.maildir.as_deref()).ok_or("the account has neither HOME nor MAILDIR")?;
        let told = |field: &Option<String>| field.clone().filter(|text| !text.is_empty());
        Ok(Account {
            home: home.map(Path::to_owned),
            uid: self.uid,
            gid: self.gid,
            quota: told(&self.quota),
            name: told(&self.name),
            options: Options::parse(self.options.as_deref().unwrap_or_default()),
            ..Account::new(address, maildir)
        })
    }

    /// An account as the protocol asks for it: uid, gid and home are always there. What the account does not say is the
    /// server's own user, and the folder that the Maildir is in.
    pub(crate) fn of(account: &Account, (uid, gid): (u32, u32)) -> Self {
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let home = account.home.as_deref().or(account.maildir.parent()).unwrap_or(Path::new("/"));
        let options = account.options.to_string();
        Self {
            username: None,
            uid: Some(account.uid.unwrap_or(uid)),
            gid: Some(account.gid.unwrap_or(gid)),
            home: Some(path(home)),
            address: Some(account.address.to_string()),
            name: Some(account.name.clone().unwrap_or_default()),
            maildir: Some(path(&account.maildir)),
            quota: account.quota.clone(),
            passwd: None,
            passwd2: None,
            options: Some(options).filter(|options| !options.is_empty()),
        }
    }
}
