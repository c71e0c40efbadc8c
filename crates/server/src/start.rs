//! Starting: everything is built in one place, and nothing is served before all of it is there.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::{ArcSwap, ArcSwapOption};
use auth::Auth;
use config::{Config, Listener};
use mailbox::{LocalCourier, MaildirStore};
use net::ListenError;
use queue::{Courier, Couriers, Queue};
use relay::RelayCourier;
use tokio::net::TcpListener;
use tokio::sync::watch;
use trace::Tracer;

use crate::admission::Admission;
use crate::control::{self, Listening};
use crate::engine::Engine;
use crate::listener::Door;
use crate::lock::{DataLock, LockError};
use crate::recipients::Accounts;
use crate::reload::load_tls;
use crate::router::Router;
use crate::signals::Signals;
use crate::smtp::UserTokens;
use crate::{Context, Running, metrics, notify, summary};

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be made.
    #[error("data folder {path}: {error} (as uid {uid})", uid = rustix::process::geteuid().as_raw())]
    Data {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Another server has it.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The certificate cannot be used.
    #[error("tls: {0}")]
    Tls(#[from] net::TlsError),
    /// Ports that cannot be had, all of them.
    #[error("{}", lines(.0))]
    Listen(Vec<(config::Service, ListenError)>),
    /// The address for metrics cannot be had.
    #[error("metrics.listen: {0}")]
    Metrics(ListenError),
    /// There is nothing to listen on.
    #[error("no listener: [listen] is empty, or all of it needs TLS and there is no certificate")]
    NoListener,
    /// The queue cannot be opened.
    #[error("queue: {0}")]
    Queue(#[from] queue::OpenError),
    /// The key of the users' tokens cannot be read or made.
    #[error("the key for users' tokens in {path}: {error}")]
    UserTokens {
        /// The data folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The control socket cannot be opened.
    #[error("control socket {path}: {error}")]
    Control {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The signals cannot be caught.
    #[error("signals: {0}")]
    Signals(io::Error),
}

fn lines(failed: &[(config::Service, ListenError)]) -> String {
    let lines: Vec<String> =
        failed.iter().map(|(service, error)| format!("listen.{}: {error}", service.name())).collect();
    lines.join("\n")
}

/// Starts a server with a config that was read from `source` (read again on SIGHUP). When it returns, every listener is
/// open, and the line `ready` is in the log. Must be called inside a tokio runtime.
///
/// # Errors
/// See [`StartError`]; nothing was served and no mail was touched.
pub async fn start(config: Config, source: PathBuf) -> Result<Running, StartError> {
    let signals = Signals::catch().map_err(StartError::Signals)?;
    make_folder(&config.data)?;
    let lock = DataLock::take(&config.data)?;
    let tls = load_tls(&config.tls)?;
    let sockets = open_all(&config.listen, tls.is_some())?;
    let control = control::open(&config.data)
        .map_err(|error| StartError::Control { path: control::path(&config.data), error })?;
    let (draining, drained) = watch::channel(false);
    let (context, relay) = build(config, tls, drained)?;
    let engine = Arc::new(Engine {
        admission: Admission::new(),
        source,
        started: SystemTime::now(),
        listening: sockets.iter().map(|(listener, _)| Listening::from(listener)).collect(),
        draining,
        context,
        relay,
        _lock: lock,
    });
    // What is offered depends on it, so it comes before the first session.
    engine.context.auth.survey().await;
    tokio::spawn(engine.context.auth.clone().keep_surveyed());
    if !engine.context.config.load().auth.self_test.is_zero() {
        engine.context.auth.self_test().await;
    }
    tokio::spawn(engine.context.auth.clone().keep_self_tested());
    metrics::start(&engine).map_err(StartError::Metrics)?;
    let services: Vec<_> = sockets.iter().map(|(listener, _)| listener.service).collect();
    for (listener, socket) in sockets {
        tracing::info!(service = listener.service.name(), address = %listener.address, "listening");
        let door = Door::new(listener.service, socket, Arc::clone(&engine.context), Arc::clone(&engine.admission));
        tokio::spawn(door.serve());
    }
    summary::log(&engine.context.auth, services, engine.context.tls.load().is_some());
    tokio::spawn(control::serve(control, Arc::clone(&engine)));
    tracing::info!(pid = std::process::id(), version = env!("CARGO_PKG_VERSION"), "ready");
    notify::tell("READY=1");
    Ok(Running { engine, signals })
}

/// Logins go on where they cannot be written down: a disk that is full must not lock everybody out.
fn keep_attempts(auth: &Auth, config: &Config) {
    if let Err(error) = auth.attempts().keep(&config.data, config.auth.log_size) {
        let path = config.data.display();
        tracing::error!(%path, %error, "login attempts are not written down: `gatepost auth log` will not show them");
    }
}

/// Sessions go on where nothing can be written down.
fn tracer(config: &Config) -> Arc<Tracer> {
    let config::Trace { enabled, size, age } = config.trace;
    if !enabled {
        return Tracer::off();
    }
    Tracer::open(&config.data, size, Some(age)).unwrap_or_else(|error| {
        let path = trace::folder(&config.data);
        tracing::error!(path = %path.display(), %error, "sessions are not recorded: `gatepost trace` will not show those that ended");
        Tracer::without_files()
    })
}

/// Mail is private: the folder is its owner's.
fn make_folder(data: &Path) -> Result<(), StartError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(data);
    made.map_err(|error| StartError::Data { path: data.to_owned(), error })
}

/// Opens all ports or none, and tells all that cannot be had.
fn open_all(listeners: &[Listener], tls: bool) -> Result<Vec<(Listener, TcpListener)>, StartError> {
    let (mut open, mut failed) = (Vec::new(), Vec::new());
    for listener in listeners {
        if listener.service.implicit_tls() && !tls {
            let service = listener.service.name();
            tracing::warn!(service, address = %listener.address, "not opened: it needs TLS, and [tls] names no certificate");
            continue;
        }
        match net::listen(listener.address) {
            Ok(socket) => open.push((listener.clone(), socket)),
            Err(error) => failed.push((listener.service, error)),
        }
    }
    match (failed.is_empty(), open.is_empty()) {
        (false, _) => Err(StartError::Listen(failed)),
        (true, true) => Err(StartError::NoListener),
        (true, false) => Ok(open),
    }
}

/// Builds what the sessions share, and starts the queue.
fn build(
    config: Config,
    tls: Option<net::ServerTls>,
    draining: watch::Receiver<bool>,
) -> Result<(Arc<Context>, Arc<RelayCourier>), StartError> {
    let user_tokens =
        UserTokens::open(&config.data).map_err(|error| StartError::UserTokens { path: config.data.clone(), error })?;
    let (auth, tracer) = (Auth::new(&config), tracer(&config));
    keep_attempts(&auth, &config);
    let queue = Queue::open(&config)?;
    let store = MaildirStore::new(&config.hostname, &config.mailbox);
    let relay = Arc::new(RelayCourier::new(&config, Arc::clone(&tracer)));
    let config = Arc::new(ArcSwap::from_pointee(config));
    queue.start(Couriers {
        router: Arc::new(Router { config: Arc::clone(&config), relay: Arc::clone(&relay) }),
        local: Arc::new(LocalCourier::new(store.clone(), Arc::new(Accounts(auth.clone())))),
        relay: Arc::clone(&relay) as Arc<dyn Courier>,
    });
    let tls = ArcSwapOption::from_pointee(tls);
    let (store, memory) = (Arc::new(store), Arc::default());
    let context = Context { config, tls, auth, queue, store, tracer, memory, user_tokens, draining };
    Ok((Arc::new(context), relay))
}
