//! What was said in a session, for people and as it was.

use std::io::{self, Write};

use ::trace::record::Record;
use ::trace::transcript::{Body, Event, Lost, Shown, Side, What};

/// With times in seconds since the begin, and arrows as seen from the client.
pub(super) fn print(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    let Some(transcript) = &record.transcript else {
        return writeln!(out, "  not kept: nothing went wrong, as far as the server could see");
    };
    let Lost { events, octets } = transcript.lost();
    if events > 0 {
        writeln!(out, "  … {events} lines with {octets} octets before this are not kept")?;
    }
    if transcript.events().next().is_none() {
        return writeln!(out, "  nothing");
    }
    transcript.events().try_for_each(|event| line(&event, out))
}

fn line(event: &Event<'_>, out: &mut dyn Write) -> io::Result<()> {
    let at = event.at.as_secs_f64();
    match event.what {
        What::Line { side, octets, left_out } => {
            // Controls and what could mislead stay escaped; a backslash is one.
            let shown = Shown(octets).to_string().replace("\\\\", "\\");
            write!(out, "{at:9.3}  {} {shown}", arrow(side))?;
            if left_out > 0 {
                write!(out, " [… {left_out} octets more]")?;
            }
            match decoded(side, octets) {
                Some(text) => writeln!(out, "   (that is: {text})"),
                None => writeln!(out),
            }
        }
        What::Body { side, body, octets } => {
            writeln!(out, "{at:9.3}  {} [{}: {octets} octets]", arrow(side), what(body))
        }
        What::TlsBegan => writeln!(out, "{at:9.3}  -- TLS begins: what follows is inside"),
        What::Note(note) => writeln!(out, "{at:9.3}  -- {}", Shown(note.as_bytes())),
    }
}

fn arrow(side: Side) -> &'static str {
    match side {
        Side::Client => " ->",
        Side::Server => "<- ",
    }
}

fn what(body: Body) -> &'static str {
    match body {
        Body::Data => "a message",
        Body::Literal => "a literal",
        Body::Reply => "mail",
    }
}

/// The challenge of a login: `334 VXNlcm5hbWU6` is "Username:". Answers are masked, so there is nothing of them to decode.
fn decoded(side: Side, octets: &[u8]) -> Option<String> {
    let rest = octets.strip_prefix(b"334 ").or_else(|| octets.strip_prefix(b"+ "))?;
    let decoded = sasl::wire::response(rest).ok().filter(|decoded| !decoded.is_empty())?;
    let text = String::from_utf8(decoded).ok()?;
    let readable = side == Side::Server && !text.chars().any(char::is_control);
    readable.then(|| Shown(text.as_bytes()).to_string())
}

/// Every line as it was, one a line: who said it (`C`, `S`), and its octets, of which none is lost.
pub(in crate::commands) fn raw(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# session {}", record.id)?;
    let Some(transcript) = &record.transcript else { return writeln!(out, "# nothing is kept") };
    let Lost { events, octets } = transcript.lost();
    if events > 0 {
        writeln!(out, "# {events} lines with {octets} octets before this are not kept")?;
    }
    for event in transcript.events() {
        match event.what {
            What::Line { side, octets, left_out } => {
                writeln!(out, "{}: {}", letter(side), Shown(octets))?;
                if left_out > 0 {
                    writeln!(out, "# {left_out} octets more of this line are not kept")?;
                }
            }
            What::Body { side, octets, .. } => writeln!(out, "# {}: {octets} octets of mail", letter(side))?,
            What::TlsBegan => writeln!(out, "# TLS begins")?,
            What::Note(note) => writeln!(out, "# {}", Shown(note.as_bytes()))?,
        }
    }
    Ok(())
}

fn letter(side: Side) -> char {
    match side {
        Side::Client => 'C',
        Side::Server => 'S',
    }
}
