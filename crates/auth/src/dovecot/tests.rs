//! Both ways, and what nobody should send.

use proptest::prelude::*;
use sasl::Secret;

use super::*;

/// FORMATS 2.10: as Postfix and Dovecot write it.
#[test]
fn lines_as_postfix_and_dovecot_write_them() {
    let line = b"AUTH\t7\tPLAIN\tservice=smtp\tnologin\tlip=127.0.0.1\trip=192.0.2.1\tsecured\tresp=AGEAYg==";
    let Ok(ClientSays::Auth(auth)) = ClientSays::decode(line) else { panic!() };
    assert_eq!((auth.id, auth.mechanism.as_str(), auth.params.get("rip")), (7, "PLAIN", Some("192.0.2.1")));
    assert!(auth.params.has("secured") && auth.params.has("nologin") && !auth.params.has("resp"));
    assert_eq!(auth.response, Some(Secret::new(*b"\0a\0b")));
    assert_eq!(ClientSays::Auth(auth).encode().as_slice(), [&line[..], b"\n"].concat());
    let mech = ServerSays::Mech("CRAM-MD5".to_owned(), Params::default().flag("dictionary").flag("active"));
    assert_eq!(mech.encode().as_slice(), b"MECH\tCRAM-MD5\tdictionary\tactive\n");
    let fail = ServerSays::decode(b"FAIL\t7\tuser=a@b\tcode=temp_fail\ttemp").expect("right");
    let ServerSays::Fail(7, params) = fail else { panic!() };
    assert_eq!((params.get("code"), params.has("temp")), (Some("temp_fail"), true));
    assert_eq!(ClientSays::decode(b"CONT\t7\t"), Ok(ClientSays::Cont(7, Secret::new(*b""))));
    assert_eq!(ClientSays::decode(b"CONT\t7"), Ok(ClientSays::Cont(7, Secret::new(*b""))));
    let Ok(Tells::User(1, user, params)) = Tells::decode(b"USER\t1\ta\tuid=5\tgid=6\thome=/h\x01t") else { panic!() };
    assert_eq!((user.as_str(), params.get("home")), ("a", Some("/h\t")));
}

#[test]
fn initial_responses_may_be_none_or_empty() {
    let response = |line: &[u8]| match ClientSays::decode(line) {
        Ok(ClientSays::Auth(auth)) => auth.response,
        other => panic!("{other:?}"),
    };
    assert_eq!(response(b"AUTH\t1\tLOGIN\tservice=smtp"), None);
    assert_eq!(response(b"AUTH\t1\tLOGIN\tservice=smtp\tresp="), Some(Secret::new(*b"")));
    assert_eq!(response(b"AUTH\t1\tLOGIN\tservice=smtp\tresp=="), Some(Secret::new(*b"")));
}

#[test]
fn hostile_lines() {
    let many = [b"AUTH\t1\tPLAIN".to_vec(), b"\ta".repeat(200)].concat();
    let long = [b"CONT\t1\t".to_vec(), b"A".repeat(LINE)].concat();
    for line in [
        &b"AUTH"[..],
        b"AUTH\tx\tPLAIN",
        b"AUTH\t-1\tPLAIN",
        b"AUTH\t1",
        b"AUTH\t1\tPLAIN\tresp=!!!",
        b"AUTH\t1\tPL\x01xAIN",
        b"AUTH\t1\tPLAIN\tuser=\xff",
        b"CONT\t99999999999\t",
        b"CONT\t1\t***",
        b"VERSION\t1",
        &many,
        &long,
    ] {
        assert!(ClientSays::decode(line).is_err(), "{}", String::from_utf8_lossy(line));
    }
    assert_eq!(ClientSays::decode(b"NEW\twords"), Ok(ClientSays::Other));
}

fn params() -> impl Strategy<Value = Params> {
    proptest::collection::vec(("[a-z]{1,8}", proptest::option::of(".{0,20}")), 0..6).prop_map(|pairs| {
        let named = pairs.into_iter().filter(|(name, _)| name != "resp");
        named.fold(Params::default(), |params, (name, value)| match value {
            Some(value) => params.with(&name, value),
            None => params.flag(&name),
        })
    })
}

fn data() -> impl Strategy<Value = Secret> {
    proptest::collection::vec(any::<u8>(), 0..100).prop_map(Secret::new)
}

proptest! {
    #[test]
    fn a_clients_lines_go_both_ways(id: u32, mechanism in ".{1,20}", params in params(), data in data(), with: bool) {
        let response = with.then(|| data.clone());
        for says in [ClientSays::Auth(Auth { id, mechanism, params, response }), ClientSays::Cont(id, data), ClientSays::Cpid(id)] {
            let line = says.encode();
            prop_assert_eq!(ClientSays::decode(line.strip_suffix(b"\n").unwrap()), Ok(says));
        }
    }

    #[test]
    fn a_servers_lines_go_both_ways(id: u32, text in ".{0,20}", params in params(), data in data()) {
        for says in [
            ServerSays::Ok(id, params.clone()),
            ServerSays::Fail(id, params.clone()),
            ServerSays::Mech(text.clone(), params.clone()),
            ServerSays::Cont(id, data),
            ServerSays::Cookie(text.clone()),
        ] {
            let line = says.encode();
            prop_assert_eq!(ServerSays::decode(line.strip_suffix(b"\n").unwrap()), Ok(says));
        }
        for tells in [Tells::User(id, text.clone(), params.clone()), Tells::NotFound(id), Tells::Fail(id, params.clone())] {
            let line = tells.encode();
            prop_assert_eq!(Tells::decode(line.strip_suffix(b"\n").unwrap()), Ok(tells));
        }
        let asks = Asks::User(id, text, params);
        let line = asks.encode();
        prop_assert_eq!(Asks::decode(line.strip_suffix(b"\n").unwrap()), Ok(asks));
    }

    #[test]
    fn whatever_comes_is_read_without_a_panic(octets: Vec<u8>) {
        drop(ClientSays::decode(&octets));
        drop(ServerSays::decode(&octets));
        drop(Asks::decode(&octets));
        drop(Tells::decode(&octets));
    }
}
