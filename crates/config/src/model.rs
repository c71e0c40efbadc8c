//! The typed value: what every key means, its unit and its default.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use message::{Address, Domain};

/// The whole configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The name in greetings, `Received:` and EHLO.
    pub hostname: Domain,
    /// Where queue, mailboxes, accounts and the control socket live.
    pub data: PathBuf,
    /// The domains whose mail is delivered here.
    pub domains: Vec<Domain>,
    /// Where mail to `postmaster` goes, and where the operator is told of trouble.
    pub postmaster: Option<Address>,
    /// Who listens where.
    pub listen: Vec<Listener>,
    /// `[tls]`
    pub tls: Tls,
    /// `[auth]`
    pub auth: Auth,
    /// `[smtp]`
    pub smtp: Smtp,
    /// `[queue]`
    pub queue: Queue,
    /// `[[route]]`, in the order of the file.
    pub routes: Vec<Route>,
    /// `[relay]`
    pub relay: Relay,
    /// `[mailbox]`
    pub mailbox: Mailbox,
    /// `[limits]`
    pub limits: Limits,
    /// `[log]`
    pub log: Log,
}

/// One listening address of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Which service.
    pub service: Service,
    /// Where.
    pub address: SocketAddr,
}

/// The services that can listen. `[listen]` has one key for each, with a list of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// 25, mail from other servers.
    Smtp,
    /// 587, RFC 6409, STARTTLS.
    Submission,
    /// 465, RFC 8314, TLS from the first octet.
    Submissions,
    /// 110, STLS.
    Pop3,
    /// 995.
    Pop3s,
    /// 143, STARTTLS.
    Imap,
    /// 993.
    Imaps,
}

/// `[tls]`: PEM files. Without them no listener that needs TLS is opened, and STARTTLS is not offered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tls {
    /// Certificate chain, the server's own first.
    pub certificate: Option<PathBuf>,
    /// Its private key.
    pub key: Option<PathBuf>,
}

/// `[auth]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// Modules, asked in this order. Only `accounts` exists yet.
    pub chain: Vec<String>,
    /// AUTH, LOGIN, USER/PASS only inside TLS.
    pub require_tls: bool,
    /// For a login name without `@`.
    pub default_domain: Option<Domain>,
    /// Longest time a verified password is remembered (keyed hash in memory); zero switches it off.
    pub remember: Duration,
    /// Password hashes computed at the same time.
    pub hash_workers: usize,
}

/// What a bare LF or CR in SMTP does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BareNewline {
    /// `550 5.6.11`/`500 5.5.2`: the command or message is refused.
    Reject,
    /// It becomes CRLF in the stored message; it still never ends a line of the protocol or the message.
    Normalize,
}

/// How the authenticated user stands in `Received:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceivedUser {
    /// `(Authenticated sender: alice@example.test)`
    Full,
    /// A keyed hash that only this server can turn back (its log names both).
    Token,
    /// Nothing but ESMTPA/ESMTPSA.
    None,
}

/// `[smtp]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smtp {
    /// Bare LF or CR.
    pub bare_newline: BareNewline,
    /// The authenticated user in `Received:`.
    pub received_user: ReceivedUser,
    /// Most `Received:` fields before a message counts as looping.
    pub max_hops: usize,
    /// Whether spaces inside `<>`, missing brackets and odd EHLO names are let pass.
    pub lenient: bool,
}

/// `[queue]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Waits between attempts; the last one repeats.
    pub retry: Vec<Duration>,
    /// A message older than this is bounced.
    pub lifetime: Duration,
    /// The sender is told once that a message is late, after this; zero never tells.
    pub warn_after: Duration,
    /// Size of a journal segment, octets.
    pub segment_size: u64,
    /// Messages on their way to local mailboxes at once.
    pub local_concurrency: usize,
    /// Messages on their way to other servers at once.
    pub relay_concurrency: usize,
    /// Connections to one destination at once.
    pub destination_concurrency: usize,
    /// Free disk space below which new mail is deferred with 452, octets.
    pub min_free: u64,
}

/// How a route protects its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteTls {
    /// STARTTLS with a verified certificate, or no delivery.
    Starttls,
    /// TLS from the first octet (465), verified.
    Implicit,
    /// TLS where offered, certificate not verified. The default for MX; with credentials it must be asked for.
    Opportunistic,
    /// Never TLS.
    None,
}

/// `[[route]]`: where mail for a domain goes instead of its MX.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// `example.org`, `.example.org` (all subdomains) or `*`.
    pub to: String,
    /// Host name or address literal of the smarthost.
    pub host: String,
    /// Port; 587 by default, 465 with implicit TLS.
    pub port: u16,
    /// TLS policy.
    pub tls: RouteTls,
    /// Login name.
    pub user: Option<String>,
    /// File with the password in its first line, 0600.
    pub password_file: Option<PathBuf>,
    /// `cleartext = "allow"`: credentials may leave without TLS.
    pub cleartext: bool,
    /// PEM file of CAs to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
}

/// `[relay]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// DNS servers instead of `/etc/resolv.conf`.
    pub resolvers: Vec<SocketAddr>,
    /// Port that MX hosts listen on; 25 except in tests.
    pub port: u16,
    /// Time to connect.
    pub connect_timeout: Duration,
    /// Time for a reply (RFC 5321 §4.5.3.2 sets the floors; DATA's end waits twice this).
    pub reply_timeout: Duration,
    /// PEM file of CAs to trust beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Deliver to loopback and private addresses found in DNS. Off: such an MX is an error, not a loop.
    pub allow_private: bool,
}

/// `[mailbox]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Folders made in a new mailbox, with their SPECIAL-USE attribute: Drafts, Sent, Trash, Junk, Archive.
    pub create_special: bool,
}

/// `[limits]`: over a limit there is a clear reply, and the others are still served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Message size, octets (SIZE, APPEND).
    pub message_size: u64,
    /// Recipients of one transaction.
    pub recipients: usize,
    /// Sessions in all.
    pub connections: usize,
    /// Sessions of one address (/32, /64).
    pub connections_per_ip: usize,
    /// Commands before a login (or a first transaction on port 25).
    pub commands_before_login: u32,
    /// Wrong commands before the session is ended.
    pub bad_commands: u32,
    /// Failed logins of one session before it is ended.
    pub auth_failures: u32,
    /// Failed logins of one address within `auth_failure_window`.
    pub auth_failures_per_ip: u32,
    /// Failed logins of one account within `auth_failure_window`.
    pub auth_failures_per_account: u32,
    /// The window of the two above.
    pub auth_failure_window: Duration,
    /// Silence before a login.
    pub login_timeout: Duration,
    /// Silence in SMTP (RFC 5321 §4.5.3.2.7: 5 minutes).
    pub smtp_idle: Duration,
    /// Silence in POP3 (RFC 1939 §3: 10 minutes).
    pub pop3_idle: Duration,
    /// Silence in IMAP (RFC 3501 §5.4: 30 minutes).
    pub imap_idle: Duration,
    /// Longest IMAP command line with its literals (but APPEND's message), octets.
    pub imap_command: usize,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Human on a terminal or a file, journald under systemd.
    Auto,
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
    /// systemd's journal.
    Journald,
}

/// Least important lines to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Errors only.
    Error,
    /// And warnings.
    Warn,
    /// And one line an event.
    Info,
    /// And details.
    Debug,
}

/// `[log]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// Format.
    pub format: LogFormat,
    /// Level.
    pub level: LogLevel,
}
