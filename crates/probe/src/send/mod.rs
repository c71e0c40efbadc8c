//! One message to one server, as somebody sends it who wants to see whether, and how, it is taken.

mod opening;
mod transaction;

use std::path::PathBuf;
use std::time::Duration;

use message::Address;
use sasl::Mechanism;
use sasl::client::Credentials;
use smtp::Reply;
use smtp::client::{Answer, Stage, TlsWish, Unsendable};

use crate::dialogue::{Broken, Watch};
use crate::plan::Trust;
use crate::reach::Unreachable;
use crate::session::{Door, Session};
use crate::target::Target;

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Order {
    /// The server. Where its protocol begins with TLS, `tls` is not looked at.
    pub target: Target,
    /// STARTTLS.
    pub tls: TlsWish,
    /// What the server is trusted with.
    pub trust: Trust,
    /// A PEM file of authorities to believe beside the system's.
    pub authorities: Option<PathBuf>,
    /// The name for EHLO; without one, our address.
    pub hello: Option<String>,
    /// The login.
    pub login: Option<Login>,
    /// `None` is `<>`.
    pub from: Option<Address>,
    /// At least one, unless it stops before.
    pub to: Vec<Address>,
    /// Header and body; line ends become CRLF.
    pub content: Vec<u8>,
    /// Where to stop, and say QUIT.
    pub stop: Option<Stop>,
    /// How long each step may take.
    pub wait: Duration,
}

/// A login, without which the message is not sent.
#[derive(Debug, Clone)]
pub struct Login {
    /// Whose.
    pub credentials: Credentials,
    /// The one mechanism to be tried; without one, those that are offered, the strongest first.
    pub mechanism: Option<Mechanism>,
}

/// Behind what to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// The greeting.
    Connect,
    /// EHLO, also the second one inside TLS.
    Hello,
    /// The handshake, before the second EHLO.
    Tls,
    /// The login.
    Auth,
    /// MAIL.
    Mail,
    /// Every RCPT.
    Recipients,
}

/// What became of it.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Each recipient and what was said for them; without an answer where it stopped before.
    pub recipients: Vec<(Address, Option<Answer>)>,
    /// How we logged in.
    pub mechanism: Option<Mechanism>,
    /// Version and cipher, inside TLS.
    pub tls: Option<String>,
    /// Where it stopped, because that was wanted.
    pub stopped: bool,
}

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum Unsent {
    /// Nobody is there.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// It came to no answer.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// The server does not want us.
    #[error("the server says no at {stage}: {reply}")]
    Refused {
        /// Where.
        stage: Stage,
        /// Its words.
        reply: Reply,
    },
    /// TLS is wanted and not there.
    #[error("the server does not offer STARTTLS; nothing was sent")]
    NoTls,
    /// A login is wanted and no mechanism offered.
    #[error("the server did not offer authentication{hint}; the password was not sent")]
    NotOffered {
        /// What may help.
        hint: &'static str,
    },
    /// Mechanisms are offered, but none that was asked for, or that a password is good for.
    #[error("the server offers {offered}, and nothing of that can be used here; the password was not sent")]
    NotUsable {
        /// All that it offers.
        offered: String,
    },
    /// The password would be in clear.
    #[error("without TLS the password is not sent: -tls, or --allow-clear")]
    InClear,
    /// Every mechanism that was tried was refused.
    #[error("the login was refused: {0}")]
    LoginRefused(String),
    /// The server could not tell.
    #[error("the server could not check the login now: {0}")]
    LoginTemporary(String),
    /// The message is not for this server.
    #[error("{0}; nothing was sent")]
    Unsendable(#[from] Unsendable),
}

/// Sends. `watch` is told each line as it is said.
///
/// # Errors
/// See [`Unsent`]. That recipients, or the message, are refused is no error here.
pub async fn run(order: Order, watch: Watch) -> Result<Sent, Unsent> {
    let (door, mut dialogue) = Door::find(order.target.clone(), order.authorities.as_deref(), order.wait).await?;
    dialogue.watch(watch);
    let mut sender = Sender { order, door, session: Session::unspoken(dialogue), mechanism: None };
    let sent = sender.send().await;
    if !matches!(sent, Err(Unsent::Broken(_))) {
        // The message is on its way, or is not: what QUIT is answered changes nothing.
        drop(sender.session.dialogue.command("QUIT").await);
    }
    sender.session.dialogue.close().await;
    sent
}

/// A session with the server.
struct Sender {
    order: Order,
    door: Door,
    session: Session,
    mechanism: Option<Mechanism>,
}

impl Sender {
    async fn send(&mut self) -> Result<Sent, Unsent> {
        let Some(capabilities) = self.open().await? else {
            let recipients = self.order.to.iter().map(|address| (address.clone(), None)).collect();
            return Ok(self.sent(recipients, true));
        };
        let (answers, stopped) = self.transaction(capabilities).await?;
        let recipients = self.order.to.iter().cloned().zip(answers).collect();
        Ok(self.sent(recipients, stopped))
    }

    fn sent(&self, recipients: Vec<(Address, Option<Answer>)>, stopped: bool) -> Sent {
        let tls = self.session.dialogue.connection().tls();
        let tls = tls.map(|tls| format!("{}, {}", tls.version, tls.cipher));
        Sent { recipients, mechanism: self.mechanism, tls, stopped }
    }

    fn stops_at(&self, stop: Stop) -> bool {
        self.order.stop == Some(stop)
    }
}
