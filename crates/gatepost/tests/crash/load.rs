//! Senders that go on until the server is gone, and remember what it said 250 to.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::thread::JoinHandle;

/// Which message: round, sender, number.
pub(crate) type Serial = (u32, u32, u32);

/// Senders at once.
const SENDERS: u32 = 4;

/// The field that names a message.
const FIELD: &str = "X-Serial: ";

/// Senders at work.
pub(crate) struct Load(Vec<JoinHandle<Vec<Serial>>>);

impl Load {
    /// Starts them.
    pub(crate) fn start(port: u16, to: &'static [&'static str], round: u32) -> Self {
        Self((0..SENDERS).map(|sender| std::thread::spawn(move || send(port, to, (round, sender)))).collect())
    }

    /// Waits until all of them have noticed that the server is gone; what was answered with 250.
    pub(crate) fn end(self) -> Vec<Serial> {
        self.0.into_iter().flat_map(|sender| sender.join().expect("a sender")).collect()
    }
}

/// Which message this is.
pub(crate) fn serial(message: &str) -> Option<Serial> {
    let value = message.lines().find_map(|line| line.strip_prefix(FIELD))?;
    let numbers: Vec<u32> = value.trim().split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [round, sender, number] = numbers[..] else { return None };
    Some((round, sender, number))
}

/// One session after the other's end is not needed: one lasts until the server is killed.
fn send(port: u16, to: &[&str], (round, sender): (u32, u32)) -> Vec<Serial> {
    let mut answered = Vec::new();
    let Ok(mut session) = Session::open(port) else { return answered };
    for number in 0.. {
        let serial = (round, sender, number);
        match session.send(to, serial) {
            Ok(()) => answered.push(serial),
            Err(error) => {
                // A reply that is no 250 is a fault; a connection that broke off is what this is about.
                assert_ne!(error.kind(), io::ErrorKind::InvalidData, "{error}");
                break;
            }
        }
    }
    answered
}

/// One SMTP session.
struct Session {
    reader: BufReader<TcpStream>,
}

impl Session {
    fn open(port: u16) -> io::Result<Self> {
        let mut session = Self { reader: BufReader::new(TcpStream::connect(("127.0.0.1", port))?) };
        session.expect("220")?;
        session.say("EHLO client.example.org", "250")?;
        Ok(session)
    }

    /// One message; `Ok` only after its 250.
    fn send(&mut self, to: &[&str], (round, sender, number): Serial) -> io::Result<()> {
        self.say("MAIL FROM:<eve@example.org>", "250")?;
        for to in to {
            self.say(&format!("RCPT TO:<{to}>"), "250")?;
        }
        self.say("DATA", "354")?;
        let filling = "some words that fill the message up\r\n".repeat(number as usize % 200);
        self.say(&format!("{FIELD}{round} {sender} {number}\r\nSubject: load\r\n\r\n{filling}."), "250")
    }

    fn say(&mut self, text: &str, code: &str) -> io::Result<()> {
        self.reader.get_mut().write_all(format!("{text}\r\n").as_bytes())?;
        self.expect(code)
    }

    fn expect(&mut self, code: &str) -> io::Result<()> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.reader.read_line(&mut line)? == 0 || !line.ends_with('\n') {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if !line.starts_with(code) {
                return Err(io::Error::new(io::ErrorKind::InvalidData, line));
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(());
            }
        }
    }
}
