//! Passwords that came in clear although they must not (MISSION 003-12).

/// Notices whose password was sent in clear. The password itself is not kept.
#[derive(Debug, Default)]
pub(super) struct Exposed {
    /// The argument of the last USER.
    user: Option<String>,
    found: Option<String>,
}

impl Exposed {
    /// Looks at a command that is about to be refused.
    pub(super) fn note(&mut self, verb: &[u8], argument: &[u8]) {
        if verb.eq_ignore_ascii_case(b"USER") {
            self.user = Some(printable(argument));
        } else if verb.eq_ignore_ascii_case(b"PASS") {
            self.found = Some(self.user.take().unwrap_or_default());
        } else if verb.eq_ignore_ascii_case(b"AUTH") {
            self.found = plain_identity(argument).or(self.found.take());
        }
    }

    /// The user, once.
    pub(super) fn take(&mut self) -> Option<String> {
        self.found.take()
    }
}

/// RFC 4616 §2: authzid NUL authcid NUL passwd
fn plain_identity(argument: &[u8]) -> Option<String> {
    let space = argument.iter().position(|octet| *octet == b' ')?;
    let (mechanism, initial) = argument.split_at_checked(space)?;
    if !mechanism.eq_ignore_ascii_case(b"PLAIN") {
        return None;
    }
    let response = sasl::Secret::new(sasl::wire::initial_response(initial).ok()?);
    let identity = response.expose().split(|octet| *octet == 0).nth(1)?;
    Some(printable(identity))
}

fn printable(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).trim().chars().filter(|c| !c.is_control()).take(255).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exposed(commands: &[(&str, &str)]) -> Option<String> {
        let mut exposed = Exposed::default();
        commands.iter().for_each(|(verb, argument)| exposed.note(verb.as_bytes(), argument.as_bytes()));
        exposed.take()
    }

    #[test]
    fn whoever_sends_a_password_in_clear_is_noticed() {
        assert_eq!(exposed(&[("user", "alice"), ("PASS", "secret")]).as_deref(), Some("alice"));
        assert_eq!(exposed(&[("PASS", "secret")]).as_deref(), Some(""));
        assert_eq!(
            exposed(&[("AUTH", "plain AHRlc3RAZG9tYWluLmNvbQBwYXNzd29yZA==")]).as_deref(),
            Some("test@domain.com")
        );
        assert_eq!(exposed(&[("USER", "alice"), ("AUTH", "PLAIN"), ("AUTH", "PLAIN !"), ("STAT", "")]), None);
    }
}
