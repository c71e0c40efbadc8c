//! The numbers as text.

use std::sync::atomic::AtomicU64;

use auth::overview::{InChain, Overview};
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::control::Status;

type Labels = Vec<(&'static str, String)>;
type Counts = Family<Labels, Counter>;
type Seconds = Family<Labels, Counter<f64, AtomicU64>>;
type States = Family<Labels, Gauge>;

/// All of them, with their help.
pub(super) fn encode(overview: &Overview, status: &Status) -> String {
    let mut registry = Registry::with_prefix("gatepost");
    server(&mut registry, status);
    logins(&mut registry, overview);
    modules(&mut registry, &overview.chain);
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = text::encode(&mut text, &registry);
    text
}

fn server(registry: &mut Registry, status: &Status) {
    let gauge = |value: usize| {
        let gauge = Gauge::<i64>::default();
        gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        gauge
    };
    registry.register("sessions", "Sessions now", gauge(status.sessions));
    registry.register("queued_messages", "Messages in the queue", gauge(status.queued));
}

fn logins(registry: &mut Registry, overview: &Overview) {
    let attempts = Counts::default();
    for count in &overview.attempts {
        let labels = vec![
            ("service", count.service.clone()),
            ("mechanism", count.mechanism.clone()),
            ("outcome", count.outcome.words().to_owned()),
        ];
        attempts.get_or_create(&labels).inc_by(count.attempts);
    }
    registry.register("login_attempts", "Login attempts by service, mechanism and outcome", attempts);
    let (offered, never) = (States::default(), States::default());
    for mechanism in &overview.mechanisms {
        let name = &mechanism.mechanism;
        for (tls, is) in [("true", mechanism.inside_tls), ("false", mechanism.in_clear)] {
            let labels = vec![("mechanism", name.clone()), ("tls", tls.to_owned())];
            offered.get_or_create(&labels).set(is.into());
        }
        let failed = overview.never_worked.iter().any(|(known, _)| known == name);
        never.get_or_create(&vec![("mechanism", name.clone())]).set(failed.into());
    }
    registry.register("mechanism_offered", "Whether a mechanism is offered", offered);
    let help = "Whether a mechanism was tried in vain, and never with success";
    registry.register("mechanism_never_worked", help, never);
    let counter = |value| {
        let counter = Counter::<u64>::default();
        counter.inc_by(value);
        counter
    };
    registry.register("password_hashes", "Password hashes since the last reload", counter(overview.hashes));
    let help = "Login attempts that could not be written down";
    registry.register("login_attempts_dropped", help, counter(overview.dropped));
}

fn modules(registry: &mut Registry, chain: &[InChain]) {
    let (reachable, verdicts, seconds) = (States::default(), Counts::default(), Seconds::default());
    for module in chain {
        let label = ("module", module.module.clone());
        reachable.get_or_create(&vec![label.clone()]).set(module.reachable.into());
        seconds.get_or_create(&vec![label.clone()]).inc_by(module.seconds);
        let each = [("accept", module.accepted), ("reject", module.rejected), ("tempfail", module.tempfailed)];
        for (verdict, count) in each {
            verdicts.get_or_create(&vec![label.clone(), ("verdict", verdict.to_owned())]).inc_by(count);
        }
    }
    registry.register("auth_module_reachable", "Whether a module of the chain answers", reachable);
    registry.register("auth_module_verdicts", "Verdicts since the last reload", verdicts);
    registry.register("auth_module_seconds", "The time of all answers together", seconds);
}
