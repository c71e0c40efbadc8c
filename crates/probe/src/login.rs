//! One login, by one way, in a session of its own.

use sasl::client::{Context, Credentials, Exchange, Proof};
use sasl::{Bindings, Mechanism, Secret};

use crate::dialogue::{Answer, Broken, Dialogue, Verdict};
use crate::session::{Door, Session, Stage};
use crate::target::Family;

/// Challenges of one exchange; SCRAM has two.
const MAX_CHALLENGES: usize = 8;

/// A way to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A mechanism whose first message waits for the server's go-ahead.
    Plain(Mechanism),
    /// A mechanism whose first message stands in the command itself.
    Initial(Mechanism),
    /// IMAP's LOGIN.
    Login,
    /// POP3's USER and PASS.
    User,
    /// POP3's APOP, with the timestamp of the greeting.
    Apop,
}

impl std::fmt::Display for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plain(mechanism) => write!(f, "{mechanism}"),
            Self::Initial(mechanism) => write!(f, "{mechanism} with an initial response"),
            Self::Login => f.write_str("the LOGIN command"),
            Self::User => f.write_str("USER and PASS"),
            Self::Apop => f.write_str("APOP"),
        }
    }
}

/// How a login ended.
#[derive(Debug)]
pub enum Ended {
    /// The server took it.
    Accepted,
    /// The server did not.
    Refused(Answer),
    /// The server could not tell.
    Temporary(Answer),
    /// It did not come to an answer.
    Broken(Broken),
    /// The credentials cannot be said by this way.
    Unsuitable,
}

/// A login that was tried.
#[derive(Debug)]
pub struct Tried {
    /// By which way.
    pub way: Way,
    /// What became of it.
    pub ended: Ended,
    /// The last lines: evidence.
    pub evidence: Vec<String>,
    /// From the last octet that was sent to the server's word.
    pub took: std::time::Duration,
}

impl Tried {
    /// Whether nothing was said of a login, because no session could be opened for it.
    pub fn is_unopened(&self) -> bool {
        matches!(self.ended, Ended::Broken(_)) && self.evidence.is_empty()
    }

    /// Whether the server took it.
    pub fn is_accepted(&self) -> bool {
        matches!(self.ended, Ended::Accepted)
    }
}

impl Door {
    /// Tries a login in a session of its own.
    pub async fn try_login(&self, stage: Stage, way: Way, credentials: &Credentials) -> Tried {
        let start = std::time::Instant::now();
        match self.open(stage).await {
            Ok(mut session) => {
                let tried = session.log_in(way, credentials).await;
                session.dialogue.leave().await;
                tried
            }
            Err(broken) => Tried { way, ended: Ended::Broken(broken), evidence: Vec::new(), took: start.elapsed() },
        }
    }
}

impl Session {
    /// Tries a login.
    pub async fn log_in(&mut self, way: Way, credentials: &Credentials) -> Tried {
        if let Some(secret) = credentials.secret() {
            self.dialogue.hide(secret);
        }
        let before = self.dialogue.transcript().lines().len();
        let start = std::time::Instant::now();
        let ended = match way {
            Way::Plain(mechanism) => self.exchange(mechanism, false, credentials).await,
            Way::Initial(mechanism) => self.exchange(mechanism, true, credentials).await,
            Way::Login => self.login_command(credentials).await,
            Way::User => self.user_and_pass(credentials).await,
            Way::Apop => self.apop(credentials).await,
        };
        let ended = ended.unwrap_or_else(Ended::Broken);
        let evidence = self.dialogue.transcript().lines().iter().skip(before).cloned().collect();
        Tried { way, ended, evidence, took: start.elapsed() }
    }

    async fn exchange(
        &mut self,
        mechanism: Mechanism,
        initial: bool,
        credentials: &Credentials,
    ) -> Result<Ended, Broken> {
        let context = Context::new(self.bindings(), &self.capabilities.known());
        let Ok((mut exchange, first)) = Exchange::start(mechanism, credentials.clone(), &context) else {
            return Ok(Ended::Unsuitable);
        };
        let mut first = first.map(Secret::new);
        if mechanism == Mechanism::Login && initial {
            // The user name is the answer to the first prompt, given before it is asked.
            first = exchange.respond(b"").ok().map(Secret::new);
        }
        let verb = if self.family() == Family::Imap { "AUTHENTICATE" } else { "AUTH" };
        let mut answer = match (initial, &first) {
            (true, Some(octets)) => {
                let line = initial_response(octets);
                first_secret(&mut self.dialogue, &format!("{verb} {mechanism} "), octets, &line).await?
            }
            _ => self.dialogue.command(&format!("{verb} {mechanism}")).await?,
        };
        if initial {
            first = None;
        }
        for answered in 0..MAX_CHALLENGES {
            match answer.verdict {
                Verdict::Continue => {}
                Verdict::Done if exchange.finish().is_ok() => return Ok(Ended::Accepted),
                Verdict::Done => return Err(Broken::Grammar("it says success without a proof of its own".into())),
                Verdict::Temporary => return Ok(Ended::Temporary(answer)),
                Verdict::Refused => return Ok(Ended::Refused(answer)),
            }
            let response = match first.take() {
                Some(first) => Some(first),
                None => respond(&mut exchange, answer.text()),
            };
            let name = mechanism == Mechanism::Login && !initial && answered == 0;
            answer = match response {
                // LOGIN's first response is the name.
                Some(response) if name => {
                    self.dialogue.say(sasl::wire::encode(response.expose()).as_bytes());
                    self.dialogue.answer().await?
                }
                Some(response) => response_line(&mut self.dialogue, &response).await?,
                None => {
                    self.dialogue.say(b"*");
                    let refused = self.dialogue.answer().await?;
                    return Ok(Ended::Refused(refused));
                }
            };
        }
        Err(Broken::Endless)
    }

    /// IMAP's LOGIN with quoted strings (RFC 3501 §9); what they cannot hold is not tried.
    async fn login_command(&mut self, credentials: &Credentials) -> Result<Ended, Broken> {
        let Proof::Password(password) = &credentials.proof else { return Ok(Ended::Unsuitable) };
        let (Some(user), Some(password)) = (quoted(credentials.user.as_bytes()), quoted(password.expose())) else {
            return Ok(Ended::Unsuitable);
        };
        self.dialogue.hide(&password);
        let user = String::from_utf8_lossy(user.expose()).into_owned();
        let answer = self.dialogue.secret_command(&format!("LOGIN {user} "), password.expose()).await?;
        Ok(ended(answer))
    }

    async fn user_and_pass(&mut self, credentials: &Credentials) -> Result<Ended, Broken> {
        let Proof::Password(password) = &credentials.proof else { return Ok(Ended::Unsuitable) };
        if !is_one_line(credentials.user.as_bytes()) || !is_one_line(password.expose()) {
            return Ok(Ended::Unsuitable);
        }
        let answer = self.dialogue.command(&format!("USER {}", credentials.user)).await?;
        if !answer.is_done() {
            return Ok(ended(answer));
        }
        Ok(ended(self.dialogue.secret_command("PASS ", password.expose()).await?))
    }

    /// RFC 1939 §7.
    async fn apop(&mut self, credentials: &Credentials) -> Result<Ended, Broken> {
        let Proof::Password(password) = &credentials.proof else { return Ok(Ended::Unsuitable) };
        let Some(timestamp) = timestamp(self.greeting.text()) else { return Ok(Ended::Unsuitable) };
        if !is_one_line(credentials.user.as_bytes()) {
            return Ok(Ended::Unsuitable);
        }
        let digest = sasl::apop::digest(timestamp, password);
        let digest = Secret::new(digest.iter().map(|octet| format!("{octet:02x}")).collect::<String>());
        self.dialogue.hide(&digest);
        let answer = self.dialogue.secret_command(&format!("APOP {} ", credentials.user), digest.expose()).await?;
        Ok(ended(answer))
    }

    /// What TLS gives to bind a login to.
    pub(crate) fn bindings(&self) -> Bindings {
        self.dialogue.connection().tls().map_or(Bindings::NONE, |tls| Bindings {
            exporter: tls.exporter,
            server_end_point: tls.server_end_point.as_deref().map(<[u8]>::to_vec),
        })
    }

    fn family(&self) -> Family {
        self.dialogue.family()
    }
}

/// The timestamp in a greeting of POP3, with its brackets: the promise of APOP.
pub fn timestamp(greeting: &str) -> Option<&str> {
    let from = greeting.find('<')?;
    let length = greeting.get(from..)?.find('>')?;
    let stamp = greeting.get(from..=from + length)?;
    stamp.contains('@').then_some(stamp)
}

fn ended(answer: Answer) -> Ended {
    match answer.verdict {
        Verdict::Done => Ended::Accepted,
        Verdict::Temporary => Ended::Temporary(answer),
        Verdict::Continue | Verdict::Refused => Ended::Refused(answer),
    }
}

/// Answers a challenge; one that is not base64 cannot be answered.
fn respond(exchange: &mut Exchange, challenge: &str) -> Option<Secret> {
    let challenge = sasl::wire::response(challenge.as_bytes()).ok()?;
    exchange.respond(&challenge).ok().map(Secret::new)
}

async fn response_line(dialogue: &mut Dialogue, response: &Secret) -> Result<Answer, Broken> {
    dialogue.hide(response);
    let line = Secret::new(sasl::wire::encode(response.expose()));
    dialogue.secret_line(line.expose()).await
}

async fn first_secret(dialogue: &mut Dialogue, command: &str, raw: &Secret, line: &Secret) -> Result<Answer, Broken> {
    dialogue.hide(raw);
    dialogue.secret_command(command, line.expose()).await
}

/// RFC 4954 §4: an empty one is `=`.
fn initial_response(octets: &Secret) -> Secret {
    match octets.expose() {
        [] => Secret::new("="),
        octets => Secret::new(sasl::wire::encode(octets)),
    }
}

/// A quoted string of IMAP; `None` for what takes a literal.
fn quoted(octets: &[u8]) -> Option<Secret> {
    if !is_one_line(octets) || !octets.is_ascii() {
        return None;
    }
    let mut text = Vec::with_capacity(2 * octets.len() + 2);
    text.push(b'"');
    for octet in octets {
        if matches!(octet, b'"' | b'\\') {
            text.push(b'\\');
        }
        text.push(*octet);
    }
    text.push(b'"');
    Some(Secret::new(text))
}

/// Whether it can stand in a line: nothing of a user's name may become a command.
fn is_one_line(octets: &[u8]) -> bool {
    !octets.iter().any(|octet| matches!(octet, b'\r' | b'\n' | 0))
}
