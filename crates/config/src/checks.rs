//! What one key says about another.

mod modules;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

use crate::finding::Cause;
use crate::kinds::MINUTE;
use crate::model::Config;
use crate::reading::Reading;

/// Looks at the whole config.
pub(crate) fn check(config: &Config, reading: &mut Reading<'_>) {
    names(config, reading);
    listeners(config, reading);
    tls(config, reading);
    auth(config, reading);
    modules::check(config, reading);
    authd(config, reading);
    queue(config, reading);
    routes(config, reading);
    limits(config, reading);
}

fn names(config: &Config, reading: &mut Reading<'_>) {
    for (n, domain) in config.domains.iter().enumerate() {
        if config.domains[..n].contains(domain) {
            reading.at("domains", Cause::Twice(domain.to_string()), "each domain once");
        }
    }
    if !config.domains.is_empty() && config.postmaster.is_none() {
        let cause = Cause::Doubtful("no `postmaster`: without an account or alias of that name its mail is refused");
        reading.at("postmaster", cause, "postmaster = \"you@example.org\" (RFC 5321 §4.5.1)");
    }
}

fn listeners(config: &Config, reading: &mut Reading<'_>) {
    let mut taken = HashMap::new();
    for listener in &config.listen {
        let name = listener.service.name();
        // Port 0 is a free port, a new one each time.
        if listener.address.port() == 0 {
            continue;
        }
        if let Some(other) = taken.insert(listener.address, name) {
            let cause = Cause::AddressTaken { address: listener.address, other };
            reading.at(&format!("listen.{name}"), cause, "an address and port that no other service has");
        }
    }
}

fn tls(config: &Config, reading: &mut Reading<'_>) {
    let (certificate, key) = (&config.tls.certificate, &config.tls.key);
    let pair = |key: &str, other: &str| Cause::Without { key: key.to_owned(), other: other.to_owned() };
    match (certificate.is_some(), key.is_some()) {
        (true, false) => reading.at("tls.certificate", pair("certificate", "key"), "set both, or neither"),
        (false, true) => reading.at("tls.key", pair("key", "certificate"), "set both, or neither"),
        (true, true) => {}
        (false, false) => {
            let cause = Cause::Doubtful(if config.auth.require_tls {
                "no certificate: no TLS, and so nobody can log in"
            } else {
                "no certificate: no TLS, and passwords travel in clear"
            });
            reading.at("tls.certificate", cause, "certificate and key in [tls]");
        }
    }
}

fn auth(config: &Config, reading: &mut Reading<'_>) {
    if config.auth.chain.is_empty() {
        reading.at("auth.chain", Cause::Empty("chain".to_owned()), "at least one module: [\"accounts\"]");
    }
    for (n, module) in config.auth.chain.iter().enumerate() {
        if config.auth.chain[..n].contains(module) {
            reading.at("auth.chain", Cause::Twice(module.clone()), "each module once");
        }
    }
    let asked = |module: &str| config.auth.chain.iter().any(|name| name == module);
    if asked("passwd-file") && config.modules.passwd_file.path.is_none() {
        let cause = Cause::Without { key: "passwd-file".to_owned(), other: "path".to_owned() };
        reading.at("auth.chain", cause, "[auth.passwd-file] path = \"/etc/dovecot/users\"");
    }
    programs(config, reading);
    if config.auth.default_domain.as_ref().is_some_and(|domain| !config.domains.contains(domain)) {
        let cause = Cause::Doubtful("`default_domain` is none of `domains`");
        reading.at("auth.default_domain", cause, "one of `domains`");
    }
}

/// The modules that run a program.
fn programs(config: &Config, reading: &mut Reading<'_>) {
    let (checker, judge) = (&config.modules.checkpassword.command, &config.modules.exec.command);
    for (module, command, example) in [
        ("checkpassword", checker, "[auth.checkpassword] command = [\"/usr/local/bin/checker\"]"),
        ("exec", judge, "[auth.exec] command = [\"/usr/local/bin/judge\"]"),
    ] {
        if command.is_empty() && config.auth.chain.iter().any(|name| name == module) {
            let cause = Cause::Without { key: module.to_owned(), other: "command".to_owned() };
            reading.at("auth.chain", cause, example);
        }
    }
    // MISSION 002-07: the program that stood behind a checker, without the checker, would let everybody in.
    if let [word] = checker.as_slice()
        && matches!(word.rsplit('/').next(), Some("true" | "env"))
    {
        let cause = Cause::Doubtful("this accepts everybody: the program that checks comes first, and this behind it");
        reading.at("auth.checkpassword.command", cause, "[\"/usr/local/bin/checker\", \"/bin/true\"]");
    }
}

/// Two sockets at one path would be one socket, in whichever protocol came last.
fn authd(config: &Config, reading: &mut Reading<'_>) {
    let mut taken: HashSet<&Path> = config.authd.socket.as_deref().into_iter().collect();
    let lists =
        [("courier_sockets", &config.authd.courier_sockets), ("dovecot_sockets", &config.authd.dovecot_sockets)];
    for (key, socket) in lists.into_iter().flat_map(|(key, sockets)| sockets.iter().map(move |socket| (key, socket))) {
        if !taken.insert(socket) {
            let cause = Cause::Twice(socket.display().to_string());
            reading.at(&format!("authd.{key}"), cause, "a path of its own for each socket");
        }
    }
    if config.authd.socket_mode & 0o007 != 0 {
        let cause = Cause::Doubtful("whoever can connect to this socket can read the SCRAM keys of all accounts");
        reading.at("authd.socket_mode", cause, "\"0600\", or \"0660\" with `socket_group`");
    }
}

fn queue(config: &Config, reading: &mut Reading<'_>) {
    let queue = &config.queue;
    if queue.retry.is_empty() {
        reading.at("queue.retry", Cause::Empty("retry".to_owned()), "at least one time: [\"5m\"]");
    }
    if queue.warn_after >= queue.lifetime {
        let cause = Cause::Doubtful("`warn_after` is not before `lifetime`: nobody will be told of a late message");
        reading.at("queue.warn_after", cause, "a time shorter than lifetime, or \"0\"");
    }
    if queue.retry.first().is_some_and(|first| *first > queue.lifetime) {
        let cause = Cause::Doubtful("the first `retry` is later than `lifetime`: mail is sent back after one attempt");
        reading.at("queue.retry", cause, "times shorter than lifetime");
    }
}

fn routes(config: &Config, reading: &mut Reading<'_>) {
    let mut all = false;
    for (n, route) in config.routes.iter().enumerate() {
        let key = format!("route.{n}.to");
        if config.routes[..n].iter().any(|other| other.to == route.to) {
            reading.at(&key, Cause::Twice(route.to.clone()), "one route for each destination: the first counts");
        } else if all {
            let cause = Cause::Doubtful("this route is never used: one above it is for \"*\"");
            reading.at(&key, cause, "write the route for \"*\" last");
        }
        all |= route.to == "*";
    }
}

fn limits(config: &Config, reading: &mut Reading<'_>) {
    let limits = &config.limits;
    if limits.recipients < 100 {
        let cause = Cause::Doubtful("other servers send up to 100 recipients at once");
        reading.at("limits.recipients", cause, "100 or more (RFC 5321 §4.5.3.1.8)");
    }
    if limits.message_size < 65_536 {
        let cause = Cause::Doubtful("every server must take messages of 64 KiB");
        reading.at("limits.message_size", cause, "\"64 KiB\" or more (RFC 5321 §4.5.3.1.7)");
    }
    let floors: [(&str, Duration, Duration, &str); 3] = [
        ("limits.smtp_idle", limits.smtp_idle, 5 * MINUTE, "\"5m\" or more (RFC 5321 §4.5.3.2.7)"),
        ("limits.pop3_idle", limits.pop3_idle, 10 * MINUTE, "\"10m\" or more (RFC 1939 §3)"),
        ("limits.imap_idle", limits.imap_idle, 30 * MINUTE, "\"30m\" or more (RFC 3501 §5.4)"),
    ];
    for (key, time, floor, allowed) in floors {
        if time < floor {
            reading.at(key, Cause::Doubtful("shorter than the standard allows: clients may be cut off"), allowed);
        }
    }
}
