//! `dovecot`: an existing Dovecot judges.

mod account;
mod service;

use std::path::PathBuf;

use config::Config;
use message::{Address, Domain};
use parking_lot::Mutex;
use sasl::{Evidence, Mechanism, Secret};
use zeroize::Zeroizing;

use crate::dovecot::{Auth, Params};
use crate::module::{Abilities, Ability, Answer, Found, Module, Request};
use crate::trail::Trail;
use crate::{Account, Rejection, Service, TempFail, Verdict, login_name, maildir};
use service::Ended;

const NAME: &str = "dovecot";

/// The module.
#[derive(Debug)]
pub(crate) struct Dovecot {
    settings: config::Dovecot,
    data: PathBuf,
    hostname: Domain,
    default_domain: Option<Domain>,
    /// Its mechanisms, as of the last survey.
    mechanisms: Mutex<Result<Vec<String>, TempFail>>,
}

impl Dovecot {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            settings: config.modules.dovecot.clone(),
            data: config.data.clone(),
            hostname: config.hostname.clone(),
            default_domain: config.auth.default_domain.clone(),
            mechanisms: Mutex::new(Err(tempfail("not asked yet".to_owned()))),
        }
    }

    async fn judge(&self, request: &Request) -> Result<Verdict, TempFail> {
        let (trail, path) = (&request.who.trail, &self.settings.socket);
        let mut refused = Rejection::UnknownUser;
        for name in login_name::typed_and_full(&request.who) {
            let Some((mechanism, response)) = shown(&request.evidence, &name) else {
                trail.say("its challenge would have to come from Dovecot, and came from this server");
                return Ok(Verdict::Reject(Rejection::MechanismNotPossible));
            };
            trail.say(format_args!("asking {} for {name:?} by {mechanism}", path.display()));
            let auth =
                Auth { id: 0, mechanism: mechanism.to_owned(), params: params(request), response: Some(response) };
            match service::login(path, auth).await.map_err(tempfail)? {
                Ended::Ok(params) => return self.accepted(request, params.get("user").unwrap_or(&name)).await,
                Ended::NoMechanism => {
                    trail.say(format_args!("it does not have {mechanism}"));
                    return Ok(Verdict::Reject(Rejection::MechanismNotPossible));
                }
                Ended::Fail(params) => refused = self.refused(request, &name, &params).await?,
            }
            if refused != Rejection::UnknownUser {
                break;
            }
        }
        Ok(Verdict::Reject(refused))
    }

    async fn accepted(&self, request: &Request, user: &str) -> Result<Verdict, TempFail> {
        let asked = request.who.address.as_ref();
        let address = Address::parse(user).ok().or_else(|| asked.cloned());
        let address = address.or_else(|| Address::parse(&format!("{user}@{}", self.hostname)).ok());
        let address = address.ok_or_else(|| tempfail(format!("user={user} is no address")))?;
        let account = self.account(address);
        if self.settings.userdb_socket.is_none() {
            return Ok(Verdict::accept(account));
        }
        match self.user(user, request.who.service, &request.who.trail).await? {
            Some(params) => account::told(account, &params).map(Verdict::accept).map_err(tempfail),
            None => Err(tempfail(format!("the password of {user} is right, but its userdb does not know the user"))),
        }
    }

    /// In both versions' words. That a user is unknown, only the userdb tells: it is asked for known and unknown ones alike,
    /// so the time tells nothing.
    async fn refused(&self, request: &Request, name: &str, params: &Params) -> Result<Rejection, TempFail> {
        let trail = &request.who.trail;
        let said = |word: &str, code: &str| params.has(word) || params.get("code") == Some(code);
        let reason = params.get("reason").unwrap_or("it gives no reason");
        if said("temp", "temp_fail") {
            let socket = self.settings.socket.display();
            return Err(tempfail(format!("{socket}: Dovecot could not tell ({reason}); its log says why")));
        }
        trail.say(format_args!("FAIL ({reason})"));
        Ok(if said("user_disabled", "user_disabled") {
            Rejection::Disabled
        } else if said("pass_expired", "pass_expired") {
            Rejection::Expired
        } else if said("authz", "authz_fail") {
            Rejection::Authzid
        } else if self.settings.userdb_socket.is_none() {
            trail.say("whether it knows the user, it tells only at auth.dovecot.userdb_socket");
            Rejection::WrongPassword
        } else if self.user(name, request.who.service, trail).await?.is_some() {
            Rejection::WrongPassword
        } else {
            Rejection::UnknownUser
        })
    }

    /// What the userdb says of a user; `None` if it knows none, or there is no socket to ask at.
    async fn user(&self, name: &str, service: Service, trail: &Trail) -> Result<Option<Params>, TempFail> {
        let Some(path) = &self.settings.userdb_socket else { return Ok(None) };
        trail.say(format_args!("looking up {name:?} at {}", path.display()));
        let found = service::user(path, name, service.name()).await.map_err(tempfail)?;
        trail.say(if found.is_some() { "entry found" } else { "entry not found" });
        Ok(found.map(|(_, params)| params))
    }

    async fn receiver(&self, recipient: &Address, trail: &Trail) -> Result<Found, TempFail> {
        let local_too =
            Some(recipient.domain()) == self.default_domain.as_ref() || *recipient.domain() == self.hostname;
        for (name, full) in login_name::receivers(recipient, local_too) {
            if let Some(params) = self.user(&name, Service::Smtp, trail).await? {
                let account = account::told(self.account(full), &params).map_err(tempfail)?;
                return Ok(Found::Account(Box::new(account)));
            }
        }
        Ok(Found::Unknown)
    }

    fn account(&self, address: Address) -> Account {
        let maildir = maildir::of(&self.data, &address);
        Account::new(address, maildir)
    }
}

/// The circumstances. `nologin`: nobody will ask the master for this login. `no-penalty`: failures are counted and delayed
/// by this server; Dovecot's own delay, up to fifteen seconds, would look like a Dovecot that does not answer.
fn params(request: &Request) -> Params {
    let params = Params::default().with("service", request.who.service.name()).flag("nologin").flag("no-penalty");
    let params = params.with("rip", request.attempt.peer.to_canonical());
    if request.attempt.tls { params.flag("secured") } else { params }
}

/// The mechanism and its one message; `None` if there is none.
fn shown(evidence: &Evidence, name: &str) -> Option<(&'static str, Secret)> {
    let message = |parts: &[&[u8]]| {
        let mut message = Zeroizing::new(Vec::with_capacity(8192));
        parts.iter().for_each(|part| message.extend_from_slice(part));
        Secret::new(message.as_slice())
    };
    match evidence {
        // RFC 4616 §2. On whose behalf, is judged here: nobody's but one's own.
        Evidence::Password(evidence) => {
            Some(("PLAIN", message(&[b"\0", name.as_bytes(), b"\0", evidence.password.expose()])))
        }
        Evidence::Token(evidence) => {
            let token = evidence.token.expose();
            match evidence.mechanism {
                Mechanism::XOAuth2 => {
                    let parts: [&[u8]; 5] = [b"user=", name.as_bytes(), b"\x01auth=Bearer ", token, b"\x01\x01"];
                    Some(("XOAUTH2", message(&parts)))
                }
                // RFC 7628 §3.1: a GS2 header, then key and value pairs.
                Mechanism::OAuthBearer => {
                    let saslname = name.replace('=', "=3D").replace(',', "=2C");
                    let parts: [&[u8]; 5] = [b"n,a=", saslname.as_bytes(), b",\x01auth=Bearer ", token, b"\x01\x01"];
                    Some(("OAUTHBEARER", message(&parts)))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn tempfail(cause: String) -> TempFail {
    TempFail { module: NAME, cause }
}

impl Module for Dovecot {
    fn name(&self) -> &'static str {
        NAME
    }

    /// Without the second socket nobody tells it without a password.
    fn can_look_up(&self) -> bool {
        self.settings.userdb_socket.is_some()
    }

    fn check<'a>(&'a self, request: &'a Request) -> Answer<'a, Verdict> {
        Box::pin(async { self.judge(request).await.unwrap_or_else(Verdict::TempFail) })
    }

    fn lookup<'a>(&'a self, recipient: &'a Address, trail: &'a Trail) -> Answer<'a, Found> {
        Box::pin(async { self.receiver(recipient, trail).await.unwrap_or_else(Found::TempFail) })
    }

    fn abilities(&self) -> Abilities {
        let why = "dovecot: the challenge would have to come from Dovecot, and this server makes its own";
        match &*self.mechanisms.lock() {
            Ok(mechanisms) => {
                let has = |name: &str| mechanisms.iter().any(|known| known.eq_ignore_ascii_case(name));
                let mut abilities = Abilities::password_only("dovecot: it has the mechanism PLAIN".to_owned(), why);
                if !has("PLAIN") {
                    abilities.password =
                        Ability::No(format!("dovecot: it does not have PLAIN, only {}", mechanisms.join(", ")));
                }
                if has("XOAUTH2") && has("OAUTHBEARER") {
                    abilities.token = Ability::Yes("dovecot: it has XOAUTH2 and OAUTHBEARER".to_owned());
                }
                abilities
            }
            Err(tempfail) => Abilities::away(tempfail),
        }
    }

    fn survey<'a>(&'a self, trail: &'a Trail) -> Answer<'a, Result<(), TempFail>> {
        Box::pin(async {
            let asked = service::mechanisms(&self.settings.socket).await.map_err(tempfail);
            if let Ok(mechanisms) = &asked {
                trail.say(format_args!("it has {}", mechanisms.join(", ")));
            }
            self.mechanisms.lock().clone_from(&asked);
            asked.map(drop)
        })
    }
}
