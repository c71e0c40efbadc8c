//! What an exchange must know of its server and connection.

use crate::{Channel, Mechanism};

/// What an exchange must know of its server and connection.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Names this server in a CRAM-MD5 challenge.
    pub host: &'a str,
    /// What TLS knows.
    pub channel: &'a Channel,
    /// Whether the client was offered a -PLUS.
    pub plus_offered: bool,
}

impl<'a> Context<'a> {
    /// Of a connection on which these mechanisms were offered; without a channel it is in clear.
    pub fn new(host: &'a str, channel: impl Into<Option<&'a Channel>>, offered: &[Mechanism]) -> Self {
        let plus_offered = offered.iter().any(|mechanism| mechanism.is_plus());
        Self { channel: channel.into().unwrap_or(Self::clear(host).channel), host, plus_offered }
    }

    /// Of a connection in clear.
    pub fn clear(host: &'a str) -> Self {
        Self { host, channel: const { &Channel::CLEAR }, plus_offered: false }
    }
}
