//! Mail that does not leave. The words that are looked for are those of `relay`, or of other servers.

pub(super) mod answer;
pub(super) mod login;
pub(super) mod tls;
pub(super) mod way;

const RETRY: &str = "Then: gatepost queue retry";
