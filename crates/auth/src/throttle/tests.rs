//! No clock is needed: the time is handed in.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use config::Limits;

use super::window::Windows;
use super::{Throttle, delay};

fn limits() -> Limits {
    Limits { auth_failures_per_ip: 5, auth_failures_per_account: 3, ..Limits::default() }
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// Fails `times` with different passwords.
fn fail(throttle: &Throttle, peer: &str, account: &str, times: u64) {
    let attempt = throttle.attempt(ip(peer), account);
    for n in 0..times {
        let password = throttle.password(account, &n.to_be_bytes());
        throttle.failed(attempt, Some(password), &limits(), Instant::now());
    }
}

#[test]
fn an_account_is_guarded_but_not_against_its_owner() {
    let (throttle, now) = (Throttle::new(), Instant::now());
    let blocked = |peer: &str, account| throttle.blocked(throttle.attempt(ip(peer), account), &limits(), now);
    throttle.succeeded(throttle.attempt(ip("192.0.2.1"), "a@x"), &limits(), now);
    fail(&throttle, "198.51.100.1", "a@x", 3);
    assert!(blocked("198.51.100.1", "a@x") && blocked("198.51.100.2", "a@x"));
    assert!(!blocked("192.0.2.1", "a@x") && !blocked("198.51.100.1", "b@x"));
}

/// A house behind one address, where one device guesses: who logged in from there stays in.
#[test]
fn an_address_with_a_recent_success_has_grace() {
    let (throttle, now) = (Throttle::new(), Instant::now());
    throttle.succeeded(throttle.attempt(ip("192.0.2.1"), "a@x"), &limits(), now);
    for n in 0..5 {
        fail(&throttle, "192.0.2.1", &n.to_string(), 1);
    }
    let blocked = |account| throttle.blocked(throttle.attempt(ip("192.0.2.1"), account), &limits(), now);
    assert!(blocked("b@x") && !blocked("a@x"));
    // A neighbour who guesses the password of that very account is stopped all the same.
    fail(&throttle, "192.0.2.1", "a@x", 3);
    assert!(blocked("a@x"));
}

#[test]
fn not_long_ago_ends() {
    let limits = Limits { auth_failure_window: Duration::from_secs(1), ..limits() };
    let throttle = Throttle::new();
    let attempt = throttle.attempt(ip("192.0.2.1"), "a@x");
    let long_ago = Instant::now().checked_sub(Duration::from_secs(60)).expect("the machine has been up for a minute");
    throttle.succeeded(attempt, &limits, long_ago);
    assert!(!throttle.is_known(attempt, &limits));
    throttle.succeeded(attempt, &limits, Instant::now());
    assert!(throttle.is_known(attempt, &limits));
}

/// No more guesses are under way than may fail; the others wait, and are not looked at once the limit is reached.
#[tokio::test]
async fn parallel_guesses_do_not_pass_the_limit() {
    let throttle = Throttle::new();
    let attempt = throttle.attempt(ip("192.0.2.1"), "a@x");
    let judged = std::sync::atomic::AtomicU32::new(0);
    let guess = async |n: u64| {
        let Some(underway) = throttle.enter(attempt, &limits()).await else { return };
        judged.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        tokio::task::yield_now().await;
        throttle.failed(attempt, Some(throttle.password("a@x", &n.to_be_bytes())), &limits(), Instant::now());
        drop(underway);
    };
    let all = [0_u64, 1, 2, 3, 4, 5, 6, 7].map(|n| Box::pin(guess(n)));
    futures(all).await;
    assert_eq!(judged.into_inner(), 3);
}

/// Runs them all at once, on one thread.
async fn futures<F: Future<Output = ()>>(all: impl IntoIterator<Item = std::pin::Pin<Box<F>>>) {
    let mut open: Vec<_> = all.into_iter().collect();
    std::future::poll_fn(|cx| {
        open.retain_mut(|future| future.as_mut().poll(cx).is_pending());
        if open.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

#[test]
fn an_address_is_an_ipv4_address_or_a_64() {
    let (throttle, now) = (Throttle::new(), Instant::now());
    for n in 0..5 {
        fail(&throttle, "2001:db8::1", &n.to_string(), 1);
        fail(&throttle, "192.0.2.1", &n.to_string(), 1);
    }
    let blocked = |peer: &str| throttle.blocked(throttle.attempt(ip(peer), "somebody@x"), &limits(), now);
    assert!(blocked("2001:db8::ffff") && !blocked("2001:db8:0:1::1"));
    assert!(blocked("192.0.2.1") && blocked("::ffff:192.0.2.1") && !blocked("192.0.2.2"));
}

#[test]
fn the_same_wrong_password_counts_once() {
    let (throttle, now) = (Throttle::new(), Instant::now());
    let attempt = throttle.attempt(ip("192.0.2.1"), "a@x");
    let password = throttle.password("a@x", b"old");
    for _ in 0..100 {
        throttle.failed(attempt, Some(password), &limits(), now);
    }
    assert!(!throttle.blocked(attempt, &limits(), now));
    assert_ne!(password, throttle.password("b@x", b"old"));
    // A proof shows no password: each counts.
    for _ in 0..3 {
        throttle.failed(attempt, None, &limits(), now);
    }
    assert!(throttle.blocked(attempt, &limits(), now));
}

#[test]
fn half_is_forgotten_in_half_a_window() {
    let (mut windows, now, window) = (Windows::default(), Instant::now(), Duration::from_secs(600));
    for n in 0..8 {
        windows.failed(1, Some(n), window, now);
    }
    let after = |seconds| windows.count(1, window, now + Duration::from_secs(seconds));
    assert_eq!((after(0), after(300), after(600), after(6000)), (8, 4, 2, 0));
}

#[test]
fn delays_grow_and_end() {
    let second = Duration::from_secs(1);
    assert_eq!(limits().auth_delay, second);
    assert_eq!(delay(second, 1), second);
    assert!(delay(second, 2) > delay(second, 1) && delay(second, 5) <= 2 * second);
    assert_eq!(delay(second, u32::MAX), 5 * second);
}

#[test]
fn a_flood_of_names_is_bounded_and_pushes_out_no_real_guesser() {
    let (mut windows, now, window) = (Windows::default(), Instant::now(), Duration::from_secs(600));
    for n in 0..20 {
        windows.failed(u64::MAX, Some(n), window, now);
    }
    for key in 0..100_000 {
        windows.failed(key, None, window, now);
    }
    assert!(windows.len() <= 20_000);
    assert!(windows.count(u64::MAX, window, now) > 19);
}

/// MISSION 000-08: as long as the config says, be it nothing or longer than delays grow by themselves.
#[test]
fn the_first_delay_is_the_configs() {
    let (throttle, now) = (Throttle::new(), Instant::now());
    let failed = |peer: &str, auth_delay| {
        throttle.failed(throttle.attempt(ip(peer), "a@x"), None, &Limits { auth_delay, ..limits() }, now)
    };
    assert_eq!(failed("192.0.2.1", Duration::ZERO), Duration::ZERO);
    assert_eq!(failed("192.0.2.2", Duration::from_secs(2)), Duration::from_secs(2));
    assert_eq!(failed("192.0.2.3", Duration::from_secs(10)), Duration::from_secs(10));
    assert_eq!(failed("192.0.2.3", Duration::from_secs(10)), Duration::from_secs(10));
}
