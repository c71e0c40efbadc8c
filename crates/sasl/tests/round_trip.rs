//! Our client against our server, and hostile octets against both.

use proptest::prelude::*;
use sasl::server::Step;
use sasl::{Evidence, Mechanism, Secret, client, scram, server};

const SALT: &[u8] = b"0123456789abcdef";

/// Judges as the auth chain would.
fn judge(evidence: &Evidence, user: &str, password: &Secret) -> bool {
    let right = match evidence {
        Evidence::Password(e) => e.password == *password,
        Evidence::Cram(e) => e.verify(password),
        Evidence::Scram(e) => e.verify(&keys(password)),
    };
    right && evidence.identity() == user && evidence.authzid().is_none()
}

fn keys(password: &Secret) -> scram::Keys {
    scram::Keys::derive(password.expose(), SALT.to_vec(), scram::MIN_ITERATIONS)
}

/// Runs a whole login; whether both sides are content.
fn login(mechanism: Mechanism, user: &str, theirs: &Secret, ours: &Secret) -> bool {
    let credentials = client::Credentials { user: user.to_owned(), password: theirs.clone() };
    let (mut client, initial) = client::Exchange::start(mechanism, credentials);
    let (mut server, mut step) = server::Exchange::start(mechanism, "mail.example.test", initial.as_deref());
    loop {
        step = match step {
            Step::Challenge(challenge) => {
                server.respond(&client.respond(&challenge).expect("our server keeps the rules"))
            }
            Step::NeedKeys(identity) => {
                assert_eq!(identity, user);
                server.keys(keys(ours))
            }
            Step::Judge(evidence) if judge(&evidence, user, ours) => server.accepted(),
            Step::Judge(_) => return false,
            Step::Done => return client.finish().is_ok(),
            Step::Broken(broken) => panic!("{broken}"),
        }
    }
}

fn mechanisms() -> impl Strategy<Value = Mechanism> {
    proptest::sample::select(&Mechanism::ALL[..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Names that SASLprep leaves alone, any password that may be sent.
    #[test]
    fn the_right_password_gets_in(mechanism in mechanisms(), user in "[a-z=,.+ -]{1,40}@[a-z]{1,9}", password in "[^\0\r\n]{1,60}") {
        let password = Secret::new(password);
        prop_assert!(login(mechanism, &user, &password, &password));
    }

    #[test]
    fn a_wrong_password_does_not(mechanism in mechanisms(), theirs in "[ -~]{1,20}", ours in "[ -~]{1,20}") {
        prop_assume!(theirs != ours);
        prop_assert!(!login(mechanism, "alice@example.test", &Secret::new(theirs), &Secret::new(ours)));
    }

    /// Nothing that a client sends gets it in or makes the server panic.
    #[test]
    fn a_hostile_client_gets_nowhere(mechanism in mechanisms(), messages in proptest::collection::vec(any::<Vec<u8>>(), 1..5)) {
        let (mut server, mut step) = server::Exchange::start(mechanism, "host", messages.first().map(Vec::as_slice));
        for message in &messages {
            match step {
                Step::Judge(evidence) => {
                    prop_assert!(!judge(&evidence, "alice@example.test", &Secret::new("correct horse battery staple")));
                    return Ok(());
                }
                Step::NeedKeys(_) => step = server.keys(keys(&Secret::new("x"))),
                Step::Challenge(_) => step = server.respond(message),
                Step::Broken(_) => return Ok(()),
                Step::Done => prop_assert!(false, "nobody was judged"),
            }
        }
    }

    /// A client that a server plays with never believes it.
    #[test]
    fn a_hostile_server_is_not_believed(challenges in proptest::collection::vec(any::<Vec<u8>>(), 0..4)) {
        let credentials = client::Credentials { user: "alice".to_owned(), password: Secret::new("secret") };
        let (mut client, _) = client::Exchange::start(Mechanism::ScramSha256, credentials);
        for challenge in &challenges {
            prop_assert!(client.respond(challenge).is_err());
        }
        prop_assert!(client.finish().is_err());
    }
}
