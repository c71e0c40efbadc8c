//! A copy of the entry that somebody tries to log in with, its hashes masked (MISSION 004-28).

use std::collections::BTreeSet;

use ::trace::record::Record;
use auth::inventory::{Copied, Masked};
use auth::trial::Trial;
use auth::{Auth, Service};
use config::Config;

use super::super::bundle::Bundle;
use crate::accounts::chain_here;
use crate::commands::{self, trace::Found};
use crate::printer::visible;

/// Names that are looked up: an attacker's list is not needed.
const MOST: usize = 10;

/// Adds `account-N.txt` for each name that the sessions tried to log in with.
pub(super) async fn add(config: &Config, found: &Found, bundle: &mut Bundle) {
    let logins = found.records.iter().rev().flat_map(|record: &Record| &record.logins);
    let mut names: Vec<&str> = Vec::new();
    let mut seen = BTreeSet::new();
    for login in logins {
        if !login.identity.is_empty() && seen.insert(login.identity.to_lowercase()) {
            names.push(&login.identity);
        }
    }
    if names.len() > MOST {
        bundle.lacks("some accounts", format!("{} names were tried; the last {MOST} are looked up", names.len()));
    }
    let auth = chain_here(config);
    for (n, name) in names.into_iter().take(MOST).enumerate() {
        let text = told(&auth, name).await;
        let why = format!("what the chain keeps of {}", visible(name));
        bundle.add(format!("accounts/{}.txt", n + 1), &why, Some("hashes and keys; their kind is told"), &text);
    }
}

async fn told(auth: &Auth, name: &str) -> String {
    let mut text = format!("name          {}\n", visible(name));
    for copied in auth.copies(name).await {
        one(&copied, &mut text);
    }
    let trial = Trial::of(name, Service::Imap);
    let mut looked_up = Vec::new();
    // A Vec takes all that is written.
    drop(commands::auth::print_report(&auth.trial(&trial).await, &mut looked_up));
    text.push_str("\nLooked up without a password:\n");
    text.push_str(&String::from_utf8_lossy(&looked_up));
    text
}

fn one(copied: &Copied, text: &mut String) {
    text.push_str(&format!("\nmodule        {}\n", copied.module));
    copied.says.iter().for_each(|line| text.push_str(&format!("              {}\n", visible(line))));
    match &copied.entry {
        Err(why) => text.push_str(&format!("              {}\n", visible(why))),
        Ok(None) => text.push_str("              no such user\n"),
        Ok(Some(masked)) => entry(masked, text),
    }
}

fn entry(masked: &Masked, text: &mut String) {
    let Masked { account, forms, active } = masked;
    let or_none = |text: Option<String>| text.map_or_else(|| "(none)".to_owned(), |text| visible(&text));
    let forms: Vec<_> = forms.iter().map(|form| format!("{form} {}", super::super::mask::MASK)).collect();
    let rows = [
        ("address", account.address.to_string()),
        ("full name", or_none(account.name.clone())),
        ("home", or_none(account.home.as_ref().map(|home| home.display().to_string()))),
        ("maildir", account.maildir.display().to_string()),
        (
            "uid, gid",
            format!("{}, {}", or_none(account.uid.map(|n| n.to_string())), or_none(account.gid.map(|n| n.to_string()))),
        ),
        ("quota", or_none(account.quota.clone())),
        ("options", account.options.to_string()),
        ("password", if forms.is_empty() { "none is kept".to_owned() } else { forms.join(", ") }),
        (
            "may log in",
            if *active { "yes".to_owned() } else { "no: it is switched off, or has no password".to_owned() },
        ),
    ];
    rows.iter().for_each(|(name, value)| text.push_str(&format!("{name:<13} {}\n", visible(value))));
}
