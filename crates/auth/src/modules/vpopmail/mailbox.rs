//! A line of `vpasswd`: `name:crypt:uid:gid:gecos:dir:shell[:clear]`, where the gid is flags and the shell the quota.

use std::path::PathBuf;

use message::Address;
use sasl::Secret;

use super::domains::Place;
use crate::directory::{Entry, Standing};
use crate::roster::{Said, stored};
use crate::scheme::Stored;
use crate::trail::Trail;
use crate::{Account, Service, account};

/// What is kept of a mailbox.
#[derive(Debug)]
pub(crate) struct Mailbox {
    crypt: Secret,
    flags: Flags,
    gecos: String,
    home: PathBuf,
    quota: Option<String>,
    /// The password itself.
    clear: Option<Secret>,
}

/// vpopmail's bits in `pw_gid`. The others are for its web interface and its delivery.
#[derive(Debug, Clone, Copy)]
struct Flags(u32);

impl Flags {
    const NO_POP: u32 = 0x02;
    const NO_IMAP: u32 = 0x08;
    const NO_SMTP: u32 = 0x800;

    fn forbid(self, service: Service) -> Option<&'static str> {
        let (bit, name) = match service {
            Service::Smtp => (Self::NO_SMTP, "NO_SMTP"),
            Service::Imap => (Self::NO_IMAP, "NO_IMAP"),
            Service::Pop3 => (Self::NO_POP, "NO_POP"),
        };
        (self.0 & bit != 0).then_some(name)
    }
}

/// Reads a line of the text.
pub(crate) fn parse(line: &str) -> Said<Mailbox> {
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    match line.split_once(':') {
        Some(("", _)) => Err("there is no name"),
        Some((name, rest)) => Mailbox::parse(rest).map(|mailbox| Some((name.to_owned(), mailbox))),
        None => Err("there is no colon in it"),
    }
}

impl Mailbox {
    /// Reads what follows the name, which is also a value of the cdb.
    pub(crate) fn parse(rest: &str) -> Result<Self, &'static str> {
        let fields: Vec<_> = rest.splitn(7, ':').collect();
        let (crypt, flags, gecos, home, shell, clear) = match *fields.as_slice() {
            [crypt, _, flags, gecos, home, shell] => (crypt, flags, gecos, home, shell, ""),
            [crypt, _, flags, gecos, home, shell, clear] => (crypt, flags, gecos, home, shell, clear),
            _ => return Err("it has neither 7 nor 8 fields"),
        };
        if !home.starts_with('/') {
            return Err("the mailbox's folder does not begin with a slash");
        }
        Ok(Self {
            crypt: Secret::new(crypt),
            flags: Flags(flags.parse().map_err(|_| "the flags (gid) are no number")?),
            gecos: gecos.to_owned(),
            home: home.into(),
            quota: quota(shell),
            clear: Some(clear).filter(|clear| !clear.is_empty()).map(Secret::new),
        })
    }

    /// The hash first: a user who does not exist is held against one that costs as much.
    fn forms(&self) -> Result<Vec<Stored>, String> {
        let mut forms: Vec<_> = stored(&self.crypt)?.into_iter().collect();
        if let Some(clear) = &self.clear {
            if clear.expose().windows(3).any(|octets| octets == "\u{fffd}".as_bytes()) {
                return Err("the password in clear is not UTF-8".to_owned());
            }
            forms.push(Stored::Clear(clear.clone()));
        }
        Ok(forms)
    }

    /// What is kept, for the count; `None` if nobody can log in.
    pub(super) fn counted(&self) -> Option<Vec<Stored>> {
        let none = Service::ALL.into_iter().all(|service| self.flags.forbid(service).is_some());
        let forms = self.forms().ok();
        if none || forms.as_ref().is_some_and(Vec::is_empty) { None } else { Some(forms.unwrap_or_default()) }
    }

    /// The mailbox for the chain.
    pub(super) fn entry(
        &self,
        address: Address,
        place: &Place,
        service: Service,
        trail: &Trail,
    ) -> Result<Entry, String> {
        let stored = self.forms()?;
        let maildir = account::maildir(Some(&self.home), None).ok_or("there is no folder")?;
        let mut account = Account::new(address, maildir);
        account.home = Some(self.home.clone());
        (account.uid, account.gid) = (place.uid, place.gid);
        account.quota = self.quota.clone();
        account.name = Some(self.gecos.clone()).filter(|gecos| !gecos.is_empty());
        let forbidden = self.flags.forbid(service);
        if let Some(flag) = forbidden {
            trail.say(format_args!("the flag {flag} is set (gid {:#x})", self.flags.0));
        }
        let active = forbidden.is_none() && !stored.is_empty();
        let standing = if active { Standing::Active } else { Standing::Disabled };
        Ok(Entry { account, stored, standing, version: 0 })
    }
}

/// `NOQUOTA`, `1000000S,1000C`, or octets, also as `10M` and `10MB`.
fn quota(shell: &str) -> Option<String> {
    let is_limit = |part: &str| part.strip_suffix(['S', 'C']).is_some_and(|number| number.parse::<u64>().is_ok());
    if shell.split(',').all(is_limit) {
        return Some(shell.to_owned());
    }
    let upper = shell.to_ascii_uppercase();
    let number = upper.strip_suffix('B').unwrap_or(&upper);
    let (digits, factor) = match (number.strip_suffix('K'), number.strip_suffix('M'), number.strip_suffix('G')) {
        (Some(digits), _, _) => (digits, 1 << 10),
        (_, Some(digits), _) => (digits, 1 << 20),
        (_, _, Some(digits)) => (digits, 1 << 30),
        _ => (number, 1),
    };
    let octets = digits.parse::<u64>().ok()?.checked_mul(factor).filter(|octets| *octets > 0)?;
    Some(format!("{octets}S"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_and_without_a_password_in_clear() {
        let (name, mailbox) =
            parse("brian:$6$x$y:1:2:Brian:/v/brian:1000000S,10C:se:cret").expect("a line").expect("one");
        assert_eq!((name.as_str(), mailbox.gecos.as_str()), ("brian", "Brian"));
        assert_eq!(mailbox.clear, Some(Secret::new("se:cret")));
        assert_eq!(mailbox.quota.as_deref(), Some("1000000S,10C"));
        assert_eq!(mailbox.flags.forbid(Service::Pop3), Some("NO_POP"));
        assert_eq!(mailbox.flags.forbid(Service::Imap), None);
        let (_, mailbox) = parse("brian:$6$x$y:1:0:Brian:/v/brian:NOQUOTA").expect("a line").expect("one");
        assert_eq!((mailbox.clear, mailbox.quota), (None, None));
    }

    #[test]
    fn broken_lines_say_what_is_broken() {
        for (line, word) in [
            ("x", "colon"),
            (":x", "name"),
            ("a:b:c", "7 nor 8"),
            ("a:b:1:x:g:/d:q", "flags"),
            ("a:b:1:0:g:d:q", "slash"),
        ] {
            assert!(parse(line).is_err_and(|error| error.contains(word)), "{line}");
        }
    }

    #[test]
    fn quotas() {
        for (shell, octets) in [
            ("NOQUOTA", None),
            ("", None),
            ("5", Some("5S")),
            ("10M", Some("10485760S")),
            ("1kb", Some("1024S")),
            ("0", None),
            ("x,1C", None),
        ] {
            assert_eq!(quota(shell).as_deref(), octets, "{shell}");
        }
    }
}
