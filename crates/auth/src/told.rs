//! What somebody else tells of an account, made into one of ours.

use std::path::PathBuf;

use config::Config;
use message::{Address, Domain};
use serde::{Deserialize, Serialize};

use crate::module::Who;
use crate::{Account, Options, account, maildir};

/// What a checker, PAM or a program of the operator's own tells of an account. All of it may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Told {
    /// Its address, or a name without a domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    /// Its home folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) home: Option<PathBuf>,
    /// Its Maildir, absolute or in the home.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) maildir: Option<String>,
    /// Who owns its files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) uid: Option<u32>,
    /// Their group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gid: Option<u32>,
    /// Its quota, as Maildir++ writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quota: Option<String>,
    /// The person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// `disableimap=1,group=staff`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) options: Option<String>,
}

/// How names become addresses, and where mail lies of those who have no home.
#[derive(Debug, Clone)]
pub(crate) struct Naming {
    data: PathBuf,
    domain: Domain,
}

impl Naming {
    pub(crate) fn new(config: &Config) -> Self {
        let domain = config.auth.default_domain.clone().unwrap_or_else(|| config.hostname.clone());
        Self { data: config.data.clone(), domain }
    }

    /// The domain of a name that has none: the default domain, or the host's name.
    pub(crate) fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The address of a name, with the domain if it has none.
    pub(crate) fn address(&self, name: &str) -> Option<Address> {
        crate::login_name::address(name, Some(&self.domain))
    }

    /// The account that was told of. Its address is the one that was told, or else what the client calls itself.
    ///
    /// # Errors
    /// With what is wrong, if its address is none or a path is not absolute.
    pub(crate) fn account(&self, who: &Who, told: Told) -> Result<Account, String> {
        let address = match &told.address {
            Some(name) => self.address(name).ok_or_else(|| format!("the account's address {name:?} is none"))?,
            None => who.address.clone().or_else(|| self.address(&who.identity)).ok_or_else(|| {
                format!("the user was accepted, but {:?} cannot be an address, and no other was told", who.identity)
            })?,
        };
        let home = told.home.filter(|home| !home.as_os_str().is_empty());
        if let Some(home) = home.as_deref().filter(|home| !home.is_absolute()) {
            return Err(format!("the account's home {} is not an absolute path", home.display()));
        }
        let maildir = match (account::maildir(home.as_deref(), told.maildir.as_deref()), told.maildir) {
            (Some(maildir), _) => maildir,
            (None, Some(said)) => {
                return Err(format!("the account's maildir {said:?} is not absolute, and it has no home"));
            }
            (None, None) => maildir::of(&self.data, &address),
        };
        Ok(Account {
            address,
            maildir,
            home,
            uid: told.uid,
            gid: told.gid,
            quota: told.quota,
            name: told.name,
            options: told.options.as_deref().map(Options::parse).unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Service;
    use crate::trail::Trail;

    fn account(identity: &str, told: Told) -> Result<Account, String> {
        let naming = Naming::new(&Config::example("/data"));
        let address = Address::parse(identity).ok();
        let who = Who { identity: identity.to_owned(), address, service: Service::Imap, trail: Trail::default() };
        naming.account(&who, told)
    }

    #[test]
    fn a_name_alone_is_enough() {
        let found = account("brian@example.test", Told::default()).expect("an account");
        assert_eq!(found.address.to_string(), "brian@example.test");
        assert_eq!(found.maildir.display().to_string(), "/data/mail/example.test/brian");
        let bare = account("brian", Told::default()).expect("an account");
        assert_eq!(bare.address.to_string(), "brian@mail.example.test");
    }

    #[test]
    fn what_is_told_counts() {
        let told = Told {
            address: Some("b@example.test".to_owned()),
            home: Some("/home/b".into()),
            maildir: Some("Mail".to_owned()),
            options: Some("disableimap=1".to_owned()),
            uid: Some(1000),
            ..Told::default()
        };
        let found = account("brian", told).expect("an account");
        assert_eq!((found.address.to_string().as_str(), found.uid), ("b@example.test", Some(1000)));
        assert_eq!(found.maildir.display().to_string(), "/home/b/Mail");
        assert!(!found.options.allow(Service::Imap, true));
    }

    #[test]
    fn what_cannot_be_is_said() {
        let relative = Told { home: Some("home/b".into()), ..Told::default() };
        assert!(account("b", relative).unwrap_err().contains("not an absolute path"));
        let homeless = Told { maildir: Some("Mail".to_owned()), ..Told::default() };
        assert!(account("b", homeless).unwrap_err().contains("has no home"));
        let nobody = Told { address: Some("a b@".to_owned()), ..Told::default() };
        assert!(account("b", nobody).unwrap_err().contains("is none"));
    }
}
