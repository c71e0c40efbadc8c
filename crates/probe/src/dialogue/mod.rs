//! One connection: says lines, reads answers, and remembers both as evidence. Knows framing, and no check.
//!
//! What comes in is hostile: a line and the lines of an answer have limits, a whole answer has a deadline, and whatever is
//! shown went through [`visible`].

mod answer;
mod read;
mod transcript;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use net::{ClientTls, Connection, ReadError};
use sasl::Secret;
use tokio::time::timeout;

pub use answer::{Answer, Verdict};
pub use transcript::{Transcript, visible};

use crate::target::Family;
use transcript::MASK;

/// Why a dialogue cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// No connection.
    #[error("no connection: {0}")]
    Connect(io::Error),
    /// The server closed it.
    #[error("the server closed the connection without a word")]
    Closed,
    /// Nothing, or not all of an answer, came in time.
    #[error("no answer within {0:?}")]
    Silent(Duration),
    /// What came is no answer of this protocol.
    #[error("what the server says is not understood: {0}")]
    Grammar(String),
    /// Longer, or more lines, than a server has to say.
    #[error("the server's answer does not end")]
    Endless,
    /// TLS could not be agreed on.
    #[error("TLS failed: {0}")]
    Tls(io::Error),
    /// The socket failed.
    #[error("the connection broke: {0}")]
    Io(io::Error),
}

/// One connection and what was said on it.
#[derive(Debug)]
pub struct Dialogue {
    connection: Connection,
    family: Family,
    /// How long a whole answer may take.
    wait: Duration,
    transcript: Transcript,
    /// Commands of IMAP so far.
    tags: u32,
}

impl Dialogue {
    /// Connects.
    ///
    /// # Errors
    /// [`Broken::Connect`].
    pub async fn connect(to: SocketAddr, family: Family, wait: Duration) -> Result<Self, Broken> {
        let connection = Connection::connect(to, wait).await.map_err(Broken::Connect)?;
        Ok(Self { connection, family, wait, transcript: Transcript::default(), tags: 0 })
    }

    /// A dialogue over a connection that there is already.
    pub fn over(connection: Connection, family: Family, wait: Duration) -> Self {
        Self { connection, family, wait, transcript: Transcript::default(), tags: 0 }
    }

    /// The connection underneath: addresses, TLS, certificates.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// What was said so far.
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// Masks a secret from now on.
    pub fn hide(&mut self, secret: &Secret) {
        self.transcript.hide(secret);
    }

    /// Begins TLS: from the first octet, or after the server agreed to begin it.
    ///
    /// # Errors
    /// [`Broken::Tls`].
    pub async fn begin_tls(&mut self, tls: &ClientTls, name: &str) -> Result<(), Broken> {
        self.connection.connect_tls(tls, name, self.wait).await.map_err(Broken::Tls)?;
        if let Some(info) = self.connection.tls() {
            let agreed = format!("(TLS begins: {}, {})", info.version, info.cipher);
            self.transcript.add("--", agreed.as_bytes());
        }
        Ok(())
    }

    /// Says a command (IMAP's gets its tag) and reads the answer.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn command(&mut self, command: &str) -> Result<Answer, Broken> {
        let line = self.tagged(command);
        self.say(&line);
        self.answer().await
    }

    /// Says a command of which the end is secret; `shown` is its beginning.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn secret_command(&mut self, shown: &str, secret: &[u8]) -> Result<Answer, Broken> {
        let line = self.tagged(shown);
        self.transcript.add("C:", format!("{line}{MASK}").as_bytes());
        for part in [line.as_bytes(), secret, b"\r\n"] {
            self.connection.write(part);
        }
        self.answer().await
    }

    /// Says a line that is secret as a whole: a response.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn secret_line(&mut self, secret: &[u8]) -> Result<Answer, Broken> {
        self.transcript.add("C:", MASK.as_bytes());
        self.connection.write(secret);
        self.connection.write(b"\r\n");
        self.answer().await
    }

    /// How it is framed.
    pub fn family(&self) -> Family {
        self.family
    }

    /// Says a command of POP3 whose answer has many lines.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn list(&mut self, command: &str) -> Result<Answer, Broken> {
        self.say(command);
        let wait = self.wait;
        timeout(wait, self.read_list()).await.unwrap_or(Err(Broken::Silent(wait)))
    }

    /// A line as it is: no tag.
    pub fn say(&mut self, line: &str) {
        self.transcript.add("C:", line.as_bytes());
        self.connection.write(line.as_bytes());
        self.connection.write(b"\r\n");
    }

    /// Octets as they are; evidence shows them as `shown`.
    pub fn send(&mut self, octets: &[u8], shown: &str) {
        self.transcript.add("C:", shown.as_bytes());
        self.connection.write(octets);
    }

    /// Reads one whole answer (or the greeting) in time.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn answer(&mut self) -> Result<Answer, Broken> {
        let wait = self.wait;
        timeout(wait, self.read_answer()).await.unwrap_or(Err(Broken::Silent(wait)))
    }

    /// Reads the greeting in time: IMAP's has no tag.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn greeting(&mut self) -> Result<Answer, Broken> {
        let wait = self.wait;
        timeout(wait, self.read_greeting()).await.unwrap_or(Err(Broken::Silent(wait)))
    }

    /// Takes leave, without waiting for the answer; what the server makes of it is its own affair.
    pub async fn leave(mut self) {
        if self.family == Family::Imap {
            self.say("q LOGOUT")
        } else {
            self.say("QUIT")
        }
        self.connection.close(Duration::from_millis(500)).await;
    }

    fn tagged(&mut self, command: &str) -> String {
        match self.family {
            Family::Imap => {
                self.tags += 1;
                format!("p{} {command}", self.tags)
            }
            Family::Smtp | Family::Pop3 => command.to_owned(),
        }
    }
}

impl From<ReadError> for Broken {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Closed => Self::Closed,
            ReadError::TimedOut(wait) => Self::Silent(wait),
            ReadError::LineTooLong(_) => Self::Endless,
            ReadError::Io(error) if error.kind() == io::ErrorKind::ConnectionReset => Self::Closed,
            ReadError::Io(error) => Self::Io(error),
        }
    }
}
