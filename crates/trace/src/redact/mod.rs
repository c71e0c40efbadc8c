//! Secrets that are recognised by their form alone.
//!
//! The drivers say where a secret begins ([`crate::Recorder::came_secret`]): they have parsed the line. This is the second
//! fence, for lines that no parser understood (`\tpass geheim`), and for drivers that forget. It would rather hide too much.
//!
//! A secret always goes on to the end of its line, so what is hidden is told by one number: where it begins.

mod blob;
mod commands;
mod login;
#[cfg(test)]
mod tests;

use blob::{Blob, blob};
use commands::is_command;
use login::Argument;
pub(crate) use login::announced;

/// What hides the secrets of one session. It is told every line, of both sides, in the order in which they were said.
#[derive(Debug, Clone, Copy, Default)]
pub struct Redactor(Expecting);

/// What the client's next line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Expecting {
    /// A command.
    #[default]
    Command,
    /// Part of a login. It lasts until the server says what became of it: not until some count of octets is reached, as a
    /// driver may hand a literal over in pieces.
    Secret,
    /// The user name of IMAP's LOGIN, a literal of so many octets; then the password.
    User(usize),
    /// A command; but a client that did not hear its login being refused goes on with name and password: so many lines that
    /// are no command may be them.
    Astray(u8),
}

/// Lines of a client that goes on after AUTH LOGIN was refused: its name and its password.
const ASTRAY: u8 = 2;

/// Commands with which clients log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    /// RFC 4954 §4, RFC 5034 §4: AUTH; RFC 3501 §6.2.2: AUTHENTICATE. A mechanism follows, and may be an initial response.
    Auth,
    /// RFC 1939 §7: a password follows.
    Pass,
    /// RFC 1939 §7: a name and a digest follow.
    Apop,
    /// RFC 3501 §6.2.3: a name and a password follow, each as an atom, quoted, or as a literal.
    Login,
}

/// Mechanisms by their names or their first letters, which are known in any case. What else follows AUTH may be a response
/// that came too early.
const MECHANISMS: [&str; 14] = [
    "PLAIN",
    "LOGIN",
    "CRAM-MD5",
    "DIGEST-MD5",
    "SCRAM-",
    "XOAUTH2",
    "OAUTHBEARER",
    "OAUTH10A",
    "EXTERNAL",
    "ANONYMOUS",
    "GSSAPI",
    "GS2-",
    "NTLM",
    "KERBEROS_V4",
];

impl Redactor {
    /// Where a secret begins in a line of the client, without its end. `None`: there is none.
    pub fn client(&mut self, line: &[u8]) -> Option<usize> {
        match self.0 {
            Expecting::Secret => secret_line(line),
            Expecting::User(left) => self.user_literal(line, left),
            Expecting::Command => self.command(line),
            Expecting::Astray(left) => self.astray(line, left),
        }
    }

    /// Where a secret begins in a line of the server, without its end: a SCRAM server's proof, for one, is enough to try
    /// passwords against.
    pub fn server(&mut self, line: &[u8]) -> Option<usize> {
        // RFC 4954 §4, RFC 5034 §4, RFC 3501 §6.2.2: a challenge. An untagged response may come in between.
        let challenge = match line {
            [b'3', b'3', b'4', ..] => 3,
            [b'+', b'O' | b'o', b'K' | b'k', ..] => return self.ended(line),
            [b'+', ..] => 1,
            [b'*', ..] => return None,
            _ => return self.ended(line),
        };
        if matches!(self.0, Expecting::Command | Expecting::Astray(_)) {
            return None;
        }
        let begin = challenge + line.get(challenge..)?.iter().position(|octet| !separates(*octet))?;
        match blob(line.get(begin..)?) {
            Blob::None | Blob::Prompt => None,
            Blob::Text | Blob::Parts | Blob::Random | Blob::Other => Some(begin),
        }
    }

    /// Octets of the client were told by their number alone: what follows is no user name any more.
    pub fn counted(&mut self) {
        if let Expecting::User(_) = self.0 {
            self.0 = Expecting::Secret;
        }
    }

    fn ended(&mut self, line: &[u8]) -> Option<usize> {
        self.0 = match self.0 {
            Expecting::Secret | Expecting::User(_) if refuses(line) => Expecting::Astray(ASTRAY),
            Expecting::Astray(left) if refuses(line) => Expecting::Astray(left),
            _ => Expecting::Command,
        };
        None
    }

    fn astray(&mut self, line: &[u8], left: u8) -> Option<usize> {
        if login_command(line).is_some() || is_command(line) {
            self.0 = Expecting::Command;
            return self.command(line);
        }
        self.0 = if left > 1 { Expecting::Astray(left - 1) } else { Expecting::Command };
        secret_line(line)
    }

    fn command(&mut self, line: &[u8]) -> Option<usize> {
        let Some((command, arguments)) = login_command(line) else { return response(line) };
        self.0 = Expecting::Secret;
        let rest = line.get(arguments..).unwrap_or_default();
        let begin = arguments + rest.iter().position(|octet| !separates(*octet))?;
        match command {
            Command::Pass => Some(begin),
            // Two spaces: the name between them is empty.
            Command::Apop | Command::Login if begin > arguments + 1 => Some(begin),
            Command::Apop => after_word(line, begin),
            Command::Auth if is_mechanism(line.get(begin..).unwrap_or_default()) => {
                let response = after_word(line, begin)?;
                // RFC 4954 §4: `=` is an empty initial response.
                (line.get(response..) != Some(b"=")).then_some(response)
            }
            Command::Auth => Some(begin),
            Command::Login => self.login(line, begin),
        }
    }

    fn login(&mut self, line: &[u8], begin: usize) -> Option<usize> {
        match login::argument(line.get(begin..).unwrap_or_default()) {
            Argument::Literal(length) => {
                self.0 = Expecting::User(length);
                None
            }
            Argument::Until(end) => password(line, begin + end),
            Argument::Broken => Some(begin),
        }
    }

    fn user_literal(&mut self, line: &[u8], left: usize) -> Option<usize> {
        // A driver that has kept the literal to itself: this is what follows it.
        if line.first().is_some_and(|octet| separates(*octet)) {
            self.0 = Expecting::Secret;
            return password(line, 0);
        }
        if line.len() >= left {
            self.0 = Expecting::Secret;
            return password(line, left);
        }
        // The name has a line end in it, or comes in pieces. Two octets are counted for the end, whether it was there or
        // not: rather too little of the name is shown than some of the password.
        let left = left - line.len();
        self.0 = if left > 2 { Expecting::User(left - 2) } else { Expecting::Secret };
        None
    }
}

/// What separates words: also what no grammar allows.
fn separates(octet: u8) -> bool {
    octet <= b' ' || octet == 0x7f
}

/// Whether a server's line says no: `5xx` and `4xx`, `-ERR`, and behind a tag NO and BAD.
fn refuses(line: &[u8]) -> bool {
    let word = |at| line.split(|octet| separates(*octet)).nth(at).unwrap_or_default();
    let says = |text: &str| word(1).eq_ignore_ascii_case(text.as_bytes());
    matches!(word(0), [b'4' | b'5', _, _] | [b'-', ..]) || says("NO") || says("BAD")
}

/// A line of which nothing may be seen, but for what tells nothing: the octet that cancels (RFC 4954 §4), the size of a
/// literal, and nothing at all.
fn secret_line(line: &[u8]) -> Option<usize> {
    let begin = line.iter().position(|octet| !separates(*octet))?;
    let rest = line.get(begin..)?;
    (rest != b"*" && !login::is_literal(rest)).then_some(begin)
}

/// The password of LOGIN, behind the user name.
fn password(line: &[u8], from: usize) -> Option<usize> {
    secret_line(line.get(from..)?).map(|begin| from + begin)
}

/// What stands behind the word at a place.
fn after_word(line: &[u8], begin: usize) -> Option<usize> {
    let end = begin + line.get(begin..)?.iter().position(|octet| separates(*octet))?;
    line.get(end..)?.iter().position(|octet| !separates(*octet)).map(|next| end + next)
}

fn is_mechanism(rest: &[u8]) -> bool {
    let word = rest.split(|octet| separates(*octet)).next().unwrap_or_default();
    // RFC 4422 §3.1: 1 to 20 letters, digits, hyphens and underscores. Base64 is hardly ever in capitals alone.
    let letter = |octet: &u8| octet.is_ascii_uppercase() || octet.is_ascii_digit() || matches!(octet, b'-' | b'_');
    if word.len() <= 20 && word.first().is_some_and(u8::is_ascii_uppercase) && word.iter().all(letter) {
        return true;
    }
    MECHANISMS.iter().any(|name| {
        let begins = word.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name.as_bytes()));
        begins && (word.len() == name.len() || (name.ends_with('-') && word.len() <= 20))
    })
}

/// The command with which somebody logs in, and where its arguments begin. It is the first word, or the second, behind
/// IMAP's tag, or the third, behind one that is none; words without a letter and what is no ASCII are junk in front of it.
fn login_command(line: &[u8]) -> Option<(Command, usize)> {
    let (mut at, mut words, plain) = (0, 0, line.is_ascii());
    while words < 3 {
        let begin = at + line.get(at..)?.iter().position(|octet| !separates(*octet))?;
        let end = line.get(begin..)?.iter().position(|octet| separates(*octet)).map_or(line.len(), |end| begin + end);
        at = end;
        // Junk before the word, also with letters in it; and signs. But what is no ASCII may as well be part of a password.
        let other = |octet: &u8| !octet.is_ascii();
        let junk = if plain { None } else { line.get(begin..end)?.iter().rposition(other) };
        let starts = [Some(begin), junk.map(|last| begin + last + 1)].map(|start| {
            let sign = line.get(start?..end)?.iter().position(u8::is_ascii_alphanumeric)?;
            Some(start? + sign)
        });
        for begin in starts.into_iter().flatten() {
            match keyword(line.get(begin..end)?, words == 0) {
                // Behind a tag with a space in it. What is no login may have `pass` as its third word.
                Some((Command::Pass | Command::Apop, _)) if words == 2 => {}
                Some((command, length)) => return Some((command, begin + length)),
                None => {}
            }
        }
        if starts == [None, None] {
            continue;
        }
        words += 1;
    }
    None
}

/// As the first word a command counts with anything behind it that is no letter (`PASS:geheim`, `AUTH=PLAIN …`), and `PASS…`
/// whatever it goes on with. As the second one only alone: `EHLO login.example.test`.
fn keyword(word: &[u8], first: bool) -> Option<(Command, usize)> {
    let letters = word.iter().position(|octet| !octet.is_ascii_alphanumeric()).unwrap_or(word.len());
    let name = word.get(..if first { letters } else { word.len() })?;
    let is = |command: &str| name.eq_ignore_ascii_case(command.as_bytes());
    let command = match () {
        () if is("AUTH") || is("AUTHENTICATE") => Command::Auth,
        () if is("LOGIN") => Command::Login,
        () if is("APOP") => Command::Apop,
        () if is("PASS") => Command::Pass,
        () if first && name.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case(b"PASS")) => Command::Pass,
        () => return None,
    };
    // `AUTH=PLAIN`: the sign belongs to neither word.
    let sign = usize::from(letters < word.len() && first && command == Command::Auth);
    Some((command, name.len() + sign))
}

/// A message of a mechanism, in a line of which nobody knows where it comes from.
fn response(line: &[u8]) -> Option<usize> {
    let end = line.iter().rposition(|octet| !separates(*octet))? + 1;
    let begin = line.get(..end)?.iter().rposition(|octet| separates(*octet)).map_or(0, |space| space + 1);
    let junk = line.get(begin..end)?.iter().position(u8::is_ascii_alphanumeric)?;
    let alone = !line.get(..begin)?.iter().any(u8::is_ascii_alphanumeric);
    match blob(line.get(begin + junk..end)?) {
        Blob::Parts => Some(begin + junk),
        // Commands are no base64 of texts; that of a text is a name, a password or a digest. A client that was refused may go
        // on with its password all the same, in whatever character set.
        Blob::Text | Blob::Prompt | Blob::Random if alone => Some(begin + junk),
        _ => None,
    }
}
