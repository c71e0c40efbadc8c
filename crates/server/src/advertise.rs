//! What a listener would say of itself, asked of the very sessions that say it: for `gatepost check`.

use std::net::{Ipv4Addr, SocketAddr};

use config::{Config, Service};
use sasl::Mechanism;
use trace::SessionId;

use crate::{SessionInfo, imap, pop3, smtp};

/// How far a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// In clear, and there is no certificate.
    Clear,
    /// In clear, and TLS can be started.
    BeforeTls,
    /// Inside TLS.
    Tls,
}

/// The capabilities that a client sees (EHLO, CAPA, CAPABILITY), in the server's order.
pub fn advertised(config: &Config, auth: &auth::Auth, service: Service, protection: Protection) -> Vec<String> {
    let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let info = SessionInfo { id: SessionId::random(), service, peer: nobody, proxy: None, local: nobody };
    let offered = mechanisms(auth, protection);
    let text = match service {
        Service::Smtp | Service::Submission | Service::Submissions => smtp::hello(config, &info, protection, offered),
        Service::Pop3 | Service::Pop3s => pop3::capa(config, &info, protection, offered),
        Service::Imap | Service::Imaps => imap::capability(config, &info, protection, offered),
    };
    let text = String::from_utf8_lossy(&text);
    match service {
        Service::Imap | Service::Imaps => words(&text),
        _ => lines(&text),
    }
}

/// What a login may use.
pub(crate) fn mechanisms(auth: &auth::Auth, protection: Protection) -> Vec<Mechanism> {
    let offers = auth.offers(protection == Protection::Tls).into_iter().filter(|offer| offer.offered);
    offers.map(|offer| offer.mechanism).collect()
}

/// `250-SIZE 1000`, `SASL PLAIN`: what follows the code, without the first line and the end.
fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().skip(1).filter(|line| *line != ".");
    lines.map(|line| line.trim_start_matches("250-").trim_start_matches("250 ").to_owned()).collect()
}

/// `* CAPABILITY IMAP4rev1 IDLE`.
fn words(text: &str) -> Vec<String> {
    let line = text.lines().find_map(|line| line.strip_prefix("* CAPABILITY "));
    line.unwrap_or_default().split(' ').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MISSION 000-12, 003-14: the list is computed from one place, and no login is offered before TLS.
    #[test]
    fn every_service_tells_the_same_mechanisms() {
        let data = tempfile::tempdir().expect("a folder");
        let config = Config::example(data.path());
        let store = auth::accounts::Store::open(&auth::accounts::Store::path(data.path())).expect("a store");
        let alice = message::Address::parse("alice@example.test").expect("an address");
        store.add(&alice, &sasl::Secret::new("secret")).expect("a new account");
        let auth = auth::Auth::new(&config);
        let of = |service, protection| advertised(&config, &auth, service, protection).join("|");
        assert!(of(Service::Submission, Protection::Tls).contains("AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN"));
        assert!(of(Service::Pop3, Protection::Tls).contains("SASL SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN"));
        assert!(
            of(Service::Imaps, Protection::Tls)
                .contains("AUTH=SCRAM-SHA-256-PLUS|AUTH=SCRAM-SHA-256|AUTH=PLAIN|AUTH=LOGIN")
        );
        for service in Service::ALL {
            let clear = of(service, Protection::BeforeTls);
            assert!(clear.contains("STARTTLS") || clear.contains("STLS"), "{clear}");
            assert!(!clear.contains("PLAIN") && !of(service, Protection::Clear).contains("TLS"), "{clear}");
        }
    }
}
