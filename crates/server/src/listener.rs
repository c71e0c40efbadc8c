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

/// One open port.
pub(crate) struct Door {
    service: Service,
    socket: TcpListener,
    context: Arc<Context>,
    admission: Arc<Admission>,
    refusals: Arc<Semaphore>,
}

impl Door {
    /// Of an open socket.
    pub(crate) fn new(service: Service, socket: TcpListener, context: Arc<Context>, admission: Arc<Admission>) -> Self {
        Self { service, socket, context, admission, refusals: Arc::new(Semaphore::new(REFUSALS)) }
    }

    /// Takes connections until the server drains; then the port is closed.
    pub(crate) async fn serve(self) {
        let mut draining = self.context.draining.clone();
        let mut starved = false;
        loop {
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                () = drained(&mut draining) => return,
            };
            match accepted {
                Ok((socket, peer)) => self.welcome(socket, peer),
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

    fn welcome(&self, socket: TcpStream, peer: SocketAddr) {
        // Gone already.
        let Ok(local) = socket.local_addr() else { return };
        let info = SessionInfo { id: trace::SessionId::random(), service: self.service, peer, local };
        // At the highest level, so that the id is in every line, however few are printed.
        let span = tracing::error_span!("session", session = %info.id, service = self.service.name(), %peer);
        let context = Arc::clone(&self.context);
        match self.admission.enter(peer.ip(), &self.context.config.load().limits) {
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

/// No file descriptors or memory: the connection stays in the backlog, so trying at once would spin.
fn is_starved(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let starving = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    Errno::from_io_error(error).is_some_and(|errno| starving.contains(&errno))
}
