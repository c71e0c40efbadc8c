//! Values as octets.

use std::io::Write;

use message::Address;

use super::{DELIVERED, FAILED, TOLD, WAITING};
use crate::{Body8, Envelope, Message, MessageState, Stage, Trouble};

/// All of a message but its body's octets, which follow.
pub(super) fn put_message(out: &mut Vec<u8>, message: &Message) {
    put_u64(out, message.id.0);
    put_u64(out, message.accepted.0);
    put_envelope(out, &message.envelope);
    put_state(out, &message.state);
    put_u32(out, message.body.len());
}

pub(super) fn put_envelope(out: &mut Vec<u8>, envelope: &Envelope) {
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

pub(super) fn put_state(out: &mut Vec<u8>, state: &MessageState) {
    out.push(u8::from(state.held));
    out.push(u8::from(state.warned));
    put_u64(out, state.life_from.0);
    put_u32(out, state.recipients.len());
    for recipient in &state.recipients {
        out.extend_from_slice(&recipient.attempts.to_le_bytes());
        put_stage(out, &recipient.stage);
    }
}

pub(super) fn put_stage(out: &mut Vec<u8>, stage: &Stage) {
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

pub(super) fn put_trouble(out: &mut Vec<u8>, trouble: &Trouble) {
    put_text(out, &trouble.status);
    put_text(out, &trouble.reason);
    put_option(out, trouble.remote.as_ref(), |out, remote| {
        put_text(out, &remote.host);
        put_text(out, &remote.reply);
    });
    out.push(u8::from(trouble.configuration));
}

pub(super) fn put_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// A count or length; the sizes that the server lets in are far below 4 GiB.
pub(super) fn put_u32(out: &mut Vec<u8>, value: usize) {
    out.extend_from_slice(&u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes());
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_u32(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn put_address(out: &mut Vec<u8>, address: &Address) {
    let start = out.len();
    put_u32(out, 0);
    // Writing into a Vec cannot fail.
    let _ = write!(out, "{address}");
    let length = u32::try_from(out.len() - start - 4).unwrap_or(u32::MAX);
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

pub(super) fn put_option<T: ?Sized>(out: &mut Vec<u8>, value: Option<&T>, put: impl Fn(&mut Vec<u8>, &T)) {
    out.push(u8::from(value.is_some()));
    if let Some(value) = value {
        put(out, value);
    }
}
