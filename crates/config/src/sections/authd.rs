//! `[authd]`

use std::path::PathBuf;
use std::time::Duration;

use crate::kinds::{MINUTE, SECOND, count, duration, list, mode, optional, path, text};
use crate::section::section;

section! {
    /// The chain in a process of its own: `gatepost authd`. See `auth.md`.
    pub struct Authd = "authd" "[authd]" {
        /// The socket that a server's `auth.socket` names. If it is not set, `authd.sock` in the data folder. Whoever can
        /// connect to it can read the SCRAM keys of all accounts.
        socket: Option<PathBuf> = None => optional(path());
        /// Its permissions.
        socket_mode: u32 = 0o600 => mode();
        /// Its group, for a server that runs as another user; with `socket_mode = "0660"`.
        socket_group: Option<String> = None => optional(text("the name or number of a group"));
        /// Questions that are looked at at the same time, over all sockets.
        workers: usize = 5 => count(1..=1000);
        /// Questions that wait for a worker; more are answered as temporary at once.
        queue: usize = 200 => count(0..=100_000);
        /// The longest time that a question waits for a worker; then it is answered as temporary.
        wait: Duration = 10 * SECOND => duration(SECOND / 10..=5 * MINUTE);
        /// Sockets at which Courier's authdaemond protocol is spoken: for Courier IMAP, maildrop and others.
        courier_sockets: Vec<PathBuf> = Vec::new() => list(path());
        /// Sockets at which Dovecot's auth protocol is spoken: for Postfix (`smtpd_sasl_type = dovecot`), Exim and others.
        dovecot_sockets: Vec<PathBuf> = Vec::new() => list(path());
        /// The permissions of these two kinds. Whoever can connect can try passwords.
        client_mode: u32 = 0o660 => mode();
        /// The group of these two kinds: that of Postfix, for example.
        client_group: Option<String> = None => optional(text("the name or number of a group"));
    }
}
