//! What is probed: a host, a port, and which protocol is spoken there.

use std::fmt;
use std::str::FromStr;

/// How replies and commands are framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// SMTP and LMTP: codes of three digits.
    Smtp,
    /// IMAP: tags.
    Imap,
    /// POP3: `+OK` and `-ERR`.
    Pop3,
}

/// What a port speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Mail from other servers.
    Smtp,
    /// Mail from users, STARTTLS (RFC 6409).
    Submission,
    /// Mail from users, TLS from the first octet (RFC 8314).
    Submissions,
    /// IMAP, STARTTLS.
    Imap,
    /// IMAP, TLS from the first octet.
    Imaps,
    /// POP3, STLS.
    Pop3,
    /// POP3, TLS from the first octet.
    Pop3s,
    /// Delivery behind a mail server (RFC 2033).
    Lmtp,
}

/// Name, standard port, family and whether TLS begins at once.
const TABLE: [(Protocol, &str, u16, Family, bool); 8] = [
    (Protocol::Smtp, "smtp", 25, Family::Smtp, false),
    (Protocol::Submission, "submission", 587, Family::Smtp, false),
    (Protocol::Submissions, "submissions", 465, Family::Smtp, true),
    (Protocol::Imap, "imap", 143, Family::Imap, false),
    (Protocol::Imaps, "imaps", 993, Family::Imap, true),
    (Protocol::Pop3, "pop3", 110, Family::Pop3, false),
    (Protocol::Pop3s, "pop3s", 995, Family::Pop3, true),
    (Protocol::Lmtp, "lmtp", 24, Family::Smtp, false),
];

impl Protocol {
    fn row(self) -> &'static (Self, &'static str, u16, Family, bool) {
        TABLE.iter().find(|row| row.0 == self).unwrap_or(&TABLE[0])
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Its standard port.
    pub fn port(self) -> u16 {
        self.row().2
    }

    /// How it is framed.
    pub fn family(self) -> Family {
        self.row().3
    }

    /// Whether TLS begins with the first octet.
    pub fn is_implicit(self) -> bool {
        self.row().4
    }

    /// Whether it is for people who log in.
    pub fn wants_login(self) -> bool {
        !matches!(self, Self::Smtp | Self::Lmtp)
    }

    /// Whether mail is handed in by it.
    pub fn takes_mail(self) -> bool {
        self.family() == Family::Smtp
    }

    /// Whether it is one of the two for users' programs.
    pub fn is_submission(self) -> bool {
        matches!(self, Self::Submission | Self::Submissions)
    }

    /// The one on a standard port.
    pub fn on_port(port: u16) -> Option<Self> {
        TABLE.iter().find(|row| row.2 == port).map(|row| row.0)
    }

    /// The same protocol with TLS at the other moment.
    pub fn counterpart(self) -> Option<Self> {
        Some(match self {
            Self::Smtp | Self::Submission => Self::Submissions,
            Self::Submissions => Self::Submission,
            Self::Imap => Self::Imaps,
            Self::Imaps => Self::Imap,
            Self::Pop3 => Self::Pop3s,
            Self::Pop3s => Self::Pop3,
            Self::Lmtp => return None,
        })
    }

    /// The command that begins TLS.
    pub(crate) fn starttls(self) -> &'static str {
        if self.family() == Family::Pop3 { "STLS" } else { "STARTTLS" }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Protocol {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let names = || TABLE.map(|row| row.1).join(", ");
        let found = TABLE.iter().find(|row| row.1.eq_ignore_ascii_case(name)).map(|row| row.0);
        found.ok_or_else(|| format!("one of {}", names()))
    }
}

/// `HOST`, `HOST:PORT`, `[IPv6]:PORT`, as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// A name or an address, without brackets.
    pub host: String,
    /// If one was given.
    pub port: Option<u16>,
}

impl FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |port: &str| match port.parse() {
            Ok(0) | Err(_) => Err("a port is a number from 1 to 65535"),
            Ok(port) => Ok(port),
        };
        let (host, port) = match (text.strip_prefix('['), text.matches(':').count()) {
            (Some(rest), _) => match rest.split_once(']').ok_or("the ] is missing")? {
                (host, "") => (host, None),
                (host, port) => (host, Some(number(port.strip_prefix(':').ok_or("a port follows a colon")?)?)),
            },
            // An IPv6 address without brackets has no port.
            (None, 0 | 2..) => (text, None),
            (None, 1) => {
                let (host, port) = text.split_once(':').unwrap_or((text, ""));
                (host, Some(number(port)?))
            }
        };
        match host {
            "" => Err("the host is missing"),
            host if host.contains(|c: char| c.is_whitespace() || c.is_control()) => Err("a host has no spaces"),
            host => Ok(Self { host: host.to_owned(), port }),
        }
    }
}

/// What is probed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// A name or an address.
    pub host: String,
    /// Where.
    pub port: u16,
    /// What is spoken there.
    pub protocol: Protocol,
}

impl Target {
    /// Fills in what was not said: the protocol from the port, the port from the protocol, and submission if there is
    /// neither. `None` for a port that no protocol is known by.
    pub fn of(place: Place, protocol: Option<Protocol>) -> Option<Self> {
        let protocol = match (protocol, place.port) {
            (Some(protocol), _) => protocol,
            (None, Some(port)) => Protocol::on_port(port)?,
            (None, None) => Protocol::Submission,
        };
        Some(Self { host: place.host, port: place.port.unwrap_or(protocol.port()), protocol })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, .. } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Result<(String, Option<u16>), &'static str> {
        text.parse().map(|Place { host, port }| (host, port))
    }

    #[test]
    fn hosts_and_ports_are_told_apart() {
        assert_eq!(place("mail.example.org"), Ok(("mail.example.org".into(), None)));
        assert_eq!(place("mail.example.org:587"), Ok(("mail.example.org".into(), Some(587))));
        assert_eq!(place("[2001:db8::1]:993"), Ok(("2001:db8::1".into(), Some(993))));
        assert_eq!(place("2001:db8::1"), Ok(("2001:db8::1".into(), None)));
        for wrong in ["", ":25", "a:0", "a:70000", "a:b", "[::1", "[::1]25", "a b"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_not_said_is_filled_in() {
        let target = |text: &str, protocol| Target::of(text.parse().unwrap(), protocol).map(|t| (t.port, t.protocol));
        assert_eq!(target("a", None), Some((587, Protocol::Submission)));
        assert_eq!(target("a:993", None), Some((993, Protocol::Imaps)));
        assert_eq!(target("a", Some(Protocol::Pop3)), Some((110, Protocol::Pop3)));
        assert_eq!(target("a:1025", Some(Protocol::Smtp)), Some((1025, Protocol::Smtp)));
        assert_eq!(target("a:1025", None), None);
    }
}
