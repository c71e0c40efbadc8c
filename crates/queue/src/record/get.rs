//! Octets as values.

use std::sync::Arc;

use bytes::{Buf, Bytes};
use message::Address;

use super::{DELIVERED, FAILED, LEAST, RecordError, TOLD, WAITING};
use crate::{Body8, Envelope, Message, MessageState, Moment, QueueId};
use crate::{Recipient, RecipientState, Remote, Stage, Trouble};

pub(super) fn get_message(input: &mut Bytes) -> Result<Message, RecordError> {
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

pub(super) fn get_envelope(input: &mut Bytes) -> Result<Envelope, RecordError> {
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

pub(super) fn get_state(input: &mut Bytes) -> Result<MessageState, RecordError> {
    Ok(MessageState {
        held: get_flag(input)?,
        warned: get_flag(input)?,
        life_from: Moment(get_u64(input)?),
        recipients: get_list(input, |input| {
            Ok(RecipientState { attempts: get_u32(input)?, stage: get_stage(input)? })
        })?,
    })
}

pub(super) fn get_stage(input: &mut Bytes) -> Result<Stage, RecordError> {
    Ok(match get_u8(input)? {
        WAITING => Stage::Waiting { due: Moment(get_u64(input)?), trouble: get_option(input, get_trouble)? },
        DELIVERED => Stage::Delivered,
        FAILED => Stage::Failed(get_trouble(input)?),
        TOLD => Stage::Told(get_trouble(input)?),
        other => return Err(RecordError::Unknown(other)),
    })
}

pub(super) fn get_trouble(input: &mut Bytes) -> Result<Trouble, RecordError> {
    Ok(Trouble {
        status: get_text(input)?,
        reason: get_text(input)?,
        remote: get_option(input, |input| Ok(Remote { host: get_text(input)?, reply: get_text(input)? }))?,
        configuration: get_flag(input)?,
    })
}

pub(super) fn get_u8(input: &mut Bytes) -> Result<u8, RecordError> {
    input.try_get_u8().map_err(|_| RecordError::Short)
}

pub(super) fn get_u32(input: &mut Bytes) -> Result<u32, RecordError> {
    input.try_get_u32_le().map_err(|_| RecordError::Short)
}

pub(super) fn get_u64(input: &mut Bytes) -> Result<u64, RecordError> {
    input.try_get_u64_le().map_err(|_| RecordError::Short)
}

pub(super) fn get_flag(input: &mut Bytes) -> Result<bool, RecordError> {
    match get_u8(input)? {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(RecordError::Unknown(other)),
    }
}

pub(super) fn get_bytes(input: &mut Bytes) -> Result<Bytes, RecordError> {
    let length = get_u32(input)? as usize;
    if length > input.len() { Err(RecordError::Short) } else { Ok(input.split_to(length)) }
}

pub(super) fn get_text(input: &mut Bytes) -> Result<String, RecordError> {
    String::from_utf8(get_bytes(input)?.into()).map_err(|_| RecordError::Text)
}

pub(super) fn get_address(input: &mut Bytes) -> Result<Address, RecordError> {
    let octets = get_bytes(input)?;
    let text = std::str::from_utf8(&octets).map_err(|_| RecordError::Text)?;
    Ok(Address::parse(text)?)
}

pub(super) fn get_option<T>(
    input: &mut Bytes,
    get: impl Fn(&mut Bytes) -> Result<T, RecordError>,
) -> Result<Option<T>, RecordError> {
    if get_flag(input)? { get(input).map(Some) } else { Ok(None) }
}

pub(super) fn get_list<T>(
    input: &mut Bytes,
    get: impl Fn(&mut Bytes) -> Result<T, RecordError>,
) -> Result<Vec<T>, RecordError> {
    let count = get_u32(input)? as usize;
    if count > input.len() / LEAST {
        return Err(RecordError::Short);
    }
    (0..count).map(|_| get(input)).collect()
}
