//! What was said, kept so that it can be saved, repeated, or typed by hand.

use super::script::encode;
use crate::dialogue::{Hidden, MASK, Said, Speaker, visible};
use crate::target::{Family, Target};

/// Lines that are kept; a conversation by hand has fewer.
const MAX_LINES: usize = 100_000;

/// One thing that happened.
#[derive(Debug, Clone)]
enum Event {
    Said(Said),
    /// A login by a command of ours begins: way and user.
    Login(String, String),
    /// It is over.
    LoggedIn,
    /// The server closed.
    Closed,
}

/// A conversation's record, without secrets.
#[derive(Debug, Clone, Default)]
pub struct Record {
    events: Vec<Event>,
    /// Lines that had no room.
    lost: usize,
}

impl Record {
    /// Adds a line.
    pub fn add(&mut self, said: &Said) {
        self.push(Event::Said(said.clone()));
    }

    /// What follows is said by a login: it is repeated as a whole, as its messages are made anew each time.
    pub fn login(&mut self, way: &str, user: &str) {
        self.push(Event::Login(way.to_owned(), user.to_owned()));
    }

    /// The login is over.
    pub fn login_over(&mut self) {
        self.push(Event::LoggedIn);
    }

    /// The server closed the connection.
    pub fn closed(&mut self) {
        self.push(Event::Closed);
    }

    fn push(&mut self, event: Event) {
        if self.events.len() < MAX_LINES {
            self.events.push(event);
        } else {
            self.lost += 1;
        }
    }

    /// The record as a script; each line ends with LF.
    pub fn script(&self, target: &Target) -> String {
        let mut text = format!("# gatepost talk {target} --protocol {}\n", target.protocol);
        let (mut inside, mut answer) = (false, None);
        for event in &self.events {
            match event {
                Event::Login(way, user) => {
                    let way = if way.is_empty() { String::new() } else { format!("{way} ") };
                    text.push_str(&format!("AUTH: {way}{}\n", encode(user.as_bytes(), false)));
                    inside = true;
                }
                Event::LoggedIn => {
                    inside = false;
                    text.extend(answer.take());
                }
                Event::Closed => text.push_str("CLOSED\n"),
                Event::Said(said) if inside => {
                    text.extend(answer.take().map(|line: String| format!("#   {line}")));
                    match said.speaker {
                        Speaker::Server => answer = Some(line(said, target.protocol.family())),
                        _ => text.push_str(&format!("#   {}\n", said.shown())),
                    }
                }
                Event::Said(said) => text.push_str(&line(said, target.protocol.family())),
            }
        }
        if self.lost > 0 {
            text.push_str(&format!("# {} more lines were not kept\n", self.lost));
        }
        text
    }

    /// What to type into telnet, or behind `openssl s_client` where there is TLS, for the same dialogue.
    pub fn by_hand(&self, target: &Target) -> Vec<String> {
        let bare = target.host.trim_matches(['[', ']']);
        let mut lines = vec![format!("telnet {bare} {}", target.port)];
        for event in &self.events {
            let Event::Said(said) = event else { continue };
            match said.speaker {
                Speaker::Tls => {
                    // It says what comes before TLS by itself.
                    let starttls = if target.protocol.is_implicit() { String::new() } else { starttls(target) };
                    lines = vec![format!("openssl s_client -quiet -crlf{starttls} -connect {target}")];
                }
                Speaker::Client => lines.push(typed(said)),
                Speaker::Server | Speaker::Unlisted => {}
            }
        }
        lines
    }
}

fn starttls(target: &Target) -> String {
    let name = match target.protocol.family() {
        Family::Imap => "imap",
        Family::Pop3 => "pop3",
        Family::Smtp if target.protocol == crate::Protocol::Lmtp => "lmtp",
        Family::Smtp => "smtp",
    };
    format!(" -starttls {name}")
}

/// A line as somebody types it, with what it says, or how to make what is not shown.
fn typed(said: &Said) -> String {
    let how = match &said.hidden {
        None => said.note.as_deref().map(visible),
        Some(Hidden::Password) => Some("the password".into()),
        Some(Hidden::Password64) => Some("printf %s \"$PASSWORD\" | base64 -w0".into()),
        Some(Hidden::Plain(user)) => {
            let user = visible(user).replace('\'', "'\\''");
            Some(format!("printf '\\0%s\\0%s' '{user}' \"$PASSWORD\" | base64 -w0"))
        }
        Some(Hidden::Other) => Some("made anew for each session: nobody can type it again".into()),
    };
    let shown = said.shown();
    let line = shown.strip_prefix("C: ").unwrap_or_default();
    how.map_or(line.to_owned(), |how| format!("{line}   # {how}"))
}

/// A line of the script, and what its base64 says as a comment.
fn line(said: &Said, family: Family) -> String {
    let masked = said.speaker == Speaker::Server;
    let text = encode(&said.octets, masked);
    let end = match (&said.hidden, family) {
        (None, _) => "",
        (Some(_), _) if masked => "...",
        (Some(Hidden::Password), Family::Imap) => "\"${password}\"",
        (Some(Hidden::Password), _) => "${password}",
        (Some(Hidden::Password64), _) => "${password64}",
        (Some(Hidden::Plain(_)), _) => "${plain}",
        (Some(Hidden::Other), _) => MASK,
    };
    // The escape of a space at the end is only for the end of a line.
    let text = if end.is_empty() { text } else { text.replace("\\x20", " ") };
    let note = said.note.as_ref().map(|note| format!("#     {}\n", visible(note))).unwrap_or_default();
    match said.speaker {
        Speaker::Client => format!("C: {text}{end}\n{note}"),
        Speaker::Server => format!("S: {text}{end}\n{note}"),
        Speaker::Tls => "TLS\n".to_owned(),
        Speaker::Unlisted => format!("# {text}\n"),
    }
}
