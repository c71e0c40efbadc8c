//! `oauth`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use auth::accounts::Store;
use auth::{Auth, Rejection, Verdict};
use config::Config;
use hmac::{Hmac, KeyInit, Mac};
use message::Address;
use sasl::{Evidence, Mechanism, Secret, TokenEvidence};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::issuer::{self, Issuer, b64, claims, now};
use crate::server::{Answer, Asked, Server, json as answer};
use crate::{accepted, explain, password, tempfail};

fn chain(dir: &TempDir, modules: &[&str], change: impl FnOnce(&mut config::Oauth)) -> Auth {
    let mut config = Config::example(dir.path());
    config.auth.chain = modules.iter().map(|name| (*name).to_owned()).collect();
    let oauth = &mut config.modules.oauth;
    oauth.issuer = Some(issuer::NAME.to_owned());
    oauth.audience = vec!["mail".to_owned()];
    oauth.scope = vec!["mail".to_owned()];
    change(oauth);
    Auth::new(&config)
}

fn token(identity: &str, token: &str) -> Evidence {
    let (mechanism, identity) = (Mechanism::OAuthBearer, identity.to_owned());
    Evidence::Token(TokenEvidence { mechanism, identity, token: Secret::new(token) })
}

/// The chain `oauth` alone, with the issuer's keys in a file.
fn with_file(dir: &TempDir, issuer: &Issuer) -> Auth {
    let file = dir.path().join("jwks.json");
    std::fs::write(&file, issuer.keys("").to_string()).expect("written");
    chain(dir, &["oauth"], |oauth| oauth.jwks_file = Some(file))
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

#[tokio::test]
async fn every_algorithm() {
    let (dir, issuer) = (folder(), Issuer::new());
    let auth = with_file(&dir, &issuer);
    auth.survey().await;
    assert!(auth.offers(true).iter().any(|offer| offer.mechanism == Mechanism::OAuthBearer && offer.offered));
    assert!(!auth.offers(true).iter().any(|offer| offer.mechanism == Mechanism::Plain && offer.offered));
    for (algorithm, kid) in [
        ("RS256", "rsa"),
        ("RS384", "rsa"),
        ("RS512", "rsa"),
        ("PS256", "rsa"),
        ("PS384", "rsa"),
        ("PS512", "rsa"),
        ("ES256", "p256"),
        ("ES384", "p384"),
        ("EdDSA", "ed"),
    ] {
        for header in [json!({"alg": algorithm, "kid": kid, "typ": "at+jwt"}), json!({"alg": algorithm})] {
            let good = issuer.token(&header, &claims(json!({})));
            let account = accepted(explain(&auth, token("alice@example.test", &good)).await.verdict);
            assert_eq!(account.address.to_string(), "alice@example.test");
            assert_eq!(account.maildir, dir.path().join("mail/example.test/alice"));
            // One bit of the signature, the claims of another.
            let (message, signature) = good.rsplit_once('.').expect("three parts");
            let first = if signature.starts_with('A') { "B" } else { "A" };
            let other = issuer.token(&header, &claims(json!({"email": "bob@example.test"})));
            let other = other.rsplit_once('.').expect("three parts").0;
            for forged in
                [format!("{message}.{first}{}", &signature[1..]), format!("{other}.{signature}"), format!("{message}.")]
            {
                let verdict = explain(&auth, token("", &forged)).await.verdict;
                assert_eq!(verdict, Verdict::Reject(Rejection::WrongPassword), "{algorithm}");
            }
        }
    }
}

/// RFC 8725 §2.1, §3.1: the attacks on a token's header.
#[tokio::test]
async fn headers_that_lie() {
    let (dir, issuer) = (folder(), Issuer::new());
    let auth = with_file(&dir, &issuer);
    let good = claims(json!({}));
    let unsigned =
        |header: Value| format!("{}.{}.", b64(header.to_string().as_bytes()), b64(good.to_string().as_bytes()));
    // The public key as the secret of an HMAC.
    let message = unsigned(json!({"alg": "HS256", "kid": "rsa"}));
    let message = message.trim_end_matches('.');
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&issuer.modulus()).expect("any length");
    mac.update(message.as_bytes());
    let confused = format!("{message}.{}", b64(&mac.finalize().into_bytes()));
    let stranger = Issuer::new();
    for forged in [
        unsigned(json!({"alg": "none"})),
        unsigned(json!({"alg": "nOnE", "kid": "rsa"})),
        unsigned(json!({})),
        confused,
        issuer.token(&json!({"alg": "RS256", "kid": "p256"}), &good),
        issuer.token(&json!({"alg": "RS256", "kid": "elsewhere"}), &good),
        issuer.token(&json!({"alg": "RS256", "kid": "rsa", "crit": ["exp"]}), &good),
        issuer.token(&json!({"alg": "RS256", "kid": "rsa", "b64": false}), &good),
        issuer.token(&json!({"alg": "RS256", "kid": "rsa", "typ": "logout+jwt"}), &good),
        stranger.token(&json!({"alg": "RS256", "kid": "rsa"}), &good),
        stranger.token(&json!({"alg": "ES256", "jwk": stranger.keys("")["keys"][1]}), &good),
        "x".repeat(20_000),
        String::from("a.b.c.d.e"),
        String::from("opaque"),
    ] {
        let told = explain(&auth, token("alice@example.test", &forged)).await;
        assert_eq!(told.verdict, Verdict::Reject(Rejection::WrongPassword), "{forged:.80}");
        assert!(told.lines.iter().any(|line| line.text.contains("is not accepted")), "{:?}", told.lines);
    }
}

#[tokio::test]
async fn claims_must_be_for_us_and_for_now() {
    let (dir, issuer) = (folder(), Issuer::new());
    let auth = with_file(&dir, &issuer);
    let said = async |identity: &str, change: Value| {
        let made = issuer.token(&json!({"alg": "ES256", "kid": "p256"}), &claims(change));
        explain(&auth, token(identity, &made)).await.verdict
    };
    let wrong = Verdict::Reject(Rejection::WrongPassword);
    for change in [
        json!({"aud": "mail"}),
        json!({"exp": now() - 30}),
        json!({"exp": now() as f64 + 0.5}),
        json!({"nbf": now() + 30}),
        json!({"nbf": null, "email_verified": null}),
        json!({"scope": null, "scp": ["mail"]}),
    ] {
        accepted(said("", change.clone()).await);
        accepted(said("ALICE@Example.test", change).await);
    }
    for change in [
        json!({"exp": null}),
        json!({"exp": "soon"}),
        json!({"nbf": now() + 300}),
        json!({"iss": null}),
        json!({"iss": "https://issuer.example.evil"}),
        json!({"aud": null}),
        json!({"aud": ["mailman"]}),
        json!({"scope": "mailer openid"}),
        json!({"email": null}),
        json!({"email": ["alice@example.test"]}),
        json!({"email": ""}),
        json!({"email_verified": false}),
        json!({"email_verified": "false"}),
    ] {
        assert_eq!(said("alice@example.test", change.clone()).await, wrong, "{change}");
    }
    assert_eq!(said("alice@example.test", json!({"exp": now() - 61})).await, Verdict::Reject(Rejection::Expired));
    assert_eq!(said("bob@example.test", json!({})).await, wrong, "another's token");
    assert_eq!(said("", json!({"email": "eve@elsewhere.example"})).await, Verdict::Reject(Rejection::UnknownUser));
    assert_eq!(
        explain(&auth, password("alice@example.test", "x")).await.verdict,
        Verdict::Reject(Rejection::UnknownUser)
    );
}

/// The issuer says who somebody is; the account store says whether there is such an account, and whether it may log in.
#[tokio::test]
async fn the_account_must_exist() {
    let (dir, issuer) = (folder(), Issuer::new());
    let store = Store::open(&Store::path(dir.path())).expect("a store");
    let alice = Address::parse("alice@example.test").expect("an address");
    store.add(&alice, &Secret::new("right")).expect("added");
    let file = dir.path().join("jwks.json");
    std::fs::write(&file, issuer.keys("").to_string()).expect("written");
    for modules in [["accounts", "oauth"], ["oauth", "accounts"]] {
        store.set_active(&alice, true).expect("set");
        let auth = chain(&dir, &modules, |oauth| oauth.jwks_file = Some(file.clone()));
        let made = |name: &str| issuer.token(&json!({"alg": "EdDSA"}), &claims(json!({"email": name})));
        accepted(explain(&auth, token("", &made("Alice@example.test"))).await.verdict);
        let nobody = explain(&auth, token("", &made("nobody@example.test"))).await.verdict;
        assert_eq!(nobody, Verdict::Reject(Rejection::UnknownUser));
        accepted(explain(&auth, password("alice@example.test", "right")).await.verdict);
        store.set_active(&alice, false).expect("set");
        let off = explain(&auth, token("", &made("alice@example.test"))).await.verdict;
        assert_eq!(off, Verdict::Reject(Rejection::Disabled));
    }
}

/// Keys come from a file that changes, or from a URL, which is asked for unknown ones once a minute at the most.
#[tokio::test]
async fn keys_that_change() {
    let (dir, old, new) = (folder(), Issuer::new(), Issuer::new());
    let by = |issuer: &Issuer, kid: &str| issuer.token(&json!({"alg": "RS256", "kid": kid}), &claims(json!({})));
    let auth = with_file(&dir, &old);
    accepted(explain(&auth, token("", &by(&old, "rsa"))).await.verdict);
    std::fs::write(dir.path().join("jwks.json"), new.keys("new-").to_string()).expect("written");
    accepted(explain(&auth, token("", &by(&new, "new-rsa"))).await.verdict);
    let gone = explain(&auth, token("", &by(&old, "rsa"))).await.verdict;
    assert_eq!(gone, Verdict::Reject(Rejection::WrongPassword));
    for (text, said) in [
        ("[]", "no JWK set"),
        ("{\"keys\":[]}", "no key in it"),
        ("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"}]}", "no key in it"),
    ] {
        std::fs::write(dir.path().join("jwks.json"), text).expect("written");
        let cause = tempfail(explain(&auth, token("", &by(&new, "new-rsa"))).await.verdict);
        assert!(cause.contains("jwks.json") && cause.contains(said), "{cause}");
    }

    let asked = Arc::new(AtomicUsize::new(0));
    let (count, keys) = (Arc::clone(&asked), old.keys("").to_string());
    let server = Server::start(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        (200, "application/jwk-set+json", keys.clone().into_bytes())
    });
    let server = server.await;
    let auth = chain(&dir, &["oauth"], |oauth| oauth.jwks_url = Some(server.url("/keys")));
    for n in 0..5 {
        accepted(explain(&auth, token("", &by(&old, "rsa"))).await.verdict);
        let unknown = explain(&auth, token("", &by(&new, &format!("made-up-{n}")))).await.verdict;
        assert_eq!(unknown, Verdict::Reject(Rejection::WrongPassword));
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1, "it was read not a minute ago");
    drop(server);
    let gone = chain(&dir, &["oauth"], |oauth| oauth.jwks_url = Some("http://127.0.0.1:1/keys".to_owned()));
    let cause = tempfail(explain(&gone, token("", &by(&old, "rsa"))).await.verdict);
    assert!(cause.contains("http://127.0.0.1:1/keys") && cause.contains("Connection refused"), "{cause}");
}

/// RFC 7662 as the issuer implements it.
fn introspect(asked: &Asked) -> Answer {
    // me:s3cret
    if asked.header("authorization") != Some("Basic bWU6czNjcmV0") {
        return (401, "application/json", b"{}".to_vec());
    }
    assert_eq!(asked.header("content-type"), Some("application/x-www-form-urlencoded"));
    let token = asked.body.strip_prefix("token=").and_then(|rest| rest.strip_suffix("&token_type_hint=access_token"));
    let good = |change: Value| {
        let mut said = claims(change);
        said["active"] = Value::Bool(true);
        answer(said)
    };
    match token {
        Some("good%2Btoken%2F") => good(json!({})),
        Some("short") => good(json!({"exp": null, "iss": null, "nbf": null})),
        Some("others") => good(json!({"aud": "others"})),
        Some("old") => good(json!({"exp": now() - 100})),
        Some("ended") => answer(json!({"active": false, "exp": now() - 100})),
        Some("odd") => answer(json!({"active": "true", "email": "alice@example.test"})),
        Some("list") => answer("[]"),
        _ => answer(json!({"active": false})),
    }
}

#[tokio::test]
async fn the_issuer_is_asked() {
    let dir = folder();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let server = Server::start(move |question| {
        count.fetch_add(1, Ordering::Relaxed);
        introspect(&question)
    });
    let server = server.await;
    let secret = dir.path().join("client-secret");
    std::fs::write(&secret, "s3cret\n").expect("written");
    let auth = |secret: std::path::PathBuf| {
        chain(&dir, &["oauth"], |oauth| {
            oauth.introspection_url = Some(server.url("/introspect"));
            (oauth.client_id, oauth.client_secret_file) = (Some("me".to_owned()), Some(secret));
        })
    };
    let ours = auth(secret);
    ours.survey().await;
    assert!(ours.modules()[0].trouble.is_none(), "{:?}", ours.modules());
    let before = asked.load(Ordering::Relaxed);
    for _ in 0..3 {
        accepted(explain(&ours, token("alice@example.test", "good+token/")).await.verdict);
    }
    assert_eq!(asked.load(Ordering::Relaxed), before + 1, "it was active not long ago");
    accepted(explain(&ours, token("", "short")).await.verdict);
    for _ in 0..2 {
        let before = asked.load(Ordering::Relaxed);
        let revoked = explain(&ours, token("alice@example.test", "revoked")).await.verdict;
        assert_eq!(revoked, Verdict::Reject(Rejection::WrongPassword));
        assert_eq!(asked.load(Ordering::Relaxed), before + 1, "that it is not is never remembered");
    }
    let reason = async |name| explain(&ours, token("", name)).await.verdict;
    assert_eq!(reason("others").await, Verdict::Reject(Rejection::WrongPassword));
    assert_eq!(reason("old").await, Verdict::Reject(Rejection::Expired));
    assert_eq!(reason("ended").await, Verdict::Reject(Rejection::Expired));
    let cause = tempfail(reason("odd").await);
    assert!(cause.contains("does not say `active`"), "{cause}");
    let cause = tempfail(reason("list").await);
    assert!(cause.contains("not a JSON object"), "{cause}");
    // MISSION 002-09: that the issuer does not know us is nobody's wrong token.
    std::fs::write(dir.path().join("wrong"), "no").expect("written");
    let cause = tempfail(explain(&auth(dir.path().join("wrong")), token("", "short")).await.verdict);
    assert!(cause.contains("status 401; does it know us"), "{cause}");
    let cause = tempfail(explain(&auth(dir.path().join("none")), token("", "short")).await.verdict);
    assert!(cause.contains("auth.oauth.client_secret_file: cannot read"), "{cause}");
}
