//! `[limits]`

use std::time::Duration;

use crate::kinds::{DAY, GIB, HOUR, KIB, MIB, MINUTE, SECOND, count, duration, size};
use crate::section::section;

section! {
    /// Over a limit there is a clear reply, and the others are still served.
    pub struct Limits = "limits" "[limits]" {
        /// Largest message that is taken in or appended.
        message_size: u64 = 50 * MIB => size(KIB..=2 * GIB);
        /// Recipients of one message (RFC 5321 §4.5.3.1.8: at least 100).
        recipients: usize = 1000 => count(1..=100_000);
        /// Sessions in all.
        connections: usize = 2000 => count(1..=1_000_000);
        /// Sessions of one address: an IPv4 address, or a /64 of IPv6.
        connections_per_ip: usize = 100 => count(1..=1_000_000);
        /// Commands before a login, or before a first message on port 25.
        commands_before_login: u32 = 100 => count(5..=10_000);
        /// Wrong commands before a session is ended.
        bad_commands: u32 = 20 => count(1..=10_000);
        /// Recipients who do not exist, named without a login, before a session is ended: a bound on guessing addresses.
        unknown_recipients: u32 = 100 => count(1..=100_000);
        /// Failed logins before a session is ended.
        auth_failures: u32 = 5 => count(1..=1000);
        /// Failed logins of one address (an IPv4 address, or a /64 of IPv6) within `auth_failure_window` before it
        /// has to wait. The same wrong password again counts once.
        auth_failures_per_ip: u32 = 30 => count(1..=1_000_000);
        /// Failed logins for one account within `auth_failure_window`, from addresses where nobody has logged in to
        /// it, before it has to wait.
        auth_failures_per_account: u32 = 20 => count(1..=1_000_000);
        /// The window of the two above. Half of a count is forgotten in half of it.
        auth_failure_window: Duration = 15 * MINUTE => duration(SECOND..=DAY);
        /// How long the answer to the first failed login of an address is held back. Each further one waits 250 ms longer,
        /// up to 5 s, or this if it is more. A connection that waits holds no thread.
        auth_delay: Duration = SECOND => duration(Duration::ZERO..=10 * SECOND);
        /// Silence before a login.
        login_timeout: Duration = 2 * MINUTE => duration(SECOND..=HOUR);
        /// Silence in SMTP (RFC 5321 §4.5.3.2.7: 5 minutes).
        smtp_idle: Duration = 5 * MINUTE => duration(SECOND..=DAY);
        /// Silence in POP3 (RFC 1939 §3: at least 10 minutes).
        pop3_idle: Duration = 10 * MINUTE => duration(SECOND..=DAY);
        /// Silence in IMAP (RFC 3501 §5.4: at least 30 minutes).
        imap_idle: Duration = 30 * MINUTE => duration(SECOND..=DAY);
        /// Longest IMAP command with its literals, but for the message of APPEND.
        imap_command: usize = 65_536 => count(8192..=16_777_216);
    }
}
