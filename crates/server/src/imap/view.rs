//! The mailbox as the client knows it: sequence numbers hold until it is told otherwise (RFC 3501 §7.4.1). Pure.

use std::sync::Arc;

use ::imap::{Numbering, SequenceSet};
use mailbox::{Meta, Snapshot, Uid};

use super::flags::Recent;

/// Whether messages that are gone may be told now (RFC 3501 §7.4.1: not during FETCH, STORE and SEARCH, as they would
/// change the meaning of numbers that the client has already sent).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expunges {
    Tell,
    Hold,
}

impl Expunges {
    /// Commands with UIDs let them be told.
    pub(super) fn during(numbering: Numbering) -> Self {
        match numbering {
            Numbering::Sequence => Self::Hold,
            Numbering::Uid => Self::Tell,
        }
    }
}

/// What the client is to be told, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// This number is gone; those above move down.
    Expunged(u32),
    /// Other flags.
    Flags(u32, Arc<Meta>),
    /// That many messages now.
    Exists(u32),
}

/// A sequence number beyond the mailbox (RFC 3501 §9 `seq-number`: an error).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoSuchMessage;

/// What one client knows. While nothing is held back from it, this is the snapshot that all sessions share.
#[derive(Debug)]
pub(super) struct View {
    known: Arc<Snapshot>,
    /// UIDs from the first up to, but without, the second, that this session was the first to be told of.
    recent: Vec<(Uid, Uid)>,
}

impl View {
    /// The mailbox at its opening; `recent` from this UID on.
    pub(super) fn new(known: Arc<Snapshot>, recent: Uid) -> Self {
        let recent = vec![(recent, known.uid_next)];
        Self { known, recent }
    }

    pub(super) fn snapshot(&self) -> &Snapshot {
        &self.known
    }

    pub(super) fn messages(&self) -> &[Arc<Meta>] {
        &self.known.messages
    }

    /// How many messages.
    pub(super) fn exists(&self) -> u32 {
        count(self.known.messages.len())
    }

    /// The message of a sequence number.
    pub(super) fn message(&self, sequence: u32) -> Option<&Arc<Meta>> {
        self.known.messages.get(usize::try_from(sequence).ok()?.checked_sub(1)?)
    }

    /// The largest UID; zero in an empty mailbox.
    pub(super) fn last_uid(&self) -> Uid {
        self.known.messages.last().map_or(0, |m| m.uid)
    }

    /// The sequence number of a UID.
    pub(super) fn sequence(&self, uid: Uid) -> Option<u32> {
        self.known.messages.binary_search_by_key(&uid, |m| m.uid).ok().map(|i| count(i + 1))
    }

    pub(super) fn recent(&self, uid: Uid) -> Recent {
        if self.recent.iter().any(|&(from, to)| (from..to).contains(&uid)) { Recent::Yes } else { Recent::No }
    }

    /// How many are `\Recent`.
    pub(super) fn recent_count(&self) -> u32 {
        let from = self.recent.first().map_or(Uid::MAX, |&(from, _)| from);
        let start = self.known.messages.partition_point(|m| m.uid < from);
        let later = self.known.messages.get(start..).unwrap_or_default();
        count(later.iter().filter(|m| self.recent(m.uid) == Recent::Yes).count())
    }

    /// Notes that messages from this UID on, up to the newest, are new to this session alone.
    pub(super) fn claim(&mut self, from: Uid, uid_next: Uid) {
        match self.recent.last_mut() {
            Some((_, to)) if *to >= from => *to = uid_next.max(*to),
            _ => self.recent.push((from, uid_next)),
        }
    }

    /// The messages of a set, ascending, each once, as sequence numbers. UIDs that are not there are passed over; for
    /// sequence numbers that is an error.
    pub(super) fn resolve(&self, set: &SequenceSet, numbering: Numbering) -> Result<Vec<u32>, NoSuchMessage> {
        // Clients that say `1:*` to an empty mailbox mean nothing by it.
        if self.known.messages.is_empty() {
            return Ok(Vec::new());
        }
        let mut wanted = vec![false; self.known.messages.len()];
        let last = match numbering {
            Numbering::Sequence if set.largest_written() > self.exists() => return Err(NoSuchMessage),
            Numbering::Sequence => self.exists(),
            Numbering::Uid => self.last_uid(),
        };
        for range in set.ranges(last) {
            let (from, to) = match numbering {
                Numbering::Sequence => (index(*range.start()).saturating_sub(1), index(*range.end())),
                Numbering::Uid => (self.below(*range.start()), self.below(range.end().saturating_add(1))),
            };
            wanted.get_mut(from..to).into_iter().flatten().for_each(|w| *w = true);
        }
        Ok(wanted.iter().enumerate().filter(|(_, w)| **w).map(|(i, _)| count(i + 1)).collect())
    }

    /// How many messages have a UID below this one.
    fn below(&self, uid: Uid) -> usize {
        self.known.messages.partition_point(|m| m.uid < uid)
    }

    /// Takes a newer snapshot, and says what the client must be told to know it too.
    pub(super) fn update(&mut self, new: Arc<Snapshot>, expunges: Expunges) -> Vec<Change> {
        if Arc::ptr_eq(&new, &self.known) {
            return Vec::new();
        }
        let (mut kept, mut changes) = self.merge(&new, expunges);
        // UIDs only grow: what is new stands at the end.
        let added = new.messages.partition_point(|m| m.uid <= self.last_uid());
        let held = kept.len() > added;
        if let Some(more @ [_, ..]) = new.messages.get(added..) {
            kept.extend_from_slice(more);
            changes.push(Change::Exists(count(kept.len())));
        }
        self.known = if held {
            Arc::new(Snapshot { uid_validity: new.uid_validity, uid_next: new.uid_next, messages: kept })
        } else {
            new
        };
        changes
    }

    /// The messages that were known and stay, as they are now, and what changed about them. Each number in a change is
    /// right once those before it were told.
    fn merge(&self, new: &Snapshot, expunges: Expunges) -> (Vec<Arc<Meta>>, Vec<Change>) {
        let mut kept: Vec<Arc<Meta>> = Vec::with_capacity(new.messages.len());
        let mut changes = Vec::new();
        let mut theirs = new.messages.iter().peekable();
        for ours in &self.known.messages {
            while theirs.next_if(|m| m.uid < ours.uid).is_some() {}
            match theirs.next_if(|m| m.uid == ours.uid) {
                Some(now) => {
                    kept.push(Arc::clone(now));
                    if now.flags != ours.flags || now.keywords != ours.keywords {
                        changes.push(Change::Flags(count(kept.len()), Arc::clone(now)));
                    }
                }
                None if expunges == Expunges::Hold => kept.push(Arc::clone(ours)),
                None => changes.push(Change::Expunged(count(kept.len() + 1))),
            }
        }
        (kept, changes)
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn index(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ::imap::Bound;
    use mailbox::Flags;
    use proptest::prelude::*;

    use super::*;

    fn meta(uid: Uid, flags: u8) -> Arc<Meta> {
        Arc::new(Meta { uid, flags: Flags(flags), keywords: BTreeSet::new(), size: 1, internal_date: 0 })
    }

    fn snapshot(messages: &[(Uid, u8)]) -> Arc<Snapshot> {
        let messages: Vec<_> = messages.iter().map(|&(uid, flags)| meta(uid, flags)).collect();
        let uid_next = messages.last().map_or(1, |m| m.uid + 1);
        Arc::new(Snapshot { uid_validity: 1, uid_next, messages })
    }

    fn uids(view: &View) -> Vec<Uid> {
        view.messages().iter().map(|m| m.uid).collect()
    }

    #[test]
    fn each_expunge_moves_the_numbers_above_it() {
        let mut view = View::new(snapshot(&[(1, 0), (2, 0), (3, 0), (4, 0)]), 1);
        let changes = view.update(snapshot(&[(2, 1), (4, 0), (9, 0)]), Expunges::Tell);
        let expected = [Change::Expunged(1), Change::Flags(1, meta(2, 1)), Change::Expunged(2), Change::Exists(3)];
        assert_eq!(changes, expected);
        assert_eq!(uids(&view), [2, 4, 9]);
    }

    #[test]
    fn what_is_held_back_keeps_its_number_and_is_told_later() {
        let mut view = View::new(snapshot(&[(1, 0), (2, 0)]), 1);
        let new = snapshot(&[(2, 0), (3, 0)]);
        assert_eq!(view.update(Arc::clone(&new), Expunges::Hold), [Change::Exists(3)]);
        assert_eq!(uids(&view), [1, 2, 3]);
        assert_eq!(view.update(Arc::clone(&new), Expunges::Tell), [Change::Expunged(1)]);
        assert!(Arc::ptr_eq(&view.known, &new), "one snapshot for all sessions again");
    }

    #[test]
    fn a_held_message_does_not_hide_new_ones() {
        let mut view = View::new(snapshot(&[(1, 0), (5, 0)]), 1);
        assert_eq!(view.update(snapshot(&[(1, 0)]), Expunges::Hold), []);
        assert_eq!(view.update(snapshot(&[(1, 0), (6, 0)]), Expunges::Hold), [Change::Exists(3)]);
        assert_eq!(uids(&view), [1, 5, 6]);
    }

    #[test]
    fn sets_and_numbers() {
        let view = View::new(snapshot(&[(3, 0), (5, 0), (9, 0)]), 1);
        let set = |from, to| SequenceSet::new(vec![(from, to)]).unwrap();
        use Bound::{Last, Number};
        assert_eq!(view.resolve(&set(Number(2), Last), Numbering::Sequence), Ok(vec![2, 3]));
        assert_eq!(view.resolve(&set(Number(4), Number(4)), Numbering::Sequence), Err(NoSuchMessage));
        assert_eq!(view.resolve(&set(Number(4), Number(7)), Numbering::Uid), Ok(vec![2]));
        assert_eq!(view.resolve(&set(Number(600), Last), Numbering::Uid), Ok(vec![3]));
        assert_eq!(View::new(snapshot(&[]), 1).resolve(&set(Number(1), Last), Numbering::Sequence), Ok(vec![]));
    }

    #[test]
    fn recent_messages_of_this_session() {
        let mut view = View::new(snapshot(&[(1, 0), (2, 0)]), 2);
        view.update(snapshot(&[(1, 0), (2, 0), (3, 0), (4, 0)]), Expunges::Tell);
        view.claim(4, 5);
        assert_eq!(view.recent_count(), 2);
        assert_eq!((view.recent(3), view.recent(4)), (Recent::No, Recent::Yes));
    }

    /// A client that does nothing but what it is told.
    fn obey(client: &mut Vec<Uid>, changes: &[Change], view: &View) {
        for change in changes {
            match change {
                Change::Expunged(n) => drop(client.remove(usize::try_from(*n).unwrap() - 1)),
                Change::Flags(n, meta) => assert_eq!(client[usize::try_from(*n).unwrap() - 1], meta.uid),
                Change::Exists(n) => {
                    let from = client.len();
                    client.extend(view.messages()[from..].iter().map(|m| m.uid));
                    assert_eq!(client.len(), usize::try_from(*n).unwrap());
                }
            }
        }
    }

    proptest! {
        #[test]
        fn an_obedient_client_knows_what_the_view_knows(
            steps in prop::collection::vec((any::<u16>(), 0_u32..4, any::<bool>()), 1..12),
        ) {
            let mut mailbox: Vec<(Uid, u8)> = vec![];
            let mut next = 1;
            let mut view = View::new(snapshot(&[]), 1);
            let mut client = Vec::new();
            for (mask, added, tell) in steps {
                let mut position = 0;
                mailbox.retain(|_| { position += 1; mask >> (position % 16) & 1 == 0 });
                mailbox.extend((next..next + added).map(|uid| (uid, mask.to_le_bytes()[0])));
                next += added;
                let expunges = if tell { Expunges::Tell } else { Expunges::Hold };
                let changes = view.update(snapshot(&mailbox), expunges);
                prop_assert!(tell || !changes.iter().any(|c| matches!(c, Change::Expunged(_))));
                obey(&mut client, &changes, &view);
                prop_assert_eq!(&client, &uids(&view));
            }
            let told = view.update(snapshot(&mailbox), Expunges::Tell);
            obey(&mut client, &told, &view);
            prop_assert_eq!(client, mailbox.iter().map(|m| m.0).collect::<Vec<_>>());
        }
    }
}
