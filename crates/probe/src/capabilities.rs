//! What a server says it can do: as a list for people, and what the checks look at. Unlike a client's, it keeps what is
//! said twice and in which form.

use sasl::Mechanism;

use crate::dialogue::Answer;
use crate::target::Family;

/// Capabilities that are kept; more than this is noise.
const MAX: usize = 100;

/// One list: EHLO's, CAPABILITY's or CAPA's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// The name in EHLO's first line.
    pub name: Option<String>,
    /// Each as it was said, without the name.
    pub all: Vec<String>,
    /// Mechanisms in their order, in upper case, repetitions too.
    pub mechanisms: Vec<String>,
    /// Mechanisms that stand in SMTP's old form, `AUTH=LOGIN`, only or too.
    pub old_form: Vec<String>,
}

impl Capabilities {
    /// Reads an answer.
    pub fn of(answer: &Answer, family: Family) -> Self {
        match family {
            Family::Smtp => Self::of_ehlo(&answer.lines),
            Family::Imap => Self::of_capability(&answer.lines),
            Family::Pop3 => Self::of_capa(&answer.lines),
        }
    }

    fn of_ehlo(lines: &[String]) -> Self {
        let mut found = Self::default();
        let mut lines = lines.iter();
        let first = lines.next().and_then(|line| line.split_whitespace().next());
        found.name = first.map(str::to_owned);
        for line in lines.take(MAX) {
            let mut words = line.split_whitespace();
            let keyword = words.next().unwrap_or_default().to_ascii_uppercase();
            if let Some(first) = keyword.strip_prefix("AUTH=") {
                let names = [first].into_iter().chain(words).filter(|name| !name.is_empty());
                found.old_form.extend(names.take(MAX).map(str::to_ascii_uppercase));
            } else if keyword == "AUTH" {
                found.mechanisms.extend(words.take(MAX).map(str::to_ascii_uppercase));
            }
            found.all.push(line.trim().to_owned());
        }
        found
    }

    /// RFC 3501 §7.2.1. Some servers say it in the tagged line too, which is last.
    fn of_capability(lines: &[String]) -> Self {
        let list = lines.iter().find_map(|line| strip(line, "CAPABILITY "));
        let all: Vec<String> = list.unwrap_or_default().split_whitespace().take(MAX).map(str::to_owned).collect();
        let mechanisms = all.iter().filter_map(|word| strip(word, "AUTH=")).map(str::to_ascii_uppercase).collect();
        Self { all, mechanisms, ..Self::default() }
    }

    fn of_capa(lines: &[String]) -> Self {
        let all: Vec<String> = lines.iter().take(MAX).map(|line| line.trim().to_owned()).collect();
        let sasl = all.iter().filter_map(|line| strip(line, "SASL "));
        let mechanisms = sasl.flat_map(str::split_whitespace).take(MAX).map(str::to_ascii_uppercase).collect();
        Self { all, mechanisms, ..Self::default() }
    }

    /// Whether a keyword is there, in any case, with or without parameters.
    pub fn has(&self, keyword: &str) -> bool {
        self.all
            .iter()
            .any(|line| line.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case(keyword)))
    }

    /// The parameters of a keyword.
    pub fn parameters(&self, keyword: &str) -> Option<&str> {
        self.all.iter().find_map(|line| {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            word.eq_ignore_ascii_case(keyword).then_some(rest)
        })
    }

    /// The mechanisms of both forms that are known here, each once, in the server's order.
    pub fn known(&self) -> Vec<Mechanism> {
        let mut known = Vec::new();
        for name in self.mechanisms.iter().chain(&self.old_form) {
            match Mechanism::from_name(name) {
                Some(mechanism) if !known.contains(&mechanism) => known.push(mechanism),
                _ => {}
            }
        }
        known
    }

    /// The mechanisms that are not known here, each once.
    pub fn unknown(&self) -> Vec<&str> {
        let mut unknown: Vec<&str> = self.mechanisms.iter().map(String::as_str).collect();
        unknown.retain(|name| Mechanism::from_name(name).is_none());
        unknown.sort_unstable();
        unknown.dedup();
        unknown
    }
}

/// What follows a beginning, in any case.
fn strip<'a>(line: &'a str, start: &str) -> Option<&'a str> {
    let head = line.get(..start.len())?;
    head.eq_ignore_ascii_case(start).then(|| line.get(start.len()..)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn ehlo_keeps_forms_and_repetitions() {
        let found = Capabilities::of_ehlo(&lines("mx.test hello\nSIZE 1000\nAUTH LOGIN PLAIN LOGIN\nauth=login plain"));
        assert_eq!(found.name.as_deref(), Some("mx.test"));
        assert_eq!(found.mechanisms, ["LOGIN", "PLAIN", "LOGIN"]);
        assert_eq!(found.old_form, ["LOGIN", "PLAIN"]);
        assert_eq!(found.known(), [Mechanism::Login, Mechanism::Plain]);
        assert_eq!((found.parameters("size"), found.has("STARTTLS")), (Some("1000"), false));
    }

    #[test]
    fn capability_and_capa() {
        let found = Capabilities::of_capability(&lines("CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=NTLM\nOK done"));
        assert_eq!((found.mechanisms.len(), found.has("sasl-ir")), (2, true));
        assert_eq!(found.unknown(), ["NTLM"]);
        let found = Capabilities::of_capa(&lines("USER\nSASL PLAIN CRAM-MD5\nSTLS"));
        assert_eq!(found.known(), [Mechanism::Plain, Mechanism::CramMd5]);
        assert!(found.has("STLS") && found.has("USER"));
    }
}
