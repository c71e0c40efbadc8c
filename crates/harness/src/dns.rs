//! A DNS server of our own on loopback, over UDP and TCP, with whatever zones a test writes down.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, PTR, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};

/// Seconds for which answers may be remembered; short, as a test may change its mind.
const TTL: u32 = 1;

/// A running DNS server. It answers for every name: one that is not written down is NXDOMAIN.
#[derive(Debug)]
pub struct Dns {
    address: SocketAddr,
    zone: Arc<Zone>,
    stopped: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct Zone {
    entries: Mutex<Vec<Entry>>,
    asked: Mutex<BTreeSet<String>>,
}

/// A line of the zone.
#[derive(Debug, Clone, PartialEq)]
struct Entry {
    name: Name,
    what: What,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    Data(RData),
    ServFail,
    /// The name is there, without any record.
    Empty,
}

impl Dns {
    /// Starts a server. A zone has one record a line, with names that are complete without a dot behind them:
    ///
    /// ```text
    /// example.org       MX       10 mx.example.org
    /// mx.example.org    A        127.0.0.1
    /// mx.example.org    AAAA     ::1
    /// www.example.org   CNAME    example.org
    /// example.org       TXT      v=spf1 -all
    /// null.example      MX       0 .
    /// 1.2.0.192.in-addr.arpa PTR mx.example.org
    /// broken.example    SERVFAIL
    /// empty.example     EMPTY
    /// # a comment
    /// ```
    pub fn start(zone: &str) -> Self {
        let (udp, tcp) = sockets();
        let dns = Self { address: udp.local_addr().expect("bound"), zone: Arc::default(), stopped: Arc::default() };
        dns.set(zone);
        let (zone, stopped) = (Arc::clone(&dns.zone), Arc::clone(&dns.stopped));
        std::thread::spawn(move || serve_udp(&udp, &zone, &stopped));
        let (zone, stopped) = (Arc::clone(&dns.zone), Arc::clone(&dns.stopped));
        std::thread::spawn(move || serve_tcp(&tcp, &zone, &stopped));
        dns
    }

    /// Where it listens, for `relay.resolvers`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Replaces the whole zone.
    pub fn set(&self, zone: &str) {
        let lines = zone.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        *lock(&self.zone.entries) = lines.map(entry).collect();
    }

    /// Every question so far, as `example.org MX`, sorted.
    pub fn asked(&self) -> Vec<String> {
        lock(&self.zone.asked).iter().cloned().collect()
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Each thread waits for one more packet or connection.
        if let Ok(socket) = UdpSocket::bind("127.0.0.1:0") {
            drop(socket.send_to(b"", self.address));
        }
        drop(TcpStream::connect(self.address));
    }
}

/// The same port over UDP and TCP.
fn sockets() -> (UdpSocket, TcpListener) {
    let pair = || {
        let tcp = TcpListener::bind("127.0.0.1:0").ok()?;
        let udp = UdpSocket::bind(tcp.local_addr().ok()?).ok()?;
        Some((udp, tcp))
    };
    (0..100).find_map(|_| pair()).expect("a port that is free over UDP and TCP")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn entry(line: &str) -> Entry {
    let mut words = line.split_whitespace();
    let mut word = || words.next().unwrap_or_else(|| panic!("the zone line {line:?} is too short"));
    let (owner, kind) = (name(word()), word());
    let what = match kind {
        "A" => What::Data(RData::A(A(word().parse::<Ipv4Addr>().expect(line)))),
        "AAAA" => What::Data(RData::AAAA(AAAA(word().parse::<Ipv6Addr>().expect(line)))),
        "MX" => What::Data(RData::MX(MX::new(word().parse().expect(line), name(word())))),
        "PTR" => What::Data(RData::PTR(PTR(name(word())))),
        "CNAME" => What::Data(RData::CNAME(CNAME(name(word())))),
        "TXT" => What::Data(RData::TXT(TXT::new(vec![words.collect::<Vec<_>>().join(" ")]))),
        "SERVFAIL" => What::ServFail,
        "EMPTY" => What::Empty,
        other => panic!("{other:?} in the zone line {line:?} is no type that is known here"),
    };
    Entry { name: owner, what }
}

fn name(text: &str) -> Name {
    let mut name = Name::from_utf8(text).expect("a name").to_lowercase();
    name.set_fqdn(true);
    name
}

fn serve_udp(socket: &UdpSocket, zone: &Zone, stopped: &AtomicBool) {
    let mut buffer = [0; 4096];
    while let Ok((length, peer)) = socket.recv_from(&mut buffer) {
        if stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(query) = Message::from_vec(&buffer[..length]) else { continue };
        let response = answer(zone, &query);
        let mut octets = response.to_vec().expect("an answer");
        if octets.len() > usize::from(query.max_payload()) {
            octets = response.truncate().to_vec().expect("a truncated answer");
        }
        // The client may be gone.
        drop(socket.send_to(&octets, peer));
    }
}

fn serve_tcp(listener: &TcpListener, zone: &Zone, stopped: &AtomicBool) {
    for stream in listener.incoming().map_while(Result::ok) {
        if stopped.load(Ordering::SeqCst) {
            return;
        }
        // One connection after the other is enough for tests; whatever breaks ends that connection only.
        drop(serve_stream(stream, zone));
    }
}

/// RFC 1035 §4.2.2: every message has its length in front.
fn serve_stream(mut stream: TcpStream, zone: &Zone) -> std::io::Result<()> {
    stream.set_read_timeout(Some(std::time::Duration::from_secs(5)))?;
    loop {
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut octets = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut octets)?;
        let Ok(query) = Message::from_vec(&octets) else { return Ok(()) };
        let octets = answer(zone, &query).to_vec().expect("an answer");
        let length = u16::try_from(octets.len()).expect("an answer fits");
        stream.write_all(&[&length.to_be_bytes(), &octets[..]].concat())?;
    }
}

fn answer(zone: &Zone, query: &Message) -> Message {
    let mut response = Message::response(query.metadata.id, query.metadata.op_code);
    response.metadata.recursion_desired = query.metadata.recursion_desired;
    response.metadata.recursion_available = true;
    if let Some(question) = query.queries.first() {
        response.add_query(question.clone());
        let name = question.name().to_lowercase();
        lock(&zone.asked).insert(format!("{} {}", name.to_ascii().trim_end_matches('.'), question.query_type()));
        let (code, records) = look_up(&lock(&zone.entries), name, question.query_type());
        response.metadata.response_code = code;
        response.add_answers(records);
    }
    response
}

/// The records of a name, an alias and what it leads to included.
fn look_up(entries: &[Entry], mut name: Name, kind: RecordType) -> (ResponseCode, Vec<Record>) {
    let mut records = Vec::new();
    // As many aliases as anybody follows; a loop ends here.
    for _ in 0..8 {
        let here: Vec<_> = entries.iter().filter(|entry| entry.name == name).map(|entry| &entry.what).collect();
        if here.contains(&&What::ServFail) {
            return (ResponseCode::ServFail, Vec::new());
        }
        let found = here.iter().filter_map(|what| match what {
            What::Data(data) if data.record_type() == kind => Some(data.clone()),
            _ => None,
        });
        let before = records.len();
        records.extend(found.map(|data| Record::from_rdata(name.clone(), TTL, data)));
        let alias = here.iter().find_map(|what| match what {
            What::Data(RData::CNAME(alias)) if kind != RecordType::CNAME => Some(alias.0.clone()),
            _ => None,
        });
        match alias {
            Some(next) if records.len() == before => {
                records.push(Record::from_rdata(name, TTL, RData::CNAME(CNAME(next.clone()))));
                name = next.to_lowercase();
            }
            _ if here.is_empty() => return (ResponseCode::NXDomain, records),
            _ => return (ResponseCode::NoError, records),
        }
    }
    (ResponseCode::ServFail, Vec::new())
}
