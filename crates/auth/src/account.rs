//! An account that a module has found.

use std::path::{Path, PathBuf};

use message::Address;

use crate::Service;

/// Who somebody is, and where the mail lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its address, which is also its name.
    pub address: Address,
    /// Its Maildir (absolute).
    pub maildir: PathBuf,
    /// Its home folder, if the module tells one.
    pub home: Option<PathBuf>,
    /// Who owns its files, if the module tells.
    pub uid: Option<u32>,
    /// Their group.
    pub gid: Option<u32>,
    /// Its quota in the form of Maildir++: `10000000S,1000C`.
    pub quota: Option<String>,
    /// The person's name.
    pub name: Option<String>,
    /// Options as Courier knows them: `disableimap=1`, `group=staff`.
    pub options: Options,
}

impl Account {
    /// One without anything but its address and its Maildir.
    pub fn new(address: Address, maildir: PathBuf) -> Self {
        let (home, uid, gid, quota, name) = (None, None, None, None, None);
        Self { address, maildir, home, uid, gid, quota, name, options: Options::default() }
    }
}

/// Options of an account, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options(Vec<(String, String)>);

/// More options than this are not looked at.
const MAX_OPTIONS: usize = 100;

impl Options {
    /// Reads `a=1,b=2`, as in Courier's `OPTIONS`, `AUXOPTIONS` and userdb. A name alone means `1`.
    pub fn parse(text: &str) -> Self {
        let each = text.split(',').map(str::trim).filter(|option| !option.is_empty()).take(MAX_OPTIONS);
        let pair = |option: &str| match option.split_once('=') {
            Some((name, value)) => (name.trim().to_owned(), value.trim().to_owned()),
            None => (option.to_owned(), "1".to_owned()),
        };
        Self(each.map(pair).collect())
    }

    /// All of them, in their order.
    pub(crate) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }

    /// From names and values.
    pub(crate) fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// Adds one.
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// The value of an option; of several, the last.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether they allow a service. Courier's words: `disableimap`, `disablepop3`, `disableinsecureimap` (only in
    /// clear); `disablesmtp` is ours.
    pub fn allow(&self, service: Service, tls: bool) -> bool {
        let on = |name: &str| self.get(name).is_some_and(|value| !matches!(value, "0" | "" | "no" | "false"));
        let service = service.name();
        !on(&format!("disable{service}")) && (tls || !on(&format!("disableinsecure{service}")))
    }
}

impl std::fmt::Display for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (n, (name, value)) in self.0.iter().enumerate() {
            write!(f, "{}{name}={value}", if n > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

/// Where an account's Maildir is: as the store says, relative to the home; `Maildir` in the home if it says nothing.
/// `None` without both.
pub(crate) fn maildir(home: Option<&Path>, said: Option<&str>) -> Option<PathBuf> {
    let said = said.filter(|said| !said.is_empty());
    match (home, said.map(Path::new)) {
        (_, Some(said)) if said.is_absolute() => Some(said.to_owned()),
        (Some(home), said) => Some(home.join(said.unwrap_or(Path::new("Maildir"))).components().collect()),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_as_courier_writes_them() {
        let options = Options::parse("disableimap=1, disableinsecurepop3=1,group=staff,,flag");
        assert!(!options.allow(Service::Imap, true) && options.allow(Service::Smtp, false));
        assert!(options.allow(Service::Pop3, true) && !options.allow(Service::Pop3, false));
        assert!(Options::parse("disableimap=0").allow(Service::Imap, false));
        assert_eq!(options.get("group"), Some("staff"));
        assert_eq!(options.to_string(), "disableimap=1,disableinsecurepop3=1,group=staff,flag=1");
    }

    #[test]
    fn a_maildir_is_in_the_home_unless_it_says_otherwise() {
        let home = Some(Path::new("/home/brian"));
        assert_eq!(maildir(home, None), Some("/home/brian/Maildir".into()));
        assert_eq!(maildir(home, Some("./mail/")), Some("/home/brian/mail".into()));
        assert_eq!(maildir(home, Some("/var/mail/brian")), Some("/var/mail/brian".into()));
        assert_eq!(maildir(None, Some("Maildir")), None);
    }
}
