//! AUTH lines as those see them who log or record a session: what may be shown of them, and where the secret begins. Tabs and
//! missing spaces do not make a password less secret, and what stands in a mechanism's place may be one.

use sasl::Mechanism;

use super::Session;

impl Session {
    /// Where the secret of the next line begins, if it has one: a response of AUTH from its first octet on, and what follows
    /// the mechanism of AUTH. To be asked before [`Self::command`].
    pub fn secret_in(&self, line: &[u8]) -> Option<usize> {
        if self.expects_secret() { Some(0) } else { secret_of(line) }
    }
}

/// The mechanism that a line names which is AUTH, or would be if it were written as it should be; `?` where there is none.
pub fn named_mechanism(line: &[u8]) -> Option<&str> {
    let argument = line.get(argument(line)?..)?;
    let name = std::str::from_utf8(word(argument)).ok().filter(|name| is_plausible(name));
    Some(name.unwrap_or("?"))
}

fn secret_of(line: &[u8]) -> Option<usize> {
    let argument = argument(line)?;
    let rest = line.get(argument..)?;
    let name = word(rest);
    let plausible = std::str::from_utf8(name).is_ok_and(is_plausible);
    let spaces = rest.iter().take_while(|octet| octet.is_ascii_whitespace()).count();
    Some(if plausible { (argument + spaces + name.len() + 1).min(line.len()) } else { argument })
}

/// Where the argument of AUTH begins.
fn argument(line: &[u8]) -> Option<usize> {
    let begin = line.iter().position(u8::is_ascii_alphanumeric)?;
    line.get(begin..begin + 4)?.eq_ignore_ascii_case(b"AUTH").then_some(begin + 4)
}

fn word(argument: &[u8]) -> &[u8] {
    argument.split(u8::is_ascii_whitespace).find(|word| !word.is_empty()).unwrap_or_default()
}

/// RFC 4422 §3.1: 1 to 20 capitals, digits, hyphens and underscores.
fn is_plausible(name: &str) -> bool {
    let octet = |o: u8| o.is_ascii_uppercase() || o.is_ascii_digit() || o == b'-' || o == b'_';
    (name.len() <= 20 && name.bytes().all(octet)) || Mechanism::from_name(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_of_auth_begins_behind_the_mechanism() {
        let shown = |line: &'static [u8]| secret_of(line).map(|from| &line[..from]);
        assert_eq!(shown(b"AUTH PLAIN AGFsaWNl"), Some(&b"AUTH PLAIN "[..]));
        assert_eq!(shown(b"AUTH LOGIN"), Some(&b"AUTH LOGIN"[..]));
        assert_eq!(shown(b"AUTH"), Some(&b"AUTH"[..]));
        assert_eq!(shown(b"AUTH AGFsaWNlAHNlY3JldA=="), Some(&b"AUTH"[..]));
        assert_eq!(shown(b"AUTH PLAIN \xff"), Some(&b"AUTH PLAIN "[..]));
        assert_eq!(shown(b"MAIL FROM:<auth@b>"), None);
    }

    #[test]
    fn mechanisms_are_shown_and_what_may_be_a_password_is_not() {
        for line in ["auth PLAIN AGFsaWNl", " AUTH PLAIN AGFsaWNl", "AUTH\tPLAIN\tAGFsaWNl", "AUTHPLAIN AGFsaWNl"] {
            assert_eq!(named_mechanism(line.as_bytes()), Some("PLAIN"), "{line}");
        }
        assert_eq!(named_mechanism(b"AUTH AGFsaWNlAHNlY3JldA=="), Some("?"));
        assert_eq!(named_mechanism(b"AUTH plain AGFsaWNl"), Some("plain"));
        assert_eq!(named_mechanism(b"AUTH \xff"), Some("?"));
        assert_eq!((named_mechanism(b"NOOP"), named_mechanism(b""), named_mechanism(b"au")), (None, None, None));
    }
}
