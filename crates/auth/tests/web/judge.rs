//! `http`.

use std::time::Duration;

use auth::{Auth, Rejection, Resolution, Verdict};
use config::Config;
use message::Address;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::server::{Answer, Asked, Server, json as answer};
use crate::{accepted, explain, password, tempfail};

fn chain(dir: &TempDir, url: &str, change: impl FnOnce(&mut config::Http)) -> Auth {
    let mut config = Config::example(dir.path());
    config.auth.chain = vec!["http".to_owned()];
    config.modules.http.url = Some(url.to_owned());
    change(&mut config.modules.http);
    Auth::new(&config)
}

/// Knows brian, whose password is `right`, and answers in other ways to others.
fn judge(asked: Asked) -> Answer {
    let question: Value = serde_json::from_str(&asked.body).expect("JSON");
    assert_eq!((asked.method.as_str(), asked.header("content-type")), ("POST", Some("application/json")));
    let account = json!({"address": "brian@example.test", "home": "/home/brian", "uid": 1000});
    match (question["question"].as_str(), question["user"].as_str()) {
        (Some("survey"), _) => answer(json!({"verdict": "accept"})),
        (_, Some("brian@example.test")) if question["question"] == "lookup" || question["password"] == "right" => {
            answer(json!({"verdict": "accept", "account": account}))
        }
        (_, Some("brian@example.test")) => answer(json!({"verdict": "reject", "reason": "wrong password"})),
        (_, Some("down@example.test")) => answer(json!({"verdict": "tempfail", "cause": "the database is down"})),
        (_, Some("moved@example.test")) => (302, "text/html", vec![]),
        (_, Some("broken@example.test")) => (500, "text/html", b"<h1>oops</h1>".to_vec()),
        (_, Some("page@example.test")) => (200, "text/html", b"{\"verdict\":\"accept\"}".to_vec()),
        (_, Some("garbage@example.test")) => answer("{\"verdict\":"),
        (_, Some("flood@example.test")) => answer("x".repeat(10 << 20)),
        (_, Some("yes@example.test")) => answer("\"accept\""),
        (_, Some("token@example.test")) if asked.header("authorization") == Some("Bearer s3cret") => {
            answer(json!({"verdict": "accept"}))
        }
        _ => answer(json!({"verdict": "reject", "reason": "unknown user"})),
    }
}

#[tokio::test]
async fn accept_reject_and_lookup() {
    let (dir, server) = (tempfile::tempdir().expect("a folder"), Server::start(judge).await);
    let auth = chain(&dir, &server.url("/judge"), |_| ());
    auth.survey().await;
    assert!(auth.modules()[0].trouble.is_none());
    let account = accepted(explain(&auth, password("brian@example.test", "right")).await.verdict);
    assert_eq!((account.maildir.to_str(), account.uid), (Some("/home/brian/Maildir"), Some(1000)));
    let wrong = explain(&auth, password("brian@example.test", "wrong")).await.verdict;
    assert_eq!(wrong, Verdict::Reject(Rejection::WrongPassword));
    let unknown = explain(&auth, password("nobody@example.test", "right")).await.verdict;
    assert_eq!(unknown, Verdict::Reject(Rejection::UnknownUser));
    let address = |text| Address::parse(text).expect("an address");
    assert!(matches!(auth.resolve(&address("brian@example.test")).await, Resolution::Account(_)));
    assert_eq!(auth.resolve(&address("nobody@example.test")).await, Resolution::Unknown);
}

/// MISSION 002-09: what is no answer is no wrong password; the cause says what came.
#[tokio::test]
async fn what_is_no_answer() {
    let (dir, server) = (tempfile::tempdir().expect("a folder"), Server::start(judge).await);
    for (user, said) in [
        ("down", "the database is down"),
        ("moved", "status 302; redirects are not followed"),
        ("broken", "status 500; look at its log"),
        ("page", "\"text/html\" instead of application/json"),
        ("garbage", "not as agreed"),
        ("flood", "longer than 262144 octets"),
        ("yes", "not as agreed"),
    ] {
        let auth = chain(&dir, &server.url("/judge?key=secret"), |_| ());
        let cause = tempfail(explain(&auth, password(&format!("{user}@example.test"), "right")).await.verdict);
        assert!(cause.contains(said) && cause.contains(&server.url("/judge")), "{user}: {cause}");
        assert!(!cause.contains("secret"), "{cause}");
    }
}

#[tokio::test]
async fn a_token_in_a_file() {
    let (dir, server) = (tempfile::tempdir().expect("a folder"), Server::start(judge).await);
    let file = dir.path().join("token");
    let auth = chain(&dir, &server.url("/"), |http| http.token_file = Some(file.clone()));
    let cause = tempfail(explain(&auth, password("token@example.test", "x")).await.verdict);
    assert!(cause.contains("auth.http.token_file: cannot read"), "{cause}");
    std::fs::write(&file, "s3cret\n").expect("written");
    accepted(explain(&auth, password("token@example.test", "x")).await.verdict);
}

#[tokio::test]
async fn tls_with_an_authority_of_ones_own() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Server::with_tls(dir.path(), judge).await;
    let url = format!("https://localhost:{}/", server.address.port());
    let ca = Some(dir.path().join("ca.pem"));
    let auth = chain(&dir, &url, |http| http.ca_file = ca);
    accepted(explain(&auth, password("brian@example.test", "right")).await.verdict);
    let cause = tempfail(explain(&chain(&dir, &url, |_| ()), password("brian@example.test", "right")).await.verdict);
    assert!(cause.contains("UnknownIssuer") && cause.contains("its authority in ca_file?"), "{cause}");
    let elsewhere = chain(&dir, "http://192.0.2.1/", |_| ());
    let cause = tempfail(explain(&elsewhere, password("brian@example.test", "right")).await.verdict);
    assert!(cause.contains("only for this very machine"), "{cause}");
}

/// A service that hangs is given up; one that stops and comes back serves again.
#[tokio::test]
async fn hangs_stops_and_comes_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", silent.local_addr().expect("an address"));
    let auth = chain(&dir, &url, |http| http.guard.timeout = Duration::from_millis(300));
    let cause = tempfail(explain(&auth, password("brian@example.test", "right")).await.verdict);
    assert!(cause.contains("no answer within 300ms"), "{cause}");
    let server = Server::start(judge).await;
    let (url, address) = (server.url("/"), server.address);
    let auth = chain(&dir, &url, |_| ());
    accepted(explain(&auth, password("brian@example.test", "right")).await.verdict);
    drop(server);
    let refused = async {
        loop {
            let verdict = explain(&auth, password("brian@example.test", "right")).await.verdict;
            if let Verdict::TempFail(tempfail) = verdict
                && tempfail.cause.contains("Connection refused")
            {
                return tempfail.cause;
            }
            tokio::task::yield_now().await;
        }
    };
    let cause = tokio::time::timeout(Duration::from_secs(10), refused).await.expect("it is gone");
    assert!(cause.contains("does it run"), "{cause}");
    let _again = Server::again(address, judge).await;
    // The breaker may be open for a moment.
    let back = async {
        while !matches!(explain(&auth, password("brian@example.test", "right")).await.verdict, Verdict::Accept(_)) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), back).await.expect("it is back");
}

/// A kept connection that the other side has closed is no trouble: the question is asked once more.
#[tokio::test]
async fn a_connection_that_was_closed_meanwhile() {
    let dir = tempfile::tempdir().expect("a folder");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    // Each connection answers once and promises to stay, but closes on the second question.
    let server = tokio::spawn(async move {
        let body = r#"{"verdict":"accept"}"#;
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        while let Ok((mut socket, _)) = listener.accept().await {
            let head = head.clone();
            tokio::spawn(async move {
                let _ = socket.read(&mut [0; 4096]).await;
                let _ = socket.write_all(format!("{head}{body}").as_bytes()).await;
                let _ = socket.read(&mut [0; 1]).await;
            });
        }
    });
    let auth = chain(&dir, &url, |_| ());
    for _ in 0..4 {
        accepted(explain(&auth, password("brian@example.test", "right")).await.verdict);
    }
    server.abort();
}

/// A judge that leaves the hash to us knows at once whom it does not know: the answer takes as long all the same.
#[tokio::test]
async fn an_unknown_user_costs_as_many_hashes_as_a_known_one() {
    let leaves = |asked: Asked| {
        let question: Value = serde_json::from_str(&asked.body).expect("JSON");
        match question["user"].as_str() {
            Some("brian@example.test") => {
                answer(json!({"verdict": "judge", "stored": ["{SSHA}yGz/QOOBS7KS8MJA0HJV6N+xCfRwZmcz"]}))
            }
            _ => answer(json!({"verdict": "reject", "reason": "unknown user"})),
        }
    };
    let (dir, server) = (tempfile::tempdir().expect("a folder"), Server::start(leaves).await);
    let auth = chain(&dir, &server.url("/judge"), |_| ());
    for (user, expected) in [("brian", Rejection::WrongPassword), ("nobody", Rejection::UnknownUser)] {
        let before = auth.hashes();
        let verdict = explain(&auth, password(&format!("{user}@example.test"), "wrong")).await.verdict;
        assert_eq!((verdict, auth.hashes()), (Verdict::Reject(expected), before + 1), "{user}");
    }
}
