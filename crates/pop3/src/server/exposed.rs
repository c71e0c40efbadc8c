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
}
