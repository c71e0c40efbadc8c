//! The module `courier` against Debian's authdaemond.

mod authdaemond;

use std::io::Write;
use std::os::unix::net::UnixListener;
use std::path::Path;

use auth::{Attempt, Auth, Reach, Rejection, Resolution, Service, Told, Verdict};
use authdaemond::Authdaemond;
use config::{Config, OfferWhen};
use message::Address;
use sasl::{CramEvidence, Evidence, Mechanism, PasswordEvidence, Secret};

fn auth(socket: &Path, change: impl FnOnce(&mut Config)) -> Auth {
    let mut config = Config::example("/nowhere");
    config.auth.chain = vec!["courier".to_owned()];
    config.modules.courier.socket = socket.to_owned();
    change(&mut config);
    Auth::new(&config)
}

fn password(identity: &str, password: &str) -> Evidence {
    Evidence::Password(PasswordEvidence::new(Mechanism::Plain, identity.as_bytes(), password.as_bytes()).expect("fit"))
}

fn cram(identity: &str, password: &str) -> Evidence {
    let challenge = b"<1896.697170952@mail.example.test>".to_vec();
    let digest = sasl::cram::digest(&Secret::new(password), &challenge);
    Evidence::Cram(CramEvidence { identity: identity.to_owned(), challenge, digest })
}

async fn told(auth: &Auth, service: Service, evidence: Evidence) -> Told {
    auth.explain(Attempt::new(service, [192, 0, 2, 1].into(), true), evidence).await
}

async fn verdict(auth: &Auth, service: Service, evidence: Evidence) -> Verdict {
    told(auth, service, evidence).await.verdict
}

fn cram_offer(auth: &Auth) -> auth::Offer {
    auth.offers(true).into_iter().find(|offer| offer.mechanism == Mechanism::CramMd5).expect("every one is in the list")
}

/// MISSION 004-20, 004-23, 004-25.
#[tokio::test]
async fn logins_are_judged_by_authdaemond() {
    let daemon = Authdaemond::start();
    let auth = auth(&daemon.socket(), |_| ());
    auth.survey().await;
    let told = told(&auth, Service::Pop3, password("brian", "secret")).await;
    let Verdict::Accept(brian) = told.verdict else { panic!("{told:?}\n{}", daemon.log()) };
    assert_eq!(brian.address.to_string(), "brian@mail.example.test");
    assert_eq!((brian.uid, brian.gid, brian.name.as_deref()), (Some(1001), Some(1002), Some("Brian Candler")));
    assert_eq!(brian.maildir, daemon.home("brian").join("Maildir"));
    let words: Vec<_> = told.lines.iter().map(|line| line.text.as_str()).collect();
    assert!(words.iter().any(|text| text.contains("sysuserid=1001, sysgroupid=1002, homedir=")), "{words:?}");
    assert!(!format!("{words:?}").contains("secret"), "{words:?}");
    assert!(daemon.log().contains("received auth request, service=pop3, authtype=login"));

    let bar = verdict(&auth, Service::Smtp, password("bar@example.test", "secret")).await;
    let Verdict::Accept(bar) = bar else { panic!("{bar:?}") };
    assert_eq!((bar.maildir, bar.quota.as_deref()), (daemon.home("bar").join("mail"), Some("1000S")));
    for (name, text, reason) in [
        ("brian", "wrong", Rejection::WrongPassword),
        ("nobody", "secret", Rejection::UnknownUser),
        ("brian@example.test", "secret", Rejection::UnknownUser),
        ("bar@example.test", "secret", Rejection::Disabled),
    ] {
        assert_eq!(verdict(&auth, Service::Imap, password(name, text)).await, Verdict::Reject(reason), "{name}");
    }
}

#[tokio::test]
async fn a_name_without_a_domain_is_asked_as_typed_and_then_in_full() {
    let daemon = Authdaemond::start();
    let auth = auth(&daemon.socket(), |config| config.auth.default_domain = config.domains.first().cloned());
    for name in ["brian", "bar"] {
        let verdict = verdict(&auth, Service::Pop3, password(name, "secret")).await;
        let Verdict::Accept(account) = verdict else { panic!("{verdict:?}") };
        assert_eq!(account.address.to_string(), format!("{name}@example.test"));
    }
}

/// The daemon judges our challenge; but whether all accounts have a key for it, it tells nobody, so CRAM-MD5 is not offered
/// (MISSION 000-09).
#[tokio::test]
async fn cram_is_passed_on_and_not_offered() {
    let daemon = Authdaemond::start();
    let auth = auth(&daemon.socket(), |config| config.auth.offer_when = OfferWhen::All);
    auth.survey().await;
    assert!(matches!(verdict(&auth, Service::Pop3, cram("brian", "secret")).await, Verdict::Accept(_)));
    let not_possible = Verdict::Reject(Rejection::MechanismNotPossible);
    assert_eq!(verdict(&auth, Service::Pop3, cram("bar@example.test", "secret")).await, not_possible);
    let unknown = Verdict::Reject(Rejection::UnknownUser);
    assert_eq!(verdict(&auth, Service::Pop3, cram("nobody", "secret")).await, unknown);
    let offer = cram_offer(&auth);
    assert_eq!((offer.offered, offer.why.as_str()), (false, "courier: none of 2 accounts shows the password in clear"));
    assert!(auth.offers(true).iter().any(|offer| offer.mechanism == Mechanism::Plain && offer.offered));
}

#[tokio::test]
async fn recipients_are_looked_up() {
    let daemon = Authdaemond::start();
    let auth = auth(&daemon.socket(), |config| config.auth.default_domain = config.domains.first().cloned());
    for (recipient, maildir) in [
        ("bar@example.test", Some("bar/mail")),
        ("bar+news@example.test", Some("bar/mail")),
        ("brian@example.test", Some("brian/Maildir")),
        ("brian@example.org", None),
        ("nobody@example.test", None),
    ] {
        let found = auth.resolve(&Address::parse(recipient).expect("an address")).await;
        match (found, maildir) {
            (Resolution::Account(account), Some(maildir)) => assert_eq!(account.maildir, daemon.home(maildir)),
            (Resolution::Unknown, None) => {}
            (other, _) => panic!("{recipient}: {other:?}"),
        }
    }
}

/// MISSION 004-33: a daemon that is down is no wrong password.
#[tokio::test]
async fn what_cannot_be_reached_is_temporary_and_says_what_to_do() {
    let mut daemon = Authdaemond::start();
    let up = auth(&daemon.socket(), |_| ());
    assert!(matches!(verdict(&up, Service::Imap, password("brian", "secret")).await, Verdict::Accept(_)));
    daemon.stop();
    let Verdict::TempFail(why) = verdict(&up, Service::Imap, password("brian", "secret")).await else { panic!() };
    assert!(why.cause.contains("Connection refused") && why.cause.contains("start authdaemond"), "{why}");
    let missing = auth(Path::new("/nowhere/socket"), |_| ());
    missing.survey().await;
    let Verdict::TempFail(why) = verdict(&missing, Service::Imap, password("brian", "x")).await else { panic!() };
    let uid = rustix::process::geteuid().as_raw();
    assert!(why.cause.starts_with(&format!("cannot connect to /nowhere/socket as uid {uid}: No such file")), "{why}");
    assert!(why.cause.contains("/run/courier/authdaemon/socket"), "{why}");
    assert!(matches!(missing.modules()[0].reach, Reach::Fails { .. }));
    // A password is taken, to be answered as temporary: a server that comes up before Courier does not say "no login here".
    let offered = missing.offers(true);
    let offered: Vec<_> = offered.iter().filter(|offer| offer.offered).collect();
    assert!(!offered.is_empty() && offered.iter().all(|offer| offer.mechanism.sends_secret()));
    assert!(offered.iter().all(|offer| offer.why.contains("cannot tell now")), "{offered:?}");
    let Resolution::TempFail(_) = missing.resolve(&Address::parse("a@example.test").expect("an address")).await else {
        panic!("mail must wait")
    };
}

/// FORMATS 2.6: an end before the dot says "could not tell". The real daemon does so only when one of its stores fails.
#[tokio::test]
async fn an_answer_without_its_end_is_temporary() {
    let dir = tempfile::tempdir().expect("a folder");
    let socket = dir.path().join("socket");
    let listener = UnixListener::bind(&socket).expect("a socket");
    let answers = [&b""[..], b"UID=1\nHOME=/\n", b"rubbish\n", b"UID=1\n.\n"];
    let fake = std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("a client");
            let mut buffer = [0; 1024];
            drop(std::io::Read::read(&mut stream, &mut buffer));
            drop(stream.write_all(answer));
        }
    });
    let auth = auth(&socket, |_| ());
    for answer in answers {
        let verdict = verdict(&auth, Service::Imap, password("brian", "secret")).await;
        assert!(matches!(verdict, Verdict::TempFail(_)), "{answer:?}: {verdict:?}");
    }
    fake.join().expect("no panic");
}
