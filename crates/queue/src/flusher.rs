//! Local mail is recorded as delivered only after it is durable.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::attempt::caught;
use crate::desk::Desk;
use crate::ledger::Finished;
use crate::{Courier, Outcome, Urgency};

/// Between two flushes of local mail; what is delivered meanwhile shares the next one.
const FLUSH_EVERY: Duration = Duration::from_millis(250);

/// So many messages are not kept waiting for company.
const ENOUGH: usize = 1024;

/// Makes delivered local mail durable, many batches at once, and only then lets the desk record it.
pub(crate) async fn run(desk: Arc<Desk>, courier: Arc<dyn Courier>, mut waiting: mpsc::Receiver<Vec<Finished>>) {
    let mut last: Option<Instant> = None;
    while let Some(mut finished) = waiting.recv().await {
        let until = last.map_or_else(Instant::now, |last| last + FLUSH_EVERY);
        while finished.len() < ENOUGH {
            match tokio::time::timeout_at(until, waiting.recv()).await {
                Ok(Some(more)) => finished.extend(more),
                Ok(None) | Err(_) => break,
            }
        }
        let delivered = finished.iter().flat_map(|f| &f.outcomes).any(|o| matches!(o, Outcome::Delivered(_)));
        if delivered && let Err(reason) = flushed(courier.as_ref()).await {
            tracing::error!(reason, "local mail could not be made durable; delivered again");
            finished.iter_mut().for_each(|f| unflushed(f, &reason));
        }
        desk.settle(finished, Urgency::Soon);
        last = Some(Instant::now());
    }
}

async fn flushed(courier: &dyn Courier) -> Result<(), String> {
    match caught(async { courier.flush().await }).await {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("internal error; see the server's log".into()),
    }
}

/// What was delivered may not be on the disk: it is delivered again, and found or written anew.
fn unflushed(finished: &mut Finished, reason: &str) {
    finished.unsure = true;
    for outcome in finished.outcomes.iter_mut().filter(|o| matches!(o, Outcome::Delivered(_))) {
        *outcome = Outcome::Deferred {
            status: "4.3.0".into(),
            reason: format!("mailbox could not be flushed: {reason}"),
            remote: None,
            configuration: true,
        };
    }
}
