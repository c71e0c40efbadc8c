//! Stores that were damaged, or filled by someone who means harm.

use super::*;

fn verdict(stored: &str, password: &[u8]) -> Result<bool, SchemeError> {
    Stored::parse(stored, Bare::Crypt).and_then(|form| form.verify(&Secret::new(password)))
}

/// A column that was too narrow cuts hashes short. A library that compares only what is left of one takes one password in
/// 256 for right.
#[test]
fn what_is_left_of_a_hash_is_nobodys() {
    for whole in [
        "$y$j9T$abcdefgh$IUWJt2doU4Kf6E/JP1UkAT3S5O3Q7SSA8SJirXIlEu9",
        "$7$/6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D",
        "$6$saltsaltsaltsalt$3eW2BPC0rLsVTiFTBBYK7UYeWdKkiHnYHRFmBzZfWUiGHTiLvP0eV5kVpz9Ry7v9MgCc5aEWy6kxLBGKXdnLC1",
        "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0$JGzd0dM1gKLv4YUu8pYlTlmG+0YNwmfKkhTuxuVNGyk",
        "$2y$04$cKminVAb2iKMq7.5Qbjide/3DxpgHSZwp1WM8NsPMk65pxZrABIt.",
        "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/",
        "{PBKDF2}$1$salt$10$e8fbff698093a6aea18198b166a74a6100106dec",
    ] {
        let end = whole.rfind('$').expect("a digest behind it") + 1;
        for left in [end, end + 2, end + 3, whole.len() - 1] {
            let cut = &whole[..left];
            assert!(matches!(verdict(cut, b"anything"), Err(SchemeError::Malformed { .. })), "{cut}");
        }
    }
}

/// libcrypt takes no longer ones, and that is no fault of the store: five such logins would keep everyone out of it.
#[test]
fn a_password_that_is_too_long_is_only_wrong() {
    for stored in [
        "sxO/sfID0u.ks",
        "$3$$8846f7eaee8fb117ad06bdd830b7586c",
        "$sha1$100$saltsalt$JnN6gTf0iA3jHqGZz8qUoGgYjM6o",
        "$6$saltsaltsaltsalt$3eW2BPC0rLsVTiFTBBYK7UYeWdKkiHnYHRFmBzZfWUiGHTiLvP0eV5kVpz9Ry7v9MgCc5aEWy6kxLBGKXdnLC1",
        "$2y$04$cKminVAb2iKMq7.5Qbjide/3DxpgHSZwp1WM8NsPMk65pxZrABIt.",
        "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/",
    ] {
        for long in [512, 1025, 9000] {
            assert_eq!(verdict(stored, &vec![b'x'; long]), Ok(false), "{stored}, {long} octets");
        }
        assert_eq!(verdict(stored, b"a\0b"), Ok(false), "{stored}, with a NUL");
    }
}

/// Costs that stand where one does not look first: rounds of SunMD5 behind a comma, block size and lanes of scrypt,
/// yescrypt's `t`, numbers that no 32 bits hold.
#[test]
fn every_number_that_costs_is_bounded() {
    for (costly, most) in [
        ("$md5,rounds=4294963199$abcdefgh$$DNnUTx0178KyV8yEt9FIl/", "1,000,000 rounds"),
        ("$md5$rounds=4294963199$abcdefgh$$DNnUTx0178KyV8yEt9FIl/", "1,000,000 rounds"),
        ("$sha1$99999999999$saltsalt$JnN6gTf0iA3jHqGZz8qUoGgYjM6o", "5,000,000 rounds"),
        ("$6$rounds=99999999999$saltsalt$x", "5,000,000 rounds"),
        ("$7$C...././....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D", "1 GiB of memory"),
        ("$7$C6....zzzz.SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D", "8 GiB"),
        ("$y$jLT$abcdefgh$IUWJt2doU4Kf6E/JP1UkAT3S5O3Q7SSA8SJirXIlEu9", "1 GiB of memory"),
        ("$y$j9T/zzzzzz$abcdefgh$IUWJt2doU4Kf6E/JP1UkAT3S5O3Q7SSA8SJirXIlEu9", "8 GiB"),
        ("$gy$j9T/zzzzzz$abcdefgh$IUWJt2doU4Kf6E/JP1UkAT3S5O3Q7SSA8SJirXIlEu9", "8 GiB"),
        (
            "$argon2id$v=19$m=1048577,t=1,p=1$c2FsdHNhbHRzYWx0$JGzd0dM1gKLv4YUu8pYlTlmG+0YNwmfKkhTuxuVNGyk",
            "1 GiB of memory",
        ),
        (
            "$argon2id$v=19$m=64,t=4000000000,p=1$c2FsdHNhbHRzYWx0$JGzd0dM1gKLv4YUu8pYlTlmG+0YNwmfKkhTuxuVNGyk",
            "100 passes",
        ),
        ("$2y$17$cKminVAb2iKMq7.5Qbjide/3DxpgHSZwp1WM8NsPMk65pxZrABIt.", "cost 16"),
        (
            "{PBKDF2}$pbkdf2-sha512$5000000$c2FsdHNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI",
            "5,000,000 rounds",
        ),
    ] {
        match Stored::parse(costly, Bare::Crypt) {
            Err(error @ SchemeError::TooCostly { .. }) => {
                assert!(error.to_string().contains(most), "{costly}: {error}")
            }
            other => panic!("{costly}: {other:?}"),
        }
    }
}

/// What is broken is said to be broken, not to be costly, and never to be a wrong password.
#[test]
fn damaged_is_not_costly() {
    for damaged in [
        "$argon2id$v=19$m=64,t=1$c2FsdHNhbHRzYWx0",
        "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0",
        "$argon2id$rubbish",
        "$2y$zz$cKminVAb2iKMq7.5Qbjide/3DxpgHSZwp1WM8NsPMk65pxZrABIt.",
        "$2y$04$short",
        "$7$x",
        "$y$$$",
        "_x",
        "{SCRAM-SHA-256}0,9ln0AW44jrKrmACezr2z8A==,54PC3+4g5SZ6Eek9FVbrtTuOct4ilxv7QWoZeKfwU5w=,zaSIef/nHXafZylk3I50bZxNaRMB3GMC/SLHARXKb+M=",
    ] {
        assert!(
            matches!(verdict(damaged, b"x"), Err(SchemeError::Malformed { .. })),
            "{damaged}: {:?}",
            verdict(damaged, b"x")
        );
    }
    let of = |version| {
        format!("$argon2id$v={version}$m=64,t=1,p=1$c2FsdHNhbHRzYWx0$JGzd0dM1gKLv4YUu8pYlTlmG+0YNwmfKkhTuxuVNGyk")
    };
    assert!(matches!(verdict(&of(7), b"x"), Err(SchemeError::Malformed { .. })), "a version that is not known");
    assert_eq!(verdict(&of(19), b"x"), Ok(false));
}

/// Where a table keeps passwords in clear and is said to keep hashes, the log must not tell them.
#[test]
fn errors_tell_no_password() {
    for clear in ["$ecret", "$ecret1$xyz and more", "{ecret words of mine}x", "hunter2ecret", "{ecret pass.HEX}x"] {
        for bare in [Bare::Crypt, Bare::Clear] {
            if let Err(error) = Stored::parse(clear, bare) {
                assert!(!error.to_string().to_lowercase().contains("ecret"), "{error}");
            }
        }
    }
    assert!(Stored::parse("$sm3$x$y", Bare::Crypt).unwrap_err().to_string().contains("$sm3$"));
    assert!(Stored::parse("$apr1$abcdefgh$y", Bare::Crypt).unwrap_err().to_string().contains("$apr1$"));
    assert!(Stored::parse("{X-NEW.HEX}x", Bare::Crypt).unwrap_err().to_string().contains("{X-NEW.HEX}"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Hashes whose cost is low, with octets changed behind what costs: never right, never a panic.
    #[test]
    fn no_damage_panics(which in 0_usize..8, at in 0_usize..200, to in "[ -~é]", cut in any::<bool>()) {
        let (fixed, rest) = [
            ("$argon2id$v=19$m=64,t=1,p=1", "$c2FsdHNhbHRzYWx0$JGzd0dM1gKLv4YUu8pYlTlmG+0YNwmfKkhTuxuVNGyk"),
            ("$2y$04", "$cKminVAb2iKMq7.5Qbjide/3DxpgHSZwp1WM8NsPMk65pxZrABIt."),
            ("$5$rounds=1000", "$saltsalt$3xv.VbSCBX41eDL9L3voZedG.pO5KCMeNGLyjQcWFHC"),
            ("$1", "$saltsalt$qjXMvbEw8oaL.CzflDtaK/"),
            ("$y$j/.", "$abcdefgh$IUWJt2doU4Kf6E/JP1UkAT3S5O3Q7SSA8SJirXIlEu9"),
            ("$7$/6..../....", "SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D"),
            ("{PBKDF2}$1$salt$10", "$e8fbff698093a6aea18198b166a74a6100106dec"),
            ("{SCRAM-SHA-256}10", ",9ln0AW44jrKrmACezr2z8A==,54PC3+4g5SZ6Eek9FVbrtTuOct4ilxv7QWoZeKfwU5w=,zaSIef/nHXafZylk3I50bZxNaRMB3GMC/SLHARXKb+M="),
        ][which];
        let (before, after) = rest.split_at(at % rest.len());
        let damaged = if cut { format!("{fixed}{before}") } else { format!("{fixed}{before}{to}{}", &after[1..]) };
        prop_assert_ne!(verdict(&damaged, "anything".as_bytes()), Ok(true));
    }

    /// Any text at all, as a hash and behind the prefixes whose cost no text of this length can raise.
    #[test]
    fn no_text_panics_when_verified(text in "\\PC{0,40}", digits in "[$a-zA-Z0-9./]{0,40}") {
        for stored in [text.clone(), format!("$1${digits}"), format!("{{SSHA}}{digits}"), format!("{{MD5}}{text}"), format!("$3${digits}"), digits] {
            let _ = verdict(&stored, b"anything");
        }
    }
}
