//! A server that runs, in the hands of the program that started it.

use std::sync::Arc;

use crate::Context;
use crate::engine::Engine;
use crate::signals::{Signals, Wish};

/// A running server.
pub struct Running {
    pub(crate) engine: Arc<Engine>,
    pub(crate) signals: Signals,
}

impl Running {
    /// What its sessions share.
    pub fn context(&self) -> &Context {
        &self.engine.context
    }

    /// Serves until SIGTERM or SIGINT, then drains: no new connections, sessions finish the command under way (at most
    /// 10 seconds), the queue is flushed. A second signal ends at once. SIGHUP reloads config and certificates.
    pub async fn until_ended(mut self) {
        while self.signals.next().await == Wish::Reload {
            // What came of it is in the log.
            drop(self.engine.reload().await);
        }
        let engine = Arc::clone(&self.engine);
        tokio::select! {
            () = engine.drain() => {}
            () = self.next_end() => tracing::warn!("ended at once: a second signal came"),
        }
    }

    async fn next_end(&mut self) {
        while self.signals.next().await != Wish::End {}
    }
}
