//! What an entry tells.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use ldap3::SearchEntry;

use super::trouble::Trouble;
use crate::scheme::{Bare, Stored};
use crate::told::Told;

/// More values of one attribute than this are not looked at.
const MAX_VALUES: usize = 20;

/// An entry that was found.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Its distinguished name.
    pub(super) dn: String,
    attributes: Vec<(String, Vec<String>)>,
}

// The attributes may hold passwords.
impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Found({}, …)", self.dn)
    }
}

impl Found {
    pub(super) fn new(entry: SearchEntry) -> Self {
        let mut attributes: Vec<_> = entry.attrs.into_iter().collect();
        attributes.sort();
        Self { dn: entry.dn, attributes }
    }

    /// The first value of an attribute that is not empty. RFC 4512 §2.5: the names of attributes have no case.
    pub(super) fn first(&self, name: &str) -> Option<&str> {
        self.all(name).find(|value| !value.is_empty())
    }

    /// The values of an attribute.
    fn all(&self, name: &str) -> impl Iterator<Item = &str> + use<'_> {
        let values =
            self.attributes.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, values)| values);
        values.into_iter().flatten().map(String::as_str).take(MAX_VALUES)
    }

    /// The account that it describes.
    pub(super) fn told(&self, settings: &config::Ldap) -> Result<Told, Trouble> {
        let maybe = |name: &Option<String>| name.as_deref().and_then(|name| self.first(name)).map(str::to_owned);
        Ok(Told {
            address: self.first(&settings.mail).map(str::to_owned),
            home: self.first(&settings.home).map(Into::into),
            maildir: maybe(&settings.maildir),
            uid: self.number(&settings.uid)?,
            gid: self.number(&settings.gid)?,
            quota: maybe(&settings.quota),
            name: self.first(&settings.name).map(str::to_owned),
            options: maybe(&settings.options),
        })
    }

    fn number(&self, name: &str) -> Result<Option<u32>, Trouble> {
        let number = |value: &str| value.parse().map_err(|_| self.wrong(format!("{name} is {value:?}, not a number")));
        self.first(name).map(number).transpose()
    }

    /// The forms in which its password is kept.
    pub(super) fn stored(&self, settings: &config::Ldap) -> Result<Vec<Stored>, Trouble> {
        let clear = settings.clear_password.iter().flat_map(|name| self.all(name)).map(|text| (text, Bare::Clear));
        let kept = self.all(&settings.crypt_password).map(|text| (text, bare(&settings.crypt_password, text)));
        clear
            .chain(kept)
            // `!…` and `*` in the place of a hash lock an account: it has no password then.
            .filter(|(text, bare)| !text.is_empty() && (*bare == Bare::Clear || !text.starts_with(['!', '*'])))
            .map(|(text, bare)| Stored::parse(text, bare).map_err(|error| self.wrong(error.to_string())))
            .collect()
    }

    /// Another number whenever something of it has changed.
    pub(super) fn version(&self, state: &RandomState) -> u64 {
        state.hash_one((&self.dn, &self.attributes))
    }

    fn wrong(&self, what: String) -> Trouble {
        Trouble::Entry { dn: self.dn.clone(), what }
    }
}

/// What a value without a `{SCHEME}` is. RFC 4519 §2.41: the values of userPassword are the passwords themselves, and so
/// OpenLDAP takes them; but what begins as a hash of crypt(3) is one. In another attribute it is a hash.
fn bare(attribute: &str, value: &str) -> Bare {
    if attribute.eq_ignore_ascii_case("userPassword") && !value.starts_with('$') { Bare::Clear } else { Bare::Crypt }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(attributes: &[(&str, &[&str])]) -> Found {
        let owned = |(name, values): &(&str, &[&str])| {
            ((*name).to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
        };
        Found { dn: "uid=b,dc=t".to_owned(), attributes: attributes.iter().map(owned).collect() }
    }

    #[test]
    fn attributes_are_mapped() {
        let settings = config::Ldap { quota: Some("mailQuota".to_owned()), ..config::Ldap::default() };
        let entry = found(&[
            ("MAIL", &["b@example.test", "c@example.test"]),
            ("homeDirectory", &["/home/b"]),
            ("uidNumber", &["1000"]),
            ("mailquota", &["1000S"]),
            ("cn", &["", "Brian"]),
        ]);
        let told = entry.told(&settings).expect("an account");
        assert_eq!(told.address.as_deref(), Some("b@example.test"));
        assert_eq!((told.uid, told.gid, told.quota.as_deref()), (Some(1000), None, Some("1000S")));
        assert_eq!(told.name.as_deref(), Some("Brian"));
        let trouble = found(&[("uidNumber", &["x"])]).told(&settings).expect_err("not a number");
        assert_eq!(trouble.to_string(), "entry uid=b,dc=t: uidNumber is \"x\", not a number");
    }

    #[test]
    fn passwords_in_every_form() {
        let settings = config::Ldap { clear_password: Some("clearPw".to_owned()), ..config::Ldap::default() };
        let entry =
            found(&[("userPassword", &["secret", "{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr"]), ("clearPw", &["c"])]);
        let names: Vec<_> = entry.stored(&settings).expect("forms").iter().map(Stored::name).collect();
        assert_eq!(names.len(), 3);
        assert_eq!(names[1], names[0], "a bare userPassword is the password itself");
        let strange = found(&[("userPassword", &["{NONSENSE}x"])]).stored(&settings).expect_err("no such scheme");
        assert!(strange.to_string().starts_with("entry uid=b,dc=t: "), "{strange}");
        assert!(bare("userPassword", "$6$a$b") == Bare::Crypt && bare("hash", "ab0123456789.") == Bare::Crypt);
    }

    #[test]
    fn a_change_shows() {
        let (state, one) = (RandomState::new(), found(&[("cn", &["a"])]));
        assert_eq!(one.version(&state), one.clone().version(&state));
        assert_ne!(one.version(&state), found(&[("cn", &["b"])]).version(&state));
    }
}
