//! One open port: it takes connections and makes sessions of them, within the limits.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use config::Service;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tracing::Instrument;

use crate::admission::Admission;
use crate::context::drained;
use crate::{Context, SessionInfo, session};

/// How long to wait for file descriptors to come back. The kernel keeps the next clients in its backlog meanwhile.
const STARVED: Duration = Duration::from_millis(250);

/// Refusals said at the same time; whoever comes then is closed without a word.
const REFUSALS: usize = 64;

/// Longest wait for the header of a proxy, which sends it at once.
const PROXY_HEADER: Duration = Duration::from_secs(10);

/// One open port.
pub(crate) struct Door {
    service: Service,
    socket: TcpListener,
    hall: Hall,
}

/// Where those who came in become sessions, or do not.
#[derive(Clone)]
struct Hall {
    context: Arc<Context>,
    admission: Arc<Admission>,
    refusals: Arc<Semaphore>,
}

impl Door {
    /// Of an open socket.
    pub(crate) fn new(service: Service, socket: TcpListener, context: Arc<Context>, admission: Arc<Admission>) -> Self {
        Self { service, socket, hall: Hall { context, admission, refusals: Arc::new(Semaphore::new(REFUSALS)) } }
    }

    /// Takes connections until the server drains; then the port is closed.
    pub(crate) async fn serve(self) {
        let mut draining = self.hall.context.draining.clone();
        let mut starved = false;
        loop {
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                () = drained(&mut draining) => return,
            };
            match accepted {
                Ok((socket, peer)) => self.hall.welcome(socket, self.service, peer),
                Err(error) if is_starved(&error) => {
                    // Said once, not four times a second.
                    if !std::mem::replace(&mut starved, true) {
                        tracing::error!(%error, service = self.service.name(), "no connection can be taken (see `ulimit -n`, LimitNOFILE=)");
                    }
                    tokio::time::sleep(STARVED).await;
                    continue;
                }
                // accept(2): errors of that one connection, which is gone.
                Err(error) => {
                    tracing::debug!(%error, service = self.service.name(), "a connection was lost before it was taken")
                }
            }
            starved = false;
        }
    }
}

impl Hall {
    fn welcome(&self, socket: TcpStream, service: Service, peer: SocketAddr) {
        // Gone already.
        let Ok(local) = socket.local_addr() else { return };
        let info = SessionInfo { id: trace::SessionId::random(), service, peer, proxy: None, local };
        let config = self.context.config.load();
        if config.proxies.iter().any(|network| network.contains(peer.ip())) {
            let span = span(&info);
            return drop(tokio::spawn(self.clone().behind_proxy(socket, info).instrument(span)));
        }
        self.admit(socket, info);
    }

    /// For whom a trusted proxy speaks comes first: limits are the client's.
    async fn behind_proxy(self, mut socket: TcpStream, mut info: SessionInfo) {
        match net::proxy::take_header(&mut socket, PROXY_HEADER).await {
            Ok(client) => {
                if let Some(client) = client {
                    (info.proxy, info.peer) = (Some(info.peer), client);
                }
                self.admit(socket, info);
            }
            // A balancer that looks whether the port is open.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => tracing::debug!("a proxy came and left"),
            Err(error) => session::without_proxy_header(socket, self.context, info, error).await,
        }
    }

    fn admit(&self, socket: TcpStream, info: SessionInfo) {
        let (span, context) = (span(&info), Arc::clone(&self.context));
        match self.admission.enter(info.peer.ip(), &self.context.config.load().limits) {
            Ok(place) => drop(tokio::spawn(session::run(socket, context, info, place).instrument(span))),
            Err(full) => {
                span.in_scope(|| tracing::warn!(limit = ?full, sessions = self.admission.total(), "refused: too many connections"));
                let Ok(permit) = Arc::clone(&self.refusals).try_acquire_owned() else { return };
                let refusal = async move {
                    session::refuse(socket, context, info, full).await;
                    drop(permit);
                };
                drop(tokio::spawn(refusal.instrument(span)));
            }
        }
    }
}

/// At the highest level, so that the id is in every line, however few are printed.
fn span(info: &SessionInfo) -> tracing::Span {
    let SessionInfo { id, service, peer, proxy, .. } = info;
    let span = tracing::error_span!(parent: None, "session", session = %id, service = service.name(), %peer, proxy = tracing::field::Empty);
    if let Some(proxy) = proxy {
        span.record("proxy", tracing::field::display(proxy));
    }
    span
}

/// No file descriptors or memory: the connection stays in the backlog, so trying at once would spin.
fn is_starved(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let starving = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    Errno::from_io_error(error).is_some_and(|errno| starving.contains(&errno))
}
