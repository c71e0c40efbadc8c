//! From the fields of a row to an account.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use config::Config;
use message::{Address, Domain};

use super::row::Fields;
use crate::account::{self, Account, Options};
use crate::directory::{Entry, Standing};
use crate::maildir;
use crate::module::Who;
use crate::scheme::{Bare, SchemeError, Stored};

/// Where accounts are that the database does not place.
#[derive(Debug)]
pub(super) struct Place {
    data: PathBuf,
    domain: Domain,
}

/// Why the fields are no account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum EntryError {
    /// A name that can be nobody's.
    #[error("the database calls it {0:?}, which is no address")]
    Address(String),
    /// A form of password that nobody can judge.
    #[error("its password cannot be judged: {0}")]
    Scheme(#[from] SchemeError),
    /// A user or group that is no number. What stands there instead is not told: a query with its columns in another order
    /// has the password there.
    #[error("{field} is not a number")]
    Number {
        /// `uid`, `gid`.
        field: &'static str,
    },
    /// A relative path with nothing to be relative to.
    #[error("its Maildir {0:?} is relative, and it has no (absolute) home")]
    Maildir(String),
}

impl Place {
    pub(super) fn new(config: &Config) -> Self {
        let domain = config.auth.default_domain.clone().unwrap_or_else(|| config.hostname.clone());
        Self { data: config.data.clone(), domain }
    }

    /// The account that the fields describe.
    pub(super) fn entry(&self, fields: &Fields, who: &Who) -> Result<Entry, EntryError> {
        let (account, stored) = (self.account(fields, who)?, stored(fields)?);
        Ok(Entry { account, stored, standing: Standing::Active, version: version(fields) })
    }

    /// The same without its password.
    pub(super) fn account(&self, fields: &Fields, who: &Who) -> Result<Account, EntryError> {
        let address = self.address(fields.address.as_deref(), who)?;
        let mut account = Account::new(address.clone(), maildir::of(&self.data, &address));
        let home = fields.home.as_deref().map(Path::new).filter(|home| home.is_absolute());
        account.home = home.map(Path::to_owned);
        if let Some(maildir) = account::maildir(home, fields.maildir.as_deref()) {
            account.maildir = maildir;
        } else if let Some(said) = &fields.maildir {
            return Err(EntryError::Maildir(said.clone()));
        }
        account.uid = number("uid", fields.uid.as_ref())?;
        account.gid = number("gid", fields.gid.as_ref())?;
        account.quota = fields.quota.clone();
        account.name = fields.name.clone();
        account.options = fields.options.as_deref().map(Options::parse).unwrap_or_default();
        Ok(account)
    }

    /// The address of an account that the database calls so. A name without a domain is at the domain that was asked for.
    fn address(&self, name: Option<&str>, who: &Who) -> Result<Address, EntryError> {
        let name = name.map_or(who.identity.as_str(), str::trim);
        let full = match (name.contains('@'), &who.address) {
            (true, _) => name.to_owned(),
            (false, Some(asked)) => format!("{name}@{}", asked.domain()),
            (false, None) => format!("{name}@{}", self.domain),
        };
        Address::parse(&full).map_err(|_| EntryError::Address(full))
    }
}

/// The password in the forms in which it is kept.
pub(super) fn stored(fields: &Fields) -> Result<Vec<Stored>, SchemeError> {
    let forms = [(&fields.crypt_password, Bare::Crypt), (&fields.clear_password, Bare::Clear)];
    let kept = forms.into_iter().filter_map(|(text, bare)| Some((text.as_ref()?, bare)));
    // `!…` and `*` in the place of a hash lock an account: it has no password then.
    let kept = kept.filter(|(text, bare)| *bare == Bare::Clear || !text.starts_with(['!', '*']));
    kept.map(|(text, bare)| Stored::parse(text, bare)).collect()
}

fn number(field: &'static str, text: Option<&String>) -> Result<Option<u32>, EntryError> {
    let parse = |text: &String| text.trim().parse().map_err(|_| EntryError::Number { field });
    text.map(parse).transpose()
}

/// Another number when the password is another. It stays in this process.
fn version(fields: &Fields) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&fields.crypt_password, &fields.clear_password).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Service;
    use crate::trail::Trail;

    fn entry(identity: &str, fields: &Fields) -> Result<Entry, EntryError> {
        let place = Place { data: "/d".into(), domain: Domain::parse("host.test").expect("a domain") };
        let address = Address::parse(identity).ok();
        let who = Who { identity: identity.to_owned(), address, service: Service::Imap, trail: Trail::default() };
        place.entry(fields, &who)
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn an_account_has_an_address_and_a_maildir() {
        let named = |name| Fields { address: some(name), ..Fields::default() };
        let of = |identity, fields| entry(identity, &fields).expect("an entry").account;
        assert_eq!(of("brian", named("brian")).address.to_string(), "brian@host.test");
        assert_eq!(of("brian@a.test", named("brian")).address.to_string(), "brian@a.test");
        assert_eq!(of("brian", named("b@b.test")).maildir, Path::new("/d/mail/b.test/b"));
        let home = Fields { home: some("/home/b"), uid: some("5000"), quota: some("1S"), ..Fields::default() };
        let account = of("b@b.test", home);
        assert_eq!((account.maildir.as_path(), account.uid), (Path::new("/home/b/Maildir"), Some(5000)));
    }

    #[test]
    fn what_is_no_account_says_why() {
        let name = Fields { address: some("a b@@"), ..Fields::default() };
        assert!(matches!(entry("b@b.test", &name), Err(EntryError::Address(_))));
        let uid = Fields { uid: some("mail"), ..Fields::default() };
        assert_eq!(entry("b@b.test", &uid).expect_err("no number").to_string(), "uid is not a number");
        let maildir = Fields { maildir: some("b/"), ..Fields::default() };
        assert!(matches!(entry("b@b.test", &maildir), Err(EntryError::Maildir(_))));
    }
}
