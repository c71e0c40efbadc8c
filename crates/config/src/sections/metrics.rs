//! `[metrics]`

use std::net::SocketAddr;

use crate::kinds::{optional, socket};
use crate::section::section;

section! {
    /// Numbers for a monitoring system. They tell nothing of what is in the mail, but names of modules and how many
    /// logins fail: the address should be one that only the monitoring reaches.
    pub struct Metrics = "metrics" "[metrics]" {
        /// Where `GET /metrics` is answered in OpenMetrics text (Prometheus), over plain HTTP. Left out, it is nowhere;
        /// `gatepost metrics` prints the same.
        listen: Option<SocketAddr> = None => optional(socket());
    }
}
