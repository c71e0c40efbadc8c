//! Connections kept for a few seconds, so that the next message for the same place needs no new one.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::link::Link;
use crate::route::Target;

/// How long an idle connection is kept: long enough for a burst, short enough to be no burden for the other side.
const KEEP: Duration = Duration::from_secs(5);
/// Idle connections in all.
const MAX_IDLE: usize = 32;
/// Messages over one connection; some servers get wary of more.
const MAX_CARRIED: usize = 100;

/// The idle connections.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    idle: Vec<Idle>,
    /// A task that closes what was kept too long is running.
    sweeping: bool,
}

#[derive(Debug)]
struct Idle {
    target: Target,
    link: Link,
    since: Instant,
}

impl Pool {
    /// A connection of this very target: routes never share one, as they may differ in login and protection.
    pub(crate) fn take(&self, target: &Target) -> Option<Link> {
        let idle = &mut self.state.lock().idle;
        let place = idle.iter().rposition(|idle| idle.target == *target)?;
        Some(idle.remove(place).link)
    }

    /// Keeps a connection.
    pub(crate) fn put(self: &Arc<Self>, target: Target, link: Link) {
        if link.carried >= MAX_CARRIED {
            return link.quit();
        }
        let mut state = self.state.lock();
        state.idle.push(Idle { target, link, since: Instant::now() });
        if state.idle.len() > MAX_IDLE {
            state.idle.remove(0).link.quit();
        }
        if !std::mem::replace(&mut state.sweeping, true) {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }

    /// Closes what was kept too long; false when nothing is left to wait for.
    fn expire(&self) -> bool {
        let mut state = self.state.lock();
        while state.idle.first().is_some_and(|oldest| oldest.since.elapsed() >= KEEP) {
            state.idle.remove(0).link.quit();
        }
        state.sweeping = !state.idle.is_empty();
        state.sweeping
    }
}

async fn sweep(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(KEEP / 2).await;
        match pool.upgrade() {
            Some(pool) if pool.expire() => {}
            _ => return,
        }
    }
}
