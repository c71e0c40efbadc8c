//! Aliases: an address, or every address of a domain, that others receive mail for.

use std::fmt;

use message::{Address, Domain};
use rusqlite::params;

use super::{Store, StoreError};
use crate::login_name;

/// Targets of one alias.
const MAX_TARGETS: u32 = 1000;

/// What an alias is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AliasName {
    /// One address.
    Mailbox(Address),
    /// `@domain`: every address there that is neither an account nor an alias.
    Domain(Domain),
}

/// A text that is neither an address nor `@domain`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text} is neither an address nor @domain: {why}")]
pub struct NotAnAlias {
    /// As given.
    pub text: String,
    /// What is wrong with it.
    pub why: message::AddressError,
}

/// An alias, as `gatepost alias list` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// `info@example.org` or `@example.org`.
    pub name: String,
    /// Where its mail goes.
    pub target: String,
}

impl std::str::FromStr for AliasName {
    type Err = NotAnAlias;

    fn from_str(text: &str) -> Result<Self, NotAnAlias> {
        let read = match text.strip_prefix('@') {
            Some(domain) => Domain::parse(domain).map(Self::Domain),
            None => Address::parse(text).map(Self::Mailbox),
        };
        read.map_err(|why| NotAnAlias { text: text.to_owned(), why })
    }
}

impl fmt::Display for AliasName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mailbox(address) => address.fmt(f),
            Self::Domain(domain) => write!(f, "@{domain}"),
        }
    }
}

impl AliasName {
    /// The domain that the alias is at.
    pub fn domain(&self) -> &Domain {
        match self {
            Self::Mailbox(address) => address.domain(),
            Self::Domain(domain) => domain,
        }
    }

    fn key(&self) -> String {
        match self {
            Self::Mailbox(address) => login_name::key(address),
            Self::Domain(domain) => login_name::keyed("", domain),
        }
    }
}

impl Store {
    /// Adds a target to an alias; makes the alias if it is new. An account cannot be an alias as well: which of both
    /// a message is for would depend on who asks.
    pub fn add_alias(&self, alias: &AliasName, target: &Address) -> Result<(), StoreError> {
        let name = alias.key();
        if name == login_name::key(target) {
            return Err(StoreError::Itself(target.to_string()));
        }
        self.write(|db| {
            if db.exists("SELECT 1 FROM account WHERE name = ?", [&name])? {
                return Err(StoreError::AccountExists(alias.to_string()));
            }
            let added = "INSERT OR IGNORE INTO alias (name, target) VALUES (?, ?)";
            if db.execute(added, params![name, target.to_string()])? == 0 {
                let (alias, target) = (alias.to_string(), target.to_string());
                return Err(StoreError::AliasExists { alias, target });
            }
            let crowd = "SELECT 1 FROM alias WHERE name = ? GROUP BY name HAVING count(*) > ?";
            if db.exists(crowd, params![name, MAX_TARGETS])? {
                return Err(StoreError::TooManyTargets { alias: alias.to_string(), max: MAX_TARGETS });
            }
            Ok(())
        })
    }

    /// Takes a target away, or the whole alias.
    pub fn remove_alias(&self, alias: &AliasName, target: Option<&Address>) -> Result<(), StoreError> {
        let removed = self.write(|db| match target {
            Some(target) => {
                let sql = "DELETE FROM alias WHERE name = ? AND target = ?";
                db.execute(sql, params![alias.key(), target.to_string()])
            }
            None => db.execute("DELETE FROM alias WHERE name = ?", [alias.key()]),
        })?;
        if removed == 0 { Err(StoreError::NoAlias(alias.to_string())) } else { Ok(()) }
    }

    /// Every alias with every target, by name.
    pub fn aliases(&self) -> Result<Vec<Alias>, StoreError> {
        let row = |row: &rusqlite::Row<'_>| Ok(Alias { name: row.get(0)?, target: row.get(1)? });
        self.read(|db| {
            db.prepare("SELECT name, target FROM alias ORDER BY name, target")?.query_map([], row)?.collect()
        })
    }
}
