//! Changes as octets: the payload of a journal record. Numbers are little-endian; a text or body has its length (u32)
//! before it; an option has 0 or 1 before it. docs/queue.md has the table.
//!
//! What is read back has passed a checksum, but it may have been written by another version or by a broken machine:
//! nothing here trusts a length.

use std::io::Write;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use message::{Address, AddressError};

use crate::state::{MessageState, RecipientState, Stage, Trouble};
use crate::{Body8, Change, Envelope, Message, Moment, QueueId, Recipient, Remote};

/// Kinds of changes.
const MESSAGE: u8 = 1;
const STATE: u8 = 2;
const SETTLED: u8 = 3;

/// Stages of a recipient.
const WAITING: u8 = 0;
const DELIVERED: u8 = 1;
const FAILED: u8 = 2;
const TOLD: u8 = 3;

/// Octets that one recipient takes at least, in an envelope or a state: bounds what a count can make us reserve.
const LEAST: usize = 5;

/// Why octets are no changes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// It ends too early.
    #[error("record ends too early")]
    Short,
    /// A kind, stage or flag that this version does not know.
    #[error("record holds an unknown value {0}")]
    Unknown(u8),
    /// A text that is not UTF-8.
    #[error("record holds a text that is not UTF-8")]
    Text,
    /// An address that is none.
    #[error("record holds a bad address: {0}")]
    Address(#[from] AddressError),
    /// A state with more or fewer recipients than its envelope.
    #[error("record's state does not fit its envelope")]
    Mismatch,
}

/// Changes as chunks to be written one after the other; bodies are shared, not copied.
pub fn encode(changes: &[Change]) -> Vec<Bytes> {
    let mut chunks = Vec::with_capacity(2);
    let mut head = Vec::with_capacity(256);
    for change in changes {
        match change {
            Change::Message(message) => {
                head.push(MESSAGE);
                put_message(&mut head, message);
                if !message.body.is_empty() {
                    chunks.push(Bytes::from(std::mem::take(&mut head)));
                    chunks.push(message.body.clone());
                }
            }
            Change::State { id, state } => {
                head.push(STATE);
                put_u64(&mut head, id.0);
                put_state(&mut head, state);
            }
            Change::Settled(id) => {
                head.push(SETTLED);
                put_u64(&mut head, id.0);
            }
        }
    }
    if !head.is_empty() {
        chunks.push(Bytes::from(head));
    }
    chunks
}

/// Changes out of a record's payload; bodies are slices of it.
pub fn decode(mut payload: Bytes) -> Result<Vec<Change>, RecordError> {
    let mut changes = Vec::new();
    while !payload.is_empty() {
        changes.push(match get_u8(&mut payload)? {
            MESSAGE => Change::Message(get_message(&mut payload)?),
            STATE => Change::State { id: QueueId(get_u64(&mut payload)?), state: get_state(&mut payload)? },
            SETTLED => Change::Settled(QueueId(get_u64(&mut payload)?)),
            other => return Err(RecordError::Unknown(other)),
        });
    }
    Ok(changes)
}

/// All of a message but its body's octets, which follow.
fn put_message(out: &mut Vec<u8>, message: &Message) {
    put_u64(out, message.id.0);
    put_u64(out, message.accepted.0);
    put_envelope(out, &message.envelope);
    put_state(out, &message.state);
    put_u32(out, message.body.len());
}

fn get_message(input: &mut Bytes) -> Result<Message, RecordError> {
    let id = QueueId(get_u64(input)?);
    let accepted = Moment(get_u64(input)?);
    let envelope = get_envelope(input)?;
    let state = get_state(input)?;
    if state.recipients.len() != envelope.recipients.len() {
        return Err(RecordError::Mismatch);
    }
    let body = get_bytes(input)?;
    Ok(Message { id, accepted, envelope: Arc::new(envelope), state, body })
}

fn put_envelope(out: &mut Vec<u8>, envelope: &Envelope) {
    put_option(out, envelope.reverse_path.as_ref(), put_address);
    out.push(u8::from(envelope.body == Body8::EightBitMime));
    out.push(u8::from(envelope.smtputf8));
    put_option(out, envelope.authenticated.as_ref(), put_address);
    put_text(out, &envelope.session);
    put_u32(out, envelope.recipients.len());
    for recipient in &envelope.recipients {
        put_address(out, &recipient.address);
        put_option(out, recipient.original.as_ref(), put_address);
    }
}

fn get_envelope(input: &mut Bytes) -> Result<Envelope, RecordError> {
    Ok(Envelope {
        reverse_path: get_option(input, get_address)?,
        body: if get_flag(input)? { Body8::EightBitMime } else { Body8::SevenBit },
        smtputf8: get_flag(input)?,
        authenticated: get_option(input, get_address)?,
        session: get_text(input)?,
        recipients: get_list(input, |input| {
            Ok(Recipient { address: get_address(input)?, original: get_option(input, get_address)? })
        })?,
    })
}

fn put_state(out: &mut Vec<u8>, state: &MessageState) {
    out.push(u8::from(state.held));
    out.push(u8::from(state.warned));
    put_u64(out, state.life_from.0);
    put_u32(out, state.recipients.len());
    for recipient in &state.recipients {
        out.extend_from_slice(&recipient.attempts.to_le_bytes());
        put_stage(out, &recipient.stage);
    }
}

fn get_state(input: &mut Bytes) -> Result<MessageState, RecordError> {
    Ok(MessageState {
        held: get_flag(input)?,
        warned: get_flag(input)?,
        life_from: Moment(get_u64(input)?),
        recipients: get_list(input, |input| {
            Ok(RecipientState { attempts: get_u32(input)?, stage: get_stage(input)? })
        })?,
    })
}

fn put_stage(out: &mut Vec<u8>, stage: &Stage) {
    match stage {
        Stage::Waiting { due, trouble } => {
            out.push(WAITING);
            put_u64(out, due.0);
            put_option(out, trouble.as_ref(), put_trouble);
        }
        Stage::Delivered => out.push(DELIVERED),
        Stage::Failed(trouble) => {
            out.push(FAILED);
            put_trouble(out, trouble);
        }
        Stage::Told(trouble) => {
            out.push(TOLD);
            put_trouble(out, trouble);
        }
    }
}

fn get_stage(input: &mut Bytes) -> Result<Stage, RecordError> {
    Ok(match get_u8(input)? {
        WAITING => Stage::Waiting { due: Moment(get_u64(input)?), trouble: get_option(input, get_trouble)? },
        DELIVERED => Stage::Delivered,
        FAILED => Stage::Failed(get_trouble(input)?),
        TOLD => Stage::Told(get_trouble(input)?),
        other => return Err(RecordError::Unknown(other)),
    })
}

fn put_trouble(out: &mut Vec<u8>, trouble: &Trouble) {
    put_text(out, &trouble.status);
    put_text(out, &trouble.reason);
    put_option(out, trouble.remote.as_ref(), |out, remote| {
        put_text(out, &remote.host);
        put_text(out, &remote.reply);
    });
    out.push(u8::from(trouble.configuration));
}

fn get_trouble(input: &mut Bytes) -> Result<Trouble, RecordError> {
    Ok(Trouble {
        status: get_text(input)?,
        reason: get_text(input)?,
        remote: get_option(input, |input| Ok(Remote { host: get_text(input)?, reply: get_text(input)? }))?,
        configuration: get_flag(input)?,
    })
}

fn put_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// A count or length; the sizes that the server lets in are far below 4 GiB.
fn put_u32(out: &mut Vec<u8>, value: usize) {
    out.extend_from_slice(&u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes());
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_u32(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn put_address(out: &mut Vec<u8>, address: &Address) {
    let start = out.len();
    put_u32(out, 0);
    // Writing into a Vec cannot fail.
    let _ = write!(out, "{address}");
    let length = u32::try_from(out.len() - start - 4).unwrap_or(u32::MAX);
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

fn put_option<T: ?Sized>(out: &mut Vec<u8>, value: Option<&T>, put: impl Fn(&mut Vec<u8>, &T)) {
    out.push(u8::from(value.is_some()));
    if let Some(value) = value {
        put(out, value);
    }
}

fn get_u8(input: &mut Bytes) -> Result<u8, RecordError> {
    input.try_get_u8().map_err(|_| RecordError::Short)
}

fn get_u32(input: &mut Bytes) -> Result<u32, RecordError> {
    input.try_get_u32_le().map_err(|_| RecordError::Short)
}

fn get_u64(input: &mut Bytes) -> Result<u64, RecordError> {
    input.try_get_u64_le().map_err(|_| RecordError::Short)
}

fn get_flag(input: &mut Bytes) -> Result<bool, RecordError> {
    match get_u8(input)? {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(RecordError::Unknown(other)),
    }
}

fn get_bytes(input: &mut Bytes) -> Result<Bytes, RecordError> {
    let length = get_u32(input)? as usize;
    if length > input.len() { Err(RecordError::Short) } else { Ok(input.split_to(length)) }
}

fn get_text(input: &mut Bytes) -> Result<String, RecordError> {
    String::from_utf8(get_bytes(input)?.into()).map_err(|_| RecordError::Text)
}

fn get_address(input: &mut Bytes) -> Result<Address, RecordError> {
    let octets = get_bytes(input)?;
    let text = std::str::from_utf8(&octets).map_err(|_| RecordError::Text)?;
    Ok(Address::parse(text)?)
}

fn get_option<T>(
    input: &mut Bytes,
    get: impl Fn(&mut Bytes) -> Result<T, RecordError>,
) -> Result<Option<T>, RecordError> {
    if get_flag(input)? { get(input).map(Some) } else { Ok(None) }
}

fn get_list<T>(input: &mut Bytes, get: impl Fn(&mut Bytes) -> Result<T, RecordError>) -> Result<Vec<T>, RecordError> {
    let count = get_u32(input)? as usize;
    if count > input.len() / LEAST {
        return Err(RecordError::Short);
    }
    (0..count).map(|_| get(input)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    fn address() -> impl Strategy<Value = Address> {
        prop_oneof![
            "[a-z]{1,9}@[a-z]{1,9}\\.example",
            Just("\"a b\"@[192.0.2.1]".into()),
            Just("jö@bücher.example".into())
        ]
        .prop_map(|text: String| Address::parse(&text).expect("an address"))
    }

    fn trouble() -> impl Strategy<Value = Trouble> {
        let remote = (".{0,20}", ".{0,80}").prop_map(|(host, reply)| Remote { host, reply });
        (".{0,9}", ".{0,40}", option::of(remote), any::<bool>())
            .prop_map(|(status, reason, remote, configuration)| Trouble { status, reason, remote, configuration })
    }

    fn stage() -> impl Strategy<Value = Stage> {
        prop_oneof![
            (any::<u64>(), option::of(trouble()))
                .prop_map(|(due, trouble)| Stage::Waiting { due: Moment(due), trouble }),
            Just(Stage::Delivered),
            trouble().prop_map(Stage::Failed),
            trouble().prop_map(Stage::Told),
        ]
    }

    fn state(count: usize) -> impl Strategy<Value = MessageState> {
        let recipient = (any::<u32>(), stage()).prop_map(|(attempts, stage)| RecipientState { attempts, stage });
        (any::<bool>(), any::<bool>(), any::<u64>(), vec(recipient, count)).prop_map(
            |(held, warned, life_from, recipients)| MessageState {
                held,
                warned,
                life_from: Moment(life_from),
                recipients,
            },
        )
    }

    fn envelope(count: usize) -> impl Strategy<Value = Envelope> {
        let recipient =
            (address(), option::of(address())).prop_map(|(address, original)| Recipient { address, original });
        let paths = (option::of(address()), option::of(address()));
        (paths, any::<bool>(), any::<bool>(), ".{0,20}", vec(recipient, count)).prop_map(
            |((reverse_path, authenticated), eight, smtputf8, session, recipients)| Envelope {
                reverse_path,
                recipients,
                body: if eight { Body8::EightBitMime } else { Body8::SevenBit },
                smtputf8,
                authenticated,
                session,
            },
        )
    }

    fn message() -> impl Strategy<Value = Message> {
        (1usize..5)
            .prop_flat_map(|count| (any::<(u64, u64)>(), envelope(count), state(count), vec(any::<u8>(), 0..200)))
            .prop_map(|((id, accepted), envelope, state, body)| Message {
                id: QueueId(id),
                accepted: Moment(accepted),
                envelope: Arc::new(envelope),
                state,
                body: body.into(),
            })
    }

    fn change() -> impl Strategy<Value = Change> {
        prop_oneof![
            message().prop_map(Change::Message),
            (any::<u64>(), (0usize..4).prop_flat_map(state))
                .prop_map(|(id, state)| Change::State { id: QueueId(id), state }),
            any::<u64>().prop_map(|id| Change::Settled(QueueId(id))),
        ]
    }

    fn octets(changes: &[Change]) -> Bytes {
        encode(changes).concat().into()
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(changes in vec(change(), 0..6)) {
            prop_assert_eq!(decode(octets(&changes)), Ok(changes));
        }

        #[test]
        fn a_record_that_ends_early_is_no_record(change in change(), cut: prop::sample::Index) {
            let octets = octets(&[change]);
            let cut = 1 + cut.index(octets.len() - 1);
            prop_assert!(cut == octets.len() || decode(octets.slice(..cut)).is_err());
        }

        #[test]
        fn any_octets_are_changes_or_an_error(octets in vec(any::<u8>(), 0..200)) {
            if let Ok(changes) = decode(octets.into()) {
                prop_assert_eq!(decode(self::octets(&changes)), Ok(changes));
            }
        }
    }

    #[test]
    fn a_count_does_not_make_us_reserve_memory() {
        let mut octets = vec![STATE];
        put_u64(&mut octets, 1);
        octets.extend([0, 0]);
        put_u64(&mut octets, 1);
        put_u32(&mut octets, usize::MAX);
        assert_eq!(decode(octets.into()), Err(RecordError::Short));
    }
}
