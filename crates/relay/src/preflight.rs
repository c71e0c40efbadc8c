//! Trying a route as far as its login, and no further: nothing is sent, and nothing is kept of it (MISSION 002-29).

use std::sync::Arc;
use std::time::Duration;

use config::{Config, Route};
use parking_lot::Mutex;
use smtp::Reply;
use smtp::client::{LoginError, OpeningError, Stage};
use tokio::time::timeout;
use trace::Tracer;

use crate::dns;
use crate::login::Logins;
use crate::mx::Candidate;
use crate::open::Opener;
use crate::route::Target;
use crate::settings::Settings;
use crate::trouble::Trouble;

/// Addresses of a smarthost that are tried.
const MOST_ADDRESSES: usize = 3;

/// What became of trying a route.
#[derive(Debug, Clone, Default)]
pub struct Preflight {
    /// The host with the address that was spoken with last: `smart.example [192.0.2.1]:587`.
    pub host: Option<String>,
    /// The lines of its EHLO reply before TLS; `None` where TLS begins at once, or nothing was said.
    pub before_tls: Option<Vec<String>>,
    /// The same inside TLS; `None` without TLS.
    pub inside_tls: Option<Vec<String>>,
    /// `TLSv1.3`; `None` in clear.
    pub tls: Option<&'static str>,
    /// The mechanism of the login that worked.
    pub mechanism: Option<&'static str>,
    /// The server's last word to the login: the 235 itself, or a refusal.
    pub answer: Option<String>,
    /// Why mail could not go this way now.
    pub trouble: Option<Obstacle>,
}

/// Why a route does not work.
#[derive(Debug, Clone)]
pub struct Obstacle {
    /// In words.
    pub why: String,
    /// Of what kind it is.
    pub kind: ObstacleKind,
}

/// What the operator has to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObstacleKind {
    /// The host has no address, or the DNS does not tell.
    Name,
    /// No connection, or it broke.
    Connection,
    /// TLS is missing or its certificate is not good.
    Tls,
    /// The file with the password or token.
    Secret,
    /// User or password were refused.
    Login,
    /// It offers nothing to log in by, or not without TLS.
    Mechanism,
    /// It says no, or not now.
    Refused,
}

/// What the server said on the way.
#[derive(Debug, Default)]
pub(crate) struct Heard(Mutex<Said>);

#[derive(Debug, Default)]
struct Said {
    before_tls: Option<Vec<String>>,
    inside_tls: Option<Vec<String>>,
    answer: Option<String>,
}

impl Heard {
    /// Takes a reply to a stage.
    pub(crate) fn take(&self, stage: Stage, tls: bool, reply: &Reply) {
        let mut said = self.0.lock();
        match stage {
            Stage::Hello => {
                let lines = Some(reply.lines().skip(1).map(str::to_owned).collect());
                if tls { said.inside_tls = lines } else { said.before_tls = lines }
            }
            // The challenges on the way are no word for or against it.
            Stage::Auth if reply.code() != 334 => said.answer = Some(reply.to_string()),
            _ => {}
        }
    }
}

/// Tries a route: EHLO, TLS and the login, as mail would go this way. `wait` bounds each wait for an answer.
pub async fn preflight(config: &Config, route: &Route, wait: Duration) -> Preflight {
    let mut settings = Settings::new(config, dns::open(&config.relay.resolvers), Tracer::off());
    settings.relay.connect_timeout = settings.relay.connect_timeout.min(wait);
    settings.relay.reply_timeout = settings.relay.reply_timeout.min(wait);
    let target = Target::Route(Arc::new(route.clone()));
    let candidates = match timeout(wait, settings.candidates(&target)).await {
        Ok(Ok(candidates)) => candidates,
        Ok(Err(error)) => return Preflight::failed(ObstacleKind::Name, format!("{}: {error}", route.host)),
        Err(_) => return Preflight::failed(ObstacleKind::Name, format!("{}: the DNS does not answer", route.host)),
    };
    let mut best = Preflight::default();
    for candidate in candidates.iter().take(MOST_ADDRESSES) {
        let (tried, ends) = attempt(&settings, &target, candidate).await;
        // Of several addresses that do not work, the one that said something tells more.
        if ends || best.host.is_none() || tried.said_something() {
            best = tried;
        }
        if ends {
            break;
        }
    }
    best
}

/// One address, and whether there is nothing to be gained by another.
async fn attempt(settings: &Settings, target: &Target, candidate: &Candidate) -> (Preflight, bool) {
    let (logins, heard) = (Logins::default(), Heard::default());
    let opener = Opener { settings, logins: &logins, target, heard: Some(&heard) };
    let opened = opener.open(candidate, None).await;
    let Said { before_tls, inside_tls, answer } = heard.0.into_inner();
    let host = Some(candidate.to_string());
    let mut tried = Preflight { host, before_tls, inside_tls, answer, ..Preflight::default() };
    match opened {
        Ok(link) => {
            tried.tls = link.wire.connection.tls().map(|tls| tls.version);
            tried.mechanism = link.ready.mechanism.map(sasl::Mechanism::name);
            link.leave().await;
            (tried, true)
        }
        Err(none) => {
            let ends = none.trouble.ends_attempt();
            tried.trouble = Some(Obstacle { why: none.trouble.to_string(), kind: kind(&none.trouble) });
            (tried, ends)
        }
    }
}

impl Preflight {
    fn said_something(&self) -> bool {
        self.before_tls.is_some() || self.inside_tls.is_some()
    }

    fn failed(kind: ObstacleKind, why: String) -> Self {
        Self { trouble: Some(Obstacle { why, kind }), ..Self::default() }
    }
}

fn kind(trouble: &Trouble) -> ObstacleKind {
    match trouble {
        Trouble::Connect(_) | Trouble::Wire { .. } => ObstacleKind::Connection,
        Trouble::Handshake(_) | Trouble::Trust(_) | Trouble::Opening(OpeningError::TlsNotOffered) => ObstacleKind::Tls,
        Trouble::Password { .. } | Trouble::NoPasswordFile => ObstacleKind::Secret,
        Trouble::RefusedBefore(_) | Trouble::Opening(OpeningError::Login(LoginError::Refused { .. })) => {
            ObstacleKind::Login
        }
        Trouble::Opening(
            OpeningError::LoginInClear
            | OpeningError::Login(LoginError::NothingUsable { .. } | LoginError::Unproven { .. }),
        ) => ObstacleKind::Mechanism,
        Trouble::Opening(OpeningError::Login(LoginError::Temporary(_)) | OpeningError::Refused { .. }) => {
            ObstacleKind::Refused
        }
    }
}
