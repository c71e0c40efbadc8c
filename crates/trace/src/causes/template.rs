//! Words with places for what was found.

use super::Facts;
use super::seen::Seen;
use crate::record::Login;

/// What stands for `{user}`, `{mechanism}`, `{service}`, `{peer}`, `{module}`, `{detail}`, `{host}`, `{data}`.
pub(super) struct Values<'a> {
    user: &'a str,
    mechanism: &'a str,
    service: &'a str,
    peer: String,
    module: &'a str,
    detail: &'a str,
    facts: &'a Facts,
}

impl<'a> Values<'a> {
    /// Of a session.
    pub(super) fn of(seen: &Seen<'a>, detail: &'a str) -> Self {
        let user = seen.user().unwrap_or("the user");
        let (service, peer) = (&*seen.record.service, seen.client().to_string());
        Self { user, mechanism: "the mechanism", service, peer, module: "", detail, facts: seen.facts }
    }

    /// Of a login in it.
    pub(super) fn of_login(seen: &Seen<'a>, login: &'a Login, detail: &'a str) -> Self {
        let user = if login.identity.is_empty() { "somebody without a name" } else { &login.identity };
        let mechanism = login.mechanism.as_deref().unwrap_or("the mechanism");
        // The last one that was asked is the one that decided.
        let module = login.modules.last().map_or("the chain", |module| &module.name);
        Self { user, mechanism, module, ..Self::of(seen, detail) }
    }

    /// Of mail that waits or came back.
    pub(super) fn of_reason(facts: &'a Facts, detail: &'a str) -> Self {
        let (user, peer) = ("the user", "the other server".to_owned());
        Self { user, mechanism: "the mechanism", service: "relay", peer, module: "", detail, facts }
    }

    fn get(&self, name: &str) -> Option<&str> {
        Some(match name {
            "user" => self.user,
            "mechanism" => self.mechanism,
            "service" => protocol(self.service),
            "listener" => self.service,
            "peer" => &self.peer,
            "module" => self.module,
            "detail" => self.detail,
            "host" => &self.facts.hostname,
            "data" => &self.facts.data,
            _ => return None,
        })
    }
}

/// As `gatepost user allow` names it.
fn protocol(service: &str) -> &str {
    match service {
        "submission" | "submissions" => "smtp",
        "imaps" => "imap",
        "pop3s" => "pop3",
        other => other,
    }
}

/// Fills the places in one pass: what was found may have braces in it. In a line that somebody may paste into a shell, what
/// strangers wrote is quoted: a user called `$(reboot)` is an attack.
pub(super) fn fill(template: &str, values: &Values<'_>, shell: bool) -> String {
    let (mut filled, mut rest) = (String::new(), template);
    while let Some((before, place)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, behind)) = place.split_once('}') else {
            filled.push('{');
            rest = place;
            continue;
        };
        match values.get(name) {
            Some(value) if shell => filled.push_str(&shell_word(value)),
            Some(value) => filled.push_str(value),
            None => {
                filled.push('{');
                filled.push_str(name);
                filled.push('}');
            }
        }
        rest = behind;
    }
    filled + rest
}

/// As one word of a POSIX shell, which is no option: what strangers wrote stands in commands that somebody may paste.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@._+-/:%=,".contains(c);
    if text.chars().all(plain) && !text.starts_with('-') && !text.is_empty() {
        return text.to_owned();
    }
    let escaped = text.replace('\'', "'\\''");
    // A word that begins with a dash would be an option, quoted or not.
    if text.starts_with('-') { format!("-- '{escaped}'") } else { format!("'{escaped}'") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_words_stay_words() {
        let facts = Facts { hostname: "{user}".to_owned(), ..Facts::default() };
        let values = Values { user: "$(reboot)'", ..Values::of_reason(&facts, "d") };
        assert_eq!(fill("of {user}, {host} {x} {", &values, false), "of $(reboot)', {user} {x} {");
        assert_eq!(fill("gatepost user passwd {user}", &values, true), "gatepost user passwd '$(reboot)'\\'''");
        assert_eq!((shell_word("a@b.test").as_str(), shell_word("-x").as_str()), ("a@b.test", "-- '-x'"));
    }
}
