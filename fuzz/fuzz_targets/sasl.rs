//! SASL's two sides under arbitrary messages: no panic, no success without a judge.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sasl::client::{Credentials, Proof};
use sasl::server::{Context, Exchange, Step};
use sasl::{Bindings, Certificate, Channel, Mechanism, Secret, client, scram};

fuzz_target!(|input: &[u8]| {
    let Some((&choice, rest)) = input.split_first() else { return };
    let messages: Vec<&[u8]> = rest.split(|octet| *octet == b'\n').collect();
    let mechanism = Mechanism::ALL[usize::from(choice) % Mechanism::ALL.len()];
    serve(mechanism, choice & 128 != 0, &messages);
    play(mechanism, &messages);
    for message in &messages {
        let _ = sasl::wire::response(message).map(|octets| {
            assert_eq!(sasl::wire::response(sasl::wire::encode(&octets).as_bytes()).as_deref(), Ok(octets.as_slice()))
        });
    }
});

fn bindings() -> Bindings {
    Bindings { exporter: Some([7; 32]), server_end_point: Some(vec![8; 32]) }
}

/// Plays a server's messages.
fn play(mechanism: Mechanism, messages: &[&[u8]]) {
    let proof = match mechanism {
        Mechanism::External => Proof::Certificate,
        Mechanism::XOAuth2 | Mechanism::OAuthBearer => Proof::Token(Secret::new("secret")),
        _ => Proof::Password(Secret::new("secret")),
    };
    let (context, user) = (client::Context::new(bindings(), &Mechanism::ALL), "alice".to_owned());
    let begun = client::Exchange::start(mechanism, Credentials { user, proof }, &context);
    let Ok((mut client, _)) = begun else { return assert_eq!(mechanism, Mechanism::Apop) };
    for message in messages {
        let _ = client.respond(message);
    }
    if mechanism.scram_hash().is_some() {
        assert!(client.finish().is_err(), "a signature was guessed");
    }
}

/// Plays a client's messages; nobody judges, so nobody gets in.
fn serve(mechanism: Mechanism, initial: bool, messages: &[&[u8]]) {
    let first = messages.first().filter(|_| initial).copied();
    let certificate = Certificate { names: vec!["alice@example.test".to_owned()], fingerprint: [1; 32] };
    let channel = Channel { bindings: bindings(), certificate: Some(certificate) };
    let context = Context::new("host", &channel, &Mechanism::ALL);
    let (mut server, mut step) = Exchange::start(mechanism, &context, first);
    for message in messages {
        step = match step {
            Step::NeedKeys { hash, .. } => server.keys(scram::Keys::derive(hash, b"secret", b"salt".to_vec(), 1)),
            Step::Challenge(_) => server.respond(message),
            Step::Done => panic!("nobody judged"),
            Step::Judge(_) => server.rejected(),
            Step::Refused | Step::Broken(_) => return,
        };
    }
}
