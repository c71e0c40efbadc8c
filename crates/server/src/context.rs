//! What every session may use, built in one place and handed down.

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use config::Config;
use mailbox::MailStore;

/// The parts that all sessions share.
pub struct Context {
    /// The config; replaced on SIGHUP. A session loads it once, at its start. The router of the queue shares it.
    pub config: Arc<ArcSwap<Config>>,
    /// Certificate; `None` without one. Replaced on SIGHUP.
    pub tls: ArcSwapOption<net::ServerTls>,
    /// The chain.
    pub auth: auth::Auth,
    /// The queue.
    pub queue: queue::Queue,
    /// The mail.
    pub store: Arc<dyn MailStore>,
    /// The records of all sessions.
    pub tracer: Arc<trace::Tracer>,
    /// For messages on their way in.
    pub(crate) memory: Arc<crate::memory::Memory>,
    /// Accounts' names for `received_user = "token"`; made by [`crate::smtp::UserTokens::open`].
    pub user_tokens: crate::smtp::UserTokens,
    /// Becomes true when the server drains: a driver that waits for a command says goodbye.
    pub draining: tokio::sync::watch::Receiver<bool>,
}

/// One session, as its listener saw it. The listener has a `tracing` span around the driver with `session`, `service`
/// and `peer`; drivers just log.
#[derive(Debug, Clone, Copy)]
pub struct SessionInfo {
    /// Its id.
    pub id: trace::SessionId,
    /// Which listener.
    pub service: config::Service,
    /// The client; behind a proxy, as that has said.
    pub peer: SocketAddr,
    /// The proxy that spoke for the client (`listen.proxies`).
    pub proxy: Option<SocketAddr>,
    /// Our end.
    pub local: SocketAddr,
}

/// Waits until the server drains.
pub(crate) async fn drained(draining: &mut tokio::sync::watch::Receiver<bool>) {
    // It fails when the sender is gone, and the server with it.
    drop(draining.wait_for(|draining| *draining).await);
}
