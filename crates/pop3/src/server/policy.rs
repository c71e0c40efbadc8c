//! What the host has decided before the first octet comes.

/// Where TLS stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// There is no certificate.
    Unavailable,
    /// STLS is offered.
    Offered,
    /// Inside TLS.
    Active,
}

/// Over a limit there is a clear reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Commands before a login.
    pub commands_before_login: u32,
    /// Commands that are wrong in themselves.
    pub bad_commands: u32,
    /// Failed logins.
    pub auth_failures: u32,
}

/// All that a session must know of its host.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Our name.
    pub hostname: String,
    /// The session's id, which stands in the greeting and in every refusal.
    pub session: String,
    /// Whether logins work inside TLS only.
    pub auth_needs_tls: bool,
    /// Whether a login in clear against that ends the session.
    pub cleartext_closes: bool,
    /// How much is too much.
    pub limits: Limits,
}
