//! Taking up a changed config and certificate without stopping (SIGHUP).

use std::sync::Arc;

use config::Config;

use crate::engine::Engine;
use crate::notify;

/// Why the old config stays.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// The new config is broken; all that is wrong with it.
    #[error("{0}")]
    Config(config::Errors),
    /// The new certificate cannot be used.
    #[error("tls: {0}")]
    Tls(#[from] net::TlsError),
}

impl Engine {
    /// Reads config and certificates again. Sessions under way keep the config they began with; new ones, the queue and
    /// STARTTLS see the new one. Returns the keys that have changed but need a restart: for them the old value stays.
    pub(crate) async fn reload(&self) -> Result<Vec<&'static str>, ReloadError> {
        notify::tell("RELOADING=1");
        let outcome = self.take_up().await;
        match &outcome {
            Ok(restart_for) if restart_for.is_empty() => tracing::info!("config and certificate reloaded"),
            Ok(restart_for) => {
                tracing::warn!(?restart_for, "config and certificate reloaded, but these keys need a restart")
            }
            Err(error) => tracing::error!(%error, "not reloaded: the old config stays"),
        }
        notify::tell("READY=1");
        outcome
    }

    async fn take_up(&self) -> Result<Vec<&'static str>, ReloadError> {
        let mut new = config::load(&self.source).map_err(ReloadError::Config)?.config;
        let restart_for = carry_over(&self.context.config.load(), &mut new);
        let tls = load_tls(&new.tls)?;
        let new = Arc::new(new);
        self.context.tls.store(tls.map(Arc::new));
        self.relay.reload(&new);
        self.context.queue.reconfigure(&new);
        self.context.auth.reload(&new).await;
        self.context.config.store(new);
        Ok(restart_for)
    }
}

/// The certificate that the config names, if it names one.
pub(crate) fn load_tls(tls: &config::Tls) -> Result<Option<net::ServerTls>, net::TlsError> {
    match (&tls.certificate, &tls.key, &tls.client_ca) {
        (Some(certificate), Some(key), None) => net::ServerTls::load(certificate, key).map(Some),
        (Some(certificate), Some(key), Some(authorities)) => {
            net::ServerTls::asking_clients(certificate, key, authorities).map(Some)
        }
        // One without the other is an error of the config, found there.
        _ => Ok(None),
    }
}

/// What cannot be changed while the server runs stays as it was. Returns the keys that differ.
fn carry_over(old: &Config, new: &mut Config) -> Vec<&'static str> {
    let mut differ = Vec::new();
    let mut keep = |name, changed: bool| differ.extend(changed.then_some(name));
    keep("data", old.data != new.data);
    keep("listen", old.listen != new.listen);
    keep("log", old.log != new.log);
    keep("metrics", old.metrics != new.metrics);
    keep("auth.log_size", old.auth.log_size != new.auth.log_size);
    keep("trace", old.trace != new.trace);
    keep("mailbox", old.mailbox != new.mailbox);
    keep("queue.segment_size", old.queue.segment_size != new.queue.segment_size);
    new.data.clone_from(&old.data);
    new.listen.clone_from(&old.listen);
    new.log = old.log;
    new.metrics.clone_from(&old.metrics);
    new.auth.log_size = old.auth.log_size;
    new.trace = old.trace.clone();
    new.mailbox.clone_from(&old.mailbox);
    new.queue.segment_size = old.queue.segment_size;
    differ
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_a_restart_is_named_and_stays() {
        let old = Config::example("/srv/old");
        let mut new = old.clone();
        new.limits.recipients += 1;
        assert!(carry_over(&old, &mut new).is_empty());
        new.data = "/srv/new".into();
        new.queue.segment_size *= 2;
        assert_eq!(carry_over(&old, &mut new), ["data", "queue.segment_size"]);
        assert_eq!((new.data, new.limits.recipients), (old.data, old.limits.recipients + 1));
    }
}
