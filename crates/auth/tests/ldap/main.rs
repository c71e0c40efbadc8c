//! The module `ldap` against Debian's slapd (MISSION 004-20): a bind as the user, and what the directory keeps.
#![cfg(feature = "ldap")]

mod slapd;

use std::net::IpAddr;

use auth::{Attempt, Auth, Rejection, Resolution, Service, Told, Verdict};
use config::{Config, LdapTls};
use message::Address;
use sasl::{Evidence, Mechanism, PasswordEvidence, Secret};

use slapd::{RIGHT, Slapd};

/// A chain of `ldap` alone, with what `change` makes of its config.
fn chain(slapd: &Slapd, change: impl FnOnce(&mut config::Ldap)) -> Auth {
    let mut config = Config::example(slapd.dir.path());
    config.auth.chain = vec!["ldap".to_owned()];
    let ldap = &mut config.modules.ldap;
    ldap.url = vec![slapd.url("ldap")];
    ldap.base = Some("dc=example,dc=test".to_owned());
    ldap.bind_dn = Some("cn=gatepost,dc=example,dc=test".to_owned());
    ldap.bind_password_file = Some(slapd.path("service"));
    change(ldap);
    Auth::new(&config)
}

fn compare(ldap: &mut config::Ldap) {
    ldap.bind_as_user = false;
}

async fn explain(auth: &Auth, identity: &str, password: &str) -> Told {
    let attempt = Attempt::new(Service::Imap, IpAddr::from([192, 0, 2, 1]), true);
    let evidence = PasswordEvidence {
        mechanism: Mechanism::Plain,
        authzid: None,
        identity: identity.to_owned(),
        password: Secret::new(password),
    };
    auth.explain(attempt, Evidence::Password(evidence)).await
}

async fn login(auth: &Auth, identity: &str, password: &str) -> Verdict {
    explain(auth, identity, password).await.verdict
}

fn tempfail(verdict: Verdict) -> String {
    match verdict {
        Verdict::TempFail(tempfail) => tempfail.cause,
        other => panic!("{other:?} is no TEMPFAIL"),
    }
}

fn accepted(verdict: &Verdict) -> &auth::Account {
    match verdict {
        Verdict::Accept(account) => account,
        other => panic!("{other:?} is no ACCEPT"),
    }
}

fn why(auth: &Auth, mechanism: Mechanism) -> String {
    let offer = auth.offers(true).into_iter().find(|offer| offer.mechanism == mechanism).expect("a verdict on it");
    offer.why
}

/// The same logins have the same outcome in both modes, whatever form the password is kept in.
#[tokio::test]
async fn right_wrong_and_unknown_in_both_modes() {
    let slapd = Slapd::start(0);
    for auth in [chain(&slapd, |_| ()), chain(&slapd, compare)] {
        for user in ["ssha", "crypt", "clear"] {
            let name = format!("{user}@example.test");
            let verdict = login(&auth, &name, RIGHT).await;
            let account = accepted(&verdict);
            assert_eq!((account.address.to_string(), account.uid, account.gid), (name.clone(), Some(1000), Some(100)));
            assert_eq!(account.maildir.display().to_string(), format!("/home/{user}/Maildir"));
            assert_eq!(account.name, Some(format!("{user} Person")));
            for wrong in ["wrong", "", " right", "{SSHA}", "right\u{0}"] {
                assert_eq!(
                    login(&auth, &name, wrong).await,
                    Verdict::Reject(Rejection::WrongPassword),
                    "{user} {wrong:?}"
                );
            }
        }
        assert_eq!(login(&auth, "nobody@example.test", RIGHT).await, Verdict::Reject(Rejection::UnknownUser));
        let mut listed = Vec::new();
        let unlisted = auth.list(&mut |_, account| listed.push(account.expect("an account").maildir)).await;
        assert!(unlisted.is_empty(), "{unlisted:?}");
        assert_eq!(listed.len(), 6, "{listed:?}");
        assert!(listed.contains(&"/home/none/Maildir".into()), "{listed:?}");
        let twin = tempfail(login(&auth, "twin@example.test", RIGHT).await);
        assert!(twin.contains("(mail=twin@example.test) finds more than one entry"), "{twin}");
    }
}

/// RFC 4515 §3: what is a filter in a name stays a name.
#[tokio::test]
async fn hostile_names_are_names() {
    let slapd = Slapd::start(0);
    for auth in [chain(&slapd, |_| ()), chain(&slapd, compare)] {
        for name in
            ["*", "*)(uid=*", "ssha@example.test)(uid=*", "*@example.test", r"\2a", "ssha@example.test\\", "(", "ü*"]
        {
            assert_eq!(login(&auth, name, RIGHT).await, Verdict::Reject(Rejection::UnknownUser), "{name}");
        }
    }
}

/// RFC 4513 §5.1.2: slapd takes a bind without a password as anonymous, and says yes where that is allowed.
#[tokio::test]
async fn an_empty_password_is_never_sent() {
    let slapd = Slapd::start(0);
    let told = explain(&chain(&slapd, |_| ()), "ssha@example.test", "").await;
    assert_eq!(told.verdict, Verdict::Reject(Rejection::WrongPassword));
    assert!(told.lines.iter().any(|line| line.text.contains("an empty password is not sent")), "{:?}", told.lines);
}

/// MISSION 002-09: a server that is away is nobody's wrong password; when it is back, logins work again.
#[tokio::test]
async fn a_server_that_stops_and_comes_back() {
    let mut slapd = Slapd::start(0);
    for change in [|_: &mut config::Ldap| (), compare] {
        let auth = chain(&slapd, change);
        accepted(&login(&auth, "ssha@example.test", RIGHT).await);
        slapd.stop();
        for password in [RIGHT, "wrong"] {
            let cause = tempfail(login(&auth, "clear@example.test", password).await);
            assert!(cause.starts_with(&slapd.url("ldap")) && cause.contains("Connection refused"), "{cause}");
            assert!(cause.contains("is slapd running"), "{cause}");
        }
        slapd.run();
        accepted(&login(&auth, "clear@example.test", RIGHT).await);
        slapd.stop();
        slapd.run();
        // The kept connections are dead, and nobody notices.
        accepted(&login(&auth, "crypt@example.test", RIGHT).await);
    }
}

/// MISSION 002-09: that our own login is refused is not the user's wrong password.
#[tokio::test]
async fn our_own_login_is_not_the_users() {
    let slapd = Slapd::start(0);
    slapd.write("wrong", "not it\n");
    let refused = |change: fn(&mut config::Ldap)| {
        chain(&slapd, |ldap| {
            ldap.bind_password_file = Some(slapd.path("wrong"));
            change(ldap);
        })
    };
    for auth in [refused(|_| ()), refused(compare)] {
        let cause = tempfail(login(&auth, "ssha@example.test", RIGHT).await);
        assert!(cause.contains("invalidCredentials (49)") && cause.contains("auth.ldap.bind_password_file"), "{cause}");
    }
    let cause = tempfail(login(&chain(&slapd, |ldap| ldap.bind_password_file = Some("/none".into())), "a", "b").await);
    assert!(cause.contains("cannot read /none as uid"), "{cause}");
    let base = chain(&slapd, |ldap| ldap.base = Some("dc=elsewhere".to_owned()));
    let cause = tempfail(login(&base, "ssha@example.test", RIGHT).await);
    assert!(cause.contains("noSuchObject (32)"), "{cause}");
    let filter = tempfail(login(&chain(&slapd, |ldap| ldap.filter = "(mail=%u".to_owned()), "a", "b").await);
    assert!(filter.contains("is not a filter"), "{filter}");
}

#[tokio::test]
async fn every_way_to_the_server() {
    let slapd = Slapd::start(0);
    let ca = || Some(slapd.ca.ca.clone());
    let by = |scheme: &str, tls: LdapTls, ca_file| {
        chain(&slapd, |ldap| (ldap.url, ldap.tls, ldap.ca_file) = (vec![slapd.url(scheme)], tls, ca_file))
    };
    for auth in [by("ldapi", LdapTls::Url, None), by("ldaps", LdapTls::Url, ca()), by("ldap", LdapTls::StartTls, ca())]
    {
        accepted(&login(&auth, "ssha@example.test", RIGHT).await);
        assert_eq!(login(&auth, "ssha@example.test", "wrong").await, Verdict::Reject(Rejection::WrongPassword));
    }
    // An authority that nobody knows is no wrong password either.
    for auth in [by("ldaps", LdapTls::Url, None), by("ldap", LdapTls::StartTls, None)] {
        let cause = tempfail(login(&auth, "ssha@example.test", RIGHT).await);
        assert!(cause.contains("auth.ldap.ca_file"), "{cause}");
    }
    // TLS to the port that speaks in clear, and the other way round; what is no LDAP URL; a second server.
    let urls = |urls: Vec<String>| chain(&slapd, |ldap| (ldap.url, ldap.ca_file) = (urls, ca()));
    let crossed = urls(vec![slapd.url("ldap").replace("ldap:", "ldaps:")]);
    tempfail(login(&crossed, "ssha@example.test", RIGHT).await);
    for wrong in ["ldap:none", "http://localhost", "ldap://", "ldap:///", "ldapi://", "ldapi:///", "ldap://a b/", ""] {
        tempfail(login(&urls(vec![wrong.to_owned()]), "ssha@example.test", RIGHT).await);
    }
    tempfail(login(&urls(Vec::new()), "ssha@example.test", RIGHT).await);
    let second = urls(vec!["ldap://localhost:1".to_owned(), slapd.url("ldap")]);
    accepted(&login(&second, "ssha@example.test", RIGHT).await);
}

/// MISSION 000-09, FORMATS 2.9: LDAP_AUTHBIND means no hash, so no CRAM-MD5 and no SCRAM. Who compares counts.
#[tokio::test]
async fn what_can_be_verified() {
    let slapd = Slapd::start(600);
    let bind = chain(&slapd, |_| ());
    bind.survey().await;
    let said = why(&bind, Mechanism::CramMd5);
    assert!(said.contains("LDAP binds as the user, so no hash is available (LDAP_AUTHBIND)"), "{said}");
    let compared = chain(&slapd, compare);
    compared.survey().await;
    let said = why(&compared, Mechanism::CramMd5);
    assert!(said.contains("605 of 606 active accounts do not keep"), "{said}");
    let one = chain(&slapd, |ldap| (ldap.bind_as_user, ldap.all_filter) = (false, "(uid=clear)".to_owned()));
    one.survey().await;
    assert!(one.offers(true).iter().any(|offer| offer.mechanism == Mechanism::CramMd5 && offer.offered));
    let poor = chain(&slapd, |ldap| {
        compare(ldap);
        ldap.bind_dn = Some("cn=poor,dc=example,dc=test".to_owned());
    });
    poor.survey().await;
    let said = why(&poor, Mechanism::CramMd5);
    assert!(said.contains("sizeLimitExceeded (4)"), "{said}");
}

#[tokio::test]
async fn recipients_names_without_a_domain_and_options() {
    let slapd = Slapd::start(0);
    for change in [|_: &mut config::Ldap| (), compare] {
        let auth = chain(&slapd, |ldap| {
            change(ldap);
            ldap.filter = "(|(mail=%u)(uid=%u))".to_owned();
            ldap.options = Some("employeeType".to_owned());
        });
        let found = |name: &str| Address::parse(name).expect("an address");
        assert!(matches!(auth.resolve(&found("ssha@example.test")).await, Resolution::Account(_)));
        assert_eq!(auth.resolve(&found("nobody@example.test")).await, Resolution::Unknown);
        assert_eq!(login(&auth, "ssha", RIGHT).await, Verdict::Reject(Rejection::Disabled), "disableimap=1");
        assert_eq!(login(&auth, "ssha", "wrong").await, Verdict::Reject(Rejection::WrongPassword));
    }
}

/// A server that says what is not LDAP, or nothing, is a TEMPFAIL and ends no session.
#[tokio::test]
async fn what_is_not_ldap() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let slapd = Slapd::start(0);
    // Nonsense; a message without anything in it; a search result of the wrong type; nothing at all.
    let answers: [&[u8]; 4] = [b"220 mail ESMTP\r\n", &[0x30, 0], &[0x30, 5, 2, 1, 1, 0x6a, 0], b""];
    for answer in answers {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("ldap://{}", listener.local_addr().expect("an address"));
        let server = tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let _ = socket.read(&mut [0; 512]).await;
                let _ = socket.write_all(answer).await;
            }
        });
        let cause = tempfail(login(&chain(&slapd, |ldap| ldap.url = vec![url.clone()]), "a@example.test", "b").await);
        assert!(cause.contains(&url), "{cause}");
        server.abort();
    }
}
