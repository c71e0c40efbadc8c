//! The journal on a simulated disk.

mod crashes;
mod damage;

use std::sync::Arc;

use bytes::Bytes;
use message::Address;
use parking_lot::Mutex;

use super::appender::Appender;
use super::pending::Pending;
use super::recovery::{self, Recovery};
use super::sim::SimDisk;
use crate::{Body8, Change, Envelope, Message, MessageState, Moment, QueueId, Recipient, SpoolError};

/// Room for a few messages only, so that segments change all the time.
const SEGMENT: u64 = 16 << 10;

/// A message whose body tells which one it is.
fn message(id: u64, size: usize, version: u32) -> Message {
    let mut state = MessageState::new(1, Moment(id));
    state.recipients[0].attempts = version;
    let envelope = Envelope {
        reverse_path: None,
        recipients: vec![Recipient { address: Address::parse("bob@example.org").expect("an address"), original: None }],
        body: Body8::SevenBit,
        smtputf8: false,
        authenticated: None,
        session: String::new(),
    };
    let body = Bytes::from(vec![id as u8; size]);
    Message { id: QueueId(id), accepted: Moment(id), envelope: Arc::new(envelope), state, body }
}

/// Answers, in the order of the records.
type Answers = Arc<Mutex<Vec<Result<(), SpoolError>>>>;

/// A journal that is driven step by step.
struct Rig {
    recovery: Recovered,
    appender: Appender,
    answers: Answers,
}

/// What recovery found, without what the appender took over.
struct Recovered {
    messages: Vec<(u64, u32)>,
    damage: Vec<recovery::Damage>,
}

impl Rig {
    fn open(disk: &SimDisk) -> Self {
        let Recovery { messages, index, position, free, damage } = recovery::recover(disk).expect("it can be read");
        for (id, found) in &messages {
            let (file, location) = index.find(*id).expect("it has a place");
            let body = super::read_body(file.as_ref(), location, *id).expect("its body can be read");
            assert_eq!(body, vec![id.0 as u8; found.size as usize]);
        }
        let version = |m: &crate::Recovered| m.message.state.recipients[0].attempts;
        let messages = messages.iter().map(|(id, found)| (id.0, version(found))).collect();
        let index = Arc::new(Mutex::new(index));
        let appender = Appender::new(Arc::new(disk.clone()), index, position, free, SEGMENT);
        Self { recovery: Recovered { messages, damage }, appender, answers: Answers::default() }
    }

    /// Writes records together; the answers.
    fn append(&mut self, records: Vec<Vec<Change>>) -> Vec<Result<(), SpoolError>> {
        let pending = records.iter().map(|changes| {
            let answers = Arc::clone(&self.answers);
            Pending::new(changes, Box::new(move |answer| answers.lock().push(answer)))
        });
        let pending = pending.collect();
        self.appender.append(pending);
        std::mem::take(&mut *self.answers.lock())
    }

    fn accept(&mut self, id: u64, size: usize) -> Result<(), SpoolError> {
        self.append(vec![vec![Change::Message(message(id, size, 0))]]).remove(0)
    }
}

/// The ids that a journal on this disk holds; there must be no damage.
fn ids(disk: &SimDisk) -> Vec<u64> {
    let recovery = Rig::open(disk).recovery;
    assert_eq!(recovery.damage, []);
    recovery.messages.into_iter().map(|(id, _)| id).collect()
}
