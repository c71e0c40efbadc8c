//! A disk for tests. Until it is flushed, a write may be lost, torn at any octet, or be on the disk before an older one; a
//! failed flush keeps some writes and forgets the others; a crash can come at any operation.

use std::collections::BTreeMap;
use std::io::{self, IoSlice};
use std::sync::Arc;

use parking_lot::Mutex;

use super::disk::{Disk, SegmentFile};

/// Splitmix64: the same disk fails the same way for the same seed.
#[derive(Debug, Clone)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % below.max(1) as u64) as usize
    }
}

#[derive(Debug, Clone, Default)]
struct Content {
    /// What a crash leaves for certain.
    durable: Vec<u8>,
    /// What a reader sees.
    seen: Vec<u8>,
    /// Written, not flushed.
    pending: Vec<(usize, Vec<u8>)>,
}

impl Content {
    /// Some pieces of what is pending reach the disk, in any order.
    fn tear(&mut self, dice: &mut Dice) {
        let mut pieces = Vec::new();
        for (offset, octets) in self.pending.drain(..) {
            let mut start = 0;
            while start < octets.len() {
                let end = (start + 1 + dice.roll(octets.len())).min(octets.len());
                pieces.push((offset + start, octets[start..end].to_vec()));
                start = end;
            }
        }
        while !pieces.is_empty() {
            let (offset, octets) = pieces.swap_remove(dice.roll(pieces.len()));
            if dice.roll(2) == 0 {
                self.durable[offset..offset + octets.len()].copy_from_slice(&octets);
            }
        }
    }
}

#[derive(Debug, Clone)]
struct World {
    files: BTreeMap<u32, Content>,
    /// Removed, but the folder was not flushed: a crash may bring them back.
    removed: BTreeMap<u32, Content>,
    dice: Dice,
    /// Operations until the crash.
    fuse: Option<u32>,
    /// Operations until one that fails.
    fault: Option<u32>,
    crashed: bool,
}

/// What an operation meets.
enum Luck {
    Good,
    /// The device says no.
    Fault,
    /// The power goes while it is done.
    Crash,
}

/// The disk; clones are the same one.
#[derive(Debug, Clone)]
pub(super) struct SimDisk(Arc<Mutex<World>>);

struct SimFile {
    disk: SimDisk,
    slot: u32,
}

impl SimDisk {
    /// Empty.
    pub(super) fn new() -> Self {
        let (files, removed) = Default::default();
        Self(Arc::new(Mutex::new(World { files, removed, dice: Dice(0), fuse: None, fault: None, crashed: false })))
    }

    /// Crashes at the `fuse`-th writing operation from now on, and fails once at the `fault`-th.
    pub(super) fn plan(&self, seed: u64, fuse: Option<u32>, fault: Option<u32>) {
        let mut world = self.0.lock();
        (world.dice, world.fuse, world.fault) = (Dice(seed), fuse, fault);
    }

    pub(super) fn has_crashed(&self) -> bool {
        self.0.lock().crashed
    }

    /// What is there when the power comes back.
    pub(super) fn after_crash(&self) -> Self {
        let mut world = self.0.lock().clone();
        let mut dice = world.dice.clone();
        let back: Vec<_> = world.removed.iter().filter(|_| dice.roll(2) == 0).map(|(s, c)| (*s, c.clone())).collect();
        world.files.extend(back);
        for content in world.files.values_mut() {
            content.tear(&mut dice);
            content.seen = content.durable.clone();
        }
        let (removed, files) = (BTreeMap::new(), world.files);
        Self(Arc::new(Mutex::new(World { files, removed, dice, fuse: None, fault: None, crashed: false })))
    }

    /// Changes what is on the disk behind everybody's back.
    pub(super) fn damage(&self, slot: u32, change: impl FnOnce(&mut [u8])) {
        let mut world = self.0.lock();
        let content = world.files.get_mut(&slot).expect("the slot exists");
        change(&mut content.durable);
        content.seen = content.durable.clone();
    }

    /// The octets of a slot.
    pub(super) fn octets(&self, slot: u32) -> Vec<u8> {
        self.0.lock().files[&slot].durable.clone()
    }

    fn with<T>(&self, act: impl FnOnce(&mut World, Luck) -> io::Result<T>) -> io::Result<T> {
        let mut world = self.0.lock();
        if world.crashed {
            return Err(io::Error::other("the power is off"));
        }
        let luck = world.luck();
        act(&mut world, luck)
    }
}

impl World {
    fn luck(&mut self) -> Luck {
        let burnt = |counter: &mut Option<u32>| match counter {
            Some(0) => counter.take().is_some(),
            Some(n) => {
                *n -= 1;
                false
            }
            None => false,
        };
        if burnt(&mut self.fuse) {
            self.crashed = true;
            return Luck::Crash;
        }
        if burnt(&mut self.fault) { Luck::Fault } else { Luck::Good }
    }
}

fn broken() -> io::Error {
    io::Error::other("input/output error")
}

impl Disk for SimDisk {
    fn slots(&self) -> io::Result<Vec<u32>> {
        Ok(self.0.lock().files.keys().copied().collect())
    }

    fn open(&self, slot: u32) -> io::Result<Arc<dyn SegmentFile>> {
        Ok(Arc::new(SimFile { disk: self.clone(), slot }))
    }

    fn create(&self, slot: u32, size: u64) -> io::Result<Arc<dyn SegmentFile>> {
        self.with(|world, luck| {
            let there = matches!(luck, Luck::Good) || (matches!(luck, Luck::Crash) && world.dice.roll(2) == 0);
            if there {
                let zeros = vec![0; size as usize];
                let content = Content { durable: zeros.clone(), seen: zeros, pending: Vec::new() };
                assert!(world.files.insert(slot, content).is_none(), "slot {slot} is made twice");
            }
            if matches!(luck, Luck::Good) { Ok(()) } else { Err(broken()) }
        })?;
        self.open(slot)
    }

    fn remove(&self, slot: u32) -> io::Result<()> {
        self.with(|world, _| {
            let content = world.files.remove(&slot).ok_or(io::ErrorKind::NotFound)?;
            world.removed.insert(slot, content);
            Ok(())
        })
    }

    fn set_aside(&self, slot: u32) -> io::Result<()> {
        self.remove(slot)
    }

    fn available(&self) -> io::Result<u64> {
        Ok(u64::MAX)
    }
}

impl SegmentFile for SimFile {
    fn size(&self) -> io::Result<u64> {
        Ok(self.disk.0.lock().files.get(&self.slot).ok_or(io::ErrorKind::NotFound)?.seen.len() as u64)
    }

    fn read_at(&self, offset: u64, octets: &mut [u8]) -> io::Result<()> {
        let world = self.disk.0.lock();
        let seen = &world.files.get(&self.slot).ok_or(io::ErrorKind::NotFound)?.seen;
        let from = seen.get(offset as usize..offset as usize + octets.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        octets.copy_from_slice(from);
        Ok(())
    }

    fn write_at(&self, offset: u64, slices: &mut [IoSlice<'_>]) -> io::Result<()> {
        let octets: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
        self.disk.with(|world, luck| {
            let offset = offset as usize;
            let content = world.files.get_mut(&self.slot).ok_or(io::ErrorKind::NotFound)?;
            content.seen[offset..offset + octets.len()].copy_from_slice(&octets);
            content.pending.push((offset, octets));
            if matches!(luck, Luck::Good) { Ok(()) } else { Err(broken()) }
        })
    }

    fn sync(&self) -> io::Result<()> {
        self.disk.with(|world, luck| {
            let World { files, dice, .. } = world;
            let content = files.get_mut(&self.slot).ok_or(io::ErrorKind::NotFound)?;
            match luck {
                Luck::Good => {
                    for (offset, octets) in content.pending.drain(..) {
                        content.durable[offset..offset + octets.len()].copy_from_slice(&octets);
                    }
                    Ok(())
                }
                Luck::Fault => {
                    // As Linux does it: the pages count as written, whatever became of them.
                    content.tear(dice);
                    Err(broken())
                }
                Luck::Crash => Err(broken()),
            }
        })
    }
}
