//! After any crash: what was answered is settled or still there, what was refused is not, and nothing looks like damage.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Rig, SEGMENT, ids, message};
use crate::journal::layout::START;
use crate::journal::sim::SimDisk;
use crate::{Change, QueueId};

/// What is done with a message; the number picks one of those that live.
#[derive(Debug, Clone)]
enum Op {
    Accept(usize),
    State(usize),
    Rewrite(usize),
    Settle(usize),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0usize..5000).prop_map(Op::Accept),
        2 => any::<usize>().prop_map(Op::State),
        1 => any::<usize>().prop_map(Op::Rewrite),
        4 => any::<usize>().prop_map(Op::Settle),
    ]
}

/// One life of the server: batches, and when the disk fails or the power goes.
#[derive(Debug, Clone)]
struct Life {
    batches: Vec<Vec<Op>>,
    seed: u64,
    fuse: Option<u32>,
    fault: Option<u32>,
}

fn life() -> impl Strategy<Value = Life> {
    let fuse = prop::option::weighted(0.8, 0u32..60);
    let fault = prop::option::weighted(0.4, 0u32..40);
    (vec(vec(op(), 1..6), 1..20), any::<u64>(), fuse, fault).prop_map(|(batches, seed, fuse, fault)| Life {
        batches,
        seed,
        fuse,
        fault,
    })
}

/// What may be found of a message.
#[derive(Debug, Clone, Default)]
struct Expected {
    size: usize,
    /// Versions of its state that may be found.
    versions: BTreeSet<u32>,
    /// It may be gone, too.
    perhaps_gone: bool,
    latest: u32,
}

/// What a record asked for.
#[derive(Debug, Clone, Copy)]
enum Asked {
    Accept(u64),
    Version(u64, u32),
    Settle(u64),
}

#[derive(Debug, Default)]
struct Model {
    messages: BTreeMap<u64, Expected>,
    last: u64,
    /// Refused while the power was on, and nothing was answered since: it may still come back.
    refused: Vec<Asked>,
}

impl Model {
    /// Turns an operation into changes.
    fn ask(&mut self, op: &Op) -> Option<(Asked, Vec<Change>)> {
        // As in the queue: nothing is done with a message before its acceptance is answered, nor after its settlement.
        let living: Vec<u64> = self.messages.iter().filter(|(_, e)| !e.perhaps_gone).map(|(id, _)| *id).collect();
        let pick = |n: &usize| living.get(n % living.len().max(1)).copied();
        match op {
            Op::Accept(size) => {
                self.last += 1;
                let expected =
                    Expected { size: *size, versions: [0].into(), perhaps_gone: true, ..Expected::default() };
                self.messages.insert(self.last, expected);
                Some((Asked::Accept(self.last), vec![Change::Message(message(self.last, *size, 0))]))
            }
            Op::State(n) | Op::Rewrite(n) => {
                let id = pick(n)?;
                let expected = self.messages.get_mut(&id)?;
                expected.latest += 1;
                expected.versions.insert(expected.latest);
                let message = message(id, expected.size, expected.latest);
                let change = match op {
                    Op::State(_) => Change::State { id: QueueId(id), state: message.state },
                    _ => Change::Message(message),
                };
                Some((Asked::Version(id, expected.latest), vec![change]))
            }
            Op::Settle(n) => {
                let id = pick(n)?;
                let expected = self.messages.get_mut(&id)?;
                expected.perhaps_gone = true;
                Some((Asked::Settle(id), vec![Change::Settled(QueueId(id))]))
            }
        }
    }

    /// A record is durable. Whatever was refused before can never come back.
    fn answered(&mut self, asked: Asked) {
        for refused in std::mem::take(&mut self.refused) {
            self.never(refused);
        }
        match asked {
            Asked::Accept(id) => {
                if let Some(e) = self.messages.get_mut(&id) {
                    e.perhaps_gone = false;
                }
            }
            Asked::Version(id, version) => {
                if let Some(e) = self.messages.get_mut(&id) {
                    e.versions.retain(|v| *v >= version);
                }
            }
            Asked::Settle(id) => {
                self.messages.remove(&id);
            }
        }
    }

    fn never(&mut self, refused: Asked) {
        match refused {
            Asked::Accept(id) => {
                self.messages.remove(&id);
            }
            Asked::Version(id, version) => {
                if let Some(e) = self.messages.get_mut(&id) {
                    e.versions.remove(&version);
                }
            }
            Asked::Settle(id) => {
                if let Some(e) = self.messages.get_mut(&id) {
                    e.perhaps_gone = false;
                }
            }
        }
    }

    /// Compares with what recovery found, and goes on from there.
    fn check(&mut self, found: &[(u64, u32)]) {
        let found: BTreeMap<u64, u32> = found.iter().copied().collect();
        for (id, expected) in &self.messages {
            match found.get(id) {
                Some(version) => assert!(expected.versions.contains(version), "{id} has {version}, not {expected:?}"),
                None => assert!(expected.perhaps_gone, "{id} is lost: {expected:?}"),
            }
        }
        for id in found.keys() {
            assert!(self.messages.contains_key(id), "{id} came back");
        }
        self.messages.retain(|id, expected| {
            expected.perhaps_gone = false;
            expected.versions = found.get(id).into_iter().copied().collect();
            found.contains_key(id)
        });
        self.refused.clear();
    }
}

/// Runs one life; what the next one finds.
fn live(disk: &SimDisk, model: &mut Model, life: &Life) -> SimDisk {
    let mut rig = Rig::open(disk);
    assert_eq!(rig.recovery.damage, [], "a crash is no damage");
    model.check(&rig.recovery.messages);
    disk.plan(life.seed, life.fuse, life.fault);
    for batch in &life.batches {
        let (asked, records): (Vec<_>, Vec<_>) = batch.iter().filter_map(|op| model.ask(op)).unzip();
        for (answer, asked) in rig.append(records).into_iter().zip(asked) {
            match answer {
                Ok(()) => model.answered(asked),
                Err(_) if disk.has_crashed() => {}
                Err(_) => model.refused.push(asked),
            }
        }
    }
    disk.after_crash()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_answered_is_lost_and_nothing_comes_back(lives in vec(life(), 1..5)) {
        let (mut disk, mut model) = (SimDisk::new(), Model::default());
        for life in &lives {
            disk = live(&disk, &mut model, life);
        }
        model.check(&Rig::open(&disk).recovery.messages);
    }
}

#[test]
fn a_message_refused_by_a_failed_flush_does_not_come_back() {
    let disk = SimDisk::new();
    let mut rig = Rig::open(&disk);
    assert_eq!(rig.accept(1, 100), Ok(()));
    for seed in 0..50 {
        // The write goes well, the flush does not.
        disk.plan(seed, None, Some(1));
        assert!(rig.accept(100 + seed, 3000).is_err());
        assert_eq!(ids(&disk.after_crash()), [1]);
    }
    assert_eq!(rig.accept(2, 100), Ok(()));
    assert_eq!(ids(&disk.after_crash()), [1, 2]);
}

#[test]
fn segments_are_used_again_and_what_they_held_before_is_not_taken_for_new() {
    let disk = SimDisk::new();
    let mut rig = Rig::open(&disk);
    assert_eq!(rig.accept(1, 10), Ok(()));
    for id in 2..400 {
        assert_eq!(rig.accept(id, 2000), Ok(()));
        let moved = Change::Message(message(1, 10, 0));
        let answers = rig.append(vec![vec![Change::Settled(QueueId(id))], vec![moved]]);
        assert_eq!(answers, [Ok(()), Ok(())]);
        assert_eq!(ids(&disk.after_crash()), [1]);
    }
    let slots = super::super::disk::Disk::slots(&disk).expect("slots");
    assert!(slots.len() <= 4, "{slots:?}");
}

#[test]
fn one_message_that_stays_keeps_its_segment_and_all_younger_ones() {
    let disk = SimDisk::new();
    let mut rig = Rig::open(&disk);
    assert_eq!(rig.accept(1, 10), Ok(()));
    for id in 2..40 {
        assert_eq!(rig.accept(id, 3000), Ok(()));
        assert_eq!(rig.append(vec![vec![Change::Settled(QueueId(id))]]), [Ok(())]);
    }
    assert_eq!(ids(&disk.after_crash()), [1]);
    assert!(super::super::disk::Disk::slots(&disk).expect("slots").len() > 4);
}

#[test]
fn a_message_larger_than_a_segment_gets_one_of_its_own() {
    let disk = SimDisk::new();
    let mut rig = Rig::open(&disk);
    assert_eq!(rig.accept(1, 100), Ok(()));
    assert_eq!(rig.accept(2, 5 * SEGMENT as usize), Ok(()));
    assert_eq!(rig.accept(3, 100), Ok(()));
    assert_eq!(ids(&disk.after_crash()), [1, 2, 3]);
}

/// What a crash may leave of the last batch: everything up to any octet.
#[test]
fn a_journal_cut_at_any_octet_holds_what_is_whole() {
    let disk = SimDisk::new();
    let mut rig = Rig::open(&disk);
    let mut ends = vec![START as usize];
    for id in 1..=6 {
        assert_eq!(rig.accept(id, 20 * id as usize), Ok(()));
        let end = disk.octets(1).iter().rposition(|octet| *octet != 0).expect("octets") + 1;
        ends.push(end);
    }
    let last = ends[6];
    for cut in START as usize..=last {
        let torn = disk.after_crash();
        torn.damage(1, |octets| octets[cut..].fill(0));
        let whole = ends[1..].iter().take_while(|end| **end <= cut).count() as u64;
        let found = Rig::open(&torn).recovery;
        let found: Vec<u64> = found.messages.into_iter().map(|(id, _)| id).collect();
        assert_eq!(found, (1..=whole).collect::<Vec<_>>(), "cut at {cut}");
    }
}
