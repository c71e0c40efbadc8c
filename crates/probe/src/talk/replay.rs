//! Repeating a script, and the first line at which the server says something else.

use sasl::{Secret, wire};

use super::essence::essence;
use super::script::{Entry, Line, Pattern, Script, Token};
use super::{NoLogin, Talk};
use crate::dialogue::{Broken, Next, visible};
use crate::login::Ended;

/// Lines before a difference that are told.
const CONTEXT: usize = 3;

/// What a script's variables hold.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    /// `${user}`.
    pub user: Option<String>,
    /// `${password}`.
    pub password: Option<Secret>,
}

impl Variables {
    /// The octets of a text.
    pub(super) fn fill(&self, tokens: &[Token]) -> Vec<u8> {
        let user = self.user.as_deref().unwrap_or_default().as_bytes();
        let password = self.password.as_ref().map(Secret::expose).unwrap_or_default();
        let value = |token: &Token| match token {
            Token::Octets(octets) => octets.clone(),
            Token::Anything => b"...".to_vec(),
            Token::Variable(name) => match name.as_str() {
                "user" => user.to_vec(),
                "user64" => wire::encode(user).into_bytes(),
                "password" => password.to_vec(),
                "password64" => wire::encode(password).into_bytes(),
                _ => wire::encode(&[b"\0", user, b"\0", password].concat()).into_bytes(),
            },
        };
        tokens.iter().flat_map(value).collect()
    }
}

/// Where the server said something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The line of the script, counted from 1.
    pub number: usize,
    /// The lines of the script before it.
    pub before: Vec<String>,
    /// The line itself.
    pub expected: String,
    /// What came instead, in the script's form; fit for a terminal.
    pub received: String,
}

/// A script under way.
#[derive(Debug)]
pub struct Replay<'a> {
    talk: Talk,
    variables: &'a Variables,
    /// The last line of a login, which the next entry looks at.
    kept: Option<Vec<u8>>,
}

impl<'a> Replay<'a> {
    /// Over a conversation in which nothing was said yet.
    pub fn new(talk: Talk, variables: &'a Variables) -> Self {
        Self { talk, variables, kept: None }
    }

    /// Says what the script says, up to the first difference.
    ///
    /// # Errors
    /// A login cannot be tried at all.
    pub async fn run(mut self, script: &Script) -> Result<Option<Difference>, NoLogin> {
        for (index, line) in script.lines.iter().enumerate() {
            if let Some(received) = self.step(line).await? {
                let before = script.lines.iter().take(index).map(|line| visible(&line.text));
                let before = before.skip(index.saturating_sub(CONTEXT)).collect();
                let (number, expected) = (line.number, visible(&line.text));
                return Ok(Some(Difference { number, before, expected, received }));
            }
        }
        self.talk.close().await;
        Ok(None)
    }

    /// Does one line: what came instead of what was expected.
    async fn step(&mut self, line: &Line) -> Result<Option<String>, NoLogin> {
        match &line.entry {
            Entry::Client(tokens) => self.talk.say(&self.variables.fill(tokens)),
            Entry::Octets(tokens) => self.talk.send(&self.variables.fill(tokens)),
            Entry::Server(pattern) => return Ok(self.expect(pattern).await),
            Entry::Until(pattern) => return Ok(self.skip_to(pattern).await),
            Entry::Tls if self.talk.secured().is_some() => {}
            Entry::Tls => return Ok(self.talk.begin_tls().await.err().map(|broken| told(&broken))),
            Entry::Auth(way, user) => return self.log_in(way.as_deref(), user).await,
            Entry::Closed => {
                return Ok(match self.hear().await {
                    Err(Broken::Closed) => None,
                    Err(broken) => Some(told(&broken)),
                    Ok((line, _)) => Some(said(&line)),
                });
            }
        }
        Ok(None)
    }

    async fn hear(&mut self) -> Result<(Vec<u8>, Next), Broken> {
        if let Some(line) = self.kept.take() {
            return Ok((line, Next::Status));
        }
        let next = self.talk.session.dialogue.turns().next();
        let line = self.talk.hear(self.talk.door.wait).await?;
        Ok((line, next))
    }

    async fn expect(&mut self, pattern: &Pattern) -> Option<String> {
        match self.hear().await {
            Ok((line, next)) if self.is_same(pattern, &line, next) => None,
            Ok((line, _)) => Some(said(&line)),
            Err(broken) => Some(told(&broken)),
        }
    }

    async fn skip_to(&mut self, pattern: &Pattern) -> Option<String> {
        loop {
            match self.hear().await {
                Ok((line, next)) if self.is_same(pattern, &line, next) => return None,
                Ok(_) => {}
                Err(broken) => return Some(told(&broken)),
            }
        }
    }

    /// With a wildcard in it, a line is compared as it stands. Without one, what a server may word as it likes is left out.
    fn is_same(&self, pattern: &Pattern, line: &[u8], next: Next) -> bool {
        if pattern.is_open() {
            return pattern.matches(line, self.variables);
        }
        let family = self.talk.door.protocol().family();
        let expected = pattern.octets(self.variables);
        expected == line || essence(&expected, next, family) == essence(line, next, family)
    }

    /// A login that is refused is an answer; one that comes to none is told.
    async fn log_in(&mut self, way: Option<&str>, user: &str) -> Result<Option<String>, NoLogin> {
        let way = self.talk.way(way).await?;
        let secret = self.variables.password.clone().unwrap_or_else(|| Secret::new(""));
        let tried = self.talk.log_in(way, user, secret).await;
        let last = tried.evidence.last().and_then(|line| line.strip_prefix("S: "));
        self.kept = last.map(|line| line.as_bytes().to_vec());
        Ok(match tried.ended {
            Ended::Broken(broken) => Some(told(&broken)),
            Ended::Unsuitable => Some(format!("({way} cannot be used here)")),
            Ended::Accepted | Ended::Refused(_) | Ended::Temporary(_) => None,
        })
    }
}

fn said(line: &[u8]) -> String {
    format!("S: {}", visible(&String::from_utf8_lossy(line)))
}

fn told(broken: &Broken) -> String {
    match broken {
        Broken::Closed => "CLOSED".to_owned(),
        broken => format!("({broken})"),
    }
}
