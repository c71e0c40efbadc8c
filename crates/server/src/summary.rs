//! What an operator wants to read once the server has started: who may log in how, and what is in the way.

use auth::{Auth, Reach};
use config::Service;
use sasl::Mechanism;

use crate::advertise::{Protection, mechanisms};

/// Writes it to the log (MISSION 002-13): a service that offers nothing, a module that cannot tell and one that is not
/// there are seen before the first user calls.
pub(crate) fn log(auth: &Auth, services: impl IntoIterator<Item = Service>, has_tls: bool) {
    for service in services {
        let inside_tls = if has_tls { names(auth, service, Protection::Tls) } else { "no certificate".to_owned() };
        if service.implicit_tls() {
            tracing::info!(service = service.name(), inside_tls, "logins");
        } else {
            let in_clear = names(auth, service, Protection::Clear);
            tracing::info!(service = service.name(), inside_tls, in_clear, "logins");
        }
    }
    for health in auth.modules() {
        if let (true, Some(error)) = (health.reach != Reach::Answers, &health.trouble) {
            tracing::warn!(module = health.module, %error, "a module of auth.chain cannot tell who may log in");
        }
    }
    for out in auth.left_out() {
        tracing::warn!(module = out.module, why = out.why, "a module of auth.chain is left out");
    }
}

/// The mechanisms of a service; APOP is POP3's alone.
fn names(auth: &Auth, service: Service, protection: Protection) -> String {
    let pop3 = matches!(service, Service::Pop3 | Service::Pop3s);
    let offered = mechanisms(auth, protection).into_iter();
    let named = offered.filter(|mechanism| pop3 || *mechanism != Mechanism::Apop).map(Mechanism::name);
    let names = named.collect::<Vec<_>>().join(" ");
    if names.is_empty() { "none".to_owned() } else { names }
}
