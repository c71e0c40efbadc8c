//! Where everything meets: the ledger in memory and the spool under it change together, and only here.
//!
//! A change is pushed to the spool while the ledger is locked, so that records lie there in the order of the changes.
//! What the spool has answered for is taken over in its callback, on its thread, whether or not anybody still waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use tokio::sync::{Notify, oneshot};

use crate::body::Budget;
use crate::bounce::Teller;
use crate::ledger::{Entry, Finished, Ledger};
use crate::round::Round;
use crate::settings::Settings;
use crate::space::Space;
use crate::{AcceptError, Change, Clock, Envelope, Message, MessageState, Moment, QueueId};
use crate::{Spool, SpoolError, Urgency};

/// Octets of bodies kept in memory between acceptance and delivery.
const BODY_MEMORY: usize = 32 << 20;

/// The queue's inside.
pub(crate) struct Desk {
    pub(crate) spool: Arc<dyn Spool>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: RwLock<Arc<Settings>>,
    pub(crate) ledger: Mutex<Ledger>,
    /// Somebody may be due.
    pub(crate) wake: Notify,
    budget: Arc<Budget>,
    space: Space,
    last_id: AtomicU64,
}

impl Desk {
    pub(crate) fn new(spool: Arc<dyn Spool>, clock: Arc<dyn Clock>, settings: Settings, last_id: QueueId) -> Self {
        Self {
            spool,
            clock,
            settings: RwLock::new(Arc::new(settings)),
            ledger: Mutex::default(),
            wake: Notify::new(),
            budget: Budget::new(BODY_MEMORY),
            space: Space::default(),
            last_id: AtomicU64::new(last_id.0),
        }
    }

    pub(crate) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read())
    }

    /// A new id: now, or one more than the last where the clock stands still or was set back.
    pub(crate) fn reserve(&self) -> QueueId {
        let now = self.clock.now().0;
        let next = |last: u64| now.max(last + 1);
        let last = self.last_id.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last)));
        QueueId(next(last.unwrap_or_default()))
    }

    /// Makes a message durable and takes it in.
    pub(crate) async fn accept(
        self: &Arc<Self>,
        id: QueueId,
        envelope: Envelope,
        body: Bytes,
    ) -> Result<(), AcceptError> {
        let now = self.clock.now();
        if !self.space.is_enough(self.spool.as_ref(), self.settings().min_free, now) {
            return Err(AcceptError::NoSpace);
        }
        let state = MessageState::new(envelope.recipients.len(), now);
        let message = Message { id, accepted: now, envelope: Arc::new(envelope), state, body };
        let (told, answer) = oneshot::channel();
        let (desk, taken) = (Arc::clone(self), message.clone());
        let done = move |result: Result<(), SpoolError>| {
            if result.is_ok() {
                desk.admit(taken);
            }
            // Nobody may be there to hear it; the message is in the queue all the same.
            let _ = told.send(result);
        };
        self.spool.commit(vec![Change::Message(message)], Urgency::Now, Box::new(done));
        match answer.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(SpoolError::Closed)) | Err(_) => Err(AcceptError::Closed),
            Ok(Err(SpoolError::NoSpace)) => Err(AcceptError::NoSpace),
            Ok(Err(error)) => Err(AcceptError::Journal(error.to_string())),
        }
    }

    fn admit(&self, message: Message) {
        let body = self.budget.keep(message.body.clone());
        self.ledger.lock().admit(message.id, Entry::new(message, body));
        self.wake.notify_one();
    }

    /// Takes the outcomes of finished loads: one record with all that changed, bounces included.
    pub(crate) fn settle(self: &Arc<Self>, finished: Vec<Finished>, urgency: Urgency) {
        let (now, settings) = (self.clock.now(), self.settings());
        let mut round = Round::default();
        let mut ledger = self.ledger.lock();
        for mut finished in finished {
            let (id, body) = (finished.load.id, finished.body.clone());
            match ledger.conclude(&mut finished, &settings.schedule, now) {
                Some(entry) => {
                    round.end(self, entry, Teller { hostname: &settings.hostname, now, about: id, body: &body })
                }
                // Others are still under way; what is known by now is kept.
                None => round.changes.extend(ledger.get(id).map(|entry| entry.change(id))),
            }
        }
        self.write(round, urgency);
        drop(ledger);
    }

    /// Writes the record of a message again that could not be written.
    pub(crate) fn settle_again(self: &Arc<Self>, id: QueueId, body: &Bytes) {
        let (now, settings) = (self.clock.now(), self.settings());
        let mut round = Round::default();
        let mut ledger = self.ledger.lock();
        if let Some(entry) = ledger.recording(id) {
            round.end(self, entry, Teller { hostname: &settings.hostname, now, about: id, body });
        }
        self.write(round, Urgency::Now);
        drop(ledger);
    }

    fn write(self: &Arc<Self>, round: Round, urgency: Urgency) {
        let Round { changes, ended, notices } = round;
        if changes.is_empty() {
            return;
        }
        let urgency = if notices.is_empty() { urgency } else { Urgency::Now };
        let desk = Arc::clone(self);
        self.spool.commit(changes, urgency, Box::new(move |result| desk.written(result, &ended, notices)));
    }

    /// A round's record is durable, or will never be.
    fn written(&self, result: Result<(), SpoolError>, ended: &[QueueId], notices: Vec<Message>) {
        match result {
            Ok(()) => {
                let mut ledger = self.ledger.lock();
                ended.iter().for_each(|id| ledger.recorded(*id));
                drop(ledger);
                notices.into_iter().for_each(|notice| self.admit(notice));
            }
            Err(error) => {
                tracing::error!(%error, messages = ended.len(), "outcomes could not be recorded; written again soon");
                let mut ledger = self.ledger.lock();
                let now = self.clock.now();
                ended.iter().for_each(|id| ledger.not_recorded(*id, now));
            }
        }
        self.wake.notify_one();
    }

    /// Writes messages anew that keep old space from being used again. Blocks while it reads their bodies.
    pub(crate) fn rewrite(&self, ids: Vec<QueueId>) {
        for id in ids {
            let body = match self.spool.body(id) {
                Ok(body) => body,
                Err(error) => {
                    tracing::warn!(queue_id = %id, %error, "message could not be moved to a newer segment");
                    continue;
                }
            };
            let ledger = self.ledger.lock();
            // Settled meanwhile, or about to be: a record now would bring it back.
            let Some(entry) = ledger.get(id) else { continue };
            let (envelope, state) = (Arc::clone(&entry.envelope), entry.state.clone());
            let message = Message { id, accepted: entry.accepted, envelope, state, body };
            self.spool.commit(vec![Change::Message(message)], Urgency::Soon, Box::new(|_| ()));
            drop(ledger);
        }
    }
}

/// Waits for the spool's answer to one change.
pub(crate) async fn committed(
    desk: &Desk,
    change: impl FnOnce(&mut Ledger, Moment) -> Option<Change>,
) -> Option<Result<(), SpoolError>> {
    let (told, answer) = oneshot::channel();
    {
        let mut ledger = desk.ledger.lock();
        let change = change(&mut ledger, desk.clock.now())?;
        desk.spool.commit(vec![change], Urgency::Now, Box::new(move |result| drop(told.send(result))));
    }
    desk.wake.notify_one();
    Some(answer.await.unwrap_or(Err(SpoolError::Closed)))
}
