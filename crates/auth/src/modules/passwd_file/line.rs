//! A line of a passwd-file: `user:password:uid:gid:gecos:home:shell:extra fields`.

use std::path::{Path, PathBuf};

use message::Address;
use sasl::Secret;

use super::quota_rule;
use crate::Account;
use crate::account_file;
use crate::roster::{Names, Said, stored};
use crate::scheme::Stored;

/// What stands in a line.
#[derive(Debug)]
pub(crate) struct Record {
    /// With its `{SCHEME}`; without one it is a hash of crypt(3).
    pub(super) password: Secret,
    uid: String,
    gid: String,
    gecos: String,
    home: String,
    /// `name=value`, parted by spaces.
    extra: Vec<(String, String)>,
}

/// Reads a line; empty lines, comments and lines without a name say nothing, as in Dovecot.
pub(crate) fn parse(line: &str) -> Said<Record> {
    if line.is_empty() || line.starts_with(['#', ':']) {
        return Ok(None);
    }
    let mut fields = line.splitn(8, ':');
    let mut next = || fields.next().unwrap_or_default().to_owned();
    let (name, password, uid, gid, gecos, home, _shell) = (next(), next(), next(), next(), next(), next(), next());
    let extra = next();
    let pair = |field: &str| {
        let (name, value) = field.split_once('=').unwrap_or((field, "y"));
        (name.to_owned(), value.to_owned())
    };
    let extra = extra.split_whitespace().map(pair).collect();
    Ok(Some((name, Record { password: Secret::new(password), uid, gid, gecos, home, extra })))
}

impl Record {
    /// What we must not overlook, because without it more people would get in.
    pub(super) fn refused(&self) -> Result<(), String> {
        if self.is_on("nopassword") {
            return Err(
                "`nopassword` would let anybody in by any password, which we do not do: give it a password".to_owned()
            );
        }
        if self.extra("allow_nets").is_some() {
            return Err("`allow_nets` cannot be held here, and without it more clients could log in: remove it, or keep them out before they come here".to_owned());
        }
        Ok(())
    }

    /// Whether nobody is to log in.
    pub(super) fn is_disabled(&self) -> bool {
        self.is_on("nologin")
    }

    /// What is kept for the count; `None` if nobody can log in.
    pub(crate) fn forms(&self) -> Option<Vec<Stored>> {
        if self.refused().is_err() {
            return None;
        }
        match stored(&self.password) {
            Ok(form) => form.map(|form| vec![form]),
            // A form that nobody can read keeps nothing.
            Err(_) => Some(Vec::new()),
        }
    }

    /// The account.
    pub(crate) fn account(&self, name: &str, names: &Names) -> Result<Account, String> {
        let address = names.address(name)?;
        let home = self.extra("userdb_home").unwrap_or(&self.home);
        let home = Some(home).filter(|home| !home.is_empty()).map(|home| expand(home, &address, ""));
        let home = home.transpose()?.map(PathBuf::from);
        let mail = self.extra("userdb_mail").map(|mail| maildir(mail, &address, home.as_deref())).transpose()?;
        let mut account = names.account(name, home.as_deref(), mail.as_deref())?;
        account.uid = id("uid", self.extra("userdb_uid").unwrap_or(&self.uid), "/etc/passwd")?;
        account.gid = id("gid", self.extra("userdb_gid").unwrap_or(&self.gid), "/etc/group")?;
        account.name = Some(self.gecos.clone()).filter(|gecos| !gecos.is_empty());
        let rules = self.extra.iter().filter(|(name, _)| name.starts_with("userdb_quota_rule"));
        account.quota = quota_rule::maildirsize(rules.map(|(_, rule)| rule.as_str()));
        Ok(account)
    }

    fn extra(&self, name: &str) -> Option<&str> {
        self.extra.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn is_on(&self, name: &str) -> bool {
        self.extra(name).is_some_and(|value| !matches!(value, "n" | "no" | "0" | "false"))
    }
}

/// `maildir:~/Maildir:LAYOUT=fs`: the folder. Other kinds of mailboxes are not ours, and to deliver elsewhere would hide the
/// user's mail.
fn maildir(mail: &str, address: &Address, home: Option<&Path>) -> Result<String, String> {
    let Some(rest) = mail.strip_prefix("maildir:") else {
        return Err(format!("userdb_mail={mail}: only `maildir:` is read here"));
    };
    let path = rest.split(':').next().unwrap_or_default();
    let home = home.map(Path::to_string_lossy).unwrap_or_default();
    match path.strip_prefix("~/") {
        Some(inside) => expand(inside, address, &home),
        None => expand(path, address, &home),
    }
}

/// Puts in what Dovecot's variables stand for.
fn expand(text: &str, address: &Address, home: &str) -> Result<String, String> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let mut letters = after.strip_prefix('L').unwrap_or(after).chars();
        match letters.next() {
            Some('u') => out.push_str(&address.to_string()),
            // The path is the administrator's, the name the client's: it must not lead elsewhere.
            Some('n') if address.local().contains('/') || address.local().starts_with('.') => {
                return Err(format!("{address} cannot stand in the path {text:?}"));
            }
            Some('n') => out.push_str(address.local()),
            Some('d') => out.push_str(address.domain().as_ascii()),
            Some('h') => out.push_str(home),
            Some('%') => out.push('%'),
            _ => return Err(format!("{text:?} has a variable other than %u, %n, %d and %h")),
        }
        rest = letters.as_str();
    }
    out.push_str(rest);
    if out.contains("/../") { Err(format!("{out:?} leads upwards")) } else { Ok(out) }
}

/// A number, or the name of a user or group of this system.
fn id(what: &str, text: &str, known: &str) -> Result<Option<u32>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(number) = text.parse() {
        return Ok(Some(number));
    }
    let (table, _) = account_file::read(Path::new(known)).map_err(|error| error.to_string())?;
    let number =
        table.split(|octet| *octet == b'\n').filter_map(|line| std::str::from_utf8(line).ok()).find_map(|line| {
            let mut fields = line.split(':');
            (fields.next() == Some(text)).then(|| fields.nth(1)?.parse().ok()).flatten()
        });
    // The text may be the end of a password with a colon in it: it is not shown.
    number.map(Some).ok_or_else(|| {
        format!("the {what} is neither a number nor in {known}. Is there a `:` in the password? It ends the field: write such a password as {{PLAIN.B64}}…")
    })
}

#[cfg(test)]
mod tests {
    use config::Config;

    use super::*;

    fn account(line: &str) -> Result<Account, String> {
        let (name, record) = parse(line).expect("readable").expect("an account");
        record.refused()?;
        record.account(&name, &Names::new(&Config::example("/data")))
    }

    #[test]
    fn fields_and_extra_fields() {
        let line = "brian@example.test:{PLAIN}x:1000:1001:Brian Candler:/home/brian::userdb_mail=maildir:~/mail:LAYOUT=fs userdb_quota_rule=*:storage=10M";
        let account = account(line).expect("an account");
        assert_eq!(account.maildir, Path::new("/home/brian/mail"));
        assert_eq!(
            (account.uid, account.gid, account.name.as_deref()),
            (Some(1000), Some(1001), Some("Brian Candler"))
        );
        assert_eq!(account.quota.as_deref(), Some("10485760S"));
    }

    #[test]
    fn short_lines_and_variables() {
        let short = account("brian:{PLAIN}x").expect("an account");
        assert_eq!(short.maildir, Path::new("/data/mail/mail.example.test/brian"));
        let line = "a@example.test:x::::/srv/%d/%n::userdb_mail=maildir:%h/M userdb_uid=0";
        let account = account(line).expect("an account");
        assert_eq!((account.maildir.as_path(), account.uid), (Path::new("/srv/example.test/a/M"), Some(0)));
    }

    #[test]
    fn what_would_let_in_more_or_lead_elsewhere_is_told() {
        for (line, word) in [
            ("a@example.test::::::: nopassword=y", "nopassword"),
            ("a@example.test:{PLAIN}x::::::allow_nets=192.0.2.0/24", "allow_nets"),
            ("a@example.test:{PLAIN}x::::::userdb_mail=mbox:~/mail", "maildir:"),
            ("a@example.test:{PLAIN}pa:ss:1000:1000::/home/a", "`:` in the password"),
            ("a@example.test:{PLAIN}x::::/srv/%{user}", "variable"),
            ("\"../../x\"@example.test:{PLAIN}x::::/srv/%n", "cannot stand in the path"),
            ("a@example.test:{PLAIN}x::::/srv/../etc", "upwards"),
        ] {
            let error = account(line).expect_err(line);
            assert!(error.contains(word) && !error.contains("ss:"), "{line}: {error}");
        }
    }

    #[test]
    fn names_of_the_system_are_numbers() {
        assert_eq!(id("uid", "root", "/etc/passwd"), Ok(Some(0)));
    }
}
