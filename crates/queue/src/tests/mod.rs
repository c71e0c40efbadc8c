//! The scheduler with couriers and a spool made of nothing, by tokio's paused clock: days pass in milliseconds.

mod bouncing;
mod carrying;
mod trouble;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use message::Address;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::journal::Contents;
use crate::lanes::Limits;
use crate::settings::Settings;
use crate::{
    Body8, Change, Clock, Courier, Couriers, Destination, Done, Envelope, Filter, Future, Job, Message, Moment,
    Outcome, Queue, QueueId, Recipient, Recovered, Router, Schedule, Spool, SpoolError, Urgency,
};

const MINUTE: Duration = Duration::from_mins(1);
const START: Moment = Moment(1_795_000_000_000_000);

/// Follows tokio's clock.
struct Paused(Instant);

impl Clock for Paused {
    fn now(&self) -> Moment {
        START.plus(self.0.elapsed())
    }
}

/// Keeps everything in memory, and refuses while told so. Answers from another task, as a journal does.
#[derive(Default)]
struct Memory {
    messages: Mutex<BTreeMap<QueueId, Message>>,
    refuses: AtomicBool,
    free: AtomicU64,
    commits: AtomicUsize,
}

impl Memory {
    fn apply(&self, changes: Vec<Change>) {
        let mut messages = self.messages.lock();
        for change in changes {
            match change {
                Change::Message(message) => drop(messages.insert(message.id, message)),
                Change::State { id, state } => {
                    if let Some(message) = messages.get_mut(&id) {
                        message.state = state;
                    }
                }
                Change::Settled(id) => drop(messages.remove(&id)),
            }
        }
    }
}

impl Spool for Memory {
    fn commit(&self, changes: Vec<Change>, _: Urgency, done: Done) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        let refused = self.refuses.load(Ordering::Relaxed);
        if !refused {
            self.apply(changes);
        }
        let answer = if refused { Err(SpoolError::Write("no luck".into())) } else { Ok(()) };
        tokio::spawn(async move { done(answer) });
    }

    fn body(&self, id: QueueId) -> Result<Bytes, SpoolError> {
        let messages = self.messages.lock();
        messages.get(&id).map(|message| message.body.clone()).ok_or_else(|| SpoolError::Read("not there".into()))
    }

    fn available(&self) -> io::Result<u64> {
        Ok(self.free.load(Ordering::Relaxed))
    }

    fn crowded(&self) -> Vec<QueueId> {
        Vec::new()
    }

    fn close(&self) {}
}

/// What a courier answers for one recipient, at its n-th call.
type Answer = Box<dyn Fn(&Address, usize) -> Outcome + Send + Sync>;

/// One attempt as a courier saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    at: u64,
    id: QueueId,
    to: Vec<String>,
    replay: bool,
}

/// Says what it is told to, after a while, and remembers what it saw.
struct Fake {
    start: Instant,
    answer: Answer,
    takes: Duration,
    calls: AtomicUsize,
    seen: Mutex<Vec<Seen>>,
    bodies: Mutex<Vec<Bytes>>,
    /// Messages of the calls under way, now and at most.
    busy: AtomicUsize,
    busiest: AtomicUsize,
    flushes: AtomicUsize,
    flush_fails: AtomicBool,
}

impl Fake {
    fn new(answer: impl Fn(&Address, usize) -> Outcome + Send + Sync + 'static) -> Self {
        Self {
            start: Instant::now(),
            answer: Box::new(answer),
            takes: Duration::ZERO,
            calls: AtomicUsize::new(0),
            seen: Mutex::default(),
            bodies: Mutex::default(),
            busy: AtomicUsize::new(0),
            busiest: AtomicUsize::new(0),
            flushes: AtomicUsize::new(0),
            flush_fails: AtomicBool::new(false),
        }
    }

    fn minutes(&self) -> Vec<u64> {
        self.seen.lock().iter().map(|seen| seen.at / 60).collect()
    }

    fn see(&self, job: &Job) -> Vec<Outcome> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let to: Vec<&Address> = job.recipients.iter().map(|r| &job.envelope.recipients[*r].address).collect();
        let texts = to.iter().map(ToString::to_string).collect();
        self.seen.lock().push(Seen { at: self.start.elapsed().as_secs(), id: job.id, to: texts, replay: job.replay });
        self.bodies.lock().push(job.body.clone());
        to.iter().map(|address| (self.answer)(address, call)).collect()
    }
}

impl Courier for Fake {
    fn deliver(&self, jobs: Vec<Job>) -> Future<'_, Vec<Vec<Outcome>>> {
        Box::pin(async move {
            let busy = self.busy.fetch_add(jobs.len(), Ordering::Relaxed) + jobs.len();
            self.busiest.fetch_max(busy, Ordering::Relaxed);
            tokio::time::sleep(self.takes).await;
            self.busy.fetch_sub(jobs.len(), Ordering::Relaxed);
            jobs.iter().map(|job| self.see(job)).collect()
        })
    }

    fn flush(&self) -> Future<'_, io::Result<()>> {
        self.flushes.fetch_add(1, Ordering::Relaxed);
        let fails = self.flush_fails.swap(false, Ordering::Relaxed);
        Box::pin(std::future::ready(if fails { Err(io::Error::other("disk full")) } else { Ok(()) }))
    }
}

/// `example.org` is here, every other domain is its own destination.
struct ByDomain;

impl Router for ByDomain {
    fn destination(&self, recipient: &Address) -> Destination {
        match recipient.domain().as_str() {
            "example.org" => Destination::Local,
            domain => Destination::Relay(domain.to_owned()),
        }
    }
}

/// A queue and all around it.
struct Scene {
    spool: Arc<Memory>,
    queue: Queue,
    local: Arc<Fake>,
    relay: Arc<Fake>,
}

fn settings() -> Settings {
    Settings {
        hostname: message::Domain::parse("mx.example.org").expect("a name"),
        schedule: Schedule { retry: vec![MINUTE, 5 * MINUTE], lifetime: 60 * MINUTE, warn_after: 10 * MINUTE },
        limits: Limits { local: 8, relay: 6, destination: 2 },
        min_free: 1000,
    }
}

impl Scene {
    fn new(local: Fake, relay: Fake) -> Self {
        Self::with(local, relay, Vec::new())
    }

    fn with(local: Fake, relay: Fake, messages: Vec<Recovered>) -> Self {
        let spool = Arc::new(Memory::default());
        spool.free.store(1 << 40, Ordering::Relaxed);
        spool.messages.lock().extend(messages.iter().map(|found| (found.message.id, found.message.clone())));
        let contents = Contents { messages, last_id: QueueId(0) };
        let clock = Arc::new(Paused(Instant::now()));
        let queue = Queue::on(Arc::clone(&spool) as _, contents, clock, settings());
        let (local, relay) = (Arc::new(local), Arc::new(relay));
        queue.start(Couriers {
            router: Arc::new(ByDomain),
            local: Arc::clone(&local) as _,
            relay: Arc::clone(&relay) as _,
        });
        Self { spool, queue, local, relay }
    }

    async fn accept(&self, to: &[&str]) -> QueueId {
        self.queue.accept(envelope(Some("alice@example.org"), to), body()).await.expect("accepted")
    }

    /// Lets that much time pass.
    async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn left(&self) -> usize {
        assert_eq!(self.spool.messages.lock().len(), self.queue.list(&Filter::default()).len());
        self.spool.messages.lock().len()
    }
}

fn body() -> Bytes {
    Bytes::from_static(b"Subject: hello\r\n\r\nHow are you?\r\n")
}

fn envelope(from: Option<&str>, to: &[&str]) -> Envelope {
    let address = |text: &str| Address::parse(text).expect("an address");
    Envelope {
        reverse_path: from.map(address),
        recipients: to.iter().map(|to| Recipient { address: address(to), original: None }).collect(),
        body: Body8::SevenBit,
        smtputf8: false,
        authenticated: None,
        session: "s1".into(),
    }
}

fn delivered() -> Outcome {
    Outcome::Delivered("done".into())
}

fn deferred(configuration: bool) -> Outcome {
    Outcome::Deferred { status: "4.2.0".into(), reason: "busy".into(), remote: None, configuration }
}

fn failed() -> Outcome {
    Outcome::Failed { status: "5.1.1".into(), reason: "no such user".into(), remote: None }
}

fn accepting() -> Fake {
    Fake::new(|_, _| delivered())
}
