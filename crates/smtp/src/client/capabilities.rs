//! What a server's EHLO reply offers (RFC 5321 §4.1.1.1). Unknown keywords are passed over, known ones are read in any case.

use sasl::Mechanism;

use crate::Reply;

/// Names of unknown mechanisms that are kept for the operator; more than this is noise.
const MAX_UNKNOWN: usize = 32;

/// The extensions of one EHLO reply. The default is a server that offers nothing, or answered HELO only.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// RFC 3207.
    pub starttls: bool,
    /// RFC 2920.
    pub pipelining: bool,
    /// RFC 6152.
    pub eight_bit: bool,
    /// RFC 6531.
    pub smtputf8: bool,
    /// RFC 1870: `None` where SIZE is not offered, `Some(0)` where no limit is told.
    pub size: Option<u64>,
    /// RFC 4954.
    pub auth: AuthList,
}

/// The mechanisms of all AUTH lines of one EHLO reply, as a set: order, case and repetition mean nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthList {
    /// Those known here, the strongest first.
    known: Vec<Mechanism>,
    /// The others, in upper case, sorted: for the operator.
    unknown: Vec<String>,
}

impl Capabilities {
    /// Reads a reply to EHLO. Its first line is the server's name and greeting.
    pub fn of_ehlo(reply: &Reply) -> Self {
        let mut capabilities = Self::default();
        for line in reply.lines().skip(1) {
            capabilities.line(line);
        }
        capabilities
    }

    /// `ehlo-line = ehlo-keyword *( SP ehlo-param )`, and the `AUTH=` of servers and clients before RFC 2554, whose
    /// first mechanism follows the sign (MISSION 001-16).
    fn line(&mut self, line: &str) {
        let mut words = line.split_ascii_whitespace();
        let Some(first) = words.next() else { return };
        let (keyword, parameter) = match first.split_once('=') {
            Some((keyword, parameter)) => (keyword, Some(parameter)),
            None => (first, None),
        };
        let parameters = parameter.into_iter().chain(words);
        match keyword.to_ascii_uppercase().as_str() {
            "STARTTLS" => self.starttls = true,
            "PIPELINING" => self.pipelining = true,
            "8BITMIME" => self.eight_bit = true,
            "SMTPUTF8" => self.smtputf8 = true,
            "SIZE" => self.size = Some(size(parameters)),
            "AUTH" => self.auth.extend(parameters),
            _ => {}
        }
    }
}

/// RFC 1870 §4: without a number, or with one that nobody can mean, there is no fixed limit.
fn size<'a>(mut parameters: impl Iterator<Item = &'a str>) -> u64 {
    parameters.next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

impl AuthList {
    /// Adds the tokens of one line. `AUTH= LOGIN` leaves an empty one behind, `AUTH PLAIN,LOGIN` has been seen too.
    fn extend<'a>(&mut self, tokens: impl Iterator<Item = &'a str>) {
        for token in tokens.flat_map(|token| token.split([',', '='])).filter(|token| !token.is_empty()) {
            match Mechanism::from_name(token) {
                Some(mechanism) => insert(&mut self.known, mechanism, |a, b| b.cmp(a)),
                None if self.unknown.len() < MAX_UNKNOWN => {
                    insert(&mut self.unknown, token.to_ascii_uppercase(), Ord::cmp);
                }
                None => {}
            }
        }
    }

    /// The mechanisms that can be used, the strongest first.
    pub fn usable(&self) -> &[Mechanism] {
        &self.known
    }

    /// Everything that was offered, for the operator: `SCRAM-SHA-256 PLAIN NTLM`, or `nothing`.
    pub fn describe(&self) -> String {
        let known = self.known.iter().map(|mechanism| mechanism.name());
        let all: Vec<_> = known.chain(self.unknown.iter().map(String::as_str)).collect();
        if all.is_empty() { "nothing".to_owned() } else { all.join(" ") }
    }
}

fn insert<T>(list: &mut Vec<T>, value: T, order: impl Fn(&T, &T) -> std::cmp::Ordering) {
    if let Err(place) = list.binary_search_by(|other| order(other, &value)) {
        list.insert(place, value);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ReplyReader;

    fn capabilities(lines: &[&str]) -> Capabilities {
        let mut reader = ReplyReader::default();
        for line in lines {
            if let Some(reply) = reader.line(line.as_bytes()).expect("a reply") {
                return Capabilities::of_ehlo(&reply);
            }
        }
        panic!("the reply does not end");
    }

    #[test]
    fn extensions_in_any_case() {
        let found = capabilities(&["250-mx at your service", "250-size 1000", "250-8bitmime ", "250 Pipelining"]);
        assert_eq!((found.size, found.eight_bit, found.pipelining), (Some(1000), true, true));
        assert!(!found.starttls && !found.smtputf8);
        assert_eq!(capabilities(&["250-mx", "250 SIZE"]).size, Some(0));
        assert_eq!(capabilities(&["250-mx", "250 SIZE 99999999999999999999"]).size, Some(0));
    }

    #[test]
    fn the_name_is_no_extension() {
        // A host may be called anything, also like an extension.
        assert_eq!(capabilities(&["250 STARTTLS"]), Capabilities::default());
    }

    /// MISSION 001-16: the literal lines on which the old patch failed.
    #[test]
    fn the_lines_of_the_seed() {
        use Mechanism::*;
        let cases: [(&str, &[Mechanism]); 7] = [
            ("AUTH LOGIN", &[Login]),
            ("AUTH LOGIN ", &[Login]),
            ("AUTH PLAIN LOGIN", &[Plain, Login]),
            ("AUTH PLAIN LOGIN ", &[Plain, Login]),
            ("AUTH CRAM-MD5 PLAIN LOGIN ", &[CramMd5, Plain, Login]),
            ("AUTH=LOGIN", &[Login]),
            ("AUTH=LOGIN ", &[Login]),
        ];
        for (line, mechanisms) in cases {
            let found = capabilities(&["250-mx", &format!("250 {line}")]);
            assert_eq!(found.auth.usable(), mechanisms, "{line:?}");
        }
    }

    #[test]
    fn the_operator_is_told_everything_that_was_offered() {
        let found = capabilities(&["250-mx", "250-auth=xoauth2 plain", "250 AUTH NTLM PLAIN"]);
        assert_eq!(found.auth.describe(), "XOAUTH2 PLAIN NTLM");
        assert_eq!(Capabilities::default().auth.describe(), "nothing");
    }

    /// One AUTH line of a reply.
    #[derive(Debug, Clone)]
    struct Line {
        separator: &'static str,
        tokens: Vec<String>,
        tail: &'static str,
    }

    fn line() -> impl Strategy<Value = Line> {
        let names = vec!["LOGIN", "PLAIN", "CRAM-MD5", "SCRAM-SHA-256", "XOAUTH2", "NTLM", "GSSAPI", "X"];
        let token = (prop::sample::select(names), any::<bool>());
        let token = token.prop_map(|(name, low)| if low { name.to_ascii_lowercase() } else { name.to_owned() });
        let separator = prop::sample::select(vec![" ", "=", "  ", "= "]);
        let tail = prop::sample::select(vec!["", " ", "  "]);
        (separator, prop::collection::vec(token, 0..7), tail).prop_map(|(separator, tokens, tail)| Line {
            separator,
            tokens,
            tail,
        })
    }

    proptest! {
        /// MISSION 001-16: any order, any case, ` ` or `=`, last or middle line, repeated lines, unknown tokens.
        #[test]
        fn auth_lines_in_any_shape(lines in prop::collection::vec(line(), 1..4), others in 0usize..3, last: bool) {
            let mut wanted: Vec<_> =
                lines.iter().flat_map(|l| &l.tokens).filter_map(|token| Mechanism::from_name(token)).collect();
            wanted.sort_by(|a, b| b.cmp(a));
            wanted.dedup();
            let auth = lines.iter().map(|l| format!("AUTH{}{}{}", l.separator, l.tokens.join(" "), l.tail));
            let mut text: Vec<String> = vec!["mx.example.org".into()];
            text.extend(["HELP", "VRFY", "ETRN"].iter().take(others).map(|&s| s.to_owned()));
            text.extend(auth);
            if !last {
                text.push("PIPELINING".into());
            }
            let reply = Reply::received(250, None, text.join("\n"));
            let found = Capabilities::of_ehlo(&reply);
            prop_assert_eq!(found.auth.usable(), wanted);
            prop_assert_eq!(found.pipelining, !last);
        }
    }
}
