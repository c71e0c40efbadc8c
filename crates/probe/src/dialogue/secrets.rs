//! What of each line may be seen, and what base64 says where it may.

use sasl::{Secret, exposed_identity, wire};
use trace::redact::Redactor;

/// What is not shown of a client's line. It goes on to the line's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hidden {
    /// The password, as it is.
    Password,
    /// The password, in base64.
    Password64,
    /// PLAIN's message (RFC 4616 §2), in base64; and whose it is.
    Plain(String),
    /// Anything else: a token, a digest, a proof.
    Other,
}

/// What of a line may be seen.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sight {
    /// Where the secret begins, and what it is.
    pub(super) hidden: Option<(usize, Hidden)>,
    /// What the base64 in it says.
    pub(super) note: Option<String>,
}

/// Follows the logins of one session.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    redactor: Redactor,
    /// The mechanism of the exchange under way, in upper case.
    mechanism: Option<String>,
    /// The server's last challenge, decoded.
    asked: Option<String>,
}

impl Secrets {
    /// A line of the client.
    pub(super) fn client(&mut self, line: &[u8]) -> Sight {
        let under_way = self.mechanism.is_some();
        let from = self.redactor.client(line);
        if !under_way {
            self.begin(line);
        }
        let Some(from) = from else { return Sight::default() };
        let secret = line.get(from..).unwrap_or_default();
        match self.mechanism.as_deref() {
            // The prompts of LOGIN tell which of the two it is; in the command itself it is the name.
            Some("LOGIN") if !under_way || self.asks("user") => match decoded(secret) {
                Some(name) => Sight { hidden: None, note: Some(name) },
                None => hidden(from, Hidden::Other),
            },
            Some("LOGIN") if self.asks("pass") => hidden(from, Hidden::Password64),
            Some("PLAIN") => match exposed_identity("PLAIN", secret) {
                Some(user) => Sight { note: Some(format!("user {user}")), ..hidden(from, Hidden::Plain(user)) },
                None => hidden(from, Hidden::Other),
            },
            Some(_) => hidden(from, Hidden::Other),
            None => hidden(from, kind_of_command(line)),
        }
    }

    /// A line of the server.
    pub(super) fn server(&mut self, line: &[u8]) -> Sight {
        let from = self.redactor.server(line);
        if line.starts_with(b"* ") {
            return Sight::default();
        }
        let challenge = match line {
            [b'3', b'3', b'4', rest @ ..] => rest,
            [b'+', rest @ ..] if !rest.starts_with(b"OK") => rest,
            _ => {
                (self.mechanism, self.asked) = (None, None);
                return Sight::default();
            }
        };
        if self.mechanism.is_none() {
            return Sight::default();
        }
        self.asked = decoded(challenge);
        match from {
            Some(from) => hidden(from, Hidden::Other),
            None => Sight { hidden: None, note: self.asked.clone() },
        }
    }

    fn asks(&self, word: &str) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.to_ascii_lowercase().starts_with(word))
    }

    /// An exchange begins with AUTH (RFC 4954 §4, RFC 5034 §4), or with AUTHENTICATE behind a tag (RFC 3501 §6.2.2).
    fn begin(&mut self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let words: Vec<&str> = text.split_ascii_whitespace().take(3).collect();
        let is = |word: Option<&&str>, name: &str| word.is_some_and(|word| word.eq_ignore_ascii_case(name));
        let mechanism = match () {
            () if is(words.first(), "AUTH") => words.get(1),
            () if is(words.get(1), "AUTHENTICATE") => words.get(2),
            () => None,
        };
        self.mechanism = mechanism.map(|name| name.to_ascii_uppercase());
    }
}

fn hidden(from: usize, kind: Hidden) -> Sight {
    Sight { hidden: Some((from, kind)), note: None }
}

/// PASS, and IMAP's LOGIN: what is hidden there is the password.
fn kind_of_command(line: &[u8]) -> Hidden {
    let text = String::from_utf8_lossy(line);
    let mut words = text.split_ascii_whitespace();
    let first = words.next().unwrap_or_default();
    let login = words.next().is_some_and(|word| word.eq_ignore_ascii_case("LOGIN"));
    if login || first.eq_ignore_ascii_case("PASS") { Hidden::Password } else { Hidden::Other }
}

/// What base64 says, if it is a text for people.
fn decoded(word: &[u8]) -> Option<String> {
    let octets = Secret::new(wire::response(word).ok()?);
    let text = std::str::from_utf8(octets.expose()).ok()?;
    let good = !text.is_empty() && !text.chars().any(char::is_control);
    good.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is seen of lines said one after the other, with the note behind a sign.
    fn seen(lines: &[&str]) -> Vec<String> {
        let mut secrets = Secrets::default();
        let seen = |line: &&str| {
            let (who, line) = line.split_at(3);
            let sight = if who == "C: " { secrets.client(line.as_bytes()) } else { secrets.server(line.as_bytes()) };
            let shown = match &sight.hidden {
                Some((from, kind)) => format!("{}<{kind:?}>", &line[..*from]),
                None => line.to_owned(),
            };
            sight.note.map_or(shown.clone(), |note| format!("{shown} # {note}"))
        };
        lines.iter().map(seen).collect()
    }

    /// MISSION 002-24, 002-25: the dialogue of the seed; the name with its mistake is seen at once, the password never.
    #[test]
    fn login_is_read_step_by_step() {
        let lines = [
            "C: auth login",
            "S: 334 VXNlcm5hbWU6",
            "C: dGVzdEBkb2lhaW4uZGU=",
            "S: 334 UGFzc3dvcmQ6",
            "C: dGVzdGluZw==",
        ];
        let expected = [
            "auth login",
            "334 VXNlcm5hbWU6 # Username:",
            "dGVzdEBkb2lhaW4uZGU= # test@doiain.de",
            "334 UGFzc3dvcmQ6 # Password:",
            "<Password64>",
        ];
        assert_eq!(seen(&lines), expected);
        assert_eq!(seen(&["C: AUTH LOGIN dGVzdA=="]), ["AUTH LOGIN dGVzdA== # test"]);
    }

    #[test]
    fn a_message_of_plain_tells_its_user_alone() {
        assert_eq!(seen(&["C: AUTH PLAIN AGEAYg=="]), ["AUTH PLAIN <Plain(\"a\")> # user a"]);
        assert_eq!(seen(&["C: AUTH PLAIN", "S: 334 ", "C: AGEAYg=="])[2], "<Plain(\"a\")> # user a");
        // Pasted at the wrong prompt.
        assert_eq!(seen(&["C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: AGEAYg=="])[2], "<Other>");
    }

    #[test]
    fn other_secrets_by_their_command() {
        for (line, shown) in [
            ("C: PASS x y", "PASS <Password>"),
            ("C: a LOGIN bob x", "a LOGIN bob <Password>"),
            ("C: APOP bob 00ff", "APOP bob <Other>"),
            ("C: a AUTHENTICATE SCRAM-SHA-1 biws", "a AUTHENTICATE SCRAM-SHA-1 <Other>"),
        ] {
            assert_eq!(seen(&[line]), [shown]);
        }
        let cram = ["C: AUTH CRAM-MD5", "S: 334 PDFAeD4=", "C: Ym9iIDAw"];
        assert_eq!(seen(&cram), ["AUTH CRAM-MD5", "334 PDFAeD4= # <1@x>", "<Other>"]);
    }

    proptest! {
        /// In whatever case and with whatever spaces a login is typed, its password is not seen.
        #[test]
        fn a_password_is_never_seen(
            password in "[a-z0-9]{8,20}", upper: bool, gap in " {1,3}", form in 0usize..6,
        ) {
            let (plain, word) = (wire::encode(format!("\0a\0{password}").as_bytes()), wire::encode(password.as_bytes()));
            let forms: [&[String]; 6] = [
                &[format!("C: auth{gap}plain{gap}{plain}")],
                &["C: auth plain".into(), "S: 334 ".into(), format!("C: {plain}")],
                &["C: auth login".into(), "S: 334 VXNlcm5hbWU6".into(), "C: YQ==".into(), "S: 334 UGFzc3dvcmQ6".into(), format!("C: {word}")],
                &[format!("C: pass{gap}{password}")],
                &[format!("C: a{gap}login{gap}a{gap}{password}")],
                &[format!("C: a{gap}authenticate{gap}plain{gap}{plain}")],
            ];
            let lines: Vec<String> = forms[form].iter().map(|line| match line.split_at(3) {
                ("C: ", text) if upper && !text.contains(&word) && !text.contains(&plain) && !text.contains(&password) => {
                    format!("C: {}", text.to_uppercase())
                }
                _ => line.clone(),
            }).collect();
            let shown = seen(&lines.iter().map(String::as_str).collect::<Vec<_>>()).join("\n");
            prop_assert!(!shown.contains(&password) && !shown.contains(&plain) && !shown.contains(&word), "{}", shown);
        }
    }
}
