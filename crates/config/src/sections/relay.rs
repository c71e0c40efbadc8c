//! `[relay]`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::kinds::{HOUR, MINUTE, SECOND, count, duration, flag, list, optional, path, server};
use crate::section::section;

section! {
    /// How mail leaves for other servers.
    pub struct Relay = "relay" "[relay]" {
        /// DNS servers to ask instead of those in `/etc/resolv.conf`.
        resolvers: Vec<SocketAddr> = Vec::new() => list(server(53));
        /// The port that MX hosts listen on: 25, except in tests.
        port: u16 = 25 => count(1..=u16::MAX);
        /// Time to connect.
        connect_timeout: Duration = 30 * SECOND => duration(SECOND..=10 * MINUTE);
        /// Time for a reply; after the message's end twice this (RFC 5321 §4.5.3.2 asks for 5 and 10 minutes).
        reply_timeout: Duration = 5 * MINUTE => duration(SECOND..=HOUR);
        /// PEM file of CAs to trust beside the system's.
        ca_file: Option<PathBuf> = None => optional(path());
        /// Deliver to loopback and private addresses found in the DNS. Off, such an MX is an error and not a loop.
        allow_private: bool = false => flag();
    }
}
