//! One message to its open recipients over one session.

use message::Address;
use queue::{Job, Outcome};
use smtp::client::{After, Answer, Mail, MailEnvelope, Needs, Stage, Unsendable};
use trace::record::Transaction;

use crate::board::Board;
use crate::content::has_utf8_local;
use crate::link::{Broken, Link};
use crate::outcome::{self, Peer};
use crate::record;

/// One message, and those of its recipients who go to one target.
pub(crate) struct Parcel<'a> {
    pub(crate) job: &'a Job,
    pub(crate) recipients: Vec<&'a Address>,
    /// What the message needs whoever gets it.
    pub(crate) needs: Needs,
    pub(crate) peer: Peer,
}

impl Parcel<'_> {
    /// Offers the message to a server; the link, if it can be used again.
    pub(crate) async fn send(&self, mut link: Link, board: &mut Board) -> Option<Link> {
        self.leave_out(&link, board);
        loop {
            let open = board.open();
            if open.is_empty() {
                return Some(link);
            }
            let mut mail = match Mail::new(&link.ready.capabilities, &self.envelope(&open)) {
                Ok(mail) => mail,
                Err(unsendable) => {
                    board.settle_open(&outcome::of_unsendable(unsendable, &link.candidate));
                    return Some(link);
                }
            };
            let end = link.send(&mut mail, &self.job.body).await;
            let answers = mail.answers();
            link.wire.recorder.transaction(record::transaction(self.job, &self.named(&open), &answers));
            self.enter(&open, &answers, &link, board);
            match end {
                Ok(After::Clean) => {}
                Ok(After::Reset) => link = link.reset().await?,
                Ok(After::Closing) => {
                    link.wire
                        .recorder
                        .finish(trace::Outcome::RefusedByServer, "the server closes the connection (421)");
                    return None;
                }
                Err(broken) => {
                    link.wire.recorder.finish(trace::Outcome::ConnectionLost, &broken.error.to_string());
                    break_off(&broken, &link, board, &unanswered(&open, &answers));
                    return None;
                }
            }
            if !go_on(&answers) {
                return Some(link);
            }
        }
    }

    /// What the record of a session says that was to carry the message, and did not get as far: whoever asks about the message
    /// finds it by this.
    pub(crate) fn not_offered(&self) -> Transaction {
        let everybody: Vec<_> = self.recipients.iter().map(ToString::to_string).collect();
        record::transaction(self.job, &everybody, &[])
    }

    /// Without SMTPUTF8 a local part that is not ASCII has no spelling; the other recipients are not to suffer.
    fn leave_out(&self, link: &Link, board: &mut Board) {
        if link.ready.capabilities.smtputf8 {
            return;
        }
        let failed = outcome::of_unsendable(Unsendable::Utf8, &link.candidate);
        for (index, _) in self.recipients.iter().enumerate().filter(|(_, recipient)| has_utf8_local(recipient)) {
            board.settle(index, failed.clone());
        }
    }

    /// The recipients that are offered.
    fn named(&self, open: &[usize]) -> Vec<String> {
        open.iter().filter_map(|&index| self.recipients.get(index)).map(ToString::to_string).collect()
    }

    fn envelope(&self, open: &[usize]) -> MailEnvelope {
        let recipients: Vec<_> = open.iter().filter_map(|&i| self.recipients.get(i)).map(|&a| a.clone()).collect();
        let smtputf8 = self.needs.smtputf8 || recipients.iter().any(has_utf8_local);
        MailEnvelope {
            reverse_path: self.job.envelope.reverse_path.clone(),
            recipients,
            size: self.job.body.len() as u64,
            needs: Needs { smtputf8, ..self.needs },
        }
    }

    /// Enters what the server said.
    fn enter(&self, open: &[usize], answers: &[Option<Answer>], link: &Link, board: &mut Board) {
        for (&index, answer) in open.iter().zip(answers) {
            let Some(answer) = answer else { continue };
            match outcome::in_session(outcome::of_answer(answer, link, self.peer), link.wire.session) {
                later @ Outcome::Deferred { .. } => board.note(index, later),
                settled => board.settle(index, settled),
            }
        }
    }
}

/// Those who had no answer when the connection broke.
fn unanswered(open: &[usize], answers: &[Option<Answer>]) -> Vec<usize> {
    open.iter().zip(answers).filter(|(_, answer)| answer.is_none()).map(|(&index, _)| index).collect()
}

/// The connection broke. Once the content was sent the server may have it: another host would deliver it twice at once,
/// so it waits (RFC 5321 §4.5.3.2.6).
fn break_off(broken: &Broken, link: &Link, board: &mut Board, unanswered: &[usize]) {
    let later = outcome::in_session(outcome::of_broken(broken, &link.candidate), link.wire.session);
    for &index in unanswered {
        match broken.stage {
            Stage::Content => board.settle(index, later.clone()),
            _ => board.note(index, later.clone()),
        }
    }
}

/// Whether the rest is sent at once: the server took some and said that there were too many.
fn go_on(answers: &[Option<Answer>]) -> bool {
    let some = || answers.iter().flatten();
    some().any(outcome::is_too_many)
        && some().any(|answer| answer.stage == Stage::Content && !answer.reply.is_refusal())
}
