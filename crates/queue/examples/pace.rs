//! What the queue costs: messages accepted, carried by a courier that does nothing, and settled, per second, and the CPU
//! time of each. `cargo run --release -p queue --example pace [MESSAGES] [SENDERS]`
#![expect(clippy::print_stdout, reason = "a figure for people")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bytes::Bytes;
use message::Address;
use queue::{Body8, Courier, Couriers, Destination, Envelope, Future, Job, Outcome, Queue, Recipient, Router};

struct Nowhere(AtomicUsize);

impl Courier for Nowhere {
    fn deliver(&self, jobs: Vec<Job>) -> Future<'_, Vec<Vec<Outcome>>> {
        self.0.fetch_add(jobs.len(), Ordering::Relaxed);
        let done = |job: &Job| job.recipients.iter().map(|_| Outcome::Delivered(String::new())).collect();
        Box::pin(std::future::ready(jobs.iter().map(done).collect()))
    }
}

impl Router for Nowhere {
    fn destination(&self, _: &Address) -> Destination {
        Destination::Local
    }
}

fn envelope() -> Envelope {
    let address = |text| Address::parse(text).expect("an address");
    Envelope {
        reverse_path: Some(address("alice@example.org")),
        recipients: vec![Recipient { address: address("bob@example.org"), original: None }],
        body: Body8::SevenBit,
        smtputf8: false,
        authenticated: Some(address("alice@example.org")),
        session: "0123456789".into(),
    }
}

/// User and system time of this process, in clock ticks of 10 ms.
fn cpu() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("/proc");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields[11..13].iter().map(|field| field.parse::<u64>().expect("a number")).sum()
}

#[tokio::main]
async fn main() {
    let number = |n: usize, default| std::env::args().nth(n).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (messages, senders) = (number(1, 100_000), number(2, 32));
    let data = tempfile::tempdir().expect("a folder");
    let queue = Queue::open(&config::Config::example(data.path())).expect("queue opens");
    let courier = Arc::new(Nowhere(AtomicUsize::new(0)));
    queue.start(Couriers {
        router: Arc::clone(&courier) as _,
        local: Arc::clone(&courier) as _,
        relay: Arc::clone(&courier) as _,
    });
    let body = Bytes::from(vec![b'x'; 4096]);
    let (start, before) = (Instant::now(), cpu());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..senders {
        let (queue, body) = (queue.clone(), body.clone());
        tasks.spawn(async move {
            for _ in 0..messages / senders {
                queue.accept(envelope(), body.clone()).await.expect("accepted");
            }
        });
    }
    tasks.join_all().await;
    let accepted = start.elapsed();
    queue.shutdown().await;
    let count = courier.0.load(Ordering::Relaxed);
    println!("{count} messages of 4 KiB, {senders} senders: {:.0}/s accepted", count as f64 / accepted.as_secs_f64());
    println!("{:.1} us CPU each, all in all", (cpu() - before) as f64 * 10_000.0 / count as f64);
}
