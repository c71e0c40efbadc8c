//! Brings what is due to the couriers, and what they say back to the desk.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::attempt::{Attempt, attempt};
use crate::desk::Desk;
use crate::flusher;
use crate::lanes::{Batch, Lanes};
use crate::ledger::{Due, Finished, Load};
use crate::{Couriers, Destination, Job, Moment, Outcome, Urgency};

/// The wall clock may be set while we sleep; at least this often we look at it again.
const LOOK: Duration = Duration::from_mins(1);

/// Batches that may wait for the flush before deliveries wait, too.
const UNFLUSHED: usize = 256;

/// All that carries.
pub(crate) struct Scheduler {
    desk: Arc<Desk>,
    couriers: Couriers,
    lanes: Mutex<Lanes>,
    /// Local batches that wait for the flush.
    delivered: mpsc::Sender<Vec<Finished>>,
}

/// Runs until `stop` changes and what was under way then has ended.
pub(crate) async fn run(desk: Arc<Desk>, couriers: Couriers, stop: watch::Receiver<bool>) {
    let (delivered, waiting) = mpsc::channel(UNFLUSHED);
    let flushing = tokio::spawn(flusher::run(Arc::clone(&desk), Arc::clone(&couriers.local), waiting));
    let scheduler = Arc::new(Scheduler { desk, couriers, lanes: Mutex::default(), delivered });
    dispatch(scheduler, stop).await;
    // The last batch took the last sender with it: the flusher ends when it has flushed that.
    if flushing.await.is_err() {
        tracing::error!("the flusher has panicked");
    }
}

async fn dispatch(scheduler: Arc<Scheduler>, mut stop: watch::Receiver<bool>) {
    let mut tasks = JoinSet::new();
    while !*stop.borrow_and_update() {
        while tasks.try_join_next().is_some() {}
        scheduler.start_due(&mut tasks);
        let next = scheduler.desk.ledger.lock().next_due();
        tokio::select! {
            () = scheduler.desk.wake.notified() => {}
            () = scheduler.until(next) => {}
            _ = stop.changed() => {}
        }
    }
    while tasks.join_next().await.is_some() {}
}

impl Scheduler {
    fn start_due(self: &Arc<Self>, tasks: &mut JoinSet<()>) {
        let due = self.desk.ledger.lock().take_due(self.desk.clock.now());
        for due in due {
            match due {
                Due::Carry(load) => self.route(load),
                Due::Record(id) => {
                    let desk = Arc::clone(&self.desk);
                    tasks.spawn_blocking(move || match desk.spool.body(id) {
                        Ok(body) => desk.settle_again(id, &body),
                        Err(_) => desk.settle_again(id, &Bytes::new()),
                    });
                }
            }
        }
        let limits = self.desk.settings().limits;
        while let Some(batch) = self.next_batch(limits) {
            tasks.spawn(Arc::clone(self).carry(batch));
        }
        self.make_room(tasks);
    }

    fn next_batch(&self, limits: crate::lanes::Limits) -> Option<Batch> {
        self.lanes.lock().take(limits)
    }

    /// Sleeps until then.
    async fn until(&self, next: Option<Moment>) {
        match next {
            Some(due) => tokio::time::sleep(due.since(self.desk.clock.now()).min(LOOK)).await,
            None => std::future::pending().await,
        }
    }

    /// Puts a load into the lanes of its recipients' destinations.
    fn route(&self, load: Load) {
        let mut destinations: BTreeMap<Destination, Vec<usize>> = BTreeMap::new();
        for &recipient in &load.recipients {
            let address = load.envelope.recipients.get(recipient).map(|r| &r.address);
            let destination = address.map(|address| self.couriers.router.destination(address));
            destinations.entry(destination.unwrap_or(Destination::Local)).or_default().push(recipient);
        }
        let mut lanes = self.lanes.lock();
        for (destination, recipients) in destinations {
            lanes.push(destination, Load { recipients, ..load.clone() });
        }
    }

    /// Carries one batch.
    async fn carry(self: Arc<Self>, batch: Batch) {
        let count = batch.loads.len();
        let finished = self.deliver(&batch.destination, batch.loads).await;
        match &batch.destination {
            Destination::Local => {
                // The receiver ends only after the last sender: this cannot fail while we are here.
                let _ = self.delivered.send(finished).await;
            }
            Destination::Relay(_) => self.desk.settle(finished, Urgency::Now),
        }
        self.lanes.lock().ended(&batch.destination, count);
        self.desk.wake.notify_one();
    }

    async fn deliver(&self, destination: &Destination, loads: Vec<Load>) -> Vec<Finished> {
        let courier = match destination {
            Destination::Local => self.couriers.local.as_ref(),
            Destination::Relay(_) => self.couriers.relay.as_ref(),
        };
        let (mut finished, mut jobs, mut carried) = (Vec::new(), Vec::with_capacity(loads.len()), Vec::new());
        for load in loads {
            match self.body(&load).await {
                Ok(body) => {
                    jobs.push(job(&load, body));
                    carried.push(load);
                }
                Err(reason) => finished.push(unreadable(load, reason)),
            }
        }
        if !jobs.is_empty() {
            let attempts = attempt(courier, &jobs).await;
            let ended = carried.into_iter().zip(jobs).zip(attempts);
            finished.extend(ended.map(|((load, job), attempt)| {
                log(&load, &attempt.outcomes);
                finish(load, job.body, attempt)
            }));
        }
        finished
    }

    /// A body from memory, or read back.
    async fn body(&self, load: &Load) -> Result<Bytes, String> {
        if let Some(body) = &load.body {
            return Ok(body.octets.clone());
        }
        let (desk, id) = (Arc::clone(&self.desk), load.id);
        let read = tokio::task::spawn_blocking(move || desk.spool.body(id)).await;
        read.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }

    /// Lets the spool use old space again.
    fn make_room(&self, tasks: &mut JoinSet<()>) {
        let crowded = self.desk.spool.crowded();
        if !crowded.is_empty() {
            let desk = Arc::clone(&self.desk);
            tasks.spawn_blocking(move || desk.rewrite(crowded));
        }
    }
}

fn job(load: &Load, body: Bytes) -> Job {
    Job {
        id: load.id,
        envelope: Arc::clone(&load.envelope),
        body,
        recipients: load.recipients.clone(),
        accepted: load.accepted.system_time(),
        replay: load.replay,
    }
}

/// What was delivered needs its body no more; only a notice to its sender would.
fn finish(mut load: Load, mut body: Bytes, attempt: Attempt) -> Finished {
    let Attempt { outcomes, unsure } = attempt;
    if outcomes.iter().all(|outcome| matches!(outcome, Outcome::Delivered(_))) {
        load.body = None;
        body = Bytes::new();
    }
    Finished { load, body, outcomes, unsure }
}

/// A message that cannot be read back stays in the queue until somebody looks into it.
fn unreadable(load: Load, reason: String) -> Finished {
    tracing::error!(queue_id = %load.id, reason, "message cannot be read back");
    let outcome = Outcome::Deferred { status: "4.3.0".into(), reason, remote: None, configuration: true };
    let outcomes = vec![outcome; load.recipients.len()];
    Finished { unsure: load.replay, load, body: Bytes::new(), outcomes }
}

/// One line for each recipient.
fn log(load: &Load, outcomes: &[Outcome]) {
    let span = tracing::info_span!("queue", queue_id = %load.id);
    let _entered = span.enter();
    for (recipient, outcome) in load.recipients.iter().zip(outcomes) {
        let Some(to) = load.envelope.recipients.get(*recipient).map(|r| &r.address) else { continue };
        match outcome {
            Outcome::Delivered(how) => tracing::info!(%to, how, "delivered"),
            Outcome::Deferred { status, reason, remote, configuration } => {
                let (host, reply) = said(remote);
                if *configuration {
                    tracing::error!(%to, status, reason, host, reply, "kept until the operator acts");
                } else {
                    tracing::warn!(%to, status, reason, host, reply, "deferred");
                }
            }
            Outcome::Failed { status, reason, remote } => {
                let (host, reply) = said(remote);
                tracing::warn!(%to, status, reason, host, reply, "failed");
            }
        }
    }
}

fn said(remote: &Option<crate::Remote>) -> (Option<&str>, Option<&str>) {
    (remote.as_ref().map(|r| r.host.as_str()), remote.as_ref().map(|r| r.reply.as_str()))
}
