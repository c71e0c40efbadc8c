//! A session with the server that is probed: opened to where a check begins.

use std::net::SocketAddr;
use std::time::Duration;

use net::ClientTls;

use crate::capabilities::Capabilities;
use crate::dialogue::{Answer, Broken, Dialogue};
use crate::target::{Family, Protocol, Target};

/// Where the server is, and how to speak with it.
#[derive(Debug)]
pub struct Door {
    /// What is probed.
    pub target: Target,
    /// Which of its addresses answered.
    pub address: SocketAddr,
    /// How long an answer may take.
    pub wait: Duration,
    /// Believes any certificate: nothing secret goes this way.
    pub anybody: ClientTls,
    /// Believes only a certificate that is good: for passwords.
    pub verified: ClientTls,
}

/// How far a session is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// In clear.
    Clear,
    /// Inside TLS with whoever is there.
    Inside,
    /// Inside TLS with the server that has a good certificate.
    Verified,
}

/// An open session, its greeting and its present capabilities known.
#[derive(Debug)]
pub struct Session {
    /// What was and is said.
    pub dialogue: Dialogue,
    /// The server's first words.
    pub greeting: Answer,
    /// What it says it can do, at this stage.
    pub capabilities: Capabilities,
    /// Evidence for them: the answer as it came.
    pub listed: Vec<String>,
}

impl Session {
    /// One in which nothing was said yet.
    pub(crate) fn unspoken(dialogue: Dialogue) -> Self {
        let (greeting, capabilities) = (Answer::none(), Capabilities::default());
        Self { dialogue, greeting, capabilities, listed: Vec::new() }
    }
}

impl Door {
    /// What is spoken behind it.
    pub fn protocol(&self) -> Protocol {
        self.target.protocol
    }

    fn family(&self) -> Family {
        self.target.protocol.family()
    }

    /// A connection with nothing said on it.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn connect(&self) -> Result<Dialogue, Broken> {
        Dialogue::connect(self.address, self.protocol(), self.wait).await
    }

    /// Opens a session to a stage. Where TLS begins at once there is no `Clear`.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn open(&self, stage: Stage) -> Result<Session, Broken> {
        let mut dialogue = self.connect().await?;
        let implicit = self.protocol().is_implicit();
        if implicit {
            self.secure(&mut dialogue, stage).await?;
        }
        let greeting = dialogue.greeting().await?;
        if !greeting.is_done() {
            return Err(Broken::Grammar(format!("the server turns us away: {}", greeting.shown)));
        }
        if !implicit && stage != Stage::Clear {
            if self.family() == Family::Smtp {
                self.hello(&mut dialogue).await?;
            }
            let agreed = dialogue.command(self.protocol().starttls()).await?;
            if !agreed.is_done() {
                return Err(Broken::Grammar(agreed.shown));
            }
            self.secure(&mut dialogue, stage).await?;
        }
        let (capabilities, listed) = self.capabilities(&mut dialogue).await?;
        Ok(Session { dialogue, greeting, capabilities, listed })
    }

    /// Begins TLS as the stage wants it.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn secure(&self, dialogue: &mut Dialogue, stage: Stage) -> Result<(), Broken> {
        let tls = if stage == Stage::Verified { &self.verified } else { &self.anybody };
        dialogue.begin_tls(tls, &self.target.host).await
    }

    /// EHLO (LMTP: LHLO), with our address as the name: whoever runs the probe has no other.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn hello(&self, dialogue: &mut Dialogue) -> Result<Answer, Broken> {
        let verb = if self.protocol() == Protocol::Lmtp { "LHLO" } else { "EHLO" };
        let name = own_literal(dialogue);
        dialogue.command(&format!("{verb} {name}")).await
    }

    /// Asks what the server can do; a server of POP3 that knows no CAPA can do what all can.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn capabilities(&self, dialogue: &mut Dialogue) -> Result<(Capabilities, Vec<String>), Broken> {
        let before = dialogue.transcript().lines().len();
        let answer = match self.family() {
            Family::Smtp => self.hello(dialogue).await?,
            Family::Imap => dialogue.command("CAPABILITY").await?,
            Family::Pop3 => dialogue.list("CAPA").await?,
        };
        let listed = dialogue.transcript().lines().iter().skip(before).cloned().collect();
        if !answer.is_done() {
            return match self.family() {
                Family::Pop3 => Ok((Capabilities::default(), listed)),
                _ => Err(Broken::Grammar(answer.shown)),
            };
        }
        Ok((Capabilities::of(&answer, self.family()), listed))
    }
}

/// Our address as it stands in EHLO (RFC 5321 §4.1.3).
pub(crate) fn own_literal(dialogue: &Dialogue) -> String {
    match dialogue.connection().local() {
        SocketAddr::V4(address) => format!("[{}]", address.ip()),
        SocketAddr::V6(address) => format!("[IPv6:{}]", address.ip()),
    }
}
