//! The messages of one target, one after the other, over as few connections as possible.

use queue::Outcome;

use crate::board::Board;
use crate::link::Link;
use crate::mx::{Candidate, MxError};
use crate::open::Opener;
use crate::outcome;
use crate::transaction::Parcel;
use crate::trouble::{NoSession, Trouble};

/// Addresses tried for one message.
const MAX_TRIED: usize = 8;

/// The delivery of a batch.
pub(crate) struct Delivery<'a> {
    opener: Opener<'a>,
    link: Option<Link>,
    candidates: Option<Result<Vec<Candidate>, MxError>>,
    /// No session could be opened: the rest of the batch need not find out again.
    dead: Option<Outcome>,
}

impl<'a> Delivery<'a> {
    pub(crate) fn new(opener: Opener<'a>) -> Self {
        Self { opener, link: None, candidates: None, dead: None }
    }

    /// Delivers one message: one outcome for each recipient.
    pub(crate) async fn deliver(&mut self, parcel: &Parcel<'_>) -> Vec<Outcome> {
        let mut board = Board::new(parcel.recipients.len());
        if let Some(dead) = &self.dead {
            board.settle_open(dead);
            return board.outcomes();
        }
        let mut known = None;
        if let Some(link) = self.link.take().or_else(|| self.opener.settings.pool.take(self.opener.target)) {
            let candidate = link.candidate.clone();
            self.link = parcel.send(link, &mut board).await;
            // A connection that was kept may have been closed meanwhile: then its host gets a new one.
            known = self.link.as_ref().map(|_| candidate);
        }
        if !board.is_settled() {
            self.try_hosts(parcel, &mut board, known).await;
        }
        board.outcomes()
    }

    /// Every address in turn, until everybody has an answer that settles it (RFC 5321 §5.1).
    async fn try_hosts(&mut self, parcel: &Parcel<'_>, board: &mut Board, known: Option<Candidate>) {
        let mut opened = known.is_some();
        let candidates = match self.candidates().await {
            Ok(candidates) => candidates,
            Err(error) => {
                let outcome = outcome::of_mx(&error, self.opener.target);
                if is_configuration(&outcome) {
                    let route = self.opener.target.name();
                    tracing::error!(route, %error, "this route does not work: its mail stays queued until it does");
                }
                board.note_open(&outcome);
                self.dead = (!opened).then_some(outcome);
                return;
            }
        };
        for candidate in candidates.iter().filter(|candidate| Some(*candidate) != known.as_ref()).take(MAX_TRIED) {
            match self.opener.open(candidate, Some(parcel)).await {
                Ok(link) => {
                    opened = true;
                    let link = parcel.send(link, board).await;
                    self.keep(link);
                }
                Err(failed) => {
                    board.note_open(&self.troubled(&failed, candidate));
                    if failed.trouble.ends_attempt() {
                        break;
                    }
                }
            }
            if board.is_settled() {
                return;
            }
        }
        if !opened {
            self.dead = board.word().cloned();
        }
    }

    /// The outcome of a failed opening, said aloud where the operator must act (MISSION 001-14).
    fn troubled(&self, failed: &NoSession, candidate: &Candidate) -> Outcome {
        let (target, NoSession { trouble, session }) = (self.opener.target, failed);
        let outcome = outcome::of_trouble(trouble, candidate, target);
        let outcome = match session {
            Some(session) => outcome::in_session(outcome, *session),
            None => outcome,
        };
        let reply = trouble.reply().map(tracing::field::display);
        let (route, host) = (target.name(), candidate);
        match trouble {
            // Said aloud when it happened.
            Trouble::RefusedBefore(_) => tracing::debug!(route, %host, error = %trouble, "mail stays queued"),
            _ if is_configuration(&outcome) => {
                tracing::error!(route, %host, error = %trouble, reply, "this route does not work: its mail stays queued until it does");
            }
            _ => tracing::debug!(route, %host, error = %trouble, reply, "no session"),
        }
        outcome
    }

    async fn candidates(&mut self) -> Result<Vec<Candidate>, MxError> {
        if let Some(known) = &self.candidates {
            return known.clone();
        }
        let found = self.opener.settings.candidates(self.opener.target).await;
        self.candidates.insert(found).clone()
    }

    /// Keeps the newest link for the next message.
    fn keep(&mut self, link: Option<Link>) {
        if let Some(older) = std::mem::replace(&mut self.link, link) {
            older.quit();
        }
    }

    /// The batch is done: its connection may serve another one soon.
    pub(crate) fn finish(self) {
        if let Some(link) = self.link {
            self.opener.settings.pool.put(self.opener.target.clone(), link);
        }
    }
}

/// The operator must act.
fn is_configuration(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Deferred { configuration: true, .. })
}
