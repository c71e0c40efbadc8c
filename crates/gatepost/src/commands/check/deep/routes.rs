//! Each route, tried as far as its login: MAIL is never said (MISSION 002-29, 002-30, 002-32).

use std::sync::Arc;

use config::Route;
use relay::{Obstacle, ObstacleKind, Preflight};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::report::{Area, Finding, Severity};
use super::{Scene, typos};

/// Smarthosts that are spoken with at the same time.
const AT_ONCE: usize = 4;

/// Tries them.
pub(super) async fn check(scene: &Scene<'_>) -> Vec<Finding> {
    let (places, config) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(scene.config.clone()));
    let mut tries = JoinSet::new();
    for (n, route) in distinct(&scene.config.routes).into_iter().enumerate() {
        let (route, places, config, wait) = (route.clone(), Arc::clone(&places), Arc::clone(&config), scene.wait);
        tries.spawn(async move {
            let _place = places.acquire().await;
            let tried = relay::preflight(&config, &route, wait).await;
            (n, route, tried)
        });
    }
    let mut tried = tries.join_all().await;
    tried.sort_by_key(|(n, ..)| *n);
    tried.iter().flat_map(|(_, route, tried)| one(route, tried)).collect()
}

/// Several destinations may go one way: it is tried once, as a wrong password counts each time.
fn distinct(routes: &[Route]) -> Vec<&Route> {
    let same =
        |a: &Route, b: &Route| Route { to: String::new(), ..a.clone() } == Route { to: String::new(), ..b.clone() };
    let mut distinct: Vec<&Route> = Vec::new();
    for route in routes {
        if !distinct.iter().any(|known| same(known, route)) {
            distinct.push(route);
        }
    }
    distinct
}

fn finding(severity: Severity, id: &'static str, route: &Route, found: impl ToString) -> Finding {
    let what = format!("to {} via {}:{}", route.to, route.host, route.port);
    Finding::new((Area::Routes, severity, id), what, found.to_string())
}

fn one(route: &Route, tried: &Preflight) -> Vec<Finding> {
    let mut findings = vec![match (&tried.trouble, &tried.answer, tried.mechanism) {
        (Some(obstacle), ..) => failed(route, tried, obstacle),
        (None, Some(answer), Some(mechanism)) => {
            // RFC 4954 §6: 235 is the one reply that means "you are logged in".
            let right = answer.starts_with("235");
            let user = route.user.as_deref().unwrap_or_default();
            let found = format!("logged in as {user} by {mechanism}, {}: {answer}", protection(tried));
            match right {
                true => finding(Severity::Ok, "route-login", route, found),
                false => finding(Severity::Warning, "route-odd-login", route, format!("{found} (not 235)"))
                    .fix("ask the provider: 235 is the reply that means success"),
            }
        }
        (None, ..) => {
            finding(Severity::Ok, "route-open", route, format!("takes us without a login, {}", protection(tried)))
        }
    }];
    if let Some(finding) = findings.first_mut() {
        finding.evidence.extend(offers(tried));
    }
    let refused = tried.trouble.as_ref().is_some_and(|obstacle| obstacle.kind == ObstacleKind::Login);
    for (found, fix) in typos::of(route, refused) {
        findings.push(finding(Severity::Note, "route-typo", route, found).fix(fix));
    }
    findings
}

fn protection(tried: &Preflight) -> String {
    match tried.tls {
        Some(version) => format!("inside {version}"),
        None => "in clear".to_owned(),
    }
}

/// What was offered before and inside TLS (MISSION 002-32).
fn offers(tried: &Preflight) -> Vec<String> {
    let list = |lines: &[String]| if lines.is_empty() { "nothing".to_owned() } else { lines.join(", ") };
    let host = tried.host.iter().map(|host| format!("spoke with {host}"));
    let before = tried.before_tls.iter().map(|lines| format!("offers in clear: {}", list(lines)));
    let inside = tried.inside_tls.iter().map(|lines| format!("offers inside TLS: {}", list(lines)));
    let trouble = tried.trouble.as_ref().and(tried.answer.as_ref());
    let answer = trouble.map(|answer| format!("answered the login: {answer}"));
    host.chain(before).chain(inside).chain(answer).collect()
}

fn failed(route: &Route, tried: &Preflight, obstacle: &Obstacle) -> Finding {
    let secret = route.token_file.as_ref().or(route.password_file.as_ref());
    let secret = secret.map(|path| path.display().to_string()).unwrap_or_default();
    let key = if route.token_file.is_some() { "token_file" } else { "password_file" };
    let user = route.user.as_deref().unwrap_or("nobody");
    let (severity, id, fix) = match obstacle.kind {
        ObstacleKind::Name => {
            (Severity::Error, "route-name", format!("via = a host that has an address, not {:?}", route.host))
        }
        ObstacleKind::Connection if route.port == 25 => {
            let fix = "via = \"…:587\": many networks block outgoing port 25";
            (Severity::Error, "route-connection", fix.to_owned())
        }
        ObstacleKind::Connection => (
            Severity::Error,
            "route-connection",
            "via = the provider's host and port (587, or 465 with tls = \"implicit\"); is there a firewall?".to_owned(),
        ),
        ObstacleKind::Tls => (Severity::Error, "route-tls", tls_fix(route, tried)),
        ObstacleKind::Secret => (
            Severity::Error,
            "route-secret",
            format!("chmod 600 {secret}; its first line is the {}", key.trim_end_matches("_file")),
        ),
        ObstacleKind::Login => {
            (Severity::Error, "route-login-refused", format!("user = … (now {user}), and the first line of {secret}"))
        }
        ObstacleKind::Mechanism => (
            Severity::Error,
            "route-mechanism",
            "another port of the provider's (587, 465): see what it offers".to_owned(),
        ),
        ObstacleKind::Refused => (
            Severity::Warning,
            "route-refused",
            "ask the provider what it has against this address; try again later".to_owned(),
        ),
    };
    finding(severity, id, route, &obstacle.why).fix(fix)
}

fn tls_fix(route: &Route, tried: &Preflight) -> String {
    let offers_tls = |lines: &Vec<String>| lines.iter().any(|line| line.trim().eq_ignore_ascii_case("STARTTLS"));
    match &tried.before_tls {
        Some(lines) if !offers_tls(lines) => {
            "another port of the provider's (465 with tls = \"implicit\"): this one offers no STARTTLS".to_owned()
        }
        // It spoke in clear, and then the certificate was not good.
        Some(_) => "ca_file = the provider's CA, or via = the name that its certificate is for".to_owned(),
        None if route.port == 465 => {
            "tls = \"implicit\" is right for 465; via = the name that its certificate is for".to_owned()
        }
        None => "tls = \"starttls\" for 587, tls = \"implicit\" for 465".to_owned(),
    }
}
