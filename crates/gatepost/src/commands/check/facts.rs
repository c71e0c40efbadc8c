//! What a server with this config would be and say.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use auth::{Auth, Offer};
use config::{Config, Report, Service, Severity};
use net::{ServerTls, TlsError};
use serde::Serialize;
use server::{Protection, advertised};

/// A certificate with fewer days left is worth a word.
const SOON: i64 = 14;

/// Everything that `gatepost check` says of a config that can be used.
#[derive(Debug, Serialize)]
pub(super) struct Facts {
    pub(super) config: PathBuf,
    pub(super) findings: Vec<Finding>,
    pub(super) hostname: String,
    pub(super) certificate: Option<Certificate>,
    /// The modules of the chain, in the order in which they are asked.
    pub(super) modules: Vec<Module>,
    /// Those that `auth.chain` names, but this build or this machine does not have.
    pub(super) left_out: Vec<LeftOut>,
    pub(super) logins: Vec<Login>,
    pub(super) listeners: Vec<Listening>,
    /// What the config itself does not show, but keeps the server from starting.
    pub(super) trouble: Option<String>,
}

/// One thing that is wrong, or doubtful.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    severity: &'static str,
    line: Option<usize>,
    column: Option<usize>,
    /// The offending text.
    text: Option<String>,
    message: String,
    allowed: Option<String>,
    did_you_mean: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Certificate {
    pub(super) names: Vec<String>,
    pub(super) issuer: String,
    pub(super) days_left: i64,
    pub(super) warnings: Vec<String>,
}

/// A module of the chain, and whether its store could be read now.
#[derive(Debug, Serialize)]
pub(super) struct Module {
    pub(super) name: &'static str,
    /// Why it could not tell.
    pub(super) trouble: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct LeftOut {
    pub(super) name: String,
    pub(super) why: &'static str,
}

/// Whether a mechanism is offered, and why.
#[derive(Debug, Serialize)]
pub(super) struct Login {
    pub(super) mechanism: &'static str,
    pub(super) in_clear: Offered,
    pub(super) inside_tls: Offered,
}

#[derive(Debug, Serialize)]
pub(super) struct Offered {
    pub(super) offered: bool,
    pub(super) why: String,
}

/// One service, and what it says of itself.
#[derive(Debug, Serialize)]
pub(in crate::commands) struct Listening {
    pub(in crate::commands) service: &'static str,
    pub(in crate::commands) addresses: Vec<String>,
    /// Why it would not be opened.
    pub(in crate::commands) closed: Option<&'static str>,
    pub(in crate::commands) in_clear: Option<Vec<String>>,
    pub(in crate::commands) inside_tls: Option<Vec<String>>,
    /// Each mechanism in clear, and why it is offered or not.
    pub(in crate::commands) mechanisms_in_clear: Vec<Mechanism>,
    /// Each mechanism inside TLS.
    pub(in crate::commands) mechanisms_inside_tls: Vec<Mechanism>,
}

/// A mechanism on a listener.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(in crate::commands) struct Mechanism {
    pub(in crate::commands) name: &'static str,
    pub(in crate::commands) offered: bool,
    pub(in crate::commands) why: String,
}

impl Facts {
    /// Asks the modules of the chain, too.
    pub(super) async fn of(config: &Config, warnings: &Report) -> Self {
        let (auth, loaded) = (asked(config).await, certificate(config));
        let trouble = loaded.as_ref().and_then(|tls| tls.as_ref().err()).map(|error| format!("[tls]: {error}"));
        let tls = loaded.and_then(Result::ok);
        Self {
            config: warnings.path().to_owned(),
            findings: Finding::all(warnings),
            hostname: config.hostname.to_string(),
            certificate: tls.as_ref().map(|tls| Certificate::of(tls, config)),
            modules: auth.modules().into_iter().map(Module::of).collect(),
            left_out: auth.left_out().into_iter().map(|left| LeftOut { name: left.module, why: left.why }).collect(),
            logins: logins(auth.offers(false), auth.offers(true)),
            listeners: Listening::each(config, &auth, tls.is_some()),
            trouble,
        }
    }
}

/// The chain, with each module asked and each mechanism tried.
async fn asked(config: &Config) -> Auth {
    let auth = Auth::new(config);
    auth.survey().await;
    auth.self_test().await;
    auth
}

/// What TLS begins with, if there is something.
fn certificate(config: &Config) -> Option<Result<ServerTls, TlsError>> {
    let (certificate, key) = (config.tls.certificate.as_ref()?, config.tls.key.as_ref()?);
    Some(match &config.tls.client_ca {
        Some(authorities) => ServerTls::asking_clients(certificate, key, authorities),
        None => ServerTls::load(certificate, key),
    })
}

impl Module {
    fn of(health: auth::Health) -> Self {
        Self { name: health.module, trouble: health.trouble.map(|tempfail| tempfail.cause) }
    }
}

impl Finding {
    pub(super) fn all(report: &Report) -> Vec<Self> {
        report.findings().iter().map(|finding| Self::of(report, finding)).collect()
    }

    fn of(report: &Report, finding: &config::Finding) -> Self {
        let place = report.place(finding);
        Self {
            severity: match finding.cause.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
            text: report.text(finding).map(str::to_owned),
            message: finding.cause.to_string(),
            allowed: finding.allowed.clone(),
            did_you_mean: finding.nearest.clone(),
        }
    }
}

impl Certificate {
    fn of(tls: &ServerTls, config: &Config) -> Self {
        let facts = tls.facts();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed());
        let days_left = facts.days_left(now);
        let mut warnings = Vec::new();
        if !facts.covers(config.hostname.as_ascii()) {
            warnings.push(format!("it is not good for {}: clients will refuse it", config.hostname));
        }
        if days_left < 0 {
            warnings.push("it has expired: clients refuse it".to_owned());
        } else if days_left < SOON {
            warnings.push(format!("it expires in {days_left} days"));
        }
        Self { names: facts.names.clone(), issuer: facts.issuer.clone(), days_left, warnings }
    }
}

fn logins(in_clear: Vec<Offer>, inside_tls: Vec<Offer>) -> Vec<Login> {
    let offered = |offer: Offer| Offered { offered: offer.offered, why: offer.why };
    let pair = |(clear, tls): (Offer, Offer)| Login {
        mechanism: clear.mechanism.name(),
        in_clear: offered(clear),
        inside_tls: offered(tls),
    };
    in_clear.into_iter().zip(inside_tls).map(pair).collect()
}

/// RFC 1939 §7: APOP needs the timestamp of the greeting, and that came before STLS: it has one if APOP is offered in clear.
fn after_stls(offer: Offer, auth: &Auth) -> Offer {
    let is_apop = |offer: &Offer| offer.offered && offer.mechanism == sasl::Mechanism::Apop;
    if !is_apop(&offer) || auth.offers(false).iter().any(is_apop) {
        return offer;
    }
    let why = "its timestamp is in the greeting, which came before TLS; pop3s has it".to_owned();
    Offer { offered: false, why, ..offer }
}

impl Mechanism {
    fn of(offer: Offer, service: Service, config: &Config) -> Self {
        let mut why = offer.why;
        let rules = config.hide.iter().filter(|rule| rule.listener.is_empty() || rule.listener.contains(&service));
        if offer.offered && rules.clone().any(|rule| rule.mechanisms.contains(&offer.mechanism.name())) {
            why.push_str("; but hidden from the clients that [[auth.hide]] names");
        }
        Self { name: offer.mechanism.name(), offered: offer.offered, why }
    }
}

impl Listening {
    /// Every listener of a config, and what it would offer.
    pub(in crate::commands) async fn all(config: &Config) -> Vec<Self> {
        let has_certificate = certificate(config).is_some_and(|loaded| loaded.is_ok());
        Self::each(config, &asked(config).await, has_certificate)
    }

    fn each(config: &Config, auth: &Auth, certificate: bool) -> Vec<Self> {
        Service::ALL.iter().map(|service| Self::of(*service, config, auth, certificate)).collect()
    }

    fn of(service: Service, config: &Config, auth: &Auth, certificate: bool) -> Self {
        let addresses: Vec<_> =
            config.listen.iter().filter(|l| l.service == service).map(|l| l.address.to_string()).collect();
        let closed = match service.implicit_tls() {
            _ if addresses.is_empty() => Some("it is switched off in [listen]"),
            true if !certificate => Some("it begins with TLS, and there is no certificate"),
            _ => None,
        };
        let says = |protection| Some(advertised(config, auth, service, protection));
        let (in_clear, inside_tls) = match (closed, service.implicit_tls(), certificate) {
            (Some(_), _, _) => (None, None),
            (None, true, _) => (None, says(Protection::Tls)),
            (None, false, true) => (says(Protection::BeforeTls), says(Protection::Tls)),
            (None, false, false) => (says(Protection::Clear), None),
        };
        let each = |shown: &Option<Vec<String>>, tls| {
            let offers = if shown.is_some() { auth.offers(tls) } else { Vec::new() };
            let pop3 = matches!(service, Service::Pop3 | Service::Pop3s);
            // APOP is a command of POP3.
            let offers = offers.into_iter().filter(|offer| pop3 || offer.mechanism.is_sasl());
            let offers =
                offers.map(|offer| if service == Service::Pop3 && tls { after_stls(offer, auth) } else { offer });
            offers.map(|offer| Mechanism::of(offer, service, config)).collect()
        };
        let (mechanisms_in_clear, mechanisms_inside_tls) = (each(&in_clear, false), each(&inside_tls, true));
        Self {
            service: service.name(),
            addresses,
            closed,
            in_clear,
            inside_tls,
            mechanisms_in_clear,
            mechanisms_inside_tls,
        }
    }
}
