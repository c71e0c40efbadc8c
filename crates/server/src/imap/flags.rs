//! Flags between the grammar and the store.

use std::collections::BTreeSet;
use std::sync::Arc;

use ::imap::Flag;
use mailbox::{Flags, Meta};

/// The system flags and the names of both sides, in the order of RFC 3501 §9.
const SYSTEM: [(Flag, Flags); 5] = [
    (Flag::Answered, Flags::ANSWERED),
    (Flag::Flagged, Flags::FLAGGED),
    (Flag::Deleted, Flags::DELETED),
    (Flag::Seen, Flags::SEEN),
    (Flag::Draft, Flags::DRAFT),
];

/// What the store keeps.
pub(super) fn to_store(flags: &[Flag]) -> (Flags, BTreeSet<Arc<str>>) {
    let mut bits = Flags::default();
    let mut keywords = BTreeSet::new();
    for flag in flags {
        match flag {
            Flag::Keyword(name) => drop(keywords.insert(Arc::from(name.as_str()))),
            system => bits.0 |= bit(system).0,
        }
    }
    (bits, keywords)
}

fn bit(flag: &Flag) -> Flags {
    SYSTEM.iter().find(|(f, _)| f == flag).map(|(_, bit)| *bit).unwrap_or_default()
}

/// Whether a message has a flag.
pub(super) fn has(meta: &Meta, flag: &Flag) -> bool {
    match flag {
        Flag::Keyword(name) => meta.keywords.iter().any(|k| k.eq_ignore_ascii_case(name)),
        system => meta.flags.contains(bit(system)),
    }
}

/// Whether `\Recent` is among the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recent {
    Yes,
    No,
}

/// What FETCH FLAGS says.
pub(super) fn names(meta: &Meta, recent: Recent) -> String {
    let system = SYSTEM.iter().filter(|(_, bit)| meta.flags.contains(*bit)).map(|(flag, _)| flag.as_str());
    let recent = (recent == Recent::Yes).then_some("\\Recent");
    let names: Vec<&str> = system.chain(recent).chain(meta.keywords.iter().map(|k| &**k)).collect();
    names.join(" ")
}

/// All flags of a mailbox: the system's, and the keywords that its messages have.
pub(super) fn all_names(messages: &[Arc<Meta>]) -> String {
    let keywords: BTreeSet<&str> = messages.iter().flat_map(|m| m.keywords.iter()).map(|k| &**k).collect();
    let system = SYSTEM.iter().map(|(flag, _)| flag.as_str());
    system.chain(keywords).collect::<Vec<_>>().join(" ")
}
