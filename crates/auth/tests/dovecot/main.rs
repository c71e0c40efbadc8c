//! The module `dovecot` against Debian's Dovecot.

mod service;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixListener;
use std::path::Path;

use auth::{Attempt, Auth, Offer, Rejection, Resolution, Service as For, Verdict};
use config::Config;
use message::Address;
use sasl::{Evidence, Mechanism, PasswordEvidence, Secret, TokenEvidence};
use service::Service;

fn auth(socket: &Path, userdb: Option<&Path>, change: impl FnOnce(&mut Config)) -> Auth {
    let mut config = Config::example("/data");
    config.auth.chain = vec!["dovecot".to_owned()];
    config.modules.dovecot.socket = socket.to_owned();
    config.modules.dovecot.userdb_socket = userdb.map(Path::to_owned);
    change(&mut config);
    Auth::new(&config)
}

fn password(identity: &str, password: &str) -> Evidence {
    Evidence::Password(PasswordEvidence::new(Mechanism::Login, identity.as_bytes(), password.as_bytes()).expect("fit"))
}

async fn verdict(auth: &Auth, evidence: Evidence) -> Verdict {
    auth.explain(Attempt::new(For::Imap, [192, 0, 2, 1].into(), true), evidence).await.verdict
}

fn offer(auth: &Auth, mechanism: Mechanism) -> Offer {
    auth.offers(true).into_iter().find(|offer| offer.mechanism == mechanism).expect("every one is in the list")
}

/// MISSION 004-20, 004-23.
#[tokio::test]
async fn logins_are_judged_by_dovecot_and_the_userdb_tells_the_rest() {
    let service = Service::start("plain login cram-md5");
    let auth = auth(&service.socket("auth-client"), Some(&service.socket("auth-userdb")), |_| ());
    auth.survey().await;
    let found = verdict(&auth, password("bar@example.test", "secret")).await;
    let Verdict::Accept(bar) = found else { panic!("{found:?}\n{}", service.log()) };
    assert_eq!((bar.uid, bar.gid, bar.quota.as_deref()), (Some(1003), Some(1003), Some("1000S")));
    assert_eq!(bar.maildir, service.path("home/bar/mail"));
    let Verdict::Accept(brian) = verdict(&auth, password("brian", "secret")).await else { panic!() };
    assert_eq!(brian.address.to_string(), "brian@mail.example.test");
    assert_eq!(brian.maildir, service.path("home/brian/Maildir"));
    for (name, text, why) in [
        ("brian", "wrong", Rejection::WrongPassword),
        ("nobody", "secret", Rejection::UnknownUser),
        ("brian@example.test", "secret", Rejection::UnknownUser),
    ] {
        assert_eq!(verdict(&auth, password(name, text)).await, Verdict::Reject(why), "{name}");
    }
}

#[tokio::test]
async fn without_the_userdb_mail_lies_in_our_folder() {
    let service = Service::start("plain");
    let auth = auth(&service.socket("auth-client"), None, |_| ());
    let Verdict::Accept(bar) = verdict(&auth, password("bar@example.test", "secret")).await else { panic!() };
    assert_eq!(bar.maildir, Path::new("/data/mail/example.test/bar"));
    assert_eq!(verdict(&auth, password("nobody", "x")).await, Verdict::Reject(Rejection::WrongPassword));
    let bar = Address::parse("bar@example.test").expect("an address");
    assert_eq!(auth.resolve(&bar).await, Resolution::Unknown);
}

/// MISSION 000-09: what Dovecot has but cannot be passed on is not offered, and the reason is said.
#[tokio::test]
async fn what_is_offered_is_what_can_be_passed_on() {
    let service = Service::start("plain cram-md5");
    let auth = auth(&service.socket("auth-client"), None, |_| ());
    auth.survey().await;
    assert!(offer(&auth, Mechanism::Plain).offered && offer(&auth, Mechanism::Login).offered);
    let cram = offer(&auth, Mechanism::CramMd5);
    assert!(!cram.offered && cram.why.contains("the challenge would have to come from Dovecot"), "{}", cram.why);
    assert!(!offer(&auth, Mechanism::XOAuth2).offered);
    drop(service);
    let other = Service::start("cram-md5");
    let auth = self::auth(&other.socket("auth-client"), None, |_| ());
    auth.survey().await;
    let plain = offer(&auth, Mechanism::Plain);
    assert!(!plain.offered && plain.why.contains("it does not have PLAIN"), "{}", plain.why);
    let not_possible = Verdict::Reject(Rejection::MechanismNotPossible);
    assert_eq!(verdict(&auth, password("brian", "secret")).await, not_possible);
}

#[tokio::test]
async fn recipients_are_looked_up_in_the_userdb() {
    let service = Service::start("plain");
    let auth = auth(&service.socket("auth-client"), Some(&service.socket("auth-userdb")), |config| {
        config.auth.default_domain = config.domains.first().cloned();
    });
    for (recipient, maildir) in [
        ("bar@example.test", Some("home/bar/mail")),
        ("Bar+news@example.test", Some("home/bar/mail")),
        ("brian@example.test", Some("home/brian/Maildir")),
        ("brian@example.org", None),
        ("nobody@example.test", None),
    ] {
        match (auth.resolve(&Address::parse(recipient).expect("an address")).await, maildir) {
            (Resolution::Account(account), Some(maildir)) => assert_eq!(account.maildir, service.path(maildir)),
            (Resolution::Unknown, None) => {}
            (other, _) => panic!("{recipient}: {other:?}"),
        }
    }
}

/// MISSION 004-33: Dovecot's own `temp`, and a Dovecot that is gone.
#[tokio::test]
async fn what_cannot_be_told_is_temporary() {
    let mut service = Service::broken();
    let auth = auth(&service.socket("auth-client"), None, |_| ());
    let Verdict::TempFail(why) = verdict(&auth, password("brian", "secret")).await else { panic!("{}", service.log()) };
    assert!(why.cause.contains("Dovecot could not tell"), "{why}");
    service.stop();
    let Verdict::TempFail(why) = verdict(&auth, password("brian", "secret")).await else { panic!() };
    let uid = rustix::process::geteuid().as_raw();
    assert!(why.cause.contains(&format!("as uid {uid}: ")) && why.cause.contains("Dovecot"), "{why}");
}

/// Codes that this Dovecot has no store for: a server that says them.
#[tokio::test]
async fn codes_are_told_apart() {
    let dir = tempfile::tempdir().expect("a folder");
    let socket = dir.path().join("socket");
    let listener = UnixListener::bind(&socket).expect("a socket");
    let cases = [
        ("FAIL\t1\tuser=a\tcode=user_disabled", Rejection::Disabled),
        ("FAIL\t1\tuser=a\tuser_disabled", Rejection::Disabled),
        ("FAIL\t1\tuser=a\tcode=pass_expired", Rejection::Expired),
        ("CONT\t1\teyJzIjoiNDAxIn0=\nFAIL\t1\tuser=a", Rejection::WrongPassword),
        ("FAIL\t1\tuser=a\tcode=authz_fail", Rejection::Authzid),
    ];
    let fake = std::thread::spawn(move || {
        let mut seen = Vec::new();
        for (answer, _) in cases {
            let mut stream = BufReader::new(listener.accept().expect("a client").0);
            let greeting = b"VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nMECH\tXOAUTH2\nMECH\tOAUTHBEARER\nSPID\t1\nDONE\n";
            stream.get_mut().write_all(greeting).expect("it reads");
            let mut line = String::new();
            while !line.starts_with("AUTH") {
                line.clear();
                stream.read_line(&mut line).expect("a line");
            }
            seen.push(line);
            stream.get_mut().write_all(format!("{answer}\n").as_bytes()).expect("it reads");
            // What it says to a challenge is read, so that nothing is lost.
            drop(std::io::Read::read_to_end(&mut stream, &mut Vec::new()));
        }
        seen
    });
    let auth = auth(&socket, None, |_| ());
    for (answer, why) in cases {
        let (mechanism, identity, token) = (Mechanism::XOAuth2, "a@example.test".to_owned(), Secret::new("token"));
        let evidence = match answer.starts_with("CONT") {
            true => Evidence::Token(TokenEvidence { mechanism, identity, token }),
            false => password("a@example.test", "secret"),
        };
        assert_eq!(verdict(&auth, evidence).await, Verdict::Reject(why), "{answer}");
    }
    let seen = fake.join().expect("no panic");
    assert!(
        seen[0].contains(
            "service=imap\tnologin\tno-penalty\trip=192.0.2.1\tsecured\tresp=AGFAZXhhbXBsZS50ZXN0AHNlY3JldA=="
        )
    );
    // user=a@example.test^Aauth=Bearer token^A^A
    assert!(
        seen[3].contains("\tXOAUTH2\t")
            && seen[3].contains("resp=dXNlcj1hQGV4YW1wbGUudGVzdAFhdXRoPUJlYXJlciB0b2tlbgEB")
    );
}
