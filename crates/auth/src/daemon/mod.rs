//! `gatepost authd`: the chain in a process of its own, at sockets.
//!
//! Three protocols, a file or folder each: our own (`own`), Courier's and Dovecot's. Every question takes a place among the
//! workers ([`places`]); the delay of a failed login is waited for without one.

mod courier;
mod dovecot;
mod own;
mod places;
mod socket;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use config::{Authd, Config};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tracing::Instrument;

use crate::modules::LeftOut;
use crate::{Auth, TempFail, Verdict};
use places::Places;
use socket::{Access, Opened};
pub use socket::{OpenError, own_path};

/// Connections over all sockets; more wait to be accepted.
const CONNECTIONS: u32 = 1000;

/// How long the questions under way are waited for at the end.
const DRAIN: Duration = Duration::from_secs(10);

/// The daemon. Dropping it leaves its sockets behind.
#[derive(Debug)]
pub struct Daemon {
    context: Arc<Context>,
    sockets: Vec<Opened>,
    ending: watch::Sender<bool>,
}

/// What all connections share.
#[derive(Debug)]
struct Context {
    auth: Auth,
    config: ArcSwap<Config>,
    places: ArcSwap<Places>,
    connections: Arc<Semaphore>,
    ending: watch::Receiver<bool>,
}

/// What is spoken at a socket.
#[derive(Debug, Clone, Copy)]
enum Protocol {
    Own,
    Courier,
    Dovecot,
}

impl Daemon {
    /// Opens all sockets, and answers from then on. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// A socket that cannot be opened; then none is.
    pub async fn start(config: &Config) -> Result<Self, OpenError> {
        let config = here(config);
        let auth = Auth::new(&config);
        let listeners = open_all(&config)?;
        announce(&config, &auth);
        // What is offered depends on it, so it comes before the first question.
        auth.survey().await;
        tokio::spawn(auth.clone().keep_surveyed());
        let (ending, ended) = watch::channel(false);
        let context = Arc::new(Context {
            auth,
            places: ArcSwap::from_pointee(Places::new(&config.authd)),
            config: ArcSwap::from_pointee(config),
            connections: Arc::new(Semaphore::new(CONNECTIONS as usize)),
            ending: ended,
        });
        let mut sockets = Vec::new();
        for (protocol, opened, listener) in listeners {
            tracing::info!(socket = %opened.path().display(), ?protocol, "listening");
            tokio::spawn(accept(listener, protocol, Arc::clone(&context)));
            sockets.push(opened);
        }
        Ok(Self { context, sockets, ending })
    }

    /// Takes another config. The sockets stay as they are; the keys that need a restart are told.
    pub async fn reload(&self, config: &Config) -> Vec<&'static str> {
        let mut new = here(config);
        let differ = carry_over(&self.context.config.load(), &mut new);
        self.context.auth.reload(&new).await;
        self.context.places.store(Arc::new(Places::new(&new.authd)));
        self.context.config.store(Arc::new(new));
        announce(&self.context.config.load(), &self.context.auth);
        differ
    }

    /// Ends: nobody is accepted any more, the questions under way are answered, and the sockets are taken away.
    pub async fn end(self) {
        for socket in &self.sockets {
            socket.remove();
        }
        // Nobody may be there any more to be told.
        let _ = self.ending.send(true);
        let all = self.context.connections.acquire_many(CONNECTIONS);
        if timeout(DRAIN, all).await.is_err() {
            tracing::warn!(after = ?DRAIN, "questions under way are cut off");
        }
    }
}

/// The chain is in this process, whatever the config of the server says.
fn here(config: &Config) -> Config {
    let mut config = config.clone();
    config.auth.socket = None;
    config
}

type Listening = (Protocol, Opened, UnixListener);

/// All sockets or none.
fn open_all(config: &Config) -> Result<Vec<Listening>, OpenError> {
    let authd = &config.authd;
    let own = Access { mode: authd.socket_mode, group: authd.socket_group.as_deref() };
    let client = Access { mode: authd.client_mode, group: authd.client_group.as_deref() };
    let first = std::iter::once((Protocol::Own, own_path(config), own));
    let couriers = authd.courier_sockets.iter().map(|path| (Protocol::Courier, path.clone(), client));
    let dovecots = authd.dovecot_sockets.iter().map(|path| (Protocol::Dovecot, path.clone(), client));
    let mut listeners: Vec<Listening> = Vec::new();
    for (protocol, path, access) in first.chain(couriers).chain(dovecots) {
        match Opened::open(&path, access) {
            Ok((opened, listener)) => listeners.push((protocol, opened, listener)),
            Err(error) => {
                listeners.iter().for_each(|(_, opened, _)| opened.remove());
                return Err(error);
            }
        }
    }
    Ok(listeners)
}

/// What stays as it was until a restart; the keys that differ.
fn carry_over(old: &Config, new: &mut Config) -> Vec<&'static str> {
    let sockets = |authd: &Authd| {
        let access = (authd.socket_mode, authd.client_mode, authd.socket_group.clone(), authd.client_group.clone());
        (authd.socket.clone(), authd.courier_sockets.clone(), authd.dovecot_sockets.clone(), access)
    };
    let mut differ = Vec::new();
    differ.extend((old.data != new.data).then_some("data"));
    differ.extend((sockets(&old.authd) != sockets(&new.authd)).then_some("authd (its sockets)"));
    differ.extend((old.log != new.log).then_some("log"));
    new.data.clone_from(&old.data);
    new.log = old.log;
    differ
}

/// As Courier's daemon says it at its start (MISSION 004-21, 004-22).
fn announce(config: &Config, auth: &Auth) {
    tracing::info!("modules=\"{}\", daemons={}", config.auth.chain.join(" "), config.authd.workers);
    let left_out = auth.left_out();
    for module in &config.auth.chain {
        tracing::info!("Installing {module}");
        match left_out.iter().find(|left_out| left_out.module == *module) {
            Some(LeftOut { why, .. }) => tracing::warn!("{module}: {why}"),
            None => tracing::info!("Installation complete: {module}"),
        }
    }
}

/// Accepts until the end.
async fn accept(listener: UnixListener, protocol: Protocol, context: Arc<Context>) {
    let mut ending = context.ending.clone();
    loop {
        let Ok(place) = Arc::clone(&context.connections).acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = ending.wait_for(|ending| *ending) => return,
        };
        match accepted {
            Ok((stream, _)) => {
                let context = Arc::clone(&context);
                let span = tracing::error_span!("authd", session = %trace::SessionId::random(), ?protocol);
                let session = async move {
                    talk(stream, protocol, &context).await;
                    drop(place);
                };
                tokio::spawn(session.instrument(span));
            }
            // Out of descriptors: do not spin.
            Err(error) => {
                tracing::warn!(%error, "accept");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

async fn talk(stream: UnixStream, protocol: Protocol, context: &Context) {
    let ended: io::Result<()> = match protocol {
        Protocol::Own => own::talk(stream, context).await,
        Protocol::Courier => courier::talk(stream, context).await,
        Protocol::Dovecot => dovecot::talk(stream, context).await,
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "the connection ended");
    }
}

impl Context {
    /// Judges a login of a foreign client: throttled, counted and written to the log as any other. The delay of a failed
    /// one is waited for here, but without a place among the workers.
    async fn check(&self, attempt: crate::Attempt, evidence: sasl::Evidence) -> Verdict {
        let places = self.places.load_full();
        let place = match places.enter().await {
            Ok(place) => place,
            Err(cause) => return Verdict::TempFail(busy(cause)),
        };
        let span = tracing::error_span!("login", service = attempt.service.name(), peer = %attempt.peer);
        let crate::auth::Decided { verdict, wait, .. } = self.auth.decide(attempt, evidence).instrument(span).await;
        drop(place);
        if let Some(wait) = wait {
            tokio::time::sleep(wait).await;
        }
        verdict
    }

    /// Whether the daemon ends.
    fn ends(&self) -> bool {
        *self.ending.borrow()
    }

    /// Waits until it does.
    async fn ended(&self) {
        // Whoever would tell is gone: that is an end as well.
        drop(self.ending.clone().wait_for(|ending| *ending).await);
    }

    /// Whether passwords are taken inside TLS only.
    fn requires_tls(&self) -> bool {
        self.config.load().auth.require_tls
    }

    /// Whether a module is in the chain.
    fn has(&self, module: &str) -> bool {
        self.config.load().auth.chain.iter().any(|name| name == module)
    }
}

fn busy(cause: String) -> TempFail {
    TempFail { module: crate::remote::NAME, cause }
}

/// This process's own user and group.
fn own_ids() -> (u32, u32) {
    (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw())
}

/// The store of `accounts`, in a data folder.
fn store(data: &Path) -> PathBuf {
    crate::accounts::Store::path(data)
}
