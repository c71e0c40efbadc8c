//! A hostile server: whatever it answers, the client's machines neither panic nor go on for ever, and no octet they send
//! depends on what they were told but by a mechanism's rules.
#![no_main]

use libfuzzer_sys::fuzz_target;
use message::Address;
use sasl::Secret;
use sasl::client::Credentials;
use smtp::client::{
    Capabilities, Hello, Login, Mail, MailEnvelope, MailStep, Needs, Opening, OpeningStep, TlsWish,
};
use smtp::{Reply, ReplyReader};

/// The replies in the input, line by line.
fn replies(data: &[u8]) -> impl Iterator<Item = Reply> + '_ {
    let mut reader = ReplyReader::default();
    data.split(|&octet| octet == b'\n').filter_map(move |line| reader.line(line).ok().flatten())
}

fn open(replies: &mut impl Iterator<Item = Reply>) -> Option<Capabilities> {
    let credentials = Credentials::password("user", Secret::new("pass"));
    let login = Some(Login { credentials, preferred: None, cleartext: true });
    let mut opening = Opening::new(Hello { name: "me.example".into(), tls: TlsWish::IfOffered, login });
    loop {
        match opening.reply(replies.next()?) {
            OpeningStep::Send(octets) => assert!(octets.ends_with(b"\r\n")),
            OpeningStep::SendSecret(line) => assert!(line.expose().ends_with(b"\r\n")),
            OpeningStep::StartTls => assert!(matches!(opening.secured(), OpeningStep::Send(_))),
            OpeningStep::Ready(ready) => return Some(ready.capabilities),
            OpeningStep::Failed(_) => return None,
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let mut replies = replies(data);
    let Some(capabilities) = open(&mut replies) else { return };
    let address = Address::parse("a@example.org").expect("an address");
    let recipients = vec![address.clone(); 60];
    let envelope = MailEnvelope { reverse_path: Some(address), recipients, size: 1, needs: Needs::default() };
    let Ok(mut mail) = Mail::new(&capabilities, &envelope) else { return };
    assert!(matches!(mail.start(), MailStep::Send(_)));
    for reply in replies {
        if let MailStep::Done(_) = mail.reply(reply) {
            assert!(mail.answers().iter().all(Option::is_some));
            return;
        }
    }
});
