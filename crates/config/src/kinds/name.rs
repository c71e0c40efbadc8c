//! Names: domains, addresses, login names.

use message::{Address, Domain};

use crate::kind::{Kind, bad_value, quoted, string};
use crate::reading::{Reading, Value};

/// How a text is read and what it should be.
pub(crate) struct Name<V> {
    parse: fn(&str) -> Result<V, String>,
    show: fn(&V) -> String,
    allowed: &'static str,
}

impl<V> Kind<V> for Name<V> {
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<V> {
        let text = string(value, reading, || self.allowed())?;
        match (self.parse)(text) {
            Ok(read) => Some(read),
            Err(why) => {
                bad_value(value, reading, why, self.allowed());
                None
            }
        }
    }

    fn show(&self, value: &V) -> String {
        quoted(&(self.show)(value))
    }

    fn allowed(&self) -> String {
        self.allowed.to_owned()
    }
}

/// A domain name.
pub(crate) fn domain() -> Name<Domain> {
    Name { parse: host_name, show: ToString::to_string, allowed: "a domain name, such as \"mail.example.org\"" }
}

/// A mail address.
pub(crate) fn address() -> Name<Address> {
    Name {
        parse: |text| Address::parse(text).map_err(|error| error.to_string()),
        show: ToString::to_string,
        allowed: "an address, such as \"postmaster@example.org\"",
    }
}

/// What a route is for: a domain, its subdomains, or everything; in lower case.
pub(crate) fn pattern() -> Name<String> {
    Name {
        parse: |text| match text.strip_prefix('.') {
            _ if text == "*" => Ok(text.to_owned()),
            Some(domain) => host_name(domain).map(|d| format!(".{}", d.as_ascii())),
            None => host_name(text).map(|d| d.as_ascii().to_owned()),
        },
        show: Clone::clone,
        allowed: "\"example.org\", \".example.org\" for all subdomains, or \"*\" for everything",
    }
}

/// A login name: anything that can be sent as one.
pub(crate) fn user() -> Name<String> {
    Name {
        parse: |text| match text {
            "" => Err("it is empty".to_owned()),
            text if text.chars().any(char::is_control) => Err("it has a control character".to_owned()),
            text => Ok(text.to_owned()),
        },
        show: Clone::clone,
        allowed: "a login name, as the other side gave it to you",
    }
}

/// A domain that is no address literal.
fn host_name(text: &str) -> Result<Domain, String> {
    let domain = Domain::parse(text).map_err(|error| error.to_string())?;
    if domain.literal().is_some() { Err("an address literal is not a name".to_owned()) } else { Ok(domain) }
}
