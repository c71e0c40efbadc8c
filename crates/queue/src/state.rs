//! Where a message stands. docs/queue.md has the table of states and transitions.

use crate::{Moment, Remote};

/// Why an attempt did not deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// RFC 3463 status, `4.x.y` or `5.x.y`.
    pub status: String,
    /// In words.
    pub reason: String,
    /// Who said so.
    pub remote: Option<Remote>,
    /// The operator must act.
    pub configuration: bool,
}

/// A recipient's stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// To be tried when due, after the trouble of the last attempt.
    Waiting {
        /// When.
        due: Moment,
        /// Why not yet; `None` before the first attempt.
        trouble: Option<Trouble>,
    },
    /// Done.
    Delivered,
    /// Given up; the sender is not told yet.
    Failed(Trouble),
    /// Given up; the bounce is in the queue, or was dropped because nobody may be told.
    Told(Trouble),
}

/// One recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientState {
    /// Attempts that have ended.
    pub attempts: u32,
    /// Its stage.
    pub stage: Stage,
}

impl RecipientState {
    /// Not tried yet.
    pub fn new(now: Moment) -> Self {
        Self { attempts: 0, stage: Stage::Waiting { due: now, trouble: None } }
    }

    /// When it is due; `None` if it waits no more.
    pub fn due(&self) -> Option<Moment> {
        match self.stage {
            Stage::Waiting { due, .. } => Some(due),
            _ => None,
        }
    }

    /// Nothing is left to do for it.
    pub fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Delivered | Stage::Told(_))
    }
}

/// One message. Every change of it is written as a whole, so that a later record simply replaces an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageState {
    /// Held by the operator.
    pub held: bool,
    /// The sender has been told that it is late.
    pub warned: bool,
    /// Where its lifetime counts from: acceptance, the last failure of configuration, or the end of a hold.
    pub life_from: Moment,
    /// One for each recipient of the envelope.
    pub recipients: Vec<RecipientState>,
}

impl MessageState {
    /// Of a message that was just accepted.
    pub fn new(recipients: usize, now: Moment) -> Self {
        Self { held: false, warned: false, life_from: now, recipients: vec![RecipientState::new(now); recipients] }
    }

    /// The earliest due moment of any recipient; at once, if nobody waits but the sender has to be told.
    pub fn due(&self) -> Option<Moment> {
        let waiting = self.recipients.iter().filter_map(RecipientState::due).min();
        waiting.or_else(|| self.failed().next().map(|_| Moment::default()))
    }

    /// Nothing is left to do: the message can be settled.
    pub fn is_done(&self) -> bool {
        self.recipients.iter().all(RecipientState::is_done)
    }

    /// Recipients whose failure the sender has to be told, with why.
    pub fn failed(&self) -> impl Iterator<Item = (usize, &Trouble)> {
        self.recipients.iter().enumerate().filter_map(|(n, r)| match &r.stage {
            Stage::Failed(trouble) => Some((n, trouble)),
            _ => None,
        })
    }

    /// Recipients that wait after an attempt, with why.
    pub fn late(&self) -> impl Iterator<Item = (usize, &Trouble)> {
        self.recipients.iter().enumerate().filter_map(|(n, r)| match &r.stage {
            Stage::Waiting { trouble: Some(trouble), .. } => Some((n, trouble)),
            _ => None,
        })
    }

    /// The sender is told, or nobody may be: failed recipients are done. Which ones.
    pub fn tell(&mut self) -> Vec<usize> {
        let told = self.failed().map(|(n, _)| n).collect();
        for recipient in &mut self.recipients {
            recipient.stage = match std::mem::replace(&mut recipient.stage, Stage::Delivered) {
                Stage::Failed(trouble) => Stage::Told(trouble),
                other => other,
            };
        }
        told
    }

    /// The bounce for these could not be written: undoes [`Self::tell`].
    pub fn untell(&mut self, told: &[usize]) {
        for &n in told {
            let Some(recipient) = self.recipients.get_mut(n) else { continue };
            recipient.stage = match std::mem::replace(&mut recipient.stage, Stage::Delivered) {
                Stage::Told(trouble) => Stage::Failed(trouble),
                other => other,
            };
        }
    }

    /// Makes all that wait due now. How many.
    pub fn hurry(&mut self, now: Moment) -> usize {
        let waiting = self.recipients.iter_mut().filter_map(|recipient| match &mut recipient.stage {
            Stage::Waiting { due, .. } => Some(due),
            _ => None,
        });
        waiting.map(|due| *due = now).count()
    }
}
