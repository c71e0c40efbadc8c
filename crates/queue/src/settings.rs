//! What the config says of the queue.

use message::Domain;

use crate::Schedule;
use crate::lanes::Limits;

/// Replaced as a whole when the config is.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) hostname: Domain,
    pub(crate) schedule: Schedule,
    pub(crate) limits: Limits,
    pub(crate) min_free: u64,
}

impl Settings {
    pub(crate) fn new(config: &config::Config) -> Self {
        let queue = &config.queue;
        Self {
            hostname: config.hostname.clone(),
            schedule: Schedule { retry: queue.retry.clone(), lifetime: queue.lifetime, warn_after: queue.warn_after },
            limits: Limits {
                local: queue.local_concurrency,
                relay: queue.relay_concurrency,
                destination: queue.destination_concurrency,
            },
            min_free: queue.min_free,
        }
    }
}
