//! A trace, for people: what each module did, and the account.

use std::io::{self, Write};

use auth::attempts::{Outcome, Said};
use auth::trial::{Found, Mailbox, Report};

use crate::printer::{columns, visible};

/// Prints module after module, then the result.
pub(in crate::commands) fn print(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    report.modules.iter().try_for_each(|said| module(said, out))?;
    writeln!(out)?;
    let by = report.mechanism.as_ref().map(|mechanism| format!(" by {mechanism}")).unwrap_or_default();
    let user = visible(&report.user);
    match (report.outcome, &report.mechanism) {
        (Outcome::Ok, Some(_)) => writeln!(out, "accepted{by}: {user} may use {}", report.service)?,
        (Outcome::Ok, None) => writeln!(out, "found: {user} (no password was tried)")?,
        (Outcome::Temporary, _) => writeln!(out, "could not be told{by}: {}", visible(&report.why))?,
        (outcome, _) if report.why.is_empty() => writeln!(out, "rejected{by}: {outcome}")?,
        (outcome, _) => writeln!(out, "rejected{by}: {outcome} ({})", visible(&report.why))?,
    }
    if !report.targets.is_empty() {
        writeln!(out, "  mail goes to {}", report.targets.join(", "))?;
    }
    report.account.as_ref().map_or(Ok(()), |account| found(account, out))
}

fn module(said: &Said, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: trying this module", said.module)?;
    said.lines.iter().try_for_each(|line| writeln!(out, "{}: {}", said.module, visible(line)))
}

fn found(account: &Found, out: &mut dyn Write) -> io::Result<()> {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "(none)".to_owned());
    let mailbox = match &account.mailbox {
        Mailbox::Ready => "it is there, and can be read and written".to_owned(),
        Mailbox::NotYet => "not there yet; the first login or message makes it".to_owned(),
        Mailbox::Unusable(why) => format!("CANNOT BE USED: {why}"),
    };
    let owner = match (account.uid, account.gid) {
        (None, None) => None,
        (uid, gid) => Some(format!(
            "{}, {}",
            uid.map_or("-".to_owned(), |uid| uid.to_string()),
            gid.map_or("-".to_owned(), |gid| gid.to_string())
        )),
    };
    let rows = [
        ("  address", account.address.clone()),
        ("  name", or_none(account.name.clone())),
        ("  home", or_none(account.home.as_ref().map(|home| home.display().to_string()))),
        ("  maildir", account.maildir.display().to_string()),
        ("  mailbox", mailbox),
        ("  uid, gid", or_none(owner)),
        ("  quota", or_none(account.quota.clone())),
        ("  options", or_none(Some(account.options.clone()).filter(|options| !options.is_empty()))),
    ];
    columns(&rows.map(|(name, text)| (name, visible(&text))), out)
}
