//! What of a line of the server is no matter of taste, time or chance: what two conversations are compared by.

use sasl::wire;

use crate::dialogue::Next;
use crate::target::Family;

/// Response codes of IMAP with a number in them that is another one tomorrow (RFC 3501 §7.1, RFC 4315 §3).
const NUMBERED: [&str; 6] = ["UIDVALIDITY", "UIDNEXT", "APPENDUID", "COPYUID", "HIGHESTMODSEQ", "UNSEEN"];

/// Codes and status words, and all of what is data.
pub(super) fn essence(line: &[u8], next: Next, family: Family) -> String {
    let text = String::from_utf8_lossy(line);
    match (next, family) {
        (Next::Data, _) => text.into_owned(),
        (Next::Offer, _) if !is_name(&text) => text.into_owned(),
        (_, Family::Smtp) => smtp(&text),
        (_, Family::Pop3) => status(&text, 1),
        (_, Family::Imap) => imap(&text),
    }
}

/// The first line of the reply to EHLO: a name, and a greeting perhaps. Keywords have no dot, and names (or addresses) do.
fn is_name(line: &str) -> bool {
    let word = line.get(4..).and_then(|rest| rest.split_whitespace().next()).unwrap_or_default();
    !line.starts_with('2') || word.contains(['.', '[']) || word.eq_ignore_ascii_case("localhost")
}

/// Code, hyphen, enhanced status code; of a challenge, a prompt.
fn smtp(line: &str) -> String {
    if line.starts_with("334") {
        let prompt = line.get(4..).and_then(|word| wire::response(word.as_bytes()).ok());
        return if prompt.is_some_and(|text| text.ends_with(b":")) { line.to_owned() } else { "334".to_owned() };
    }
    let code = line.get(..4).unwrap_or(line).trim_end();
    let status = smtp::Status::take(line.get(4..).unwrap_or_default()).map(|(status, _)| status.to_string());
    format!("{code} {}", status.unwrap_or_default())
}

/// So many words, and a response code behind them.
fn status(line: &str, words: usize) -> String {
    let mut rest = line;
    for _ in 0..words {
        rest = rest.split_once(' ').map_or("", |(_, rest)| rest);
    }
    let head = line.get(..line.len() - rest.len()).unwrap_or_default().trim_end();
    let code = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(code, _)| code).unwrap_or_default();
    let name = code.split(' ').next().unwrap_or_default();
    let code = if NUMBERED.iter().any(|numbered| name.eq_ignore_ascii_case(numbered)) { name } else { code };
    format!("{head} [{code}]").to_ascii_uppercase()
}

fn imap(line: &str) -> String {
    if line.starts_with('+') {
        return "+".to_owned();
    }
    let second = line.split(' ').nth(1).unwrap_or_default().to_ascii_uppercase();
    match second.as_str() {
        "OK" | "NO" | "BAD" | "BYE" | "PREAUTH" => status(line, 2),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str, next: Next, family: Family) -> bool {
        essence(one.as_bytes(), next, family) == essence(other.as_bytes(), next, family)
    }

    #[test]
    fn words_may_change_and_codes_may_not() {
        use Family::{Imap, Pop3, Smtp};
        for (one, other, family) in [
            ("220 mx.a ESMTP", "220 mx.b ready [7HX2K9QF]", Smtp),
            ("250 2.0.0 Ok: queued as 1", "250 2.0.0 Ok: queued as 2", Smtp),
            ("334 PDFAeD4=", "334 PDJAeD4=", Smtp),
            ("+OK ready <1@x>", "+OK ready <2@x>", Pop3),
            ("-ERR [AUTH] no", "-ERR [AUTH] never", Pop3),
            ("a OK [UIDVALIDITY 1] x", "a OK [UIDVALIDITY 2] y", Imap),
            ("* BYE see you", "* BYE [] bye", Imap),
            ("+ idling", "+ ", Imap),
        ] {
            assert!(same(one, other, Next::Status, family), "{one}");
        }
        for (one, other, family) in [
            ("250 2.0.0 Ok", "250 2.1.0 Ok", Smtp),
            ("250 Ok", "250-Ok", Smtp),
            ("535 5.7.8 no", "535 no", Smtp),
            ("334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", Smtp),
            ("-ERR [AUTH] no", "-ERR [SYS/TEMP] no", Pop3),
            ("a OK [READ-ONLY] x", "a OK [READ-WRITE] x", Imap),
            ("a OK x", "a NO x", Imap),
            ("* 1 EXISTS", "* 2 EXISTS", Imap),
            ("* CAPABILITY IMAP4rev1", "* CAPABILITY IMAP4rev1 AUTH=PLAIN", Imap),
        ] {
            assert!(!same(one, other, Next::Status, family), "{one}");
        }
        assert!(same("250-mx.a hello [192.0.2.1]", "250-mx.b", Next::Offer, Smtp));
        assert!(!same("250-AUTH PLAIN", "250-AUTH PLAIN LOGIN", Next::Offer, Smtp));
        assert!(!same("+OK a", "+OK b", Next::Data, Pop3));
    }
}
