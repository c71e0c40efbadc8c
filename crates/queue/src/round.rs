//! The end of a message's round of attempts.

use crate::bounce::Teller;
use crate::desk::Desk;
use crate::ledger::{Activity, Entry};
use crate::{Change, Message, QueueId};

/// What the end of a round changes.
#[derive(Default)]
pub(crate) struct Round {
    pub(crate) changes: Vec<Change>,
    /// Messages that nobody carries any more.
    pub(crate) ended: Vec<QueueId>,
    /// Bounces and warnings, in the queue once the record is durable.
    pub(crate) notices: Vec<Message>,
}

impl Round {
    /// Ends one message's round: tells its sender what has to be told, and settles it or lets it wait.
    pub(crate) fn end(&mut self, desk: &Desk, entry: &mut Entry, teller: Teller<'_>) {
        let id = teller.about;
        if entry.state.failed().next().is_some() {
            match teller.bounce(entry, desk.reserve()) {
                Some(bounce) => self.notice(bounce, id, "bounced"),
                None => tracing::warn!(queue_id = %id, "message from the null sender failed; dropped"),
            }
        }
        let told = entry.state.tell();
        let schedule = &desk.settings().schedule;
        // Without a body (it could not be read) the warning waits for the next attempt.
        let warned = !teller.body.is_empty() && schedule.is_late(&entry.state, entry.accepted, teller.now);
        if warned {
            let until = schedule.gives_up(&entry.state);
            if let Some(warning) = teller.warning(entry, desk.reserve(), until) {
                self.notice(warning, id, "sender is told of the delay");
            }
            entry.state.warned = true;
        }
        entry.activity = Activity::Recording { told, warned };
        self.changes.push(entry.change(id));
        self.ended.push(id);
    }

    fn notice(&mut self, notice: Message, about: QueueId, what: &str) {
        tracing::info!(queue_id = %about, notice = %notice.id, "{what}");
        self.changes.push(Change::Message(notice.clone()));
        self.notices.push(notice);
    }
}
