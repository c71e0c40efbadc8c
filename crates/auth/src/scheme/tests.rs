use std::io::Write;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use sasl::{CramEvidence, Evidence};

use super::*;

mod hostile;

/// Of those that `doveadm pw -l` lists, the ones that are broken by design, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("OTP", "a password for one login; nothing else can be verified with it"),
    ("DIGEST-MD5", "for a mechanism that RFC 6331 has put to rest, and bound to its realm"),
    ("PLAIN-MD4", "MD4 without salt"),
    ("PLAIN-TRUNC", "a password of which a part is enough"),
];

fn run(program: &str, arguments: &[&str], input: &str) -> String {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{program}: {error} (./test installs it)"));
    drop(child.stdin.take().expect("piped").write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("wait");
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

/// Right, wrong, and damaged in the middle.
fn holds(stored: &str, password: &str) {
    let form = Stored::parse(stored, Bare::Crypt).unwrap_or_else(|error| panic!("{stored}: {error}"));
    assert_eq!(form.verify(&Secret::new(password)), Ok(true), "{stored}");
    assert_eq!(form.verify(&Secret::new(format!("x{password}"))), Ok(false), "{stored}");
    assert_eq!(decoy(Some(&form)).verify(&Secret::new(password)), Ok(false), "{stored}");
    assert!(!format!("{form:?}").contains(password));
    let damaged = stored.split_at(stored.len() - 2).0.to_owned() + "@@";
    let verdict = Stored::parse(&damaged, Bare::Crypt).and_then(|form| form.verify(&Secret::new(password)));
    assert_ne!(verdict, Ok(true), "{damaged}");
}

#[test]
fn every_scheme_of_dovecot() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("dovecot.conf");
    std::fs::write(&config, "ssl = no\n").expect("a config");
    let config = config.to_str().expect("UTF-8");
    let schemes = run("doveadm", &["-c", config, "pw", "-l"], "");
    let mut verified = 0;
    for scheme in schemes.split_whitespace().filter(|scheme| LEFT_OUT.iter().all(|(left, _)| left != scheme)) {
        let argument = ["-c", config, "pw", "-s", scheme, "-p", "päss word", "-u", "alice@example.test"];
        holds(&run("doveadm", &argument, ""), "päss word");
        verified += 1;
    }
    assert!(verified >= 24, "{verified} of {schemes}");
    for encoding in ["SSHA256.HEX", "SSHA512.B64", "PLAIN.B64", "SHA1.HEX"] {
        holds(&run("doveadm", &["-c", config, "pw", "-s", encoding, "-p", "secret"], ""), "secret");
    }
}

/// Without a salt, Dovecot tells hexadecimal from base64 by the length, whatever its scheme writes itself.
#[test]
fn digests_that_dovecot_reads_by_their_length() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("dovecot.conf");
    std::fs::write(&config, "ssl = no\n").expect("a config");
    for form in [
        "{MD5}5ebe2294ecd0e0f08eab7690d2a6ee69",
        "{PLAIN-MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==",
        "{LDAP-MD5}5ebe2294ecd0e0f08eab7690d2a6ee69",
        "{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4",
        "{sha1.b64}5en6G6MezRroT3XKqkdPOmY/BfQ=",
        "{SHA256}2BB80D537B1DA3E38BD30361AA855686BDE0EACD7162FEF6A25FE97BF527A25B",
        "{SHA.base64}5en6G6MezRroT3XKqkdPOmY/BfQ=",
    ] {
        run("doveadm", &["-c", config.to_str().expect("UTF-8"), "pw", "-t", form, "-p", "secret"], "");
        holds(form, "secret");
    }
}

/// `-hmac-sha1` and `-hmac-sha256` are for mechanisms that nobody has; they are no contexts of CRAM-MD5.
#[test]
fn every_form_of_userdbpw() {
    for form in ["-hmac-sha1", "-hmac-sha256"] {
        let contexts = format!("{{HMAC-MD5}}{}", run("userdbpw", &[form], "secret\n"));
        assert!(matches!(Stored::parse(&contexts, Bare::Crypt), Err(SchemeError::Malformed { .. })), "{contexts}");
    }
    for form in [&[][..], &["-md5"]] {
        holds(&run("userdbpw", form, "secret\n"), "secret");
    }
    let contexts = format!("{{HMAC-MD5}}{}", run("userdbpw", &["-hmac-md5"], "secret\n"));
    holds(&contexts, "secret");
    let challenge = b"<1896.697170952@postoffice.reston.mci.net>".to_vec();
    let digest = sasl::cram::digest(&Secret::new("secret"), &challenge);
    let evidence = Evidence::Cram(CramEvidence { identity: "tim".to_owned(), challenge, digest });
    assert_eq!(Stored::parse(&contexts, Bare::Crypt).expect("contexts").proves(&evidence), Some(true));
}

#[test]
fn what_libcrypt_makes() {
    let methods = [
        "yescrypt",
        "gost-yescrypt",
        "scrypt",
        "bcrypt",
        "sha512crypt",
        "sha256crypt",
        "sunmd5",
        "md5crypt",
        "bsdicrypt",
        "descrypt",
        "nt",
    ];
    // The crypt_blowfish of old took octets over 127 for negative; this is what it made of the octet a3.
    let unmended = Stored::parse("$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", Bare::Crypt);
    assert_eq!(unmended.expect("a hash").verify(&Secret::new([0xa3])), Ok(true));
    for method in methods {
        let hash = run("mkpasswd", &["-m", method, "secret"], "");
        holds(&hash, "secret");
        let named = Stored::parse(&format!("{{CRYPT}}{hash}"), Bare::Clear).expect("a hash");
        assert_eq!(named.verify(&Secret::new("secret")), Ok(true), "{hash}");
    }
}

/// In passlib's form of PBKDF2 what Python's hashlib makes; the rest as Courier writes it.
#[test]
fn forms_of_others() {
    holds("{PBKDF2}$pbkdf2-sha256$6400$c2FsdHNhbHRzYWx0c2FsdA$SjugYu7ZPm/2vgGhvpJO5OhTJOckhO77BQUaCnLK3cs", "password");
    holds(
        "$pbkdf2-sha512$1000$c2FsdHNhbHRzYWx0c2FsdA$715rqIr5dXOVPpBhqqsugl037zT5bWJTWYmZtIcK8hBnisKpwfY7kokvwjDrNHqHhF50Pb7MD6HvkJwiDQw4ww",
        "password",
    );
    holds("{CRYPT}$pbkdf2$1000$c2FsdHNhbHRzYWx0c2FsdA$2FWw/oC7TQkskizC.81lWlmFAMM", "password");
    holds("{MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==", "secret");
    holds("{MD5RAW}5ebe2294ecd0e0f08eab7690d2a6ee69", "secret");
    holds("{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "secret");
    assert_eq!(
        Stored::parse("{SHA256}x", Bare::Crypt).unwrap_err().to_string(),
        "this is no SHA256 value: it is not base64 or hexadecimal"
    );
    assert_eq!(Stored::parse("{FOO}x", Bare::Crypt).unwrap_err().to_string(), "password scheme {FOO} is not known");
    assert_eq!(Stored::parse("!", Bare::Crypt).unwrap_err(), SchemeError::Unknown("of that crypt hash".to_owned()));
}

#[test]
fn what_would_take_minutes_is_an_error() {
    for costly in [
        "$argon2id$v=19$m=4194304,t=3,p=1$V2BrhAW+/EjH9mE8qsyqrA$/a38nStT5cTSkhJx+d2Q4XBVok25Ms3gKrpDuJpBDwM",
        "$2y$31$cKminVAb2iKMq7.5Qbjide/3DxpgHSZwp1WM8NsPMk65pxZrABIt.",
        "$6$rounds=999999999$1T3FfPEYi9nsp05Z$AwqpC54kmAKRXt4yC1LXpP2Y2RQFcSfxucXArnb5OA2GNgGIDxFwHd5EJQWBW0TYpjgOlktv",
        "{PBKDF2}$1$M03xuWB8HRW9QjIs$4000000000$e8fbff698093a6aea18198b166a74a6100106dec",
        "{SCRAM-SHA-256}4000000000,9ln0AW44jrKrmACezr2z8A==,54PC3+4g5SZ6Eek9FVbrtTuOct4ilxv7QWoZeKfwU5w=,zaSIef/nHXafZylk3I50bZxNaRMB3GMC/SLHARXKb+M=",
        "_zzzz....ytIrzMqkDCk",
        "$7$zU..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D",
    ] {
        assert!(matches!(Stored::parse(costly, Bare::Crypt), Err(SchemeError::TooCostly { .. })), "{costly}");
    }
}

#[test]
fn strengths() {
    let of = |text| Stored::parse(text, Bare::Crypt).expect("a form").strength();
    assert_eq!(of("{PLAIN}x"), Strength::Clear);
    assert_eq!(of("{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="), Strength::Weak);
    assert_eq!(of("sxO/sfID0u.ks"), Strength::Weak);
    assert!(Stored::Crypt(Crypt::argon2(crate::password::nobody().to_owned())).strength() == Strength::Good);
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,80}", scheme in "[A-Z0-9-]{2,12}", value in "[$a-zA-Z0-9./,=+]{0,80}") {
        for text in [text, format!("{{{scheme}}}{value}"), format!("$1${value}"), format!("{{SSHA}}{value}")] {
            let _ = Stored::parse(&text, Bare::Crypt).map(|form| form.name());
        }
    }
}
