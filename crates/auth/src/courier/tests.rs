//! Both ways, and what nobody should send.

use proptest::prelude::*;
use sasl::Secret;

use super::*;

/// MISSION 004-24: the words of the protocol, to the octet.
#[test]
fn requests_as_courier_sends_them() {
    let pre = Request::Pre { module: None, service: "pop3".to_owned(), user: "brian".to_owned() };
    let asked = Asked { peer: Some("192.0.2.1".parse().unwrap()), request: pre };
    assert_eq!(asked.encode().unwrap().as_slice(), b"TCPREMOTEIP=192.0.2.1\nPRE . pop3 brian\n");
    let login = Proof::Login { user: "brian".to_owned(), password: Secret::new("a b") };
    let login = Request::Auth { service: "imap".to_owned(), proof: login };
    assert_eq!(login.encode().unwrap().as_slice(), b"AUTH 21\nimap\nlogin\nbrian\na b\n");
    let input = b"AUTH 44\nimap\ncram-md5\nPDE4OTZAaG9zdD4=\ndGltIGI5MTM=\n";
    let Ok(Some(Asked { peer: None, request: Request::Auth { service, proof } })) = Asked::decode(input) else {
        panic!()
    };
    let Proof::Cram { kind, challenge, response } = proof else { panic!() };
    assert_eq!((service.as_str(), kind.as_str()), ("imap", "cram-md5"));
    assert_eq!((challenge.as_slice(), response.as_slice()), (&b"<1896@host>"[..], &b"tim b913"[..]));
    let passwd = b"PASSWD imap\tbrian\told one\tnew\n";
    let Ok(Some(Asked { request, .. })) = Asked::decode(passwd) else { panic!() };
    assert_eq!(request.encode().unwrap().as_slice(), passwd);
    assert!(matches!(Asked::decode(b"ENUMERATE\n"), Ok(Some(Asked { request: Request::Enumerate, .. }))));
}

#[test]
fn what_has_not_come_yet_is_waited_for() {
    for input in [&b""[..], b"PRE . imap bri", b"TCPREMOTEIP=::1\n", b"AUTH 21\nimap\nlogin\nbrian\na b"] {
        assert_eq!(Asked::decode(input), Ok(None), "{input:?}");
    }
    assert_eq!(Reply::decode(b"UID=1\nGID=1\n"), Ok(None));
}

#[test]
fn hostile_requests() {
    let long = [b"PRE . imap ".to_vec(), vec![b'a'; 9000]].concat();
    for input in [
        &b"GET / HTTP/1.0\n"[..],
        b"AUTH 99999999999\n",
        b"AUTH 100000\n",
        b"AUTH -1\n",
        b"AUTH 5\nimap\n",
        b"AUTH 11\nimap\nlogin\n",
        b"AUTH 22\nimap\ncram-md5\n!!!\n!!!\n",
        b"PRE . imap\n",
        b"PRE . imap \n",
        b"PRE . imap \xff\n",
        b"PASSWD imap\tbrian\told\n",
        &long,
    ] {
        assert!(Asked::decode(input).is_err(), "{}", String::from_utf8_lossy(input));
    }
    let evil = Request::Pre { module: None, service: "imap".to_owned(), user: "a\nAUTH".to_owned() };
    assert_eq!(evil.encode().unwrap_err(), Malformed::Uncarriable("the user"));
}

#[test]
fn replies_as_courier_sends_them() {
    let text = b"UID=1001\nGID=1001\nHOME=/home/brian\nADDRESS=brian\nNAME=Brian\nPASSWD2=secret\nNEW=1\n.\n";
    let Ok(Some((Reply::Account(entry), length))) = Reply::decode(text) else { panic!() };
    assert_eq!((entry.uid, entry.home.as_deref(), length), (Some(1001), Some("/home/brian"), text.len()));
    assert_eq!(entry.passwd2, Some(Secret::new("secret")));
    assert_eq!(Reply::decode(b"FAIL\n"), Ok(Some((Reply::Fail, 5))));
    assert_eq!(Reply::decode(b"OK\nrest"), Ok(Some((Reply::Ok, 3))));
    for input in [&b"UID=x\n.\n"[..], b"rubbish\n", b"UID=1\nFAIL\n", &b"A=\n".repeat(200)] {
        assert!(Reply::decode(input).is_err());
    }
}

#[test]
fn lists_as_courier_sends_them() {
    let line = b"brian\t1001\t1001\t/home/brian\t\tdisableimap=1";
    let Ok(Listed::Account(row)) = Listed::decode(line) else { panic!() };
    assert_eq!((row.user.as_str(), row.uid, row.options.as_str()), ("brian", Some(1001), "disableimap=1"));
    assert_eq!(Listed::Account(row).encode().unwrap().as_slice(), [&line[..], b"\n"].concat());
    assert_eq!(Listed::decode(b"# userdb"), Ok(Listed::Module("userdb".to_owned())));
    assert_eq!((Listed::decode(b""), Listed::decode(b".")), (Ok(Listed::Empty), Ok(Listed::End)));
    assert!(Listed::decode(b"a\tb\tc").is_err() && Listed::decode(b"\t1\t1").is_err());
}

#[test]
fn an_account_is_whose_address_is_told() {
    let host = message::Domain::parse("mail.example.test").unwrap();
    let entry = |address: &str| Entry {
        address: Some(address.to_owned()),
        home: Some("/home/brian".to_owned()),
        ..Entry::default()
    };
    let account = |address: &str, asked: Option<&str>| {
        let asked = asked.map(|asked| message::Address::parse(asked).unwrap());
        entry(address).account(asked.as_ref(), &host).map(|account| account.address.to_string())
    };
    assert_eq!(account("brian@example.org", Some("b@example.test")).as_deref(), Ok("brian@example.org"));
    assert_eq!(account("brian", Some("brian@example.test")).as_deref(), Ok("brian@example.test"));
    assert_eq!(account("brian", None).as_deref(), Ok("brian@mail.example.test"));
    assert!(Entry::default().account(None, &host).is_err());
    let account = entry("brian@example.org").account(None, &host).unwrap();
    assert_eq!(account.maildir, std::path::Path::new("/home/brian/Maildir"));
    let told = Entry::of(&account, (8, 12));
    assert_eq!((told.uid, told.gid, told.home.as_deref()), (Some(8), Some(12), Some("/home/brian")));
}

fn word() -> impl Strategy<Value = String> {
    "[!-~äß]{1,40}"
}

fn secret() -> impl Strategy<Value = Secret> {
    proptest::collection::vec(any::<u8>().prop_filter("carriable", |o| !matches!(o, 0 | b'\n' | b'\t')), 0..60)
        .prop_map(Secret::new)
}

fn proof() -> impl Strategy<Value = Proof> {
    prop_oneof![
        (word(), secret()).prop_map(|(user, password)| Proof::Login { user, password }),
        (proptest::collection::vec(any::<u8>(), 0..99), proptest::collection::vec(any::<u8>(), 0..99))
            .prop_map(|(challenge, response)| Proof::Cram { kind: "cram-sha1".to_owned(), challenge, response }),
    ]
}

fn any_request() -> impl Strategy<Value = Request> {
    prop_oneof![
        (word(), word(), "[!-~][ -~]{0,20}").prop_map(|(module, service, user)| {
            let module = Some(module).filter(|module| module != ".");
            Request::Pre { module, service, user }
        }),
        (word(), proof()).prop_map(|(service, proof)| Request::Auth { service, proof }),
        (word(), word(), secret(), secret()).prop_map(|(service, user, old, new)| Request::Passwd {
            service,
            user,
            old,
            new
        }),
        Just(Request::Enumerate),
    ]
}

proptest! {
    #[test]
    fn requests_go_both_ways(peer: Option<std::net::IpAddr>, request in any_request()) {
        let asked = Asked { peer, request };
        let wire = asked.encode().unwrap();
        prop_assert_eq!(Asked::decode(&wire), Ok(Some(asked)));
        for end in 0..wire.len() {
            prop_assert_eq!(Asked::decode(&wire[..end]), Ok(None));
        }
    }

    #[test]
    fn replies_go_both_ways(uid: Option<u32>, home in proptest::option::of(word()), passwd2 in proptest::option::of(secret())) {
        let reply = Reply::Account(Box::new(Entry { uid, home, passwd2, ..Entry::default() }));
        let wire = reply.encode().unwrap();
        let length = wire.len();
        prop_assert_eq!(Reply::decode(&wire), Ok(Some((reply, length))));
    }

    #[test]
    fn whatever_comes_is_read_without_a_panic(octets: Vec<u8>) {
        drop(Asked::decode(&octets));
        drop(Reply::decode(&octets));
        drop(Listed::decode(&octets));
    }
}
