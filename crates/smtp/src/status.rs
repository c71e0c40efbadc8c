//! What a reply's digits mean (RFC 5321 §4.2.1, RFC 3463).

use std::fmt;

/// The first digit of a reply code (RFC 5321 §4.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// `2`: done.
    Success,
    /// `3`: go on.
    Intermediate,
    /// `4`: not now; the same command may succeed later.
    Transient,
    /// `5`: no; do not repeat the same command.
    Permanent,
}

impl Class {
    /// The class of a code; `None` for one that RFC 5321 §4.2 does not have.
    pub const fn of(code: u16) -> Option<Self> {
        match code {
            200..=299 => Some(Self::Success),
            300..=399 => Some(Self::Intermediate),
            400..=499 => Some(Self::Transient),
            500..=599 => Some(Self::Permanent),
            _ => None,
        }
    }

    /// The digit.
    pub const fn digit(self) -> u8 {
        match self {
            Self::Success => 2,
            Self::Intermediate => 3,
            Self::Transient => 4,
            Self::Permanent => 5,
        }
    }
}

/// Subject and detail of an enhanced status code (RFC 3463 §2), `1.1` of `5.1.1`. The class is not in here: it is
/// always that of the reply code, so that the two cannot contradict each other (RFC 2034 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Detail {
    /// The second number, 0 to 999.
    pub subject: u16,
    /// The third number, 0 to 999.
    pub detail: u16,
}

/// A whole enhanced status code (RFC 3463 §2), for queue listings and bounces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status {
    /// The first number. Never `3`.
    pub class: Class,
    /// The other two.
    pub detail: Detail,
}

impl Status {
    /// Reads `5.1.1` at the start of a text: the status and what follows it and its space (RFC 2034 §4).
    pub fn take(text: &str) -> Option<(Self, &str)> {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let mut numbers = word.split('.');
        let class = match numbers.next()? {
            "2" => Class::Success,
            "4" => Class::Transient,
            "5" => Class::Permanent,
            _ => return None,
        };
        let detail = Detail { subject: number(numbers.next()?)?, detail: number(numbers.next()?)? };
        if numbers.next().is_some() { None } else { Some((Self { class, detail }, rest)) }
    }
}

/// `1*3digit` (RFC 3463 §2).
fn number(text: &str) -> Option<u16> {
    let fits = (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class.digit(), self.detail.subject, self.detail.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_status_at_the_start_only() {
        let (status, rest) = Status::take("5.7.26 go away").expect("a status");
        assert_eq!((status.to_string().as_str(), rest), ("5.7.26", "go away"));
        assert_eq!(Status::take("2.0.0").map(|(s, rest)| (s.to_string(), rest)), Some(("2.0.0".into(), "")));
        for bad in ["", "5.1", "5.1.1.1 x", "3.1.1 x", "5.1000.1 x", "5..1 x", "5.1.+1 x", "192.0.2.1 x"] {
            assert_eq!(Status::take(bad), None, "{bad:?}");
        }
    }
}
