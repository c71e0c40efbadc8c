//! Doing what a request asks for.

use std::sync::Arc;
use std::time::Duration;

use auth::attempts::Wanted;
use auth::overview::Overview;
use queue::VerbError;
use trace::SessionId;
use trace::record::Record;

use super::{Refusal, Request, Response};
use crate::engine::Engine;

/// Most sessions in one answer.
const MOST_SESSIONS: usize = 1000;

impl Engine {
    /// Does what a line asks for.
    pub(super) async fn answer(&self, line: &[u8]) -> Response {
        match serde_json::from_slice(line) {
            Ok(request) => self.carry_out(request).await,
            Err(error) => Response::Refused { refusal: Refusal::NotUnderstood, text: error.to_string() },
        }
    }

    async fn carry_out(&self, request: Request) -> Response {
        let queue = &self.context.queue;
        let done = |()| Response::Done;
        let answer = match request {
            Request::QueueList { filter } => Ok(Response::Messages(queue.list(&filter))),
            Request::QueueShow { id } => queue.show(id).await.map(|message| Response::Message(Box::new(message))),
            Request::QueueRetry { id } => queue.retry(id).await.map(Response::Retried),
            Request::QueueRemove { id } => queue.remove(id).await.map(done),
            Request::QueueHold { id } => queue.hold(id).await.map(done),
            Request::QueueRelease { id } => queue.release(id).await.map(done),
            Request::AuthTest(trial) => Ok(Response::Tried(Box::new(self.context.auth.trial(&trial).await))),
            Request::AuthModules => Ok(Response::AuthModules(Box::new(self.overview().await))),
            Request::AuthDebug { wanted } => Ok(self.debug(wanted)),
            Request::AuthDebugList => Ok(Response::AuthDebug(self.context.auth.attempts().debugged())),
            Request::AuthDebugOff { id } => Ok(Response::AuthDebugOff(self.context.auth.attempts().end_debug(id))),
            Request::Sessions { id, most } => Ok(Response::Sessions(self.sessions(id, most).await)),
            Request::Metrics => Ok(Response::Metrics(self.metrics())),
            Request::Status => Ok(Response::Status(self.status())),
            Request::Reload => Ok(self.reloaded().await),
        };
        answer.unwrap_or_else(|error| {
            let refusal = match &error {
                VerbError::Unknown(_) => Refusal::NoSuchMessage,
                VerbError::Spool(_) => Refusal::Spool,
            };
            Response::Refused { refusal, text: error.to_string() }
        })
    }

    /// Those that run. Whoever asks reads the files next: what has ended before is in them then, and nothing falls between.
    async fn sessions(&self, id: Option<SessionId>, most: usize) -> Vec<Record> {
        let tracer = &self.context.tracer;
        let running = match id {
            Some(id) => tracer.running(id).into_iter().collect(),
            None => tracer.all_running(most.min(MOST_SESSIONS)),
        };
        let flushing = Arc::clone(tracer);
        if let Err(error) = tokio::task::spawn_blocking(move || flushing.flush()).await {
            tracing::error!(%error, "records of sessions");
        }
        running
    }

    /// With the modules asked just now.
    async fn overview(&self) -> Overview {
        self.context.auth.survey().await;
        self.context.auth.overview()
    }

    fn debug(&self, wanted: Wanted) -> Response {
        let (auth, span) = (self.context.auth.clone(), Duration::from_secs(wanted.seconds));
        match auth.attempts().debug(wanted, &self.context.config.load().data) {
            Ok(debugged) => {
                // Its end is said in the log when it comes, not with the next login.
                tokio::spawn(async move {
                    tokio::time::sleep(span + Duration::from_millis(10)).await;
                    auth.attempts().debugged();
                });
                Response::AuthDebug(vec![debugged])
            }
            Err(error) => Response::Refused { refusal: Refusal::NotAllowed, text: error.to_string() },
        }
    }

    async fn reloaded(&self) -> Response {
        match self.reload().await {
            Ok(restart_for) => Response::Reloaded { restart_for: restart_for.into_iter().map(str::to_owned).collect() },
            Err(error) => Response::Refused { refusal: Refusal::BrokenConfig, text: error.to_string() },
        }
    }
}

/// As one line.
pub(super) fn encode(response: &Response) -> Vec<u8> {
    serde_json::to_vec(response).expect("no map has keys other than texts")
}
