//! The client's side of SCRAM against the RFCs' examples and hostile servers.

use super::*;

const SERVER_FIRST: &str = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

fn start(mechanism: Mechanism, context: &Context, nonce: &str) -> (Scram, Vec<u8>) {
    Scram::start(mechanism, "user", context, nonce.to_owned()).unwrap()
}

fn begun() -> Scram {
    let (scram, first) = start(Mechanism::ScramSha256, &Context::default(), "rOprNGfwEbeRWgbNEkqO");
    assert_eq!(first, b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    scram
}

fn respond(scram: &mut Scram, challenge: &str) -> Result<String, ServerError> {
    let response = scram.respond(challenge.as_bytes(), &Secret::new("pencil"))?;
    Ok(String::from_utf8(response).unwrap())
}

/// RFC 7677 §3.
#[test]
fn the_example_of_rfc_7677() {
    let mut scram = begun();
    let last = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    assert_eq!(respond(&mut scram, SERVER_FIRST).as_deref(), Ok(last));
    assert!(!scram.is_proven());
    assert_eq!(respond(&mut scram, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").as_deref(), Ok(""));
    assert!(scram.is_proven());
}

/// RFC 5802 §5.
#[test]
fn the_example_of_rfc_5802() {
    let (mut scram, first) = start(Mechanism::ScramSha1, &Context::default(), "fyko+d2lbbFgONRv9qkxdawL");
    assert_eq!(first, b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
    let last = "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=";
    let server_first = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
    assert_eq!(respond(&mut scram, server_first).as_deref(), Ok(last));
    assert_eq!(respond(&mut scram, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=").as_deref(), Ok(""));
    assert!(scram.is_proven());
}

/// RFC 5802 §6: `n` in clear, `y` where the list may have been changed, `p` with the best that there is.
#[test]
fn flags_of_channel_binding() {
    let exporter = Bindings { exporter: Some([7; 32]), server_end_point: Some(vec![8; 32]) };
    let end_point = Bindings { exporter: None, ..exporter.clone() };
    let header = |mechanism, bindings: &Bindings, plus_offered| {
        let context = Context { bindings: bindings.clone(), plus_offered };
        gs2(mechanism, &context).map(|(header, data)| (header, data.to_vec()))
    };
    let (plain, plus) = (Mechanism::ScramSha256, Mechanism::ScramSha256Plus);
    let of = |header: &str, data: &[u8]| Some((header.to_owned(), data.to_vec()));
    assert_eq!(header(plain, &Bindings::NONE, false), of("n,,", b""));
    assert_eq!(header(plain, &exporter, false), of("y,,", b""));
    assert_eq!(header(plain, &exporter, true), of("n,,", b""));
    assert_eq!(header(plus, &exporter, true), of("p=tls-exporter,,", &[7; 32]));
    assert_eq!(header(plus, &end_point, true), of("p=tls-server-end-point,,", &[8; 32]));
    assert_eq!(header(plus, &Bindings::NONE, true), None);
}

#[test]
fn a_server_that_does_not_know_us_is_not_believed() {
    for last in ["v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=", "v=", "e=invalid-proof", "", "v=AAAA"] {
        let mut scram = begun();
        respond(&mut scram, SERVER_FIRST).unwrap();
        assert!(respond(&mut scram, last).is_err(), "{last}");
        assert!(!scram.is_proven());
    }
}

#[test]
fn hostile_first_messages() {
    let few = SERVER_FIRST.replace("i=4096", "i=4095");
    let many = SERVER_FIRST.replace("i=4096", "i=4000000000");
    let other = SERVER_FIRST.replace("r=rO", "r=rX");
    let nothing_added = "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    for first in [few.as_str(), &many, &other, nothing_added, "", "m=x,r=a", "r=rOprNGfwEbeRWgbNEkqOa,s=!,i=4096"] {
        assert!(respond(&mut begun(), first).is_err(), "{first}");
    }
    assert!(begun().respond(b"\xff", &Secret::new("pencil")).is_err());
}
