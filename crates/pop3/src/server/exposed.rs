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
            self.found = auth_identity(argument).or(self.found.take());
        }
    }

    /// The user, once.
    pub(super) fn take(&mut self) -> Option<String> {
        self.found.take()
    }
}

/// The identity in an AUTH line with an initial response, for the record of a session (RFC 5034 §4).
pub fn exposed_identity(line: &[u8]) -> Option<String> {
    let (verb, argument) = line.split_at_checked(5)?;
    if verb.eq_ignore_ascii_case(b"AUTH ") { auth_identity(argument) } else { None }
}

/// Of `AUTH` with an initial response.
fn auth_identity(argument: &[u8]) -> Option<String> {
    let (mechanism, initial) = std::str::from_utf8(argument).ok()?.split_once(' ')?;
    sasl::exposed_identity(mechanism, initial.as_bytes())
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

    #[test]
    fn whose_login_it_is_can_be_seen_in_an_initial_response() {
        let identity = |line: &str| exposed_identity(line.as_bytes());
        assert_eq!(identity("auth PLAIN AGFsaWNlAHNlY3JldA==").as_deref(), Some("alice"));
        ["AUTH PLAIN", "AUTH", "PASS secret", "STAT"].iter().for_each(|line| assert_eq!(identity(line), None));
    }
}
