//! A conversation that somebody holds by hand, or that a script repeats: lines go to the server as they are, its lines are heard
//! as they come, TLS begins when both sides agreed on it, and a login is done on demand.

mod essence;
mod offered;
mod record;
mod replay;
mod script;
pub(crate) mod way;

use std::path::PathBuf;
use std::time::Duration;

use net::{CertificateFacts, CertificateTrouble, certificate_trouble, spoke_in_clear};
use sasl::client::{Credentials, Proof};
use sasl::{Mechanism, Secret};

use crate::dialogue::{Broken, Watch};
use crate::login::{Tried, Way};
use crate::plan::Trust;
use crate::reach::Unreachable;
use crate::session::{Door, Session};
use crate::target::{Family, Target};
use offered::Offered;

pub use record::Record;
pub use replay::{Difference, Replay, Variables};
pub use script::{Script, ScriptError};
pub use way::is_way;

/// Whom to talk with, and how.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The server.
    pub target: Target,
    /// What the server is trusted with.
    pub trust: Trust,
    /// A PEM file of authorities to believe beside the system's.
    pub authorities: Option<PathBuf>,
    /// How long connecting, a handshake, or an answer may take.
    pub wait: Duration,
}

/// Why a conversation does not begin.
#[derive(Debug, thiserror::Error)]
pub enum Unopened {
    /// Nobody is there.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// TLS should begin with the first octet, and does not.
    #[error(transparent)]
    Broken(#[from] Broken),
}

/// Why there is no login.
#[derive(Debug, thiserror::Error)]
pub enum NoLogin {
    /// The server has not answered yet, or waits for something else than a command.
    #[error("the server is not waiting for a command now")]
    NotNow,
    /// The password would be in clear.
    #[error("without TLS the password is not sent: .starttls first, or --allow-clear")]
    InClear,
    /// The name of no mechanism.
    #[error("{0} is not a way to log in here; there are {1}")]
    Unknown(String, String),
    /// The server offers nothing.
    #[error("the server did not offer authentication{0}")]
    NothingOffered(&'static str),
    /// The connection broke.
    #[error(transparent)]
    Broken(#[from] Broken),
}

/// What TLS there is.
#[derive(Debug, Clone)]
pub struct Secured {
    /// Version and cipher.
    pub agreed: String,
    /// Whether the certificate was held against authorities and name.
    pub is_verified: bool,
    /// The server's certificates, its own first.
    pub chain: Vec<CertificateFacts>,
}

/// A conversation under way.
#[derive(Debug)]
pub struct Talk {
    door: Door,
    trust: Trust,
    session: Session,
    greeted: bool,
    offered: Offered,
}

impl Talk {
    /// Connects; where TLS begins with the first octet, it begins. `watch` is told each line as it is said.
    ///
    /// # Errors
    /// See [`Unopened`].
    pub async fn open(wish: Wish, watch: Watch) -> Result<Self, Unopened> {
        let Wish { target, trust, authorities, wait } = wish;
        let (door, mut dialogue) = Door::find(target, authorities.as_deref(), wait).await?;
        dialogue.watch(watch);
        let session = Session::unspoken(dialogue);
        let mut talk = Self { door, trust, session, greeted: false, offered: Offered::default() };
        if talk.door.protocol().is_implicit() {
            talk.begin_tls().await?;
        }
        Ok(talk)
    }

    /// Who is there.
    pub fn door(&self) -> &Door {
        &self.door
    }

    /// What the server is trusted with.
    pub fn trust(&self) -> Trust {
        self.trust
    }

    /// Whether the server owes an answer.
    pub fn is_waiting(&self) -> bool {
        self.session.dialogue.turns().is_waiting()
    }

    /// Whether the next line is part of a message, and no command.
    pub fn is_message(&self) -> bool {
        self.session.dialogue.turns().is_message()
    }

    /// Says a line; it leaves with the next [`Self::hear`].
    pub fn say(&mut self, line: &[u8]) {
        self.offered.begin();
        self.session.dialogue.say(line);
    }

    /// Says octets as they are, without a line end.
    pub fn send(&mut self, octets: &[u8]) {
        self.offered.begin();
        self.session.dialogue.send(octets, &String::from_utf8_lossy(octets));
    }

    /// Says the command that begins TLS.
    pub fn ask_for_tls(&mut self) {
        let line = self.session.dialogue.tagged(self.door.protocol().starttls());
        self.say(line.as_bytes());
    }

    /// Waits for the server's next line. When it is the server's consent to begin TLS, TLS begins. A wait that is cancelled
    /// loses nothing as long as no handshake has begun.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn hear(&mut self, wait: Duration) -> Result<Vec<u8>, Broken> {
        let line = self.session.dialogue.hear(wait).await?;
        if !std::mem::replace(&mut self.greeted, true) {
            self.session.greeting.lines = vec![String::from_utf8_lossy(&line).into_owned()];
        }
        let family = self.door.protocol().family();
        let turns = self.session.dialogue.turns();
        if let Some(capabilities) = self.offered.line(&line, turns, family) {
            self.session.capabilities = capabilities;
        }
        Ok(line)
    }

    /// Whether the server has just agreed to begin TLS: the handshake comes next, see [`Self::begin_tls`].
    pub fn is_tls_agreed(&self, line: &[u8]) -> bool {
        let turns = self.session.dialogue.turns();
        let asked = matches!(turns.verb(), "STARTTLS" | "STLS") && turns.is_free();
        let behind_tag =
            || line.split(|octet| *octet == b' ').nth(1).is_some_and(|word| word.eq_ignore_ascii_case(b"OK"));
        asked
            && self.session.dialogue.connection().tls().is_none()
            && (line.starts_with(b"220") || line.starts_with(b"+OK") || (!line.starts_with(b"* ") && behind_tag()))
    }

    /// The handshake. Whatever the server offered before is forgotten (RFC 3207 §4.2).
    ///
    /// # Errors
    /// [`Broken::Tls`].
    pub async fn begin_tls(&mut self) -> Result<(), Broken> {
        self.offered = Offered::default();
        self.door.secure(&mut self.session.dialogue, self.trust.stage()).await
    }

    /// What TLS there is; `None` in clear.
    pub fn secured(&self) -> Option<Secured> {
        let connection = self.session.dialogue.connection();
        let tls = connection.tls()?;
        Some(Secured {
            agreed: format!("{}, {}", tls.version, tls.cipher),
            is_verified: self.trust == Trust::Verified,
            chain: connection.server_certificates(),
        })
    }

    /// The way to log in by this name, or the best one that is offered. Asks for what is offered if that is not known.
    ///
    /// # Errors
    /// See [`NoLogin`].
    pub async fn way(&mut self, name: Option<&str>) -> Result<Way, NoLogin> {
        if !self.session.dialogue.turns().is_free() {
            return Err(NoLogin::NotNow);
        }
        if self.secured().is_none() && self.trust != Trust::Clear {
            return Err(NoLogin::InClear);
        }
        if !self.offered.is_known() {
            let (capabilities, _) = self.door.capabilities(&mut self.session.dialogue).await?;
            self.session.capabilities = capabilities;
            self.offered.is_asked();
        }
        way::choose(name, &self.session, self.door.protocol().family())
    }

    /// Logs in.
    pub async fn log_in(&mut self, way: Way, user: &str, secret: Secret) -> Tried {
        let proof = match way {
            Way::Plain(mechanism) | Way::Initial(mechanism) => match mechanism {
                Mechanism::XOAuth2 | Mechanism::OAuthBearer => Proof::Token(secret),
                Mechanism::External => Proof::Certificate,
                _ => Proof::Password(secret),
            },
            Way::Login | Way::User | Way::Apop => Proof::Password(secret),
        };
        self.session.log_in(way, &Credentials { user: user.to_owned(), proof }).await
    }

    /// Whether the client has taken leave: the server may close.
    pub fn is_over(&self) -> bool {
        matches!(self.session.dialogue.turns().verb(), "QUIT" | "LOGOUT")
    }

    /// Says QUIT or LOGOUT if the server waits for a command; whether it does.
    pub fn take_leave(&mut self) -> bool {
        let free = self.session.dialogue.turns().is_free() && !self.is_over();
        if free {
            let command = if self.door.protocol().family() == Family::Imap { "LOGOUT" } else { "QUIT" };
            let line = self.session.dialogue.tagged(command);
            self.say(line.as_bytes());
        }
        free
    }

    /// Sends what was said, and closes.
    pub async fn close(self) {
        self.session.dialogue.close().await;
    }
}

/// What a broken handshake means, for people; `None` for what the error says well enough itself.
pub fn advice(broken: &Broken) -> Option<&'static str> {
    let error = match broken {
        Broken::Tls(error) => error,
        Broken::Silent(_) => {
            return Some(
                "A server that says nothing from the start may wait for TLS to begin: --tls (gatepost talk), -tlsc (gatepost send).",
            );
        }
        _ => return None,
    };
    if spoke_in_clear(error) {
        return Some(
            "The server speaks in clear there. Where TLS was to begin with the first octet, take STARTTLS instead: .starttls in place of \
             --tls (gatepost talk), -tls in place of -tlsc (gatepost send). Where that was done, its STARTTLS is broken.",
        );
    }
    Some(match certificate_trouble(error)? {
        CertificateTrouble::Expired => "The certificate has expired. --insecure goes on all the same.",
        CertificateTrouble::NotYetValid => "The certificate is not good yet: is this machine's clock right?",
        CertificateTrouble::WrongName => {
            "The certificate is for another name: connect to a name that is in it. --insecure goes on all the same."
        }
        CertificateTrouble::UnknownIssuer => {
            "Nobody who is believed here has signed the certificate: --ca FILE names an authority, --insecure goes on all the same."
        }
        CertificateTrouble::Other(_) => "The certificate is not good. --insecure goes on all the same.",
    })
}
