//! One session of a fake server.

use std::io::{self, BufRead, BufReader, Cursor, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::{ServerConnection, StreamOwned};

use super::record::{Mail, Shelf};
use super::script::{Script, Tls};
use crate::PATIENCE;

/// Both directions, in clear or inside TLS.
trait Duplex: Read + Write {}

impl<T: Read + Write> Duplex for T {}

/// A stream behind octets that were read before.
struct Behind {
    before: Cursor<Vec<u8>>,
    stream: Box<dyn Duplex>,
}

impl Read for Behind {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self.before.read(room)? {
            0 => self.stream.read(room),
            n => Ok(n),
        }
    }
}

impl Write for Behind {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.stream.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

struct Session<'a> {
    stream: BufReader<Box<dyn Duplex>>,
    /// The socket, for the handshake.
    socket: TcpStream,
    script: &'a Script,
    shelf: &'a Shelf,
    number: usize,
    mail: Mail,
    tls: bool,
}

/// Serves a connection until it ends. A client that goes away ends it too.
pub(super) fn run(socket: TcpStream, script: &Script, shelf: &Shelf) {
    let number = shelf.begin();
    socket.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let stream: Box<dyn Duplex> = Box::new(socket.try_clone().expect("a socket"));
    let stream = BufReader::new(stream);
    let mut session = Session { stream, socket, script, shelf, number, mail: Mail::default(), tls: false };
    if script.tls == Tls::AtOnce {
        session.secure();
    }
    // An error is an end like any other here: DROP, or the client went away.
    drop(session.serve());
}

impl Session<'_> {
    fn serve(&mut self) -> io::Result<()> {
        let greeting = self.script.answer_to("GREETING").unwrap_or_else(|| "220 peer.test ESMTP".into());
        self.say(&greeting)?;
        loop {
            let line = self.line()?;
            let answer = self.script.answer_to(&line);
            let refused = answer.as_ref().is_some_and(|answer| !answer.starts_with(['2', '3']));
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match (verb.as_str(), refused) {
                (_, true) => self.say(&answer.unwrap_or_default())?,
                ("AUTH", _) if answer.is_none() => self.auth(&line)?,
                ("DATA", _) => self.data(answer)?,
                ("STARTTLS", _) if self.script.tls == Tls::OnCommand => {
                    self.say("220 go ahead")?;
                    self.secure();
                }
                _ => {
                    let usual = self.usual(&verb, &line);
                    self.say(&answer.unwrap_or(usual))?;
                }
            }
            if verb == "QUIT" {
                return Ok(());
            }
        }
    }

    /// The answer without a script.
    fn usual(&mut self, verb: &str, line: &str) -> String {
        let behind_colon = || line.split_once(':').map_or("", |(_, path)| path).to_owned();
        match verb {
            "EHLO" => return self.hello(),
            "MAIL" => self.mail = Mail { from: behind_colon(), ..Mail::default() },
            "RCPT" => self.mail.to.push(behind_colon()),
            "RSET" => self.mail = Mail::default(),
            "QUIT" => return "221 2.0.0 bye".into(),
            "HELO" => {}
            _ => return "500 5.5.1 what?".into(),
        }
        "250 2.0.0 ok".into()
    }

    fn hello(&self) -> String {
        let lines = match &self.script.hello_inside {
            Some(inside) if self.tls => inside,
            _ => &self.script.hello,
        };
        let offered = (self.script.tls == Tls::OnCommand && !self.tls).then_some("STARTTLS");
        let lines: Vec<_> = ["peer.test"].into_iter().chain(lines.iter().map(String::as_str)).chain(offered).collect();
        let last = lines.len() - 1;
        let line = |(index, line): (usize, &&str)| format!("250{}{line}", if index == last { ' ' } else { '-' });
        lines.iter().enumerate().map(line).collect::<Vec<_>>().join("|")
    }

    /// PLAIN and LOGIN, as base64 compares them.
    fn auth(&mut self, line: &str) -> io::Result<()> {
        let mut words = line.split_whitespace().skip(1);
        let mechanism = words.next().unwrap_or_default().to_ascii_uppercase();
        let initial = words.next().map(str::to_owned);
        let (user, password) = self.script.login.clone().unwrap_or_default();
        let right = match mechanism.as_str() {
            "PLAIN" => {
                let given = self.response(initial, "334 ")?;
                given == STANDARD.encode(format!("\0{user}\0{password}"))
            }
            "LOGIN" => {
                let name = self.response(initial, "334 VXNlcm5hbWU6")?;
                let secret = self.response(None, "334 UGFzc3dvcmQ6")?;
                name == STANDARD.encode(user) && secret == STANDARD.encode(password)
            }
            _ => return self.say("504 5.5.4 no such mechanism"),
        };
        let known = self.script.login.is_some();
        self.say(if known && right { "235 2.7.0 welcome" } else { "535 5.7.8 wrong user or password" })
    }

    fn response(&mut self, initial: Option<String>, challenge: &str) -> io::Result<String> {
        if let Some(initial) = initial {
            return Ok(initial);
        }
        self.say(challenge)?;
        self.line()
    }

    fn data(&mut self, answer: Option<String>) -> io::Result<()> {
        self.say(answer.as_deref().unwrap_or("354 go ahead"))?;
        let mut mail = std::mem::take(&mut self.mail);
        loop {
            let line = self.raw()?;
            if line == ".\r\n" {
                break;
            }
            mail.content.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
        let answer = self.script.answer_to(".").unwrap_or_else(|| "250 2.0.0 queued as 4711".into());
        if answer.starts_with('2') {
            self.shelf.change(self.number, |record| record.mails.push(mail));
        }
        self.say(&answer)
    }

    /// `|` ends a line of the reply.
    fn say(&mut self, reply: &str) -> io::Result<()> {
        if reply == "DROP" {
            // Both clones of the socket, so that the client sees it at once.
            self.socket.shutdown(std::net::Shutdown::Both)?;
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let stream = self.stream.get_mut();
        stream.write_all(format!("{}\r\n", reply.replace('|', "\r\n")).as_bytes())?;
        stream.flush()
    }

    fn line(&mut self) -> io::Result<String> {
        let line = self.raw()?.trim_end().to_owned();
        self.shelf.change(self.number, |record| record.lines.push(line.clone()));
        Ok(line)
    }

    fn raw(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        match self.stream.read_until(b'\n', &mut line)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(String::from_utf8_lossy(&line).into_owned()),
        }
    }

    /// The handshake itself happens with the first octets.
    fn secure(&mut self) {
        let config = Arc::clone(self.script.certificate.as_ref().expect("a certificate"));
        let tls = ServerConnection::new(config).expect("a server");
        let stream: Box<dyn Duplex> = Box::new(StreamOwned::new(tls, self.socket.try_clone().expect("a socket")));
        let kept = if self.script.keeps_input { self.stream.buffer().to_vec() } else { Vec::new() };
        self.stream = BufReader::new(Box::new(Behind { before: Cursor::new(kept), stream }));
        self.tls = true;
        self.shelf.change(self.number, |record| record.tls = true);
    }
}
