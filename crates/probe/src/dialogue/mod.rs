//! One connection: says lines, reads answers, and remembers both as evidence. Knows framing, and no check.
//!
//! What comes in is hostile: a line and the lines of an answer have limits, a whole answer has a deadline, and whatever is
//! shown went through [`visible`].

mod answer;
mod read;
mod secrets;
mod transcript;
mod turns;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use net::{ClientTls, Connection, ReadError};
use sasl::Secret;
use smtp::Reply;
use smtp::client::ContentWriter;
use tokio::time::timeout;
use zeroize::Zeroizing;

pub use answer::{Answer, Verdict};
pub use secrets::Hidden;
pub use transcript::{MASK, Said, Speaker, Transcript, Watch, visible};
pub(crate) use turns::{Next, Turns};

use crate::target::{Family, Protocol};

/// Lines of a message that are listed.
const MAX_LISTED: usize = 60;

/// Octets of a message that are sent at once; each must be taken in time.
const PIECE: usize = 64 * 1024;

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
    pub async fn connect(to: SocketAddr, protocol: Protocol, wait: Duration) -> Result<Self, Broken> {
        let connection = Connection::connect(to, wait).await.map_err(Broken::Connect)?;
        Ok(Self::over(connection, protocol, wait))
    }

    /// A dialogue over a connection that there is already.
    pub fn over(connection: Connection, protocol: Protocol, wait: Duration) -> Self {
        Self { connection, family: protocol.family(), wait, transcript: Transcript::new(protocol), tags: 0 }
    }

    /// Tells somebody each line as it is said.
    pub fn watch(&mut self, watch: Watch) {
        self.transcript.watch(watch);
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
            self.transcript.add(Speaker::Tls, agreed.as_bytes());
        }
        Ok(())
    }

    /// Says a command (IMAP's gets its tag) and reads the answer.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn command(&mut self, command: &str) -> Result<Answer, Broken> {
        let line = self.tagged(command);
        self.say(line.as_bytes());
        self.answer().await
    }

    /// Says a command of which the end is secret; `shown` is its beginning.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn secret_command(&mut self, shown: &str, secret: &[u8]) -> Result<Answer, Broken> {
        let line = self.tagged(shown);
        let whole = Zeroizing::new([line.as_bytes(), secret].concat());
        self.transcript.add_secret(Speaker::Client, &whole, line.len());
        self.connection.write(&whole);
        self.connection.write(b"\r\n");
        self.answer().await
    }

    /// Says a line that is secret as a whole: a response.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn secret_line(&mut self, secret: &[u8]) -> Result<Answer, Broken> {
        self.transcript.add_secret(Speaker::Client, secret, 0);
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
        self.say(command.as_bytes());
        let wait = self.wait;
        timeout(wait, self.read_list()).await.unwrap_or(Err(Broken::Silent(wait)))
    }

    /// A line as it is: no tag.
    pub fn say(&mut self, line: &[u8]) {
        self.tags = self.tags.max(own_tag(line).unwrap_or_default());
        self.transcript.add(Speaker::Client, line);
        self.connection.write(line);
        self.connection.write(b"\r\n");
    }

    /// Reads one whole reply of SMTP in time.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn reply(&mut self) -> Result<Reply, Broken> {
        let wait = self.wait;
        let read = timeout(wait, self.read_smtp()).await.unwrap_or(Err(Broken::Silent(wait)));
        read.map(|(reply, _)| reply)
    }

    /// Sends a message's content behind a 354, dots stuffed (RFC 5321 §4.5.2), and the final dot. The first lines are
    /// listed; of the others, how many there are.
    ///
    /// # Errors
    /// The server does not take it in time, or the connection broke.
    pub async fn content(&mut self, content: &[u8]) -> Result<(), Broken> {
        let mut wire = Vec::with_capacity(content.len() + 64);
        let mut writer = ContentWriter::default();
        writer.push(content, &mut wire);
        writer.finish(&mut wire);
        let lines = wire.strip_suffix(b"\r\n").unwrap_or(&wire).split(|octet| *octet == b'\n');
        let lines: Vec<&[u8]> = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
        let (listed, unlisted) = lines.split_at(MAX_LISTED.min(lines.len() - 1));
        for line in listed {
            self.transcript.add(Speaker::Client, line);
        }
        if let [left @ .., _] = unlisted
            && !left.is_empty()
        {
            self.transcript.add(Speaker::Unlisted, format!("({} more lines)", left.len()).as_bytes());
        }
        self.transcript.add(Speaker::Client, b".");
        for piece in wire.chunks(PIECE) {
            self.connection.write(piece);
            self.connection.flush(self.wait).await.map_err(Broken::Io)?;
        }
        Ok(())
    }

    /// Whose turn it is.
    pub(crate) fn turns(&self) -> &Turns {
        self.transcript.turns()
    }

    /// Octets as they are; evidence shows them as `shown`.
    pub fn send(&mut self, octets: &[u8], shown: &str) {
        self.transcript.add(Speaker::Client, shown.as_bytes());
        if self.turns().is_message() {
            self.transcript.message_sent();
        }
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
            self.say(b"q LOGOUT")
        } else {
            self.say(b"QUIT")
        }
        self.close().await;
    }

    /// Sends what was said, and closes.
    pub async fn close(self) {
        self.connection.close(Duration::from_millis(500)).await;
    }

    /// A command as it stands in a line: IMAP's gets the next tag.
    pub(crate) fn tagged(&mut self, command: &str) -> String {
        match self.family {
            Family::Imap => {
                self.tags += 1;
                format!("p{} {command}", self.tags)
            }
            Family::Smtp | Family::Pop3 => command.to_owned(),
        }
    }
}

/// The number of a tag of ours, which may also come from a conversation that is repeated: it is not given twice.
fn own_tag(line: &[u8]) -> Option<u32> {
    let digits = line.strip_prefix(b"p")?.split(|octet| *octet == b' ').next()?;
    std::str::from_utf8(digits).ok()?.parse().ok().filter(|number| *number < 1_000_000)
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
