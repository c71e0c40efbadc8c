//! `userdb`: Courier's account files, as `userdb`, `userdbpw` and `pw2userdb` write them. The text is read, not the `.dat`
//! that `makeuserdb` makes of it, so a change counts at once.

pub(crate) mod record;
mod tree;

use std::path::PathBuf;
use std::sync::Arc;

use config::Config;

use crate::TempFail;
use crate::account_file::{Kept, apart};
use crate::directory::{Census, Directory, Entry};
use crate::inventory::{self, Take};
use crate::module::{Answer, Who};
use crate::roster::{self, Known, Names, Roster};
use crate::trail::Trail;
use record::Record;

const NAME: &str = "userdb";

/// The files, as the chain asks them.
#[derive(Debug)]
pub(crate) struct Userdb(Arc<Files>);

#[derive(Debug)]
struct Files {
    path: PathBuf,
    names: Names,
    kept: Kept<Roster<Record>>,
}

impl Userdb {
    pub(crate) fn new(config: &Config) -> Self {
        let path = config.modules.userdb.path.clone();
        Self(Arc::new(Files { path, names: Names::new(config), kept: Kept::default() }))
    }
}

impl Files {
    fn roster(&self, trail: &Trail) -> Result<Arc<Roster<Record>>, String> {
        let roster = self.kept.get(&self.path, || tree::load(&self.path))?;
        trail.say(format_args!("opened {} ({} accounts)", self.path.display(), roster.len()));
        Ok(roster)
    }

    fn entry(&self, who: &Who) -> Result<Option<Entry>, String> {
        let roster = self.roster(&who.trail)?;
        let names = self.names.of(who);
        names.iter().for_each(|name| who.trail.say(format_args!("looking up '{name}'")));
        let Some((name, known)) = roster.find(&names)? else { return Ok(None) };
        let entry = self.read(&name, known, who).map_err(|what| format!("{}: {what}", known.place))?;
        who.trail.say(format_args!("'{name}' is at {}", known.place));
        Ok(Some(entry))
    }

    fn read(&self, name: &str, known: &Known<Record>, who: &Who) -> Result<Entry, String> {
        if let Some(again) = &known.again {
            return Err(format!(
                "'{name}' is also at {again}, and which of them counts cannot be told (makeuserdb refuses that, too)"
            ));
        }
        let record = &known.record;
        let kept = record.forms(who.service)?;
        kept.ignored.iter().for_each(|what| who.trail.say(what));
        let account = record.account(name, &self.names)?;
        let version = roster::version(&(known.version, &kept.fields));
        Ok(Entry { account, standing: kept.standing(), stored: kept.stored, version })
    }

    fn census(&self, trail: &Trail) -> Result<Census, String> {
        let roster = self.roster(trail)?;
        roster.broken().iter().for_each(|what| trail.say(what));
        let mut census = Census::default();
        roster.iter().filter_map(|(_, known)| known.record.weakest()).for_each(|forms| census.count(&forms));
        Ok(census)
    }
}

impl Files {
    fn list(&self, take: &mut Take<'_>) -> Result<(), String> {
        let roster = self.roster(&Trail::default())?;
        for (name, known) in roster.iter() {
            take(known.record.account(name, &self.names).map_err(|what| format!("{}: {what}", known.place)));
        }
        roster.broken().iter().for_each(|what| take(Err(what.clone())));
        Ok(())
    }
}

impl Directory for Userdb {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_local(&self) -> bool {
        true
    }

    fn entry<'a>(&'a self, who: &'a Who) -> Answer<'a, Result<Option<Entry>, TempFail>> {
        let (files, who) = (self.0.clone(), who.clone());
        apart(NAME, move || files.entry(&who))
    }

    fn census<'a>(&'a self, trail: &'a Trail) -> Answer<'a, Result<Census, TempFail>> {
        let (files, trail) = (self.0.clone(), trail.clone());
        apart(NAME, move || files.census(&trail))
    }

    fn list<'a>(&'a self, take: &'a mut Take<'_>) -> Option<Answer<'a, Result<(), TempFail>>> {
        let files = self.0.clone();
        Some(inventory::apart(NAME, take, move |take| files.list(take)))
    }
}
