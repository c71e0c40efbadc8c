//! The chain in another process: `gatepost authd`, asked over its socket.

mod connection;
mod known;

use std::path::{Path, PathBuf};
use std::time::Duration;

use message::Address;
use parking_lot::Mutex;
use sasl::scram;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::guard::Health;
use crate::module::{Abilities, Request, Who};
use crate::modules::LeftOut;
use crate::wire::{self, Answer, From, Question};
use crate::{Resolution, TempFail, Verdict};
use connection::{Connection, Lost};
use known::Known;

/// How the daemon is called where a module would be.
pub(crate) const NAME: &str = "authd";

/// Questions under way at the same time; more wait.
const CONNECTIONS: usize = 64;

/// Connections that are kept open between questions.
const IDLE: usize = 8;

/// The longest time for one answer: the daemon's own bounds (a place among its workers, each module's timeout) end before.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often the daemon is asked what its modules can verify. That costs it nothing.
const ASK_AGAIN: Duration = Duration::from_secs(5);
/// The same while it is down.
const ASK_SOON: Duration = Duration::from_secs(1);

/// The daemon, as it was last seen.
#[derive(Debug)]
pub(crate) struct Remote {
    path: PathBuf,
    places: Semaphore,
    idle: Mutex<Vec<Connection>>,
    known: Mutex<Known>,
}

impl Remote {
    /// Nobody is asked yet.
    pub(crate) fn new(path: &Path) -> Self {
        let places = Semaphore::new(CONNECTIONS);
        Self { path: path.to_owned(), places, idle: Mutex::default(), known: Mutex::default() }
    }

    /// Its socket.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Judges a login.
    pub(crate) async fn judge(&self, request: &Request) -> Verdict {
        let trail = &request.who.trail;
        trail.speaks(NAME);
        let question = Question::Check {
            from: from(&request.who, request.attempt.peer, request.attempt.tls),
            known: request.known,
            evidence: request.evidence.clone().into(),
        };
        let verdict = match self.ask(question).await {
            Ok(Answer::Verdict { said, trail: lines }) => {
                for line in lines {
                    trail.speaks(line.module());
                    trail.line_of(line.kind, line.outcome, line.text);
                }
                said.verdict().ok_or_else(|| self.strange())
            }
            Ok(_) => Err(self.strange()),
            Err(tempfail) => {
                trail.stopped(&tempfail);
                Err(tempfail)
            }
        };
        verdict.unwrap_or_else(Verdict::TempFail)
    }

    /// The SCRAM keys that are kept of somebody.
    pub(crate) async fn scram_keys(&self, who: &Who, hash: scram::Hash) -> Result<Option<scram::Keys>, TempFail> {
        // Nothing is counted there by address.
        let from = from(who, std::net::Ipv4Addr::UNSPECIFIED.into(), true);
        let (identity, name) = (who.identity.clone(), wire::hash_name(hash).to_owned());
        match self.ask(Question::Keys { from, identity, hash: name }).await? {
            Answer::Keys(kept) => kept.map(|kept| kept.keys(hash).ok_or_else(|| self.strange())).transpose(),
            _ => Err(self.strange()),
        }
    }

    /// The rounds of the SCRAM keys that are kept.
    pub(crate) fn scram_iterations(&self) -> Option<u32> {
        self.known.lock().iterations
    }

    /// Who receives mail for an address.
    pub(crate) async fn resolve(&self, recipient: &Address) -> Resolution {
        let answer = self.ask(Question::Resolve { recipient: recipient.to_string() }).await;
        let resolution = match answer {
            Ok(Answer::Receiver(whose)) => whose.resolution().ok_or_else(|| self.strange()),
            Ok(_) => Err(self.strange()),
            Err(tempfail) => Err(tempfail),
        };
        resolution.unwrap_or_else(Resolution::TempFail)
    }

    /// What each module can verify, as the daemon last said. While it is down that stands: who is offered a login then
    /// hears that it is temporary.
    pub(crate) fn abilities(&self) -> Vec<Abilities> {
        self.known.lock().abilities()
    }

    /// How the modules fare, as the daemon last said; and itself, while it is down.
    pub(crate) fn health(&self) -> Vec<Health> {
        self.known.lock().health()
    }

    /// What is not in the daemon's chain.
    pub(crate) fn left_out(&self) -> Vec<LeftOut> {
        self.known.lock().left_out.clone()
    }

    /// Asks the daemon how things are there.
    pub(crate) async fn survey(&self) {
        match self.ask(Question::State {}).await {
            Ok(Answer::State { abilities, health, left_out, iterations }) => {
                let health = health.into_iter().map(|fared| fared.health()).collect();
                self.known.lock().learn(abilities, health, left_out, iterations);
            }
            Ok(_) => self.known.lock().fail(self.strange()),
            Err(_) => {}
        }
    }

    /// How long until the daemon should be asked again.
    pub(crate) fn pause(&self, survey: Duration) -> Duration {
        survey.min(if self.known.lock().is_up() { ASK_AGAIN } else { ASK_SOON })
    }

    /// Asks. Whatever keeps the answer away is temporary, and says what to do.
    async fn ask(&self, question: Question) -> Result<Answer, TempFail> {
        let line = wire::question(question);
        let asked = timeout(PATIENCE, self.exchange(&line)).await;
        let late = || Err(format!("no answer from {} within {PATIENCE:?}", self.path.display()));
        let answer = match asked.unwrap_or_else(|_| late()) {
            Ok(Answer::TempFail(told)) => return Err(told.tempfail()),
            Ok(Answer::Unknown(why)) => Err(format!("{}: {why}", self.path.display())),
            answered => answered,
        };
        let answer = answer.map_err(|cause| TempFail { module: NAME, cause });
        match &answer {
            Ok(_) => self.known.lock().answered(),
            Err(tempfail) => self.known.lock().fail(tempfail.clone()),
        }
        answer
    }

    /// One question and its answer, over a connection that is idle or new. An idle one may have been closed by a daemon
    /// that was started anew meanwhile.
    async fn exchange(&self, line: &[u8]) -> Result<Answer, String> {
        let _place = self.places.acquire().await.map_err(|_| "the server ends".to_owned())?;
        loop {
            let idle = self.idle.lock().pop();
            let (mut connection, used) = match idle {
                Some(connection) => (connection, true),
                None => (Connection::open(&self.path).await?, false),
            };
            match connection.exchange(line).await {
                Ok(answer) => {
                    let mut idle = self.idle.lock();
                    if idle.len() < IDLE {
                        idle.push(connection);
                    }
                    return Ok(answer);
                }
                Err(Lost::Closed) if used => {}
                Err(lost) => return Err(format!("{}: {lost}", self.path.display())),
            }
        }
    }

    fn strange(&self) -> TempFail {
        let cause = format!("{} answers something else; run the same gatepost in both", self.path.display());
        TempFail { module: NAME, cause }
    }
}

fn from(who: &Who, peer: std::net::IpAddr, tls: bool) -> From {
    From { service: who.service.name().to_owned(), peer, tls }
}
