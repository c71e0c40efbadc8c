//! A checker out of bounds is stopped, and is never a wrong password.

use std::time::{Duration, Instant};

use auth::Verdict;

use crate::asked::{Asked, accepted, temporary, trail};

/// Refuses those who do not exist.
const OTHERS: &str = "user=$(tr '\\0' '\\n' <&3 | head -n 1); [ \"$user\" = brian ] || exit 1; ";

fn checker(script: &str, change: impl FnOnce(&mut config::Checkpassword)) -> Asked {
    Asked::checker(&["/bin/sh", "-c", &format!("{OTHERS}{script}"), "checker"], change)
}

#[tokio::test]
async fn one_that_hangs() {
    let asked = checker("sleep 600", |settings| settings.guard.timeout = Duration::from_secs(1));
    let started = Instant::now();
    let told = asked.login("brian", "right").await;
    assert!(temporary(&told).contains("auth.checkpassword.timeout"), "{}", trail(&told));
    assert!(started.elapsed() < Duration::from_secs(15));
}

/// Logins that do not hang are not held by those that do.
#[tokio::test]
async fn one_login_that_hangs_does_not_hold_another() {
    let script =
        "user=$(tr '\\0' '\\n' <&3 | head -n 1); case $user in slow) sleep 600;; brian) exec \"$@\";; *) exit 1;; esac";
    let asked = Asked::checker(&["/bin/sh", "-c", script, "checker"], |_| {});
    tokio::select! {
        told = asked.login("slow", "x") => panic!("{}", trail(&told)),
        told = asked.login("brian", "right") => { accepted(&told); }
    }
}

#[tokio::test]
async fn one_that_wants_too_much_memory() {
    let hog = "dd bs=200M count=1 if=/dev/zero of=/dev/null || exit 111; exec \"$@\"";
    let asked = checker(hog, |settings| settings.memory = 64 << 20);
    let told = asked.login("brian", "right").await;
    assert!(temporary(&told).contains("exit code 111"), "{}", trail(&told));
    assert!(trail(&told).contains("it said: dd: memory exhausted"), "{}", trail(&told));
    accepted(&checker(hog, |settings| settings.memory = 1 << 30).login("brian", "right").await);
}

#[tokio::test]
async fn one_that_floods() {
    for flood in ["yes", "yes >&2"] {
        let told = checker(flood, |_| {}).login("brian", "right").await;
        assert!(temporary(&told).contains("wrote more than 65536 octets and was killed"), "{}", trail(&told));
    }
}

/// Descriptor 3 is all that it has besides the standard ones, and it ends.
#[tokio::test]
async fn it_sees_no_descriptor_of_ours() {
    let asked = checker(
        "cd /proc/self/fd; for fd in *; do [ \"$fd\" -le 3 ] || readlink \"$fd\" && echo \"leaked $fd\" >&2; done; exit 1",
        |_| {},
    );
    // The server's own, as it has them.
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a socket");
    let told = asked.login("brian", "right").await;
    assert!(matches!(told.verdict, Verdict::Reject(_)) && !trail(&told).contains("socket:"), "{}", trail(&told));
    drop(socket);
}
