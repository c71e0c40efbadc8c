//! Plays dialogues. `S:` is the server, `C:` what the client must say next, `--` what it does or reports. `{…}` stands for
//! its base64, in it `\0` for a NUL and `^A` for an octet 1, so that logins can be read: `C: AUTH PLAIN {\0user\0pass}`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use smtp::client::{LoginError, Mail, MailStep, Opening, OpeningError, OpeningStep};
use smtp::{Reply, ReplyReader};

/// One side of a session under test: takes replies, and tells in words what it wants.
pub(crate) trait Client {
    /// Takes a reply.
    fn take(&mut self, reply: Reply) -> String;
    /// The handshake is done.
    fn secured(&mut self) -> String;
}

impl Client for Opening {
    fn take(&mut self, reply: Reply) -> String {
        told(self.reply(reply))
    }

    fn secured(&mut self) -> String {
        told(Opening::secured(self))
    }
}

fn told(step: OpeningStep) -> String {
    match step {
        OpeningStep::Send(octets) => said(&octets),
        OpeningStep::SendSecret(secret) => said(secret.expose()),
        OpeningStep::StartTls => "-- TLS".to_owned(),
        OpeningStep::Ready(ready) => match ready.mechanism {
            Some(mechanism) => format!("-- ready, {mechanism}"),
            None => "-- ready".to_owned(),
        },
        OpeningStep::Failed(OpeningError::Login(LoginError::Temporary(attempt))) => {
            format!("-- failed: temporary, {}", attempt.reply)
        }
        OpeningStep::Failed(error) => format!("-- failed: {error}"),
    }
}

impl Client for Mail {
    fn take(&mut self, reply: Reply) -> String {
        match self.reply(reply) {
            MailStep::Send(octets) => said(&octets),
            MailStep::Wait => String::new(),
            MailStep::SendContent => "-- content".to_owned(),
            MailStep::Done(after) => format!("-- done, {after:?}"),
        }
    }

    fn secured(&mut self) -> String {
        unreachable!("no TLS in a transaction")
    }
}

/// What was sent, line by line.
pub(crate) fn said(octets: &[u8]) -> String {
    let text = std::str::from_utf8(octets).expect("UTF-8").strip_suffix("\r\n").expect("whole lines");
    text.split("\r\n").map(|line| format!("C: {line}")).collect::<Vec<_>>().join("\n")
}

/// Every line of the dialogue that is not the server's must be what the client wants at that moment.
pub(crate) fn play(client: &mut dyn Client, first: &str, dialogue: &str) {
    let mut reader = ReplyReader::default();
    let mut wants: Vec<String> = lines(first);
    for line in dialogue.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(words) = line.strip_prefix("S: ") {
            assert_eq!(wants, [""; 0], "the client wants something before {line:?}");
            if let Some(reply) = reader.line(expand(words).as_bytes()).expect("a reply") {
                wants = lines(&client.take(reply));
            }
            continue;
        }
        assert!(!wants.is_empty(), "the client waits instead of {line:?}");
        assert_eq!(wants.remove(0), expand(line));
        if line == "-- TLS" {
            wants = lines(&client.secured());
        }
    }
    assert_eq!(wants, [""; 0], "the client wants more");
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn expand(line: &str) -> String {
    match (line.split_once('{'), line.rsplit_once('}')) {
        (Some((head, _)), Some((until, tail))) => {
            let clear = until[head.len() + 1..].replace("\\0", "\0").replace("^A", "\x01");
            format!("{head}{}{tail}", STANDARD.encode(clear))
        }
        _ => line.to_owned(),
    }
}
