//! Sessions as a capture that Wireshark opens (pcapng, draft-ietf-opsawg-pcapng): TCP segments that never were, with what
//! was said in them.
//!
//! TLS is taken off already, so the server's port is the one where the protocol is spoken in clear, which is how Wireshark
//! knows it. Where STARTTLS was said a second connection begins, or Wireshark would try to decrypt what follows. Mail that
//! was only counted stands as segments of which the capture holds the headers alone.

mod block;
mod conversation;
mod packet;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use crate::record::Record;

use block::Blocks;
use conversation::Conversation;

/// Writes the transcripts of records as one capture, with a connection for each; it is empty where there is no transcript.
///
/// # Errors
/// It cannot be written to `out`.
pub fn write(records: &[Record], out: &mut dyn Write) -> io::Result<()> {
    let mut services: Vec<_> = records.iter().map(|record| record.service.to_string()).collect();
    services.dedup();
    let ids: Vec<_> = records.iter().map(|record| record.id.as_str()).collect();
    let mut blocks = Blocks::begin(&format!("Gatepost session {}", ids.join(", ")), &services.join(", "), out)?;
    records.iter().try_for_each(|record| Conversation::new(record, &mut blocks).play(record))
}
