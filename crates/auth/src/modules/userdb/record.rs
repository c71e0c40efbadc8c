//! A line of userdb: `name<TAB>field=value|field=value…`.

use std::path::Path;

use sasl::Secret;

use crate::directory::Standing;
use crate::roster::{Names, Said, stored};
use crate::scheme::{Bare, Stored};
use crate::{Account, Options, Service};

/// More fields than any account has.
const MAX_FIELDS: usize = 100;

/// The fields of an account.
#[derive(Debug, Default)]
pub(crate) struct Record {
    fields: Vec<(String, String)>,
    /// Those whose names end in `pw`.
    passwords: Vec<(String, Secret)>,
}

/// What can be held against evidence for one service.
#[derive(Debug, Default)]
pub(crate) struct Forms {
    pub(crate) stored: Vec<Stored>,
    /// The fields that they are from. Another service may have others, and a password that was right here is none there.
    pub(crate) fields: Vec<String>,
    /// What is there and was left out, and why; for the trail.
    pub(crate) ignored: Vec<String>,
}

impl Forms {
    pub(crate) fn standing(&self) -> Standing {
        if self.stored.is_empty() { Standing::Disabled } else { Standing::Active }
    }
}

/// Reads a line; comments, empty lines and the entries from uid to name (`1000=<TAB>brian`) say nothing.
pub(crate) fn parse(line: &str) -> Said<Record> {
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (name, fields) = match line.split_once('\t') {
        Some(parts) => parts,
        // `userdb brian unset` leaves a name alone if that was the last field.
        None if !line.contains([' ', '=', '|']) => (line, ""),
        None => return Err("there is no TAB between a name and its fields"),
    };
    if name.ends_with('=') {
        return Ok(None);
    }
    if name.trim().is_empty() {
        return Err("there is no name before the TAB");
    }
    let mut record = Record::default();
    for (n, field) in fields.split('|').filter(|field| !field.is_empty()).enumerate() {
        if n == MAX_FIELDS {
            return Err("it has more than 100 fields");
        }
        let (key, value) = field.split_once('=').unwrap_or((field, ""));
        match key.ends_with("pw") {
            true => record.passwords.push((key.to_owned(), Secret::new(value))),
            false => record.fields.push((key.to_owned(), value.to_owned())),
        }
    }
    Ok(Some((name.to_owned(), record)))
}

/// What Courier and others call a service.
fn called(service: Service) -> &'static [&'static str] {
    match service {
        Service::Smtp => &["esmtp", "smtp", "submission"],
        Service::Imap => &["imap"],
        Service::Pop3 => &["pop3"],
    }
}

impl Record {
    /// The password forms for a service. Its own field (`imappw`) wins over `systempw`; with it, `hmac-md5pw`, which is of
    /// the general password, no longer counts for this service, and its own `imap-hmac-md5pw` does.
    pub(crate) fn forms(&self, service: Service) -> Result<Forms, String> {
        let own = |end: &str| called(service).iter().find_map(|name| self.password(&format!("{name}{end}")));
        let (own_password, own_keys) = (own("pw"), own("-hmac-md5pw"));
        let password = own_password.or_else(|| self.password("systempw"));
        let general = || self.password("hmac-md5pw").filter(|_| own_password.is_none());
        let mut forms = Forms::default();
        if let Some((field, kept)) = password {
            forms.fields.push(field.to_owned());
            match stored(kept).map_err(|error| format!("{field}: {error}"))? {
                Some(form) => forms.stored.push(form),
                None => {
                    // Locked for this service, by whatever mechanism.
                    forms.ignored.push(format!("{field} is empty or locked"));
                    return Ok(forms);
                }
            }
        }
        if let Some((field, kept)) = own_keys.or_else(general) {
            forms.fields.push(field.to_owned());
            match contexts(kept) {
                Ok(form) => forms.stored.push(form),
                Err(error) if forms.stored.is_empty() => return Err(format!("{field}: {error}")),
                Err(error) => forms.ignored.push(format!("{field} is left out: {error}")),
            }
        }
        Ok(forms)
    }

    /// The forms of the service that has the least: a mechanism is offered alike for all. `None` if nobody can log in.
    pub(crate) fn weakest(&self) -> Option<Vec<Stored>> {
        let options = self.options();
        let allowed = Service::ALL.into_iter().filter(|service| options.allow(*service, true));
        // A form that nobody can read keeps nothing.
        let forms = allowed.map(|service| self.forms(service).map(|forms| forms.stored).ok());
        let usable = forms.filter(|forms| forms.as_ref().is_none_or(|forms| !forms.is_empty()));
        let able = |forms: &Vec<Stored>| {
            let any = |test: fn(&Stored) -> bool| usize::from(forms.iter().any(test));
            any(Stored::serves_cram) + any(|form| form.clear().is_some())
        };
        usable.map(Option::unwrap_or_default).min_by_key(able)
    }

    /// The account.
    pub(crate) fn account(&self, name: &str, names: &Names) -> Result<Account, String> {
        let mut account = names.account(name, self.field("home").map(Path::new), self.field("mail"))?;
        account.uid = self.number("uid")?;
        account.gid = self.number("gid")?;
        account.quota = self.field("quota").map(str::to_owned);
        account.name = self.field("gecos").map(str::to_owned);
        account.options = self.options();
        Ok(account)
    }

    fn options(&self) -> Options {
        self.field("options").map(Options::parse).unwrap_or_default()
    }

    fn number(&self, field: &str) -> Result<Option<u32>, String> {
        let Some(value) = self.field(field) else { return Ok(None) };
        value.parse().map(Some).map_err(|_| format!("{field}={value:?} is not a number"))
    }

    /// Of a field that stands twice the last counts, as `userdb … set` replaces it.
    fn field(&self, name: &str) -> Option<&str> {
        let value = self.fields.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }

    fn password(&self, name: &str) -> Option<(&str, &Secret)> {
        self.passwords.iter().rev().find(|(known, _)| known == name).map(|(field, kept)| (field.as_str(), kept))
    }
}

/// The two MD5 states of HMAC in hexadecimal digits, as `userdbpw -hmac-md5` writes them (RFC 2104 §4).
fn contexts(kept: &Secret) -> Result<Stored, String> {
    let text = std::str::from_utf8(kept.expose()).unwrap_or_default();
    if text.len() != 64 || !text.bytes().all(|octet| octet.is_ascii_hexdigit()) {
        return Err("it is not the 64 hexadecimal digits of `userdbpw -hmac-md5`".to_owned());
    }
    Stored::parse(&format!("{{CRAM-MD5}}{text}"), Bare::Crypt).map_err(|error| error.to_string())
}
