//! Our client against our server, and hostile octets against both.

use proptest::prelude::*;
use sasl::client::{Credentials, Proof};
use sasl::server::{Context, Step};
use sasl::{Bindings, Certificate, Channel, Evidence, Mechanism, Secret, client, cram, scram, server};

const SALT: &[u8] = b"0123456789abcdef";

/// Judges as the auth chain would.
fn judge(evidence: &Evidence, user: &str, password: &Secret) -> bool {
    let right = match evidence {
        Evidence::Password(e) => e.password == *password,
        Evidence::Cram(e) => e.verify(password) && e.verify_contexts(&cram::Contexts::of(password)),
        Evidence::Apop(e) => e.verify(password),
        Evidence::Scram(e) => e.verify(&keys(e.proof.hash(), password)) && e.verify_password(password),
        Evidence::Token(e) => e.token == *password,
        Evidence::Certificate(e) => e.names == [user],
    };
    right && evidence.identity() == user && evidence.authzid().is_none_or(|authzid| authzid == user)
}

fn keys(hash: scram::Hash, password: &Secret) -> scram::Keys {
    scram::Keys::derive(hash, password.expose(), SALT.to_vec(), scram::MIN_ITERATIONS)
}

/// Inside TLS, with the user's certificate.
fn channel(user: &str) -> Channel {
    let certificate = Certificate { names: vec![user.to_owned()], fingerprint: [1; 32] };
    Channel {
        bindings: Bindings { exporter: Some([9; 32]), server_end_point: Some(vec![8; 32]) },
        certificate: Some(certificate),
    }
}

/// What the mechanism is used with.
fn credentials(mechanism: Mechanism, user: &str, secret: &Secret) -> Credentials {
    let proof = match mechanism {
        Mechanism::External => Proof::Certificate,
        Mechanism::XOAuth2 | Mechanism::OAuthBearer => Proof::Token(secret.clone()),
        _ => Proof::Password(secret.clone()),
    };
    Credentials { user: user.to_owned(), proof }
}

/// Runs a whole login; whether both sides are content.
fn login(mechanism: Mechanism, user: &str, theirs: &Secret, ours: &Secret) -> bool {
    let channel = channel(user);
    let context = client::Context::new(channel.bindings.clone(), &Mechanism::ALL);
    let begun = client::Exchange::start(mechanism, credentials(mechanism, user, theirs), &context);
    let (mut client, initial) = begun.expect("the credentials suit");
    let context = Context::new("mail.example.test", &channel, &Mechanism::ALL);
    let (mut server, mut step) = server::Exchange::start(mechanism, &context, initial.as_deref());
    loop {
        step = match step {
            Step::Challenge(challenge) => {
                server.respond(&client.respond(&challenge).expect("our server keeps the rules"))
            }
            Step::NeedKeys { identity, hash } => {
                assert_eq!((identity.as_str(), Some(hash)), (user, mechanism.scram_hash()));
                server.keys(keys(hash, ours))
            }
            Step::Judge(evidence) => {
                assert_eq!(evidence.mechanism(), mechanism);
                if judge(&evidence, user, ours) { server.accepted() } else { server.rejected() }
            }
            Step::Done => return client.finish().is_ok(),
            Step::Refused => return false,
            Step::Broken(broken) => panic!("{broken}"),
        }
    }
}

fn mechanisms() -> impl Strategy<Value = Mechanism> {
    proptest::sample::select(Mechanism::sasl(&Mechanism::ALL).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Names that SASLprep leaves alone, any password that may be sent.
    #[test]
    fn the_right_password_gets_in(mechanism in mechanisms(), user in "[a-z=,.+ -]{1,40}@[a-z]{1,9}", password in "[^\0\r\n]{1,60}", token in "[!-~]{1,80}") {
        let secret = match mechanism {
            Mechanism::XOAuth2 | Mechanism::OAuthBearer => Secret::new(token),
            _ => Secret::new(password),
        };
        prop_assert!(login(mechanism, &user, &secret, &secret));
    }

    #[test]
    fn a_wrong_password_does_not(mechanism in mechanisms(), theirs in "[!-~]{1,20}", ours in "[!-~]{1,20}") {
        prop_assume!(theirs != ours && mechanism != Mechanism::External);
        prop_assert!(!login(mechanism, "alice@example.test", &Secret::new(theirs), &Secret::new(ours)));
    }

    /// Nothing that a client sends gets it in or makes the server panic.
    #[test]
    fn a_hostile_client_gets_nowhere(mechanism in mechanisms(), messages in proptest::collection::vec(any::<Vec<u8>>(), 1..5)) {
        let context = Context::clear("host");
        let (mut server, mut step) = server::Exchange::start(mechanism, &context, messages.first().map(Vec::as_slice));
        for message in &messages {
            match step {
                Step::Judge(evidence) => {
                    prop_assert!(!judge(&evidence, "alice@example.test", &Secret::new("correct horse battery staple")));
                    return Ok(());
                }
                Step::NeedKeys { hash, .. } => step = server.keys(keys(hash, &Secret::new("x"))),
                Step::Challenge(_) => step = server.respond(message),
                Step::Broken(_) | Step::Refused => return Ok(()),
                Step::Done => prop_assert!(false, "nobody was judged"),
            }
        }
    }

    /// A client that a server plays with never believes it.
    #[test]
    fn a_hostile_server_is_not_believed(sha1: bool, challenges in proptest::collection::vec(any::<Vec<u8>>(), 0..4)) {
        let mechanism = if sha1 { Mechanism::ScramSha1 } else { Mechanism::ScramSha256 };
        let credentials = Credentials::password("alice", Secret::new("secret"));
        let (mut client, _) = client::Exchange::start(mechanism, credentials, &client::Context::default()).expect("it suits");
        for challenge in &challenges {
            prop_assert!(client.respond(challenge).is_err());
        }
        prop_assert!(client.finish().is_err());
    }
}

/// Somebody in between with a TLS connection to each side: the two ends know different channels (RFC 5802 §6).
#[test]
fn a_man_in_the_middle_breaks_the_binding() {
    let ours = channel("alice");
    let theirs = Bindings { exporter: Some([1; 32]), server_end_point: Some(vec![2; 32]) };
    let password = Secret::new("secret");
    let context = client::Context::new(theirs, &Mechanism::ALL);
    for mechanism in [Mechanism::ScramSha1Plus, Mechanism::ScramSha256Plus] {
        let begun = client::Exchange::start(mechanism, Credentials::password("alice", password.clone()), &context);
        let (mut client, initial) = begun.expect("it suits");
        let context = Context::new("host", &ours, &Mechanism::ALL);
        let (mut server, step) = server::Exchange::start(mechanism, &context, initial.as_deref());
        let Step::NeedKeys { hash, .. } = step else { panic!("{step:?}") };
        let Step::Challenge(first) = server.keys(keys(hash, &password)) else { panic!() };
        let last = client.respond(&first).expect("it cannot know yet");
        assert!(matches!(server.respond(&last), Step::Broken(_)));
    }
}

/// Somebody in between takes -PLUS out of the server's list: the client says `y`, and the server knows (RFC 5802 §6).
#[test]
fn a_downgrade_is_noticed() {
    let channel = channel("alice");
    let context = client::Context::new(channel.bindings.clone(), &[Mechanism::ScramSha256, Mechanism::Plain]);
    let credentials = Credentials::password("alice", Secret::new("secret"));
    let (_, initial) = client::Exchange::start(Mechanism::ScramSha256, credentials, &context).expect("it suits");
    for (offered, noticed) in [(&Mechanism::ALL[..], true), (&[Mechanism::ScramSha256], false)] {
        let context = Context::new("host", &channel, offered);
        let (_, step) = server::Exchange::start(Mechanism::ScramSha256, &context, initial.as_deref());
        assert_eq!(matches!(step, Step::Broken(_)), noticed, "{step:?}");
    }
}
