//! What a driver holds of its session's record.

use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;

use super::Tracer;
use super::live::{Hidden, Live};
use crate::SessionId;
use crate::record::{Direction, Login, Origin, Outcome, Protocol, Text, Tls, Transaction};
use crate::transcript::{Body, Side};

/// What is known of a session when it begins.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// Its id.
    pub id: SessionId,
    /// Who began it.
    pub direction: Direction,
    /// What is spoken.
    pub protocol: Protocol,
    /// The listener, or what sent us out.
    pub service: &'a str,
    /// The other end.
    pub peer: SocketAddr,
    /// Our end.
    pub local: SocketAddr,
}

/// Records one session: its driver tells what came and what was sent, in the order in which it was said, and how it ended.
///
/// Nothing here waits for a disk or fails; memory is taken only as the ring grows, and JSON is written only at the end. Where
/// tracing is off, every call is one branch. Lines may have their ends or not. **Replies are told when they are made**, not
/// when they leave: whether a line of the client belongs to a login depends on what the server said before it.
///
/// ```
/// use trace::record::{Direction, Protocol};
/// use trace::{Body, Opening, Outcome, Recorder, SessionId, Tracer};
///
/// let tracer = Tracer::without_files(); // a server: Tracer::open(&config.data, Tracer::SIZE, Some(Tracer::AGE))?
/// let (peer, local) = ("192.0.2.7:49152".parse()?, "198.51.100.1:25".parse()?);
/// let (id, direction, protocol) = (SessionId::random(), Direction::In, Protocol::Smtp);
/// let recorder = Recorder::new(&tracer, Opening { id, direction, protocol, service: "smtp", peer, local });
/// recorder.sent(b"220 mail.example.test ESMTP\r\n");
/// recorder.came(b"EHLO phone");
/// recorder.ehlo("phone");
/// recorder.came_secret(b"AUTH PLAIN AGFsaWNlAGdlaGVpbQ==", "AUTH PLAIN ".len(), Some("alice"));
/// recorder.sent(b"535 5.7.8 Authentication credentials invalid\r\n");
/// recorder.came_body(Body::Data, 4096);
/// recorder.finish(Outcome::RefusedLogin, "three wrong passwords");
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
///
/// A recorder that is dropped before [`Recorder::finish`] ends its session as [`Outcome::Panicked`] or
/// [`Outcome::Abandoned`].
#[derive(Debug)]
pub struct Recorder(Option<Arc<Session>>);

/// A session that runs, as its driver and the tracer share it.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: SessionId,
    direction: Direction,
    tracer: Arc<Tracer>,
    /// Nothing once it has ended.
    pub(super) live: Mutex<Option<Live>>,
}

impl Recorder {
    /// Of a session that begins now.
    pub fn new(tracer: &Arc<Tracer>, opening: Opening<'_>) -> Self {
        if !tracer.is_on() {
            return Self::off();
        }
        let live = Mutex::new(Some(Live::new(opening)));
        let session = Session { id: opening.id, direction: opening.direction, tracer: Arc::clone(tracer), live };
        let session = Arc::new(session);
        tracer.begins(&session);
        Self(Some(session))
    }

    /// Records nothing.
    pub fn off() -> Self {
        Self(None)
    }

    /// Whether anything is recorded.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// The other end has said a line, or several. Secrets that can be recognised are masked; mail is told by
    /// [`Recorder::came_body`] instead.
    pub fn came(&self, octets: &[u8]) {
        self.said(false, octets, Hidden::default());
    }

    /// We said a line, or several. The literals of an IMAP server's answer may be among them, in as many pieces as they are
    /// sent in: they are counted, not kept.
    pub fn sent(&self, octets: &[u8]) {
        self.said(true, octets, Hidden::default());
    }

    /// The other end has said a line of which all octets from a place on are secret, with the decoded user name where one
    /// is known: `AUTH PLAIN [secret: 36 octets] (user alice@example.test)`. Where in doubt, the place is 0.
    pub fn came_secret(&self, octets: &[u8], from: usize, user: Option<&str>) {
        self.said(false, octets, Hidden { from: Some(from), user });
    }

    /// We said a line with a secret; see [`Recorder::came_secret`].
    pub fn sent_secret(&self, octets: &[u8], from: usize, user: Option<&str>) {
        self.said(true, octets, Hidden { from: Some(from), user });
    }

    /// So many octets of mail came: they are counted, never kept.
    pub fn came_body(&self, body: Body, octets: u64) {
        self.body(false, body, octets);
    }

    /// We sent so many octets of mail.
    pub fn sent_body(&self, body: Body, octets: u64) {
        self.body(true, body, octets);
    }

    /// Something that we did or found, in words. It is kept as it is: no line of the other end, and no secret, belongs here.
    pub fn note(&self, note: &str) {
        self.with(|live| live.ring.note(live.at(), note));
    }

    /// Something went wrong: what was said is kept at the end, however it ends.
    pub fn went_wrong(&self) {
        self.with(|live| live.record.bad = true);
    }

    /// Somebody trusted has said where the session comes from.
    pub fn origin(&self, origin: Origin) {
        self.with(|live| live.record.origin = Some(Box::new(origin)));
    }

    /// TLS began: what follows is inside.
    pub fn tls(&self, tls: Tls) {
        self.with(|live| {
            live.record.tls = Some(Box::new(tls));
            live.tls_began();
        });
    }

    /// The other side's name in EHLO, or of its greeting.
    pub fn ehlo(&self, name: &str) {
        // What follows a bare line feed is no name any more: it may be a whole login.
        let name = name.split(|c: char| c.is_control() || c.is_whitespace()).next().unwrap_or_default();
        self.with(|live| live.record.software.ehlo = Some(name.into()));
    }

    /// What the client says of itself by IMAP's ID. RFC 2971 §3.3: at most 30 pairs.
    pub fn client_id<'a>(&self, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) {
        self.with(|live| {
            let pairs = pairs.into_iter().take(30).map(|(name, value)| (name.into(), value.into()));
            live.record.software.id = pairs.collect::<Vec<(Text, Text)>>();
        });
    }

    /// A login was judged. What is told of it is put together only where it is kept.
    pub fn login(&self, login: impl Into<Login>) {
        self.with(|live| live.record.add_login(login.into()));
    }

    /// A transaction ended.
    pub fn transaction(&self, transaction: Transaction) {
        self.with(|live| live.record.add_transaction(transaction));
    }

    /// The session waits for something that may take long (IMAP's IDLE, a client that thinks): its memory is cut down.
    pub fn idle(&self) {
        self.with(|live| live.ring.idle());
    }

    /// The session ended, and why in words if there is more to say. The record goes to the files, without waiting for them.
    /// Only the first call counts.
    pub fn finish(&self, outcome: Outcome, why: &str) {
        let Some(session) = &self.0 else { return };
        // Not locked any more while the record is put together.
        let live = session.live.lock().take();
        if let Some(live) = live {
            session.tracer.ended(session, live.ended(outcome, why));
        }
    }

    fn said(&self, by_us: bool, octets: &[u8], hidden: Hidden<'_>) {
        let Some(session) = &self.0 else { return };
        if let Some(live) = &mut *session.live.lock() {
            live.said(session.side(by_us), octets, hidden);
        }
    }

    fn body(&self, by_us: bool, body: Body, octets: u64) {
        let Some(session) = &self.0 else { return };
        if let Some(live) = &mut *session.live.lock() {
            live.body(session.side(by_us), body, octets);
        }
    }

    fn with(&self, change: impl FnOnce(&mut Live)) {
        let Some(session) = &self.0 else { return };
        if let Some(live) = &mut *session.live.lock() {
            change(live);
        }
    }
}

impl Session {
    /// Who of both it is.
    fn side(&self, we: bool) -> Side {
        if we == (self.direction == Direction::Out) { Side::Client } else { Side::Server }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.finish(if std::thread::panicking() { Outcome::Panicked } else { Outcome::Abandoned }, "");
    }
}
