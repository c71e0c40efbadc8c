//! The message that is sent.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use jiff::Timestamp;
use message::{Address, Date};

use super::Args;
use crate::exit::{Code, Failure, code};

/// More than any server takes.
const MAX_CONTENT: u64 = 1 << 30;

/// Octets of text in one encoded word: 75 characters with all around it (RFC 2047 §2).
const ENCODED: usize = 42;

/// Fields whose values have a form of their own: they are left as they were typed.
const STRUCTURED: [&str; 9] =
    ["from", "sender", "reply-to", "to", "cc", "bcc", "message-id", "content-type", "references"];

/// The whole content: what was given as it is, or a header and a body.
pub(super) fn content(args: &Args, from: Option<&Address>, to: &[Address]) -> Result<Vec<u8>, Failure> {
    if let Some(path) = &args.data {
        return read(path);
    }
    let body = match args.body.as_deref() {
        None => b"This message was sent by gatepost send.\n".to_vec(),
        Some("-") => read(Path::new("-"))?,
        Some(text) => match text.strip_prefix('@') {
            Some(path) => read(Path::new(path))?,
            None => text.replace("\\n", "\n").into_bytes(),
        },
    };
    let mut header = given(&args.header)?;
    let now = Timestamp::now();
    let host = args.ehlo.as_deref().unwrap_or_else(|| from.map_or("localhost", |from| from.domain().as_str()));
    let host = host.trim_matches(['[', ']']);
    let listed = to.iter().map(plain).collect::<Vec<_>>().join(", ");
    let sender = from.map_or_else(|| format!("MAILER-DAEMON@{host}"), plain);
    let defaults = [
        ("Date", Date::utc(now.as_second()).to_string()),
        ("From", sender),
        ("To", listed),
        ("Message-ID", format!("<{}.{}@{host}>", now.as_nanosecond(), std::process::id())),
        ("Subject", "A test message".to_owned()),
    ];
    for (name, value) in defaults {
        add(&mut header, name, value);
    }
    if !body.is_ascii() {
        add(&mut header, "MIME-Version", "1.0".into());
        add(&mut header, "Content-Type", "text/plain; charset=utf-8".into());
        add(&mut header, "Content-Transfer-Encoding", "8bit".into());
    }
    let mut content = Vec::new();
    for (name, value) in header {
        content.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    content.extend_from_slice(b"\r\n");
    content.extend_from_slice(&body);
    Ok(content)
}

/// An address as every server takes it, where it has such a form.
fn plain(address: &Address) -> String {
    address.to_ascii().unwrap_or_else(|| address.to_string())
}

/// Adds a field, unless there is one.
fn add(header: &mut Vec<(String, String)>, name: &str, value: String) {
    if !header.iter().any(|(there, _)| there.eq_ignore_ascii_case(name)) {
        header.push((name.to_owned(), value));
    }
}

/// The fields of the command line.
fn given(fields: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let field = |text: &String| {
        let (name, value) = text.split_once(':').ok_or_else(|| wrong(text))?;
        // RFC 5322 §2.2: printable ASCII without a colon.
        let good = !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_graphic());
        let value = value.trim();
        if !good || value.contains(char::is_control) {
            return Err(wrong(text));
        }
        let structured = STRUCTURED.iter().any(|known| name.eq_ignore_ascii_case(known));
        let value = if value.is_ascii() || structured { value.to_owned() } else { encoded(value) };
        Ok((name.to_owned(), value))
    };
    fields.iter().map(field).collect()
}

fn wrong(text: &str) -> Failure {
    Failure::new(Code::Data, format!("{text:?} is no header field: 'Name: value', on one line"))
}

/// RFC 2047 §2: words of UTF-8 in base64, none cut within a character (§5).
fn encoded(text: &str) -> String {
    let (mut words, mut word) = (Vec::new(), String::new());
    for c in text.chars() {
        if word.len() + c.len_utf8() > ENCODED {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    let words: Vec<_> =
        words.iter().map(|word| format!("=?utf-8?b?{}?=", sasl::wire::encode(word.as_bytes()))).collect();
    words.join("\r\n ")
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut content = Vec::new();
    let read = match path.to_str() {
        Some("-") => io::stdin().lock().take(MAX_CONTENT).read_to_end(&mut content),
        _ => fs::File::open(path).and_then(|file| file.take(MAX_CONTENT).read_to_end(&mut content)),
    };
    read.map_err(|error| Failure::new(code(&error), format!("cannot read {}: {error}", path.display())))?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_not_ascii_are_encoded() {
        assert_eq!(encoded("Grüße"), "=?utf-8?b?R3LDvMOfZQ==?=");
        let long = encoded(&"ü".repeat(60));
        assert!(long.lines().all(|line| line.len() <= 76) && long.lines().count() == 3, "{long}");
    }

    #[test]
    fn a_field_is_one_line() {
        let fields = |text: &str| given(&[text.to_owned()]);
        assert_eq!(fields("Subject:  a b ").unwrap(), [("Subject".to_owned(), "a b".to_owned())]);
        for wrong in ["Subject", ": x", "Sub ject: x", "X: a\r\nBcc: b", "Ä: x"] {
            assert_eq!(fields(wrong).unwrap_err().code, Code::Data, "{wrong}");
        }
    }
}
