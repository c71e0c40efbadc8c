//! Stores that can be read: they tell what is kept of an account, and [`Reader`] judges for all of them in one way.

mod census;
mod reader;

pub(crate) use census::Census;
pub(crate) use reader::{Reader, Shared};

use std::fmt;

use message::Address;
use sasl::Secret;

use crate::inventory::Take;
use crate::module::{Answer, Found, Who};
use crate::scheme::Stored;
use crate::trail::Trail;
use crate::{Account, TempFail};

/// A store that tells what it keeps of an account.
pub(crate) trait Directory: fmt::Debug + Send + Sync {
    /// As in `auth.chain`.
    fn name(&self) -> &'static str;

    /// As [`crate::module::Module::is_local`].
    fn is_local(&self) -> bool {
        false
    }

    /// What is kept of a user; `None` if there is none. It does the same work for both. Blocking work belongs on
    /// [`tokio::task::spawn_blocking`].
    fn entry<'a>(&'a self, who: &'a Who) -> Answer<'a, Result<Option<Entry>, TempFail>>;

    /// What all accounts keep.
    fn census<'a>(&'a self, trail: &'a Trail) -> Answer<'a, Result<Census, TempFail>>;

    /// The same at once, for a store that always knows: it is asked instead of the last census.
    fn census_now(&self) -> Option<Result<Census, TempFail>> {
        None
    }

    /// Who receives mail for an address; `None`: the account with that name.
    fn receives<'a>(&'a self, _: &'a Address) -> Option<Answer<'a, Found>> {
        None
    }

    /// Hands over every account, for a store that can list them.
    fn list<'a>(&'a self, _: &'a mut Take<'_>) -> Option<Answer<'a, Result<(), TempFail>>> {
        None
    }

    /// The version of whom it asks, for one that says it.
    fn version(&self) -> Option<Answer<'_, Result<Option<String>, TempFail>>> {
        None
    }

    /// A password was right: a store of our own may keep it better from now on.
    fn proven<'a>(&'a self, _: &'a Entry, _: &'a Secret, _tls: bool) -> Answer<'a, ()> {
        Box::pin(async {})
    }
}

/// What is kept of an account.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The account.
    pub(crate) account: Account,
    /// Its password in one or more forms. One that is right is enough.
    pub(crate) stored: Vec<Stored>,
    /// Whether it may log in.
    pub(crate) standing: Standing,
    /// Another number whenever something of this has changed: who remembers a verified password compares it.
    pub(crate) version: u64,
}

/// Whether an account may log in. Told only to who knows the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It may.
    Active,
    /// It is switched off, for this service or at all.
    Disabled,
}
