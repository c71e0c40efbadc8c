//! The content of a message on its way in, and whether it may stay.

use message::header::{body_offset, fields};

use super::{Body, Message, Policy, Role, Transaction, replies};
use crate::{DotDecoder, Fault, Reply};

/// Room for a message that declares no size, `Received:` and all.
const USUAL_SIZE: usize = 8 * 1024;
/// Most that is reserved because a client declared it: a promise costs nothing, memory does.
const MAX_RESERVED: u64 = 1024 * 1024;

/// What the host knows of a message before its first octet.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The id it will have.
    pub id: &'a str,
    /// Now (RFC 5322 §3.3).
    pub date: &'a str,
    /// How the account stands in `Received:`; `None` where it does not.
    pub user: Option<&'a str>,
}

/// How far a buffer was understood.
#[derive(Debug)]
pub struct Data {
    /// Octets taken.
    pub consumed: usize,
    /// What to do next, once the message is complete.
    pub step: Option<super::Step>,
}

/// Content as it comes.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) transaction: Box<Transaction>,
    decoder: DotDecoder,
    content: Vec<u8>,
    /// Octets at its start that are ours.
    trace: usize,
    /// Fields that a submission may lack, ready made.
    missing: Missing,
    fault: Option<Refusal>,
    limits: super::Limits,
}

/// Fields to add where they are missing (RFC 6409 §8.2, §8.3); empty on port 25.
#[derive(Debug)]
struct Missing {
    role: Role,
    date: String,
    message_id: String,
}

/// Why content cannot be taken.
#[derive(Debug, Clone, Copy)]
enum Refusal {
    TooLarge,
    NoRoom,
    Content(Fault),
    Looping,
}

impl Receiver {
    /// Begins with `received`, our own field.
    pub(super) fn new(policy: &Policy, transaction: Box<Transaction>, received: &str, arrival: Arrival<'_>) -> Self {
        let declared = transaction.declared_size.unwrap_or(0).min(MAX_RESERVED);
        let mut content = Vec::with_capacity(USUAL_SIZE.max(usize::try_from(declared).unwrap_or(0) + 1024));
        content.extend_from_slice(received.as_bytes());
        Self {
            transaction,
            decoder: DotDecoder::new(policy.bare_newline),
            trace: content.len(),
            content,
            missing: Missing::new(policy, arrival),
            fault: None,
            limits: policy.limits,
        }
    }

    /// Takes octets; whether the message has ended, and how many were its.
    pub(super) fn feed(&mut self, input: &[u8]) -> crate::Fed {
        let fed = self.decoder.feed(input, &mut self.content);
        let size = self.content.len().saturating_sub(self.trace);
        if size as u64 > self.limits.message_size {
            self.fault = self.fault.or(Some(Refusal::TooLarge));
        }
        self.fault = self.fault.or(self.decoder.fault().map(Refusal::Content));
        self.drop_refused();
        fed
    }

    /// Octets that its content takes in memory.
    pub(super) fn held(&self) -> usize {
        self.content.capacity()
    }

    /// The host has no memory for it.
    pub(super) fn no_room(&mut self) {
        self.fault = self.fault.or(Some(Refusal::NoRoom));
        self.drop_refused();
    }

    /// The rest of what is refused is read only to stay in step; nothing of it is kept.
    fn drop_refused(&mut self) {
        if self.fault.is_some() {
            self.content.truncate(0);
            self.content.shrink_to(USUAL_SIZE);
        }
    }

    /// The message, or why not.
    pub(super) fn finish(mut self, login: Option<message::Address>) -> Result<Message, Reply> {
        if self.fault.is_none() && self.hops() > self.limits.hops {
            self.fault = Some(Refusal::Looping);
        }
        match self.fault {
            None => {}
            Some(Refusal::TooLarge) => return Err(replies::TOO_LARGE.and(self.limits.message_size)),
            Some(Refusal::NoRoom) => return Err(replies::NO_ROOM),
            Some(Refusal::Content(Fault::BareNewline)) => return Err(replies::BARE_NEWLINE_IN_DATA),
            Some(Refusal::Content(Fault::Nul)) => return Err(replies::NUL_IN_DATA),
            Some(Refusal::Looping) => return Err(replies::TOO_MANY_HOPS),
        }
        let size = self.content.len() - self.trace;
        if self.missing.role == Role::Submission {
            self.complete();
        }
        // What a client declared does not bind the next server: the octets do.
        if !self.content.is_ascii() {
            self.transaction.body = Body::EightBitMime;
        }
        Ok(Message { transaction: *self.transaction, login, content: self.content, size })
    }

    /// `Received:` fields of the message, ours not counted (RFC 5321 §6.3).
    fn hops(&self) -> usize {
        fields(self.content.get(self.trace..).unwrap_or_default()).filter(|field| field.is("Received")).count()
    }

    /// RFC 6409 §8: what a submission lacks is added. `Return-Path` goes: RFC 5321 §4.4 wants none before final
    /// delivery. (On port 25 it stays: a relay must not touch it, and who delivers may remove it.)
    fn complete(&mut self) {
        let header_end = self.trace + body_offset(self.content.get(self.trace..).unwrap_or_default());
        let header = self.content.get(self.trace..header_end).unwrap_or_default();
        let has = |name: &str| fields(header).any(|field| field.is(name));
        let mut added = String::new();
        if !has("Date") {
            added.push_str(&self.missing.date);
        }
        if !has("Message-ID") {
            added.push_str(&self.missing.message_id);
        }
        if fields(header).next().is_none() && !header.starts_with(b"\r\n") {
            // No header at all: what was sent is a body, and needs the empty line before it.
            added.push_str("\r\n");
        }
        // In one go: a header may have a million of them, and each alone would move the rest of the message.
        let (mut kept, mut from) = (Vec::new(), 0);
        for field in fields(header).filter(|field| field.is("Return-Path")) {
            kept.extend_from_slice(header.get(from..field.start).unwrap_or_default());
            from = field.end;
        }
        self.content.splice(self.trace..self.trace + from, kept);
        if !added.is_empty() {
            self.content.splice(self.trace..self.trace, added.bytes());
        }
    }
}

impl Missing {
    fn new(policy: &Policy, arrival: Arrival<'_>) -> Self {
        if policy.role == Role::Exchange {
            return Self { role: Role::Exchange, date: String::new(), message_id: String::new() };
        }
        let date = format!("Date: {}\r\n", arrival.date);
        let message_id = format!("Message-ID: <{}.{}@{}>\r\n", arrival.id, policy.session, policy.hostname.as_ascii());
        Self { role: Role::Submission, date, message_id }
    }
}
