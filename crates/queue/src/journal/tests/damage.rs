//! What had been durable and is broken is said, and the rest is kept.

use super::{Rig, ids};
use crate::journal::disk::Disk;
use crate::journal::layout::{Header, Record, RecordHeader, START, size};
use crate::journal::recovery::Damage;
use crate::journal::sim::SimDisk;
use crate::{Change, QueueId, record};

/// A disk with some messages, one flush each.
fn filled(sizes: &[usize]) -> SimDisk {
    let disk = SimDisk::new();
    let mut rig = Rig::open(&disk);
    for (n, size) in sizes.iter().enumerate() {
        assert_eq!(rig.accept(n as u64 + 1, *size), Ok(()));
    }
    disk
}

fn found(disk: &SimDisk) -> (Vec<u64>, Vec<Damage>) {
    let recovery = Rig::open(disk).recovery;
    (recovery.messages.into_iter().map(|(id, _)| id).collect(), recovery.damage)
}

/// Where the records of a slot start.
fn offsets(disk: &SimDisk, slot: u32) -> Vec<usize> {
    let octets = disk.octets(slot).into();
    let mut offset = START as usize;
    let mut offsets = Vec::new();
    while let Some(record) = Record::at(&octets, offset) {
        offsets.push(offset);
        offset += record.size() as usize;
    }
    offsets
}

#[test]
fn a_broken_octet_costs_its_record_only_and_is_reported() {
    let disk = filled(&[100, 200, 300, 400]);
    let offsets = offsets(&disk, 1);
    for (n, offset) in offsets.iter().enumerate().take(3) {
        for octet in [0, 13, 45, 80] {
            let broken = disk.after_crash();
            broken.damage(1, |octets| octets[offset + octet] ^= 1);
            let (ids, damage) = found(&broken);
            assert_eq!(ids, (1..=4).filter(|id| *id != n as u64 + 1).collect::<Vec<_>>());
            assert_eq!(damage, [Damage::Records { generation: 1, first: n as u32, count: 1 }]);
        }
    }
}

#[test]
fn a_damaged_segment_is_set_aside_and_not_written_again() {
    let disk = filled(&[100, 200, 300]);
    let offset = offsets(&disk, 1)[1];
    disk.damage(1, |octets| octets[offset + 50] ^= 1);
    let mut rig = Rig::open(&disk);
    assert_eq!(rig.append(vec![vec![Change::Settled(QueueId(1)), Change::Settled(QueueId(3))]]), [Ok(())]);
    for id in 10..20 {
        assert_eq!(rig.accept(id, 3000), Ok(()));
    }
    assert!(!disk.slots().expect("slots").contains(&1));
    assert_eq!(ids(&disk.after_crash()), (10..20).collect::<Vec<_>>());
}

#[test]
fn a_segment_without_its_header_is_found_by_its_records() {
    let disk = filled(&[100, 200, 300]);
    disk.damage(1, |octets| octets[9] ^= 1);
    assert_eq!(found(&disk), (vec![1, 2, 3], vec![Damage::Header { generation: 1 }]));
}

#[test]
fn a_missing_segment_is_reported_and_the_others_are_kept() {
    let disk = filled(&[3000; 12]);
    let slots = disk.slots().expect("slots");
    assert!(slots.len() >= 3);
    disk.remove(slots[1]).expect("removed");
    let (ids, damage) = found(&disk);
    assert_eq!(damage, [Damage::Segment { generation: 2 }]);
    assert!(ids.contains(&12) && !ids.contains(&5), "{ids:?}");
}

#[test]
fn content_of_another_version_is_reported() {
    let disk = filled(&[100, 200]);
    let offset = offsets(&disk, 1)[0];
    disk.damage(1, |octets| {
        let header = RecordHeader::decode(&octets[offset..]).expect("a header");
        let payload = offset + 40..offset + 40 + header.length as usize;
        octets[payload.start] = 99;
        let header = RecordHeader { payload_crc: crc32fast::hash(&octets[payload]), ..header };
        octets[offset..offset + 40].copy_from_slice(&header.encode());
    });
    assert_eq!(found(&disk), (vec![2], vec![Damage::Content { generation: 1, index: 0 }]));
}

/// A mail may hold what looks like a record, and the record around it may be torn: the tag, which nobody outside knows,
/// keeps it from being read as one.
#[test]
fn a_body_made_to_look_like_a_record_is_none() {
    let disk = filled(&[100]);
    let generation = 1;
    let payload = record::encode(&[Change::Settled(QueueId(1))]).concat();
    let forged = |tag| {
        let header = RecordHeader {
            payload_crc: crc32fast::hash(&payload),
            length: payload.len() as u32,
            generation,
            tag,
            index: 7,
            durable: 7,
        };
        [header.encode().as_slice(), &payload].concat()
    };
    let at = START as usize + size(400) as usize;
    disk.damage(1, |octets| octets[at..at + 40 + payload.len()].copy_from_slice(&forged(0x1234)));
    assert_eq!(found(&disk), (vec![1], vec![]));

    // The same with the right tag is taken: it is the tag that keeps it out.
    let tag = Header::decode(&disk.octets(1)).expect("a header").tag;
    disk.damage(1, |octets| octets[at..at + 40 + payload.len()].copy_from_slice(&forged(tag)));
    assert_eq!(found(&disk).0, Vec::<u64>::new());
}
