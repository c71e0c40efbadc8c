//! A server's session, fed with lines, contents and answers: it never panics, and never takes mail for others from
//! somebody who has not logged in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use message::{Address, Domain};
use smtp::server::{Answer, Arrival, Limits, Policy, Question, Role, Session, Step, Tls, Wording};
use smtp::{BareNewline, ForwardPath, Grammar};

fn policy(choice: u8) -> Policy {
    Policy {
        hostname: Domain::parse("mail.example.test").expect("a name"),
        session: "7HX2K9QF".into(),
        peer: [192, 0, 2, 1].into(),
        xclient: choice & 64 != 0,
        role: if choice & 1 == 0 { Role::Exchange } else { Role::Submission },
        auth_needs_tls: choice & 2 == 0,
        cleartext_closes: choice & 16 != 0,
        wording: if choice & 32 == 0 { Wording::Rfc } else { Wording::Qmail },
        legacy_auth_line: choice & 2 != 0,
        grammar: if choice & 4 == 0 { Grammar::Strict } else { Grammar::Lenient },
        bare_newline: if choice & 8 == 0 { BareNewline::Reject } else { BareNewline::Normalize },
        limits: Limits {
            message_size: 4096,
            recipients: 5,
            hops: 3,
            commands_before_login: 100,
            bad_commands: 100,
            unknown_recipients: 5,
            auth_failures: 5,
        },
    }
}

fn answer(question: Question) -> Answer {
    match question {
        Question::ScramKeys { .. } => Answer::TempFail,
        Question::Credentials(evidence) if evidence.identity().starts_with('a') => {
            Answer::LoggedIn(Address::parse("alice@example.test").expect("an address"))
        }
        Question::Credentials(_) => Answer::LoginRefused,
        Question::Sender(_) => Answer::SenderAllowed,
        Question::Recipient(ForwardPath::Mailbox(address)) if address.domain().as_str() == "example.test" => {
            Answer::Local(vec![address])
        }
        Question::Recipient(_) => Answer::Elsewhere,
    }
}

fn ours(address: &Address) -> bool {
    address.domain().as_str() == "example.test"
}

fuzz_target!(|data: &[u8]| {
    let Some((first, mut input)) = data.split_first() else { return };
    let mut session = Session::new(policy(*first), Tls::Offered, sasl::Mechanism::ALL.to_vec());
    loop {
        let Some(end) = input.windows(2).position(|w| w == b"\r\n") else { return };
        let mut step = session.command(&input[..end]);
        input = &input[end + 2..];
        loop {
            step = match step {
                Step::Reply(_) => break,
                Step::Ask(question) => session.answer(answer(question)),
                Step::StartTls(_) => {
                    session.tls_started("TLS_AES_256_GCM_SHA384".into(), sasl::Mechanism::ALL.to_vec());
                    break;
                }
                Step::SpeaksFor(speaker) => {
                    let nobody = std::net::Ipv4Addr::LOCALHOST.into();
                    session.speaks_for(speaker.address.unwrap_or(nobody), sasl::Mechanism::ALL.to_vec());
                    break;
                }
                Step::Receive(_) => {
                    session.receive(Arrival { id: "ID", date: "Sat, 21 Nov 2026 02:21:43 +0000", user: None });
                    let data = session.data(input);
                    input = &input[data.consumed..];
                    let Some(step) = data.step else { return };
                    step
                }
                Step::Commit(message) => {
                    let local = message.transaction.recipients.iter().all(|r| ours(&r.address));
                    assert!(local || message.login.is_some());
                    assert!(message.content.starts_with(b"Received: from "));
                    session.answer(Answer::Queued("ID".into()))
                }
                Step::Close(..) => return,
            }
        }
    }
});
