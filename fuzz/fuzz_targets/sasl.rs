//! SASL's two sides under arbitrary messages: no panic, no success without a judge.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sasl::server::{Exchange, Step};
use sasl::{Mechanism, Secret, client, scram};

fuzz_target!(|input: &[u8]| {
    let Some((&choice, rest)) = input.split_first() else { return };
    let messages: Vec<&[u8]> = rest.split(|octet| *octet == b'\n').collect();
    let mechanism = Mechanism::ALL[usize::from(choice) % Mechanism::ALL.len()];
    serve(mechanism, choice & 128 != 0, &messages);
    let credentials = client::Credentials { user: "alice".to_owned(), password: Secret::new("secret") };
    let (mut client, _) = client::Exchange::start(mechanism, credentials);
    for message in &messages {
        let _ = sasl::wire::response(message).map(|octets| {
            assert_eq!(sasl::wire::response(sasl::wire::encode(&octets).as_bytes()).as_deref(), Ok(octets.as_slice()))
        });
        let _ = client.respond(message);
    }
    if mechanism == Mechanism::ScramSha256 {
        assert!(client.finish().is_err(), "a signature was guessed");
    }
});

/// Plays a client's messages; nobody judges, so nobody gets in.
fn serve(mechanism: Mechanism, initial: bool, messages: &[&[u8]]) {
    let first = messages.first().filter(|_| initial).copied();
    let (mut server, mut step) = Exchange::start(mechanism, "host", first);
    for message in messages {
        step = match step {
            Step::NeedKeys(_) => server.keys(scram::Keys::derive(b"secret", b"salt".to_vec(), 1)),
            Step::Challenge(_) => server.respond(message),
            Step::Done => panic!("nobody judged"),
            Step::Judge(_) | Step::Broken(_) => return,
        };
    }
}
