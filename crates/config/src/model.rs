//! The typed value. What each key means, its unit and its default stand in `sections/`.

use std::net::SocketAddr;
use std::path::PathBuf;

use message::{Address, Domain};

use crate::glob::Glob;
use crate::network::Network;
use crate::sections::{
    self, Auth, Authd, Limits, Log, Mailbox, Metrics, Modules, Queue, Relay, RouteTls, Smtp, Tls, Trace,
};

/// The whole configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The name in greetings, `Received:` and EHLO.
    pub hostname: Domain,
    /// Where queue, mailboxes, accounts and the control socket live; absolute.
    pub data: PathBuf,
    /// The domains whose mail is delivered here.
    pub domains: Vec<Domain>,
    /// Where mail to `postmaster` goes, and where the operator is told of trouble.
    pub postmaster: Option<Address>,
    /// Who listens where.
    pub listen: Vec<Listener>,
    /// `listen.proxies`: who speaks for others by the PROXY protocol.
    pub proxies: Vec<Network>,
    /// `[tls]`
    pub tls: Tls,
    /// `[auth]`
    pub auth: Auth,
    /// `[auth.…]`: the settings of each module of the chain.
    pub modules: Modules,
    /// `[[auth.hide]]`
    pub hide: Vec<Hide>,
    /// `[authd]`
    pub authd: Authd,
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
    /// `[metrics]`
    pub metrics: Metrics,
    /// `[trace]`
    pub trace: Trace,
}

impl Config {
    /// Every default, for a host with this name and this data folder: no domains, no routes, the standard listeners.
    pub fn new(hostname: Domain, data: PathBuf) -> Self {
        Self {
            hostname,
            data,
            domains: Vec::new(),
            postmaster: None,
            listen: sections::Listen::default().listeners(),
            proxies: Vec::new(),
            tls: Tls::default(),
            auth: Auth::default(),
            modules: Modules::default(),
            hide: Vec::new(),
            authd: Authd::default(),
            smtp: Smtp::default(),
            queue: Queue::default(),
            routes: Vec::new(),
            relay: Relay::default(),
            mailbox: Mailbox::default(),
            limits: Limits::default(),
            log: Log::default(),
            metrics: Metrics::default(),
            trace: Trace::default(),
        }
    }

    /// What the tests of all crates start from: `mail.example.test` for `example.test`, nothing listens.
    pub fn example(data: impl Into<PathBuf>) -> Self {
        let name = |text| Domain::parse(text).expect("a host name");
        let mut config = Self::new(name("mail.example.test"), data.into());
        config.domains.push(name("example.test"));
        config.listen.clear();
        config
    }
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

impl Service {
    /// Every service, in the order of `[listen]`.
    pub const ALL: [Self; 7] =
        [Self::Smtp, Self::Submission, Self::Submissions, Self::Pop3, Self::Pop3s, Self::Imap, Self::Imaps];

    /// Its key in `[listen]`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Submission => "submission",
            Self::Submissions => "submissions",
            Self::Pop3 => "pop3",
            Self::Pop3s => "pop3s",
            Self::Imap => "imap",
            Self::Imaps => "imaps",
        }
    }

    /// The port that clients expect it on (IANA).
    pub fn port(self) -> u16 {
        match self {
            Self::Smtp => 25,
            Self::Submission => 587,
            Self::Submissions => 465,
            Self::Pop3 => 110,
            Self::Pop3s => 995,
            Self::Imap => 143,
            Self::Imaps => 993,
        }
    }

    /// Whether TLS begins with the first octet, so that it cannot be opened without a certificate.
    pub fn implicit_tls(self) -> bool {
        matches!(self, Self::Submissions | Self::Pop3s | Self::Imaps)
    }
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
    /// File with an OAuth token in its first line, 0600, instead of a password.
    pub token_file: Option<PathBuf>,
    /// `cleartext = "allow"`: credentials may leave without TLS.
    pub cleartext: bool,
    /// PEM file of CAs to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
}

/// `[[auth.hide]]`: mechanisms that some clients are not offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hide {
    /// From where they come; anywhere, if it is empty.
    pub from: Vec<Network>,
    /// What they call themselves in EHLO.
    pub ehlo: Option<Glob>,
    /// What they say of themselves in IMAP's ID.
    pub id: Option<Glob>,
    /// Where they come in; anywhere, if it is empty.
    pub listener: Vec<Service>,
    /// What they are not offered, by name.
    pub mechanisms: Vec<&'static str>,
}
