//! A POP3 session under arbitrary lines and a host that answers as it should: no panic, an answer to every line, no mail
//! without a login; and messages that end exactly once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pop3::server::{Answer, Failure, Limits, Maildrop, Policy, Question, Session, Step, Tls};
use pop3::{Extent, Multiline};
use sasl::{Mechanism, scram};

fuzz_target!(|input: &[u8]| {
    let Some((&mood, rest)) = input.split_first() else { return };
    let lines = rest.split(|octet| *octet == b'\n');
    let mut session = session(mood & 1 != 0);
    let mut logged_in = false;
    for line in lines {
        let mut step = session.command(line);
        while let Step::Ask(question) = step {
            logged_in |= matches!(question, Question::Credentials(_));
            assert!(logged_in || matches!(question, Question::ScramKeys { .. }), "mail without a login");
            step = session.answer(answer(&question, mood));
        }
        match step {
            Step::StartTls(_) => session.tls_started(Mechanism::ALL.to_vec()),
            Step::Close(..) => return,
            Step::Send(_, extent) => send(rest, extent),
            Step::Reply(_) | Step::Ask(_) => {}
        }
    }
});

fn session(auth_needs_tls: bool) -> Session {
    let limits = Limits { commands_before_login: 50, bad_commands: 50, auth_failures: 50 };
    let policy = Policy { hostname: "h".to_owned(), session: "S".to_owned(), auth_needs_tls, cleartext_closes: false, limits };
    Session::new(policy, Tls::Offered, Mechanism::ALL.to_vec())
}

fn answer(question: &Question, mood: u8) -> Answer {
    match question {
        _ if mood & 2 != 0 => Answer::Failed(Failure::Temporary),
        Question::ScramKeys { hash, .. } => Answer::Keys(scram::Keys::derive(*hash, b"secret", b"salt".to_vec(), 1)),
        Question::Credentials(_) => Answer::LoggedIn,
        Question::Maildrop => Answer::Maildrop(Maildrop::new(1, [(1, 10), (2, 20)])),
        Question::Message(_) => Answer::Message,
        Question::Remove(_) => Answer::Removed,
    }
}

fn send(message: &[u8], extent: Extent) {
    let sent = Multiline::new(message, extent).collect::<Vec<_>>().concat();
    let lone = |line: &&[u8]| line.strip_suffix(b"\n").is_some_and(|line| line == b"." || line == b".\r");
    let ends = sent.split_inclusive(|octet| *octet == b'\n').filter(lone).count();
    assert_eq!((ends, sent.ends_with(b".\r\n")), (1, true));
}
