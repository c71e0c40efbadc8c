//! The commands of a conversation: lines that begin with a dot.

use std::path::PathBuf;

use probe::talk::is_way;

/// What `.help` prints.
pub(super) const HELP: &str = "\
.starttls             begin TLS (STARTTLS, STLS)
.auth [MECH] [USER]   log in; without MECH by the strongest that is offered. MECH: plain, login, cram-md5, scram-sha-256, …;
                      on POP3 also apop and user, on IMAP login (the command) and login-command
.tls                  what TLS there is, and the certificate
.encode TEXT          TEXT in base64; \\0 is a NUL, as in \\0user\\0password
.decode BASE64        what it says
.telnet               what to type into telnet or openssl s_client for the same conversation
.save FILE            write the conversation to a file, without secrets
.quit                 say QUIT (IMAP: LOGOUT) and end; so does Ctrl-D
..TEXT                send .TEXT
Everything else is sent as it is. Behind DATA every line is: there a dot alone ends the message, and a line that begins with
a dot is typed with two (RFC 5321 section 4.5.2).";

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Dot {
    Help,
    StartTls,
    /// Way and user, as far as they were named.
    Auth(Option<String>, Option<String>),
    Tls,
    Encode(String),
    Decode(String),
    Telnet,
    Save(PathBuf),
    Quit,
}

impl Dot {
    /// Reads a line without its dot.
    pub(super) fn parse(line: &str) -> Result<Self, String> {
        let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let words: Vec<&str> = rest.split_whitespace().collect();
        let is_bare = words.is_empty();
        Ok(match (name.to_ascii_lowercase().as_str(), words.as_slice()) {
            ("help", _) => Self::Help,
            ("starttls" | "stls", _) if is_bare => Self::StartTls,
            ("tls", _) if is_bare => Self::Tls,
            ("telnet", _) if is_bare => Self::Telnet,
            ("quit", _) if is_bare => Self::Quit,
            ("encode", _) => Self::Encode(rest.to_owned()),
            ("decode", [word]) => Self::Decode((*word).to_owned()),
            ("save", _) if !rest.trim().is_empty() => Self::Save(rest.trim().into()),
            ("auth", []) => Self::Auth(None, None),
            ("auth", [word]) if is_way(word) => Self::Auth(Some((*word).to_owned()), None),
            ("auth", [user]) => Self::Auth(None, Some((*user).to_owned())),
            ("auth", [way, user]) => Self::Auth(Some((*way).to_owned()), Some((*user).to_owned())),
            _ => {
                return Err(format!(".{name} is no command, or not used so: .help lists them; ..{name} sends .{name}"));
            }
        })
    }

    /// Whether it belongs into the history: what is encoded may be a password.
    pub(super) fn is_remembered(&self) -> bool {
        !matches!(self, Self::Encode(_) | Self::Decode(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read() {
        let auth = |way: Option<&str>, user: Option<&str>| Ok(Dot::Auth(way.map(Into::into), user.map(Into::into)));
        assert_eq!(Dot::parse("auth plain a@b"), auth(Some("plain"), Some("a@b")));
        assert_eq!(Dot::parse("AUTH CRAM-MD5"), auth(Some("CRAM-MD5"), None));
        assert_eq!(Dot::parse("auth a@b"), auth(None, Some("a@b")));
        assert_eq!(Dot::parse("save my file"), Ok(Dot::Save("my file".into())));
        assert_eq!(Dot::parse("encode  a b "), Ok(Dot::Encode(" a b ".into())));
        for wrong in ["", "nonsense", "quit now", "auth a b c", "save", "decode"] {
            assert!(Dot::parse(wrong).is_err(), "{wrong}");
        }
    }
}
