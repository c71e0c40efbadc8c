//! Numbers for a monitoring system, in OpenMetrics text: printed by `gatepost metrics`, and served where `[metrics]` says.

mod encode;
mod serve;

use std::sync::Arc;

pub(crate) use serve::serve;

use crate::engine::Engine;

impl Engine {
    /// All numbers as they are now.
    pub(crate) fn metrics(&self) -> String {
        encode::encode(&self.context.auth.overview(), &self.status())
    }
}

/// Answers on the address that the config names, if it names one.
pub(crate) fn start(engine: &Arc<Engine>) -> Result<(), net::ListenError> {
    let Some(address) = engine.context.config.load().metrics.listen else { return Ok(()) };
    let socket = net::listen(address)?;
    tracing::info!(%address, "metrics");
    tokio::spawn(serve(socket, Arc::clone(engine)));
    Ok(())
}
