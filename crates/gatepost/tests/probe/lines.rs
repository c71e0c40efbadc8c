//! Servers of IMAP and POP3 in clear that answer line by line, as a test wants them to.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

use harness::Papers;

use crate::{Probe, Probed};

/// What a line is answered with; `None` closes the connection without a word.
type Answers = fn(&str) -> Option<String>;

/// Greets, and answers every line. It ends with the test's process.
fn start(greeting: &'static str, answers: Answers) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for socket in listener.incoming().map_while(Result::ok) {
            // A client that goes away ends its session.
            std::thread::spawn(move || serve(socket, greeting, answers));
        }
    });
    port
}

fn serve(mut socket: TcpStream, greeting: &str, answers: Answers) -> std::io::Result<()> {
    let lines = BufReader::new(socket.try_clone()?).lines();
    write!(socket, "{greeting}\r\n")?;
    for line in lines {
        match answers(&line?) {
            Some(answer) => write!(socket, "{answer}\r\n")?,
            None => return Ok(()),
        }
    }
    Ok(())
}

fn probed(protocol: &str, port: u16) -> Probed {
    let papers = Papers::new();
    Probe::new(format!("127.0.0.1:{port}"), protocol, &papers.ca()).with(&["--allow-clear"]).with_login("alice").run()
}

/// An IMAP server that promises SASL-IR, and does not understand it; the password is `correct horse`.
fn without_initial_response(line: &str) -> Option<String> {
    let (tag, command) = line.split_once(' ').unwrap_or(("", line));
    Some(match command {
        "CAPABILITY" => {
            format!("* CAPABILITY IMAP4rev1 SASL-IR LOGINDISABLED AUTH=PLAIN\r\n{tag} OK CAPABILITY completed")
        }
        "AUTHENTICATE PLAIN" => "+ ".to_owned(),
        command if command.starts_with("AUTHENTICATE") => format!("{tag} BAD too many arguments"),
        // The client's response has no tag: it is that of our user and password, or a wrong one.
        "AGFsaWNlAGNvcnJlY3QgaG9yc2U=" => "p2 OK welcome".to_owned(),
        "*" => "p2 BAD cancelled".to_owned(),
        _ => "p2 NO [AUTHENTICATIONFAILED] no".to_owned(),
    })
}

#[test]
fn a_promise_of_initial_responses_that_is_not_kept() {
    let probed = probed("imap", start("* OK ready", without_initial_response));
    probed.has_wrong(&["error no-tls", "error login-in-clear", "warning initial-response"]);
    let said = probed.finding("initial-response");
    assert!(said.contains("S: p2 BAD too many arguments"), "{said}");
}

/// MISSION 004-29: "the server disconnects immediately after the PASS command, without giving a -ERR response".
#[test]
fn pass_is_answered_by_silence() {
    let answers: Answers = |line| match line.split(' ').next() {
        Some("PASS") => None,
        Some("CAPA") => Some("-ERR unknown command".to_owned()),
        _ => Some("+OK".to_owned()),
    };
    let probed = probed("pop3", start("+OK POP3 host.domain.com v2003.83rh server ready", answers));
    probed.has_wrong(&["error no-tls", "error login-in-clear", "error login-breaks"]);
    let said = probed.finding("login-breaks");
    assert!(said.contains("closed the connection without a word") && said.contains("C: PASS •••"), "{said}");
}

/// MISSION 004-31: "the server accepts the connection but then immediately disconnects".
#[test]
fn a_tls_port_that_closes_at_once() {
    let papers = Papers::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || listener.incoming().map_while(Result::ok).for_each(drop));
    let probed = Probe::new(format!("127.0.0.1:{port}"), "imaps", &papers.ca()).run();
    probed.has_wrong(&["error tls-fails"]);
}
