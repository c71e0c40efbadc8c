//! The directory tells what it keeps of a password, and [`crate::directory::Reader`] judges.

use std::collections::hash_map::RandomState;

use super::server::Listed;
use super::{NAME, Users, tempfail};
use crate::TempFail;
use crate::directory::{Census, Directory, Entry, Standing};
use crate::inventory::Take;
use crate::module::{Answer, Who};
use crate::trail::Trail;

/// The directory as a store that can be read.
#[derive(Debug)]
pub(super) struct Compare {
    users: Users,
    /// Makes versions of entries.
    state: RandomState,
}

impl Compare {
    pub(super) fn new(users: Users) -> Self {
        Self { users, state: RandomState::new() }
    }

    fn passwords(&self) -> Vec<&str> {
        let settings = &self.users.settings;
        std::iter::once(settings.crypt_password.as_str()).chain(settings.clear_password.as_deref()).collect()
    }

    async fn kept(&self, who: &Who) -> Result<Option<Entry>, super::Trouble> {
        let attributes = [self.users.attributes(), self.passwords()].concat();
        let Some(found) = self.users.find(who, &attributes).await? else { return Ok(None) };
        Ok(Some(Entry {
            account: self.users.account(who, &found)?,
            stored: found.stored(&self.users.settings)?,
            standing: Standing::Active,
            version: found.version(&self.state),
        }))
    }

    async fn count(&self, trail: &Trail) -> Result<Census, super::Trouble> {
        let settings = &self.users.settings;
        trail.say(format_args!("searching {} below {:?}", settings.all_filter, self.users.base()));
        match self.users.server.list(self.users.base(), &settings.all_filter, &self.passwords()).await? {
            Listed::TooMany(why) => Ok(Census::uncounted(why)),
            Listed::All(entries) => {
                let mut census = Census::default();
                // An entry whose password cannot be read is one that can do nothing; its login says why.
                entries.iter().for_each(|entry| census.count(&entry.stored(settings).unwrap_or_default()));
                Ok(census)
            }
        }
    }
}

impl Directory for Compare {
    fn name(&self) -> &'static str {
        NAME
    }

    fn entry<'a>(&'a self, who: &'a Who) -> Answer<'a, Result<Option<Entry>, TempFail>> {
        Box::pin(async { self.kept(who).await.map_err(tempfail) })
    }

    fn census<'a>(&'a self, trail: &'a Trail) -> Answer<'a, Result<Census, TempFail>> {
        Box::pin(async { self.count(trail).await.map_err(tempfail) })
    }

    fn list<'a>(&'a self, take: &'a mut Take<'_>) -> Option<Answer<'a, Result<(), TempFail>>> {
        Some(Box::pin(self.users.list(take)))
    }
}
