//! Under which names somebody may stand in a file, and which address such a name is.

use std::path::{Path, PathBuf};

use config::Config;
use message::{Address, Domain};

use super::name_key;
use crate::module::Who;
use crate::{Account, account, login_name, maildir};

/// What a name without a domain belongs to, and where mail lies of which nobody says where.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    data: PathBuf,
    /// `auth.default_domain`, else our own host name.
    home: Domain,
}

impl Names {
    pub(crate) fn new(config: &Config) -> Self {
        let home = config.auth.default_domain.clone().unwrap_or_else(|| config.hostname.clone());
        Self { data: config.data.clone(), home }
    }

    /// The names to look for, in order: as it was typed, as the full address, and without a domain that is our own, so that
    /// `brian@our.domain` finds `brian`, for logins and for his mail.
    pub(crate) fn of(&self, who: &Who) -> Vec<String> {
        let mut names = vec![name_key(&who.identity)];
        let mut add = |name: String| {
            if !names.contains(&name) {
                names.push(name)
            }
        };
        if let Some(address) = &who.address {
            add(login_name::key(address));
            if *address.domain() == self.home {
                add(address.local().to_lowercase());
            }
        }
        names
    }

    /// The address of a name in a file.
    pub(crate) fn address(&self, name: &str) -> Result<Address, String> {
        let full = if name.contains('@') { name.to_owned() } else { format!("{name}@{}", self.home) };
        Address::parse(&full).map_err(|error| format!("{full:?} cannot be an address: {error}"))
    }

    /// An account by the name that stands in the file; its Maildir as the file says, else in its home, else in our own data
    /// folder.
    pub(crate) fn account(&self, name: &str, home: Option<&Path>, mail: Option<&str>) -> Result<Account, String> {
        let address = self.address(name)?;
        let home = home.filter(|home| home.is_absolute());
        let maildir = account::maildir(home, mail).unwrap_or_else(|| maildir::of(&self.data, &address));
        let mut account = Account::new(address, maildir);
        account.home = home.map(Path::to_owned);
        Ok(account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Service;
    use crate::trail::Trail;

    fn who(identity: &str, domain: Option<&Domain>) -> Who {
        let address = login_name::address(identity, domain);
        Who { identity: identity.to_owned(), address, service: Service::Imap, trail: Trail::default() }
    }

    #[test]
    fn a_name_is_looked_for_as_typed_then_in_full_then_bare_if_it_is_ours() {
        let mut config = Config::example("/data");
        let names = Names::new(&config);
        assert_eq!(names.of(&who("Brian", None)), ["brian"]);
        assert_eq!(names.of(&who("brian@mail.example.test", None)), ["brian@mail.example.test", "brian"]);
        assert_eq!(names.of(&who("brian@example.test", None)), ["brian@example.test"]);
        config.auth.default_domain = config.domains.first().cloned();
        let names = Names::new(&config);
        let default = config.auth.default_domain.as_ref();
        assert_eq!(names.of(&who("brian", default)), ["brian", "brian@example.test"]);
        assert_eq!(names.address("brian").expect("an address").to_string(), "brian@example.test");
        assert!(names.address("a b").is_err());
    }

    #[test]
    fn mail_lies_where_the_file_says_else_at_home_else_with_us() {
        let names = Names::new(&Config::example("/data"));
        let at = |home: Option<&str>, mail| {
            let account = names.account("b@example.test", home.map(Path::new), mail).expect("an account");
            account.maildir.display().to_string()
        };
        assert_eq!(at(Some("/home/b"), Some("mail")), "/home/b/mail");
        assert_eq!(at(Some("/home/b"), None), "/home/b/Maildir");
        assert_eq!(at(Some("relative"), None), "/data/mail/example.test/b");
        assert_eq!(at(None, None), "/data/mail/example.test/b");
    }
}
