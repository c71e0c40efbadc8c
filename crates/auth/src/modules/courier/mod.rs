//! `courier`: an existing Courier authdaemond judges.

mod daemon;

use config::Config;
use message::{Address, Domain};
use parking_lot::Mutex;
use sasl::{CramEvidence, Evidence};

use crate::courier::{Asked, Entry, Proof, Reply, Request as Question};
use crate::module::{Abilities, Ability, Answer, Found, Module, Request, Who};
use crate::trail::Trail;
use crate::{Rejection, Service, TempFail, Verdict, login_name};
use daemon::Daemon;

const NAME: &str = "courier";

/// More accounts than this are not asked one by one whether they keep the password in clear.
const MAX_PROBES: usize = 1000;

/// The module.
#[derive(Debug)]
pub(crate) struct Courier {
    daemon: Daemon,
    hostname: Domain,
    default_domain: Option<Domain>,
    /// Whether CRAM-MD5 could succeed, as of the last survey.
    cram: Mutex<Result<Ability, TempFail>>,
}

impl Courier {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            daemon: Daemon::new(&config.modules.courier.socket),
            hostname: config.hostname.clone(),
            default_domain: config.auth.default_domain.clone(),
            cram: Mutex::new(Err(tempfail("not asked yet".to_owned()))),
        }
    }

    async fn judge(&self, request: &Request) -> Result<Verdict, TempFail> {
        let mut refused = Rejection::UnknownUser;
        for name in login_name::typed_and_full(&request.who) {
            let Some(proof) = proof(&request.evidence, &name) else {
                request.who.trail.say("authdaemond verifies passwords and CRAM only");
                return Ok(Verdict::Reject(Rejection::MechanismNotPossible));
            };
            let service = service(request.who.service);
            request.who.trail.say(format_args!("asking {} for {name:?}, service={service}", self.daemon.path()));
            let question = Question::Auth { service: service.to_owned(), proof };
            let asked = Asked { peer: Some(request.attempt.peer), request: question };
            match self.daemon.ask(&asked).await.map_err(tempfail)? {
                Reply::Account(entry) => return self.accepted(&request.who, &entry),
                Reply::Ok | Reply::Fail => refused = self.refused(request, &name).await?,
            }
            if refused != Rejection::UnknownUser {
                break;
            }
        }
        Ok(Verdict::Reject(refused))
    }

    fn accepted(&self, who: &Who, entry: &Entry) -> Result<Verdict, TempFail> {
        who.trail.say(said(entry));
        entry.account(who.address.as_ref(), &self.hostname).map(Verdict::accept).map_err(tempfail)
    }

    /// `FAIL` is all that authdaemond says; a look-up without the password tells why. It is asked for known and unknown
    /// users alike, so the time tells nothing.
    async fn refused(&self, request: &Request, name: &str) -> Result<Rejection, TempFail> {
        let trail = &request.who.trail;
        let entry = match self.pre(name, request.who.service).await {
            Ok(Some(entry)) => entry,
            Ok(None) => {
                trail.say("FAIL, and it knows no such user");
                return Ok(Rejection::UnknownUser);
            }
            Err(tempfail) => {
                trail.say(format_args!("FAIL; whether it knows the user cannot be told: {tempfail}"));
                return Ok(Rejection::WrongPassword);
            }
        };
        let hidden = matches!(request.evidence, Evidence::Cram(_)) && entry.passwd2.is_none();
        trail.say(if hidden { "FAIL; it shows no password in clear" } else { "FAIL, but it knows the user" });
        Ok(if hidden { Rejection::MechanismNotPossible } else { Rejection::WrongPassword })
    }

    async fn pre(&self, name: &str, of: Service) -> Result<Option<Entry>, TempFail> {
        let pre = Question::Pre { module: None, service: service(of).to_owned(), user: name.to_owned() };
        match self.daemon.ask(&Asked { peer: None, request: pre }).await.map_err(tempfail)? {
            Reply::Account(entry) => Ok(Some(*entry)),
            Reply::Ok | Reply::Fail => Ok(None),
        }
    }

    /// A name alone means the same in the default domain, or at this host.
    async fn receiver(&self, recipient: &Address, trail: &Trail) -> Result<Found, TempFail> {
        let local_too =
            Some(recipient.domain()) == self.default_domain.as_ref() || *recipient.domain() == self.hostname;
        for (name, full) in login_name::receivers(recipient, local_too) {
            trail.say(format_args!("looking up {name:?} at {}", self.daemon.path()));
            if let Some(entry) = self.pre(&name, Service::Smtp).await? {
                let account = entry.account(Some(&full), &self.hostname);
                return account.map(|account| Found::Account(Box::new(account))).map_err(tempfail);
            }
        }
        Ok(Found::Unknown)
    }

    /// Whether its accounts show the password in clear, which is what CRAM-MD5 takes. Keys that are made for CRAM alone
    /// (`hmac-md5pw`) it uses, but shows to nobody.
    async fn probe(&self, trail: &Trail) -> Result<Ability, TempFail> {
        let asked = Asked { peer: None, request: Question::Enumerate };
        let Some(rows) = self.daemon.list(&asked).await.map_err(tempfail)? else {
            trail.say("it does not list its accounts");
            let why =
                "courier: authdaemond does not list its accounts, so nobody knows who keeps the password in clear";
            return Ok(Ability::No(why.to_owned()));
        };
        let (all, mut clear) = (rows.len(), 0);
        for row in rows.iter().take(MAX_PROBES) {
            clear +=
                usize::from(self.pre(&row.user, Service::Imap).await?.is_some_and(|entry| entry.passwd2.is_some()));
        }
        trail.say(format_args!("it lists {all} accounts; {clear} show the password in clear"));
        Ok(match clear {
            _ if all == 0 => Ability::Abstains,
            0 => Ability::No(format!("courier: none of {all} accounts shows the password in clear")),
            clear if clear == all => Ability::Yes(format!("courier: all accounts ({all}) keep the password in clear")),
            _ if all > MAX_PROBES => {
                Ability::Some(format!("courier: only {MAX_PROBES} of {all} accounts were looked at"))
            }
            _ => Ability::Some(format!("courier: {} of {all} accounts do not show the password in clear", all - clear)),
        })
    }
}

/// Courier's names of the services.
fn service(service: Service) -> &'static str {
    match service {
        Service::Smtp => "esmtp",
        Service::Imap => "imap",
        Service::Pop3 => "pop3",
    }
}

/// What authdaemond is shown; `None` if it has no word for it.
fn proof(evidence: &Evidence, name: &str) -> Option<Proof> {
    match evidence {
        Evidence::Password(evidence) => {
            Some(Proof::Login { user: name.to_owned(), password: evidence.password.clone() })
        }
        Evidence::Cram(cram) => Some(Proof::Cram {
            kind: "cram-md5".to_owned(),
            challenge: cram.challenge.clone(),
            response: response(cram, name),
        }),
        _ => None,
    }
}

/// RFC 2195 §2: the name, a space, and the digest in lower case hexadecimal digits. The digest does not cover the name.
fn response(cram: &CramEvidence, name: &str) -> Vec<u8> {
    let digest: String = cram.digest.iter().map(|octet| format!("{octet:02x}")).collect();
    format!("{name} {digest}").into_bytes()
}

/// In the words of Courier's own log (MISSION 004-25), without the passwords.
fn said(entry: &Entry) -> String {
    let text = |field: &Option<String>| field.clone().unwrap_or_else(|| "<null>".to_owned());
    let id = |id: Option<u32>| id.map_or_else(|| "<null>".to_owned(), |id| id.to_string());
    format!(
        "sysusername={}, sysuserid={}, sysgroupid={}, homedir={}, address={}, fullname={}, maildir={}, quota={}, options={}",
        text(&entry.username),
        id(entry.uid),
        id(entry.gid),
        text(&entry.home),
        text(&entry.address),
        text(&entry.name),
        text(&entry.maildir),
        text(&entry.quota),
        text(&entry.options)
    )
}

fn tempfail(cause: String) -> TempFail {
    TempFail { module: NAME, cause }
}

impl Module for Courier {
    fn name(&self) -> &'static str {
        NAME
    }

    fn check<'a>(&'a self, request: &'a Request) -> Answer<'a, Verdict> {
        Box::pin(async { self.judge(request).await.unwrap_or_else(Verdict::TempFail) })
    }

    fn lookup<'a>(&'a self, recipient: &'a Address, trail: &'a Trail) -> Answer<'a, Found> {
        Box::pin(async { self.receiver(recipient, trail).await.unwrap_or_else(Found::TempFail) })
    }

    fn abilities(&self) -> Abilities {
        let why = "courier: authdaemond has no word for it";
        match &*self.cram.lock() {
            Ok(cram) => {
                let password = "courier: authdaemond verifies passwords".to_owned();
                Abilities { cram: cram.clone(), ..Abilities::password_only(password, why) }
            }
            Err(tempfail) => Abilities::away(tempfail),
        }
    }

    fn survey<'a>(&'a self, trail: &'a Trail) -> Answer<'a, Result<(), TempFail>> {
        Box::pin(async {
            let probed = self.probe(trail).await;
            self.cram.lock().clone_from(&probed);
            probed.map(drop)
        })
    }
}
