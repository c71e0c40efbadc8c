//! A user, as Dovecot tells it.

use std::path::{Path, PathBuf};

use crate::account::maildir;
use crate::dovecot::Params;
use crate::{Account, Options};

/// Puts what is told into an account.
///
/// # Errors
/// What is told but cannot be used, in words.
pub(super) fn told(account: Account, params: &Params) -> Result<Account, String> {
    let home = params.get("home").filter(|home| !home.is_empty()).map(Path::new);
    let said = params.get("mail").map(|mail| location(mail, home)).transpose()?;
    let found = maildir(home, said.as_deref().and_then(Path::to_str));
    let id = |name: &str| params.get(name).and_then(|id| id.parse().ok());
    Ok(Account {
        maildir: found.unwrap_or(account.maildir),
        home: home.map(Path::to_owned),
        uid: id("uid"),
        gid: id("gid"),
        quota: params.get("quota_rule").and_then(quota),
        options: Options::default(),
        address: account.address,
        name: account.name,
    })
}

/// `maildir:~/Maildir:INDEX=…`: the folder alone.
fn location(mail: &str, home: Option<&Path>) -> Result<PathBuf, String> {
    let path = mail.strip_prefix("maildir:").or_else(|| mail.starts_with(['/', '~']).then_some(mail));
    let path = path.ok_or_else(|| format!("mail={mail} is no Maildir, and this server has nothing else"))?;
    let path = path.split(':').next().unwrap_or_default();
    let below = path.strip_prefix("~/").or_else(|| path.strip_prefix("%h/"));
    match (below, home) {
        (Some(below), Some(home)) => Ok(home.join(below)),
        (Some(_), None) => Err(format!("mail={mail} is in the home, and no home is told")),
        (None, _) => Ok(path.into()),
    }
}

/// `*:storage=10M` or `*:bytes=10485760:messages=1000`, as Maildir++ writes it. Other rules are Dovecot's own.
fn quota(rule: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in rule.strip_prefix("*:")?.split(':') {
        let (name, value) = part.split_once('=')?;
        parts.push(match name {
            "bytes" => format!("{}S", octets(value, 1)?),
            "storage" => format!("{}S", octets(value, 1024)?),
            "messages" => format!("{}C", value.parse::<u64>().ok()?),
            _ => return None,
        });
    }
    Some(parts.join(","))
}

fn octets(value: &str, unit: u64) -> Option<u64> {
    let (number, unit) = match value.chars().last()?.to_ascii_uppercase() {
        'B' => (value.get(..value.len() - 1)?, 1),
        'K' => (value.get(..value.len() - 1)?, 1 << 10),
        'M' => (value.get(..value.len() - 1)?, 1 << 20),
        'G' => (value.get(..value.len() - 1)?, 1 << 30),
        'T' => (value.get(..value.len() - 1)?, 1 << 40),
        _ => (value, unit),
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use message::Address;

    use super::*;

    fn account(params: &Params) -> Result<Account, String> {
        told(Account::new(Address::parse("a@example.test").expect("an address"), "/ours".into()), params)
    }

    #[test]
    fn where_the_mail_is() {
        let home = Params::default().with("home", "/home/a").with("uid", 5).with("gid", 6);
        for (mail, maildir) in [
            (None, "/home/a/Maildir"),
            (Some("maildir:~/mail:INDEX=/x"), "/home/a/mail"),
            (Some("maildir:/var/mail/a"), "/var/mail/a"),
            (Some("/var/mail/a"), "/var/mail/a"),
        ] {
            let params = mail.map_or(home.clone(), |mail| home.clone().with("mail", mail));
            let account = account(&params).expect("a Maildir");
            assert_eq!((account.maildir.as_path(), account.uid), (Path::new(maildir), Some(5)));
        }
        assert!(account(&home.with("mail", "mbox:~/mail")).expect_err("an mbox").contains("no Maildir"));
        assert_eq!(account(&Params::default()).expect("ours").maildir, Path::new("/ours"));
        assert!(account(&Params::default().with("mail", "maildir:~/mail")).is_err());
    }

    #[test]
    fn quotas() {
        assert_eq!(quota("*:storage=10M").as_deref(), Some("10485760S"));
        assert_eq!(quota("*:bytes=5:messages=7").as_deref(), Some("5S,7C"));
        assert_eq!(quota("*:storage=2").as_deref(), Some("2048S"));
        assert_eq!((quota("Trash:storage=1G"), quota("*:storage=10%"), quota("*:storage=")), (None, None, None));
    }
}
