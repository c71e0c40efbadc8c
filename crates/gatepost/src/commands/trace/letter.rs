//! Ids of ours in a message: a bounce, or mail that somebody saved.

use super::subject::Subject;

/// What a message may be known by here, what knows most first: ids of messages and sessions in `Received:`, ids in brackets
/// as every refusal and every reason of ours ends with, and its Message-ID.
///
/// The whole text is looked at: a bounce has them in `Diagnostic-Code:` and in its words for people, and the message that it
/// is about is its last part.
pub(super) fn subjects(text: &[u8]) -> Vec<Subject> {
    let text = unfolded(text);
    let mut subjects = Vec::new();
    let mut add = |subject: Subject| {
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    };
    for line in text.lines() {
        if has_name(line, "received:") {
            received(line).into_iter().for_each(&mut add);
        }
    }
    for line in text.lines() {
        bracketed(line).for_each(&mut add);
        line.split_once("queued as ").into_iter().for_each(|(_, id)| {
            let id: String = id.chars().take_while(char::is_ascii_alphanumeric).collect();
            Subject::all(&id).into_iter().take(1).for_each(&mut add);
        });
    }
    for line in text.lines().filter(|line| has_name(line, "message-id:")) {
        let id = line.split_once('<').and_then(|(_, id)| id.split_once('>')).map(|(id, _)| id);
        id.into_iter().flat_map(|id| Subject::all(id).into_iter().last()).for_each(&mut add);
    }
    subjects
}

/// Why mail did not arrive, as a bounce says for programs (RFC 3464 §2.3.6), of whatever server it is.
pub(super) fn reasons(text: &[u8]) -> Vec<String> {
    let text = unfolded(text);
    let fields = text.lines().filter(|line| has_name(line, "diagnostic-code:"));
    let mut reasons: Vec<String> = fields.filter_map(|line| Some(line.split_once(';')?.1.trim().to_owned())).collect();
    reasons.dedup();
    reasons
}

/// Fields on one line each (RFC 5322 §2.2.3).
fn unfolded(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text).replace("\r\n", "\n");
    text.replace("\n\t", " ").replace("\n ", " ")
}

fn has_name(line: &str, name: &str) -> bool {
    line.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name))
}

/// `with ESMTPSA id 1K0R53BPJ5Y/C71G875H`: of the queue, and of the session.
fn received(line: &str) -> Vec<Subject> {
    let ids = line.split_once(" id ").map(|(_, behind)| behind.split([' ', ';']).next().unwrap_or_default());
    let Some((queue, session)) = ids.and_then(|ids| ids.split_once('/')) else { return Vec::new() };
    let queue = queue.parse().ok().map(Subject::Queue);
    queue.into_iter().chain(session.parse().ok().map(Subject::Session)).collect()
}

/// `[AVMN00RZ]`: eight letters in capitals, which is how we write them.
pub(super) fn bracketed(line: &str) -> impl Iterator<Item = Subject> {
    let pieces = line.split('[').skip(1).filter_map(|piece| piece.split_once(']').map(|(inside, _)| inside));
    let ours = pieces.filter(|inside| inside.len() == 8 && inside.bytes().all(|octet| octet.is_ascii_alphanumeric()));
    ours.filter_map(|id| id.parse().ok().map(Subject::Session))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bounce_is_known_by_its_ids() {
        let bounce = b"Received: from a (b [192.0.2.1])\r\n\tby mail.test with ESMTPSA id 1K0R53BPJ5Y/C71G875H;\r\n\
            \tTue, 1 Dec 2026 02:00:00 +0000\r\nMessage-ID: <x.y@mail.test>\r\n\r\n\
            refused at RCPT TO [7HX2K9QF]\r\nDiagnostic-Code: smtp; 550 5.1.1 No such user\r\n here: <a@b> [AVMN00RZ]\r\n\
            [AVMN00RZ] [192.0.2.1] [not this]\r\n250 2.0.0 Ok: queued as 1K0R45EGNTP\r\n";
        let texts: Vec<_> = subjects(bounce).iter().map(Subject::text).collect();
        assert_eq!(texts, ["1K0R53BPJ5Y", "C71G875H", "7HX2K9QF", "AVMN00RZ", "1K0R45EGNTP", "x.y@mail.test"]);
        assert_eq!(reasons(bounce), ["550 5.1.1 No such user here: <a@b> [AVMN00RZ]"]);
    }

    #[test]
    fn what_is_no_mail_has_no_ids() {
        assert_eq!(subjects(b"\xff\xfe[[[ id / received: \n"), []);
        assert_eq!(subjects(b""), []);
    }
}
