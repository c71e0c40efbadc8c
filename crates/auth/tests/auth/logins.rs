//! How a login is judged. The clock is tokio's and stands still, so no test waits for a delay.

use std::os::unix::fs::PermissionsExt;

use crate::fixture::{address, attempt, fixture, plain};
use auth::accounts::{Services, Store};
use auth::{Rejection, Service, Verdict};
use sasl::{Evidence, Mechanism, ScramEvidence, Secret};

fn accepted(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Accept(_))
}

#[tokio::test(start_paused = true)]
async fn right_wrong_and_unknown() {
    let f = fixture(|_| ());
    let Verdict::Accept(account) = f.login("ALICE@Example.test", "right").await else { panic!("refused") };
    assert_eq!(account.address, address("alice@example.test"));
    assert_eq!(account.maildir, f.dir.path().join("mail/example.test/alice"));
    assert_eq!(f.login("alice@example.test", "wrong").await, Verdict::Reject(Rejection::WrongPassword));
    assert_eq!(f.login("nobody@example.test", "right").await, Verdict::Reject(Rejection::UnknownUser));
    assert_eq!(f.login("alice", "right").await, Verdict::Reject(Rejection::UnknownUser));
}

/// MISSION 002-22: a default domain is optional.
#[tokio::test(start_paused = true)]
async fn a_name_without_a_domain_gets_the_default_one() {
    let f = fixture(|config| config.auth.default_domain = config.domains.first().cloned());
    assert!(accepted(&f.login("alice", "right").await));
}

/// Unknown, wrong, switched off: one hash each, so none is told from another by its time. (No clock is asked.)
#[tokio::test(start_paused = true)]
async fn every_refusal_costs_one_hash() {
    let f = fixture(|config| config.auth.remember = std::time::Duration::ZERO);
    f.store.add(&address("off@example.test"), &Secret::new("right")).expect("added");
    f.store.set_active(&address("off@example.test"), false).expect("set");
    let cases = [
        ("nobody@example.test", "right", Rejection::UnknownUser),
        ("alice", "right", Rejection::UnknownUser),
        ("alice@example.test", "wrong", Rejection::WrongPassword),
        ("off@example.test", "right", Rejection::Disabled),
        ("off@example.test", "wrong", Rejection::WrongPassword),
    ];
    for (n, (name, password, reason)) in (1..).zip(cases) {
        assert_eq!(f.login(name, password).await, Verdict::Reject(reason), "{name} {password}");
        assert_eq!(f.auth.hashes(), n);
    }
}

#[tokio::test(start_paused = true)]
async fn a_verified_password_is_remembered_until_the_account_changes() {
    let f = fixture(|_| ());
    for _ in 0..3 {
        assert!(accepted(&f.login("alice@example.test", "right").await));
    }
    assert_eq!(f.auth.hashes(), 1);
    f.store.set_password(&address("alice@example.test"), &Secret::new("new")).expect("set");
    assert!(!accepted(&f.login("alice@example.test", "right").await));
    assert!(accepted(&f.login("alice@example.test", "new").await));
    f.store.remove(&address("alice@example.test")).expect("removed");
    assert_eq!(f.login("alice@example.test", "new").await, Verdict::Reject(Rejection::UnknownUser));
}

#[tokio::test(start_paused = true)]
async fn flags_say_what_an_account_may_use() {
    let f = fixture(|_| ());
    let alice = address("alice@example.test");
    f.store.set_services(&alice, Services::ALL.with(Service::Pop3, false)).expect("set");
    for (service, allowed) in [(Service::Smtp, true), (Service::Imap, true), (Service::Pop3, false)] {
        let verdict = f.auth.check(attempt(service), plain("alice@example.test", "right")).await.0;
        assert_eq!(accepted(&verdict), allowed, "{service:?} {verdict:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_acts_for_somebody_else() {
    let f = fixture(|_| ());
    for (authzid, ok) in [("alice@example.test", true), ("bob@example.test", false), ("", true), ("x y", false)] {
        let Evidence::Password(mut evidence) = plain("alice@example.test", "right") else { unreachable!() };
        evidence.authzid = Some(authzid.to_owned());
        let verdict = f.auth.check(attempt(Service::Smtp), Evidence::Password(evidence)).await.0;
        assert!(if ok { accepted(&verdict) } else { verdict == Verdict::Reject(Rejection::Authzid) }, "{verdict:?}");
    }
}

/// MISSION 002-09: a store that cannot be read is a temporary failure that says path, user and errno, and counts
/// against nobody.
#[tokio::test(start_paused = true)]
async fn an_unreadable_store_is_no_wrong_password() {
    let f = fixture(|config| config.limits.auth_failures_per_account = 1);
    let path = Store::path(f.dir.path());
    std::fs::rename(&path, f.dir.path().join("away")).expect("moved");
    std::fs::create_dir(&path).expect("a folder in its place");
    for _ in 0..3 {
        let Verdict::TempFail(tempfail) = f.login("alice@example.test", "right").await else { panic!("told") };
        let text = tempfail.to_string();
        for piece in ["accounts: ", "accounts.sqlite", "as uid ", "os error 21", "chown"] {
            assert!(text.contains(piece), "{piece} is missing in {text}");
        }
    }
    std::fs::remove_dir(&path).expect("removed");
    std::fs::rename(f.dir.path().join("away"), &path).expect("back");
    assert!(accepted(&f.login("alice@example.test", "right").await));
}

/// A disk that is not mounted must not turn mail and users away for good.
#[tokio::test(start_paused = true)]
async fn a_store_that_has_gone_is_a_temporary_failure_and_is_not_made_anew() {
    let f = fixture(|_| ());
    let path = Store::path(f.dir.path());
    std::fs::rename(&path, f.dir.path().join("away")).expect("moved");
    assert!(matches!(f.login("alice@example.test", "right").await, Verdict::TempFail(_)));
    let resolution = f.auth.resolve(&address("alice@example.test")).await;
    assert!(matches!(&resolution, auth::Resolution::TempFail(t) if t.cause.contains("mounted")), "{resolution:?}");
    assert!(!path.exists());
}

#[tokio::test(start_paused = true)]
async fn a_damaged_store_is_a_temporary_failure() {
    let f = fixture(|_| ());
    let path = Store::path(f.dir.path());
    for name in ["accounts.sqlite", "accounts.sqlite-wal", "accounts.sqlite-shm"] {
        std::fs::remove_file(f.dir.path().join(name)).expect("removed");
    }
    std::fs::write(&path, [b'x'; 8192]).expect("nonsense in its place");
    let verdict = f.login("alice@example.test", "right").await;
    assert!(matches!(&verdict, Verdict::TempFail(t) if t.cause.contains("restore a backup")), "{verdict:?}");
}

#[tokio::test(start_paused = true)]
async fn guesses_are_stopped_and_the_owner_is_not() {
    let f = fixture(|config| config.limits.auth_failures_per_account = 3);
    assert!(accepted(&f.login("alice@example.test", "right").await));
    let mut stranger = attempt(Service::Smtp);
    stranger.peer = [198, 51, 100, 7].into();
    for n in 0..3 {
        let verdict = f.auth.check(stranger, plain("alice@example.test", &format!("guess {n}"))).await.0;
        assert_eq!(verdict, Verdict::Reject(Rejection::WrongPassword));
    }
    let hashes = f.auth.hashes();
    let verdict = f.auth.check(stranger, plain("alice@example.test", "right")).await.0;
    assert_eq!(verdict, Verdict::Reject(Rejection::Throttled));
    assert_eq!(f.auth.hashes(), hashes, "it was not looked at");
    assert!(accepted(&f.login("alice@example.test", "right").await));
}

#[tokio::test(start_paused = true)]
async fn an_address_that_fails_too_often_has_to_wait() {
    let f = fixture(|config| config.limits.auth_failures_per_ip = 2);
    for n in 0..2 {
        let verdict = f.login(&format!("guess{n}@example.test"), "x").await;
        assert_eq!(verdict, Verdict::Reject(Rejection::UnknownUser));
    }
    assert_eq!(f.login("alice@example.test", "right").await, Verdict::Reject(Rejection::Throttled));
    let mut elsewhere = attempt(Service::Imap);
    elsewhere.peer = [192, 0, 2, 2].into();
    assert!(accepted(&f.auth.check(elsewhere, plain("alice@example.test", "right")).await.0));
}

#[tokio::test(start_paused = true)]
async fn scram_proofs() {
    let f = fixture(|_| ());
    let imap = attempt(Service::Imap);
    let keys = f.auth.scram_keys(imap, "Alice@example.test", sasl::scram::Hash::Sha256).await.expect("keys");
    let proof = |password: &str| {
        let (auth_message, proof) = client_proof(&keys, password);
        Evidence::Scram(ScramEvidence {
            identity: "alice@example.test".to_owned(),
            authzid: None,
            mechanism: Mechanism::ScramSha256,
            salt: keys.salt.clone(),
            iterations: keys.iterations,
            auth_message,
            proof: proof.into(),
        })
    };
    assert!(accepted(&f.auth.check(imap, proof("right")).await.0));
    assert_eq!(f.auth.check(imap, proof("wrong")).await.0, Verdict::Reject(Rejection::WrongPassword));
    let unknown = f.auth.scram_keys(imap, "nobody@example.test", sasl::scram::Hash::Sha256).await.expect("invented");
    let again = f.auth.scram_keys(imap, "NOBODY@example.test", sasl::scram::Hash::Sha256).await.expect("invented");
    assert!(unknown == again && unknown.iterations == keys.iterations && unknown.salt.len() == keys.salt.len());
    // The same after a restart: a second look does not tell who exists.
    let later = auth::Auth::new(&f.config)
        .scram_keys(imap, "nobody@example.test", sasl::scram::Hash::Sha256)
        .await
        .expect("invented");
    assert!(unknown == later);
}

/// RFC 5802 §3 from the client's side: only the password leads to the ClientKey.
fn client_proof(keys: &sasl::scram::Keys, password: &str) -> (Vec<u8>, [u8; 32]) {
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::{Digest, Sha256};
    let hmac = |key: &[u8], text: &[u8]| -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
        mac.update(text);
        mac.finalize().into_bytes().into()
    };
    // Hi() of RFC 5802 §2.2.
    let mut block = hmac(password.as_bytes(), &[keys.salt.as_slice(), &[0, 0, 0, 1]].concat());
    let mut salted = block;
    for _ in 1..keys.iterations {
        block = hmac(password.as_bytes(), &block);
        salted.iter_mut().zip(block).for_each(|(a, b)| *a ^= b);
    }
    let client_key = hmac(&salted, b"Client Key");
    let auth_message = b"n=alice,r=x,r=xy,s=,i=1,c=biws,r=xy".to_vec();
    let mut proof = hmac(&Sha256::digest(client_key), &auth_message);
    proof.iter_mut().zip(client_key).for_each(|(a, b)| *a ^= b);
    (auth_message, proof)
}

/// MISSION 000-09: what nobody could verify is not offered, and the reason is told.
#[tokio::test]
async fn offers_are_computed() {
    let f = fixture(|_| ());
    let offered = |tls| f.auth.offers(tls).into_iter().filter(|o| o.offered).map(|o| o.mechanism).collect::<Vec<_>>();
    use Mechanism::{Login, Plain, ScramSha256, ScramSha256Plus};
    assert_eq!(offered(true), [ScramSha256Plus, ScramSha256, Plain, Login]);
    assert_eq!(offered(false), []);
    let why = |mechanism, tls| f.auth.offers(tls).into_iter().find(|o| o.mechanism == mechanism).map(|o| o.why);
    assert!(
        why(Mechanism::CramMd5, true)
            .is_some_and(|why| why.contains("none of 1 active accounts keeps the password in clear"))
    );
    assert!(why(Mechanism::Plain, false).is_some_and(|why| why.contains("auth.require_tls")));
}

#[tokio::test]
async fn scram_is_offered_only_if_every_active_account_keeps_keys() {
    let f = fixture(|config| config.auth.require_tls = false);
    let scram = || f.auth.offers(false).into_iter().find(|o| o.mechanism == Mechanism::ScramSha256).expect("listed");
    assert!(scram().offered);
    let db = rusqlite::Connection::open(Store::path(f.dir.path())).expect("the store");
    db.execute("UPDATE account SET scram_stored_key = NULL", []).expect("as an import without passwords leaves it");
    f.store.add(&address("bob@example.test"), &Secret::new("right")).expect("add");
    assert!(!scram().offered && scram().why == "accounts: 1 of 2 active accounts do not keep SCRAM-SHA-256 keys");
    f.store.set_active(&address("alice@example.test"), false).expect("set");
    assert!(scram().offered);
}

#[tokio::test]
async fn nothing_secret_is_printed_or_left_readable() {
    let f = fixture(|_| ());
    let shown = format!("{:?} {:?}", f.auth, plain("alice@example.test", "right"));
    assert!(!shown.contains("right"), "{shown}");
    for name in ["accounts.sqlite", "accounts.sqlite-wal", "accounts.sqlite-shm"] {
        let mode = f.dir.path().join(name).metadata().expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let raw = std::fs::read(Store::path(f.dir.path())).expect("the store");
    assert!(!raw.windows(5).any(|w| w == b"right"));
}

/// A hash from elsewhere becomes Argon2id with the first login, and one inside TLS adds the SCRAM keys: then the list of
/// offered mechanisms grows by itself.
#[tokio::test]
async fn a_verified_login_keeps_the_password_in_a_better_form() {
    let f = fixture(|config| config.auth.remember = std::time::Duration::ZERO);
    let bob = address("bob@example.test");
    f.store.add_hashed(&bob, "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=").expect("a hash of \"secret\"");
    let kept = || {
        let db = rusqlite::Connection::open(Store::path(f.dir.path())).expect("the store");
        let sql = "SELECT hash, scram_stored_key IS NOT NULL FROM account WHERE name = 'bob@example.test'";
        db.query_row(sql, [], |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?))).expect("bob")
    };
    let scram = || f.auth.offers(true).into_iter().any(|o| o.mechanism == Mechanism::ScramSha256 && o.offered);
    assert!(!accepted(&f.login("bob@example.test", "wrong").await) && kept().0.starts_with("{SHA}"));
    let mut in_clear = attempt(Service::Imap);
    in_clear.tls = false;
    assert!(accepted(&f.auth.check(in_clear, plain("bob@example.test", "secret")).await.0));
    assert!(kept().0.starts_with("$argon2id$") && !kept().1 && !scram(), "{:?}", kept());
    assert!(accepted(&f.login("bob@example.test", "secret").await));
    assert!(kept().1 && scram());
    assert!(accepted(&f.login("bob@example.test", "secret").await), "with what is kept now");
    assert!(f.store.add_hashed(&address("eve@example.test"), "{FOO}x").is_err());
}

#[tokio::test]
async fn keeping_it_better_can_be_switched_off() {
    let f = fixture(|config| {
        config.modules.accounts.upgrade_hashes = false;
        config.modules.accounts.add_scram_keys = false;
    });
    let bob = address("bob@example.test");
    f.store.add_hashed(&bob, "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=").expect("a hash of \"secret\"");
    assert!(accepted(&f.login("bob@example.test", "secret").await));
    assert!(!f.store.user(&bob).expect("bob").scram);
}
