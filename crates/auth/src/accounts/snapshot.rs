//! What a delivery asks, in memory: two hash lookups instead of a query.

use std::collections::HashMap;
use std::sync::Arc;

use message::Address;
use rusqlite::{Connection, Row};

use super::{Services, users};
use crate::directory::Census;
use crate::login_name::{key, keyed};

/// The accounts and aliases of a store at one moment.
#[derive(Debug)]
pub(crate) struct Snapshot {
    accounts: HashMap<String, Known>,
    aliases: HashMap<String, Arc<[Address]>>,
    /// What the active accounts keep.
    pub(crate) census: Census,
}

/// An account, without its secrets.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) address: Address,
    pub(crate) services: Services,
    pub(crate) active: bool,
    pub(crate) changed: i64,
}

/// Who receives mail for an address, without following aliases.
#[derive(Debug)]
pub(crate) enum Receiver<'a> {
    Account(&'a Known),
    Alias(&'a Arc<[Address]>),
}

impl Snapshot {
    pub(super) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let mut census = Census::default();
        let mut accounts = HashMap::new();
        let sql = "SELECT name, address, may_smtp, may_imap, may_pop3, active, changed, hash, scram_salt, \
                   scram_iterations, scram_stored_key, scram_server_key FROM account";
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if let Some((name, known)) = account(row)? {
                if known.active {
                    census.count(&users::credentials(row, 7)?.forms().unwrap_or_default());
                }
                accounts.insert(name, known);
            }
        }
        Ok(Self { accounts, aliases: aliases(connection)?, census })
    }

    /// All accounts, in no order.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = &Known> {
        self.accounts.values()
    }

    /// The account with this key.
    pub(crate) fn account(&self, name: &str) -> Option<&Known> {
        self.accounts.get(name)
    }

    /// The account or alias of an address, with its `+detail` or, failing that, without (RFC 5233).
    pub(crate) fn mailbox(&self, address: &Address) -> Option<Receiver<'_>> {
        self.named(&key(address)).or_else(|| match address.split_detail() {
            (local, Some(_)) => self.named(&keyed(local, address.domain())),
            (_, None) => None,
        })
    }

    /// The alias of the whole domain of an address.
    pub(crate) fn catch_all(&self, address: &Address) -> Option<Receiver<'_>> {
        self.aliases.get(&keyed("", address.domain())).map(Receiver::Alias)
    }

    fn named(&self, name: &str) -> Option<Receiver<'_>> {
        let account = self.accounts.get(name).map(Receiver::Account);
        account.or_else(|| self.aliases.get(name).map(Receiver::Alias))
    }
}

/// A row that somebody edited into nonsense is left out, and said so; the others are served.
fn account(row: &Row<'_>) -> rusqlite::Result<Option<(String, Known)>> {
    let (name, text): (String, String) = (row.get(0)?, row.get(1)?);
    let Ok(address) = Address::parse(&text) else {
        tracing::warn!(account = text, "not an address in the account store: left out");
        return Ok(None);
    };
    let services = Services { smtp: row.get(2)?, imap: row.get(3)?, pop3: row.get(4)? };
    Ok(Some((name, Known { address, services, active: row.get(5)?, changed: row.get(6)? })))
}

fn aliases(connection: &Connection) -> rusqlite::Result<HashMap<String, Arc<[Address]>>> {
    let mut aliases: HashMap<String, Vec<Address>> = HashMap::new();
    let mut statement = connection.prepare("SELECT name, target FROM alias ORDER BY name, target")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (name, text): (String, String) = (row.get(0)?, row.get(1)?);
        match Address::parse(&text) {
            Ok(target) => aliases.entry(name).or_default().push(target),
            Err(_) => tracing::warn!(alias = name, target = text, "not an address in the account store: left out"),
        }
    }
    Ok(aliases.into_iter().map(|(name, targets)| (name, targets.into())).collect())
}
