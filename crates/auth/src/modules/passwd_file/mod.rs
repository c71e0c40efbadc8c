//! `passwd-file`: Dovecot's account files, one for all or one for each domain.

pub(crate) mod line;
mod pattern;
mod quota_rule;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use config::Config;

use crate::TempFail;
use crate::account_file::{self, Kept, Unreadable, apart};
use crate::directory::{Census, Directory, Entry, Standing};
use crate::inventory::{self, Take};
use crate::login_name;
use crate::module::{Answer, Who};
use crate::roster::{Known, Names, Roster, stored};
use crate::trail::Trail;
use line::Record;
use pattern::Pattern;

const NAME: &str = "passwd-file";

/// The files, as the chain asks them.
#[derive(Debug)]
pub(crate) struct PasswdFile(Arc<Files>);

#[derive(Debug)]
struct Files {
    pattern: Option<Pattern>,
    names: Names,
    kept: Kept<Roster<Record>>,
}

impl PasswdFile {
    pub(crate) fn new(config: &Config) -> Self {
        let pattern = config.modules.passwd_file.path.as_deref().map(Pattern::new);
        Self(Arc::new(Files { pattern, names: Names::new(config), kept: Kept::default() }))
    }
}

impl Files {
    fn pattern(&self) -> Result<&Pattern, String> {
        self.pattern.as_ref().ok_or_else(|| "auth.passwd-file.path is not set: which file is it?".to_owned())
    }

    fn roster(&self, path: &Path) -> Result<Arc<Roster<Record>>, Unreadable> {
        self.kept.get(path, || {
            let (text, read) = account_file::read(path)?;
            let mut roster = Roster::default();
            roster.add(path, &text, line::parse);
            Ok((roster, vec![read]))
        })
    }

    fn entry(&self, who: &Who) -> Result<Option<Entry>, String> {
        let pattern = self.pattern()?;
        let Some(path) = pattern.path(who)? else {
            who.trail.say("the name has no domain, or one that cannot stand in a path");
            return Ok(None);
        };
        let roster = match self.roster(&path) {
            Ok(roster) => roster,
            // A domain without a file is not one of these; a folder that is not there is another matter.
            Err(error) if error.is_missing() && pattern.is_variable() && pattern.folder().is_dir() => {
                who.trail.say(format_args!("there is no {}", path.display()));
                return Ok(None);
            }
            Err(error) => return Err(error.to_string()),
        };
        who.trail.say(format_args!("opened {} ({} accounts)", path.display(), roster.len()));
        let mut names = self.names.of(who);
        // In a file of one domain Dovecot's `username_format=%n` leaves the domain out.
        if let (true, Some(address)) = (pattern.is_variable(), &who.address) {
            names.push(address.local().to_lowercase());
        }
        names.iter().for_each(|name| who.trail.say(format_args!("looking up '{name}'")));
        let Some((name, known)) = roster.find(&names)? else { return Ok(None) };
        let entry = self.read(pattern, &name, known, who).map_err(|what| format!("{}: {what}", known.place))?;
        who.trail.say(format_args!("'{name}' is at {}", known.place));
        Ok(Some(entry))
    }

    fn read(&self, pattern: &Pattern, name: &str, known: &Known<Record>, who: &Who) -> Result<Entry, String> {
        let name = match &who.address {
            Some(address) if pattern.is_variable() && !name.contains('@') => login_name::key(address),
            _ => name.to_owned(),
        };
        let record = &known.record;
        record.refused()?;
        let account = record.account(&name, &self.names)?;
        let stored: Vec<_> = stored(&record.password)?.into_iter().collect();
        if stored.is_empty() {
            who.trail.say("the password is empty or locked");
        }
        let active = !record.is_disabled() && !stored.is_empty();
        let standing = if active { Standing::Active } else { Standing::Disabled };
        Ok(Entry { account, stored, standing, version: known.version })
    }

    fn census(&self, trail: &Trail) -> Result<Census, String> {
        let paths = match self.pattern()?.all() {
            Ok(paths) => paths,
            Err(error) => return error.map_or_else(|why| Ok(Census::uncounted(why)), |error| Err(error.to_string())),
        };
        let mut census = Census::default();
        let mut unread = None;
        let mut count = |path: &PathBuf| match self.roster(path) {
            Ok(roster) => {
                roster.broken().iter().for_each(|what| trail.say(what));
                let active = roster.iter().filter(|(_, known)| !known.record.is_disabled());
                active.filter_map(|(_, known)| known.record.forms()).for_each(|forms| census.count(&forms));
                true
            }
            Err(error) => {
                tracing::warn!(module = NAME, %error, "left out of the count");
                trail.say(&error);
                unread.get_or_insert(error.to_string());
                false
            }
        };
        // One file that cannot be read does not take the mechanisms from all; none that can does.
        let any = paths.iter().map(&mut count).fold(false, |any, read| any | read);
        if any { Ok(census) } else { unread.map_or(Ok(census), Err) }
    }
}

impl Files {
    fn list(&self, take: &mut Take<'_>) -> Result<(), String> {
        let paths = self.pattern()?.all();
        let paths = paths.map_err(|error| error.map_or_else(|why| why, |error| error.to_string()))?;
        for path in paths {
            match self.roster(&path) {
                Ok(roster) => {
                    for (name, known) in roster.iter() {
                        let account = known.record.account(name, &self.names);
                        take(account.map_err(|what| format!("{}: {what}", known.place)));
                    }
                    roster.broken().iter().for_each(|what| take(Err(what.clone())));
                }
                Err(error) => take(Err(error.to_string())),
            }
        }
        Ok(())
    }
}

impl Directory for PasswdFile {
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
