//! The server's side of SCRAM against the RFCs' examples and hostile clients.

use super::*;
use crate::{Channel, Secret};

const FIRST: &str = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
const OURS: &str = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const FINAL: &str = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                     p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

/// One that waits for the client's first message, in clear.
fn begin(mechanism: Mechanism, nonce: &str) -> Scram {
    Scram::with_nonce(mechanism, &Context::clear("host"), nonce.to_owned())
}

fn start(mechanism: Mechanism, plus_offered: bool, bindings: Bindings) -> Start {
    let hash = mechanism.scram_hash().unwrap();
    Start { mechanism, hash, nonce: "xyz".to_owned(), bindings, plus_offered }
}

fn bindings() -> Bindings {
    Bindings { exporter: Some([7; 32]), server_end_point: None }
}

fn keys() -> Keys {
    Keys::derive(Hash::Sha256, b"pencil", base64("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap(), 4096)
}

fn text(step: Step) -> String {
    match step {
        Step::Challenge(octets) => String::from_utf8(octets).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn until_final(first: &str) -> Scram {
    let mut scram = begin(Mechanism::ScramSha256, OURS);
    assert!(matches!(scram.read(first.as_bytes()).unwrap(), Step::NeedKeys { .. }));
    scram.keys(keys()).unwrap();
    scram
}

/// RFC 7677 §3.
#[test]
fn the_example_of_rfc_7677() {
    let mut scram = begin(Mechanism::ScramSha256, OURS);
    let step = scram.read(FIRST.as_bytes()).unwrap();
    assert!(matches!(step, Step::NeedKeys { identity, hash: Hash::Sha256 } if identity == "user"));
    let server_first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    assert_eq!(text(scram.keys(keys()).unwrap()), server_first);
    let Step::Judge(Evidence::Scram(evidence)) = scram.read(FINAL.as_bytes()).unwrap() else { panic!() };
    assert!(evidence.verify(&keys()) && evidence.verify_password(&Secret::new("pencil")));
    assert!(!evidence.verify(&Keys::derive(Hash::Sha256, b"pen", keys().salt, 4096)));
    assert!(!evidence.verify_password(&Secret::new("pen")));
    assert_eq!(text(scram.accepted().unwrap()), "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    assert!(matches!(scram.read(b"").unwrap(), Step::Done));
}

/// RFC 5802 §5.
#[test]
fn the_example_of_rfc_5802() {
    let mut scram = begin(Mechanism::ScramSha1, "3rfcNHYJY1ZVvWVs7j");
    let step = scram.read(b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL").unwrap();
    assert!(matches!(step, Step::NeedKeys { identity, hash: Hash::Sha1 } if identity == "user"));
    let keys = || Keys::derive(Hash::Sha1, b"pencil", base64("QSXCR+Q6sek8bf92").unwrap(), 4096);
    let server_first = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
    assert_eq!(text(scram.keys(keys()).unwrap()), server_first);
    let last = b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=";
    let Step::Judge(Evidence::Scram(evidence)) = scram.read(last).unwrap() else { panic!() };
    assert!(evidence.verify(&keys()) && evidence.mechanism == Mechanism::ScramSha1);
    assert_eq!(text(scram.accepted().unwrap()), "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
}

#[test]
fn authorization_identities_are_read() {
    let start = start(Mechanism::ScramSha256, false, Bindings::NONE);
    let client = ClientFirst::parse("y,a=boss=2Cthe,n=us=3Der,r=abc,ext=1", &start).unwrap();
    assert_eq!((client.authzid.as_deref(), client.identity.as_str()), (Some("boss,the"), "us=er"));
    assert_eq!((client.binding.as_slice(), client.nonce.as_str()), (&b"y,a=boss=2Cthe,"[..], "abcxyz"));
}

/// RFC 5802 §6, RFC 9266 §2: every flag under both forms, offered and not.
#[test]
fn flags_of_channel_binding() {
    let data = |mechanism, plus_offered, flag: &str| {
        start(mechanism, plus_offered, bindings()).channel_data(flag).map(<[u8]>::to_vec).ok()
    };
    let (plain, plus) = (Mechanism::ScramSha256, Mechanism::ScramSha256Plus);
    assert_eq!(data(plus, true, "p=tls-exporter"), Some(vec![7; 32]));
    for flag in ["n", "y", "p=tls-unique", "p=tls-server-end-point", "p=", "P=tls-exporter", "x", ""] {
        assert_eq!(data(plus, true, flag), None, "{flag}");
    }
    assert_eq!((data(plain, false, "y"), data(plain, true, "y")), (Some(vec![]), None));
    assert_eq!((data(plain, false, "n"), data(plain, true, "n")), (Some(vec![]), Some(vec![])));
    assert_eq!((data(plain, true, "p=tls-exporter"), data(plain, false, "z")), (None, None));
}

#[test]
fn the_channels_data_must_come_back() {
    let channel = Channel { bindings: bindings(), certificate: None };
    let context = Context::new("host", &channel, &Mechanism::ALL);
    let last = |data: &[u8]| {
        let mut scram = Scram::with_nonce(Mechanism::ScramSha256Plus, &context, "xyz".to_owned());
        scram.read(b"p=tls-exporter,,n=user,r=abc").unwrap();
        scram.keys(keys()).unwrap();
        let binding = to_base64(&[b"p=tls-exporter,,", data].concat());
        scram.read(format!("c={binding},r=abcxyz,p={}", to_base64(&[0; 32])).as_bytes()).is_ok()
    };
    assert!(last(&[7; 32]) && !last(&[8; 32]) && !last(&[]));
}

#[test]
fn keys_of_another_hash_are_refused() {
    let mut scram = begin(Mechanism::ScramSha1, OURS);
    scram.read(FIRST.as_bytes()).unwrap();
    assert!(scram.keys(keys()).is_err());
}

#[test]
fn hostile_first_messages() {
    for first in [
        "",
        "n",
        "n,,",
        "p=tls-unique,,n=user,r=abc",
        "x,,n=user,r=abc",
        "n,user,n=user,r=abc",
        "n,,m=ext,n=user,r=abc",
        "n,,n=,r=abc",
        "n,,n=us=er,r=abc",
        "n,,n=user",
        "n,,n=user,r=",
        "n,,n=user,r=a\u{e9}",
        "n,,n=us\0er,r=abc",
    ] {
        assert!(begin(Mechanism::ScramSha256, OURS).read(first.as_bytes()).is_err(), "{first}");
    }
    assert!(begin(Mechanism::ScramSha256, OURS).read(b"n,,n=us\xffer,r=abc").is_err());
}

#[test]
fn hostile_final_messages() {
    let other_nonce = FINAL.replace("k0,", "k1,");
    let other_binding = FINAL.replace("c=biws", "c=eSws");
    let sha1 = FINAL.replace("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
    let lost = [FINAL.replace("p=dHzb", "p="), FINAL.replace(",p=", ",q=")];
    for last in ["", "p=abc", &other_nonce, &other_binding, &sha1, &lost[0], &lost[1]] {
        let mut scram = until_final(FIRST);
        assert!(scram.read(last.as_bytes()).is_err(), "{last}");
        assert!(scram.accepted().is_err(), "a broken exchange stays broken");
    }
}

#[test]
fn the_signature_is_not_given_before_the_proof_was_judged() {
    assert!(until_final(FIRST).accepted().is_err());
    assert!(begin(Mechanism::ScramSha256, OURS).keys(keys()).is_err());
}
