//! Courier's authpipe: authdaemond's questions and answers over standard input and output of a program that stays.
//!
//! An answer has no number that would say to which question it belongs. So there is one question at a time, and a program
//! that was not heard to the end of its answer is killed: its next answer would be the last question's, and somebody would
//! be let in by somebody else's password.

use config::Config;
use message::{Address, Domain};
use sasl::Evidence;
use tokio::sync::Mutex;

use super::NAME;
use super::lines::Conversation;
use crate::courier::{Entry, Proof, Reply, Request as Question};
use crate::module::{Abilities, Ability, Answer, Found, Module, Request};
use crate::process::Program;
use crate::trail::Trail;
use crate::{Rejection, Service, TempFail, Verdict};

/// The module.
#[derive(Debug)]
pub(super) struct Authpipe {
    program: Program,
    /// The program while it runs and nobody asks it.
    idle: Mutex<Option<Conversation>>,
    host: Domain,
    cram: bool,
}

impl Authpipe {
    pub(super) fn new(program: Program, config: &Config) -> Self {
        let cram = config.modules.exec.mechanisms.iter().any(|name| name.eq_ignore_ascii_case("CRAM-MD5"));
        let host = config.auth.default_domain.clone().unwrap_or_else(|| config.hostname.clone());
        Self { program, idle: Mutex::default(), host, cram }
    }

    /// Asks the program, which is started if it does not run. One that ended while it was idle (a new version was
    /// installed, it leaks and leaves) is started once more.
    async fn ask(&self, question: &Question, trail: &Trail) -> Result<Reply, TempFail> {
        let octets = question.encode().map_err(|error| self.tempfail(format!("it cannot be asked: {error}")))?;
        // Whoever is dropped while asking takes the program along; see above.
        let mut idle = self.idle.lock().await;
        let (mut conversation, mut fresh) = match idle.take() {
            Some(conversation) => (conversation, false),
            None => (self.start(trail)?, true),
        };
        loop {
            match tokio::time::timeout(self.program.timeout, conversation.ask(&octets)).await {
                Ok(Ok(reply)) => {
                    *idle = Some(conversation);
                    return Ok(reply);
                }
                Ok(Err(trouble)) if trouble.is_gone() && !fresh => {
                    trail.say("it had ended; it is started again");
                    (conversation, fresh) = (self.start(trail)?, true);
                }
                Ok(Err(trouble)) => return Err(self.tempfail(format!("{}: {trouble}", self.program.name()))),
                Err(_) => {
                    let cause = format!(
                        "{} did not answer within {:?} and was killed (auth.exec.timeout)",
                        self.program.name(),
                        self.program.timeout
                    );
                    return Err(self.tempfail(cause));
                }
            }
        }
    }

    fn start(&self, trail: &Trail) -> Result<Conversation, TempFail> {
        trail.say(format_args!("starting {}", self.program.name()));
        Conversation::start(&self.program, trail).map_err(|error| self.tempfail(error.to_string()))
    }

    async fn judge(&self, request: &Request) -> Result<Verdict, TempFail> {
        let (who, trail) = (&request.who, &request.who.trail);
        let full = who.address.as_ref().map(ToString::to_string).filter(|_| !who.identity.contains('@'));
        for name in std::iter::once(who.identity.clone()).chain(full) {
            let Some(proof) = self.proof(request, &name) else {
                return Ok(Verdict::Reject(Rejection::MechanismNotPossible));
            };
            trail.say(format_args!("asking {} about {name:?}", self.program.name()));
            let question = Question::Auth { service: service(who.service).to_owned(), proof };
            if let Reply::Account(entry) = self.ask(&question, trail).await? {
                let account = entry.account(who.address.as_ref(), &self.host);
                return account.map(Verdict::accept).map_err(|cause| self.tempfail(cause));
            }
        }
        // The protocol does not tell an unknown user from a wrong password.
        Ok(Verdict::Reject(Rejection::WrongPassword))
    }

    fn proof(&self, request: &Request, name: &str) -> Option<Proof> {
        match &request.evidence {
            Evidence::Password(evidence) => {
                Some(Proof::Login { user: name.to_owned(), password: evidence.password.clone() })
            }
            Evidence::Cram(evidence) if self.cram => {
                let digest: String = evidence.digest.iter().map(|octet| format!("{octet:02x}")).collect();
                let (kind, challenge) = ("cram-md5".to_owned(), evidence.challenge.clone());
                Some(Proof::Cram { kind, challenge, response: format!("{name} {digest}").into_bytes() })
            }
            _ => None,
        }
    }

    async fn pre(&self, user: &str, trail: &Trail) -> Result<Option<Box<Entry>>, TempFail> {
        trail.say(format_args!("asking {} for {user:?}", self.program.name()));
        let (module, service) = (None, service(Service::Smtp).to_owned());
        match self.ask(&Question::Pre { module, service, user: user.to_owned() }, trail).await? {
            Reply::Account(entry) => Ok(Some(entry)),
            Reply::Ok | Reply::Fail => Ok(None),
        }
    }

    /// As it is addressed, and then without the `+detail` (RFC 5233 §1).
    async fn receiver(&self, recipient: &Address, trail: &Trail) -> Result<Found, TempFail> {
        let plain = match recipient.split_detail() {
            (local, Some(_)) => Some(format!("{local}@{}", recipient.domain())),
            _ => None,
        };
        for user in std::iter::once(recipient.to_string()).chain(plain) {
            if let Some(entry) = self.pre(&user, trail).await? {
                let account = entry.account(Address::parse(&user).ok().as_ref(), &self.host);
                return account.map(|account| Found::Account(Box::new(account))).map_err(|cause| self.tempfail(cause));
            }
        }
        Ok(Found::Unknown)
    }

    fn tempfail(&self, cause: String) -> TempFail {
        self.program.tempfail(cause)
    }
}

impl Module for Authpipe {
    fn name(&self) -> &'static str {
        NAME
    }

    fn check<'a>(&'a self, request: &'a Request) -> Answer<'a, Verdict> {
        Box::pin(async move { self.judge(request).await.unwrap_or_else(Verdict::TempFail) })
    }

    fn lookup<'a>(&'a self, recipient: &'a Address, trail: &'a Trail) -> Answer<'a, Found> {
        Box::pin(async move { self.receiver(recipient, trail).await.unwrap_or_else(Found::TempFail) })
    }

    fn abilities(&self) -> Abilities {
        let program = self.program.name();
        let mut abilities = Abilities::password_only(
            format!("{program} judges passwords"),
            "authpipe carries a password or a CRAM response, and nothing else (auth.exec)",
        );
        if self.cram {
            abilities.cram = Ability::Yes(format!("{program} judges CRAM-MD5, as auth.exec.mechanisms says"));
        }
        abilities
    }

    fn survey<'a>(&'a self, trail: &'a Trail) -> Answer<'a, Result<(), TempFail>> {
        // Whoever answers works, whatever it says of somebody who does not exist.
        Box::pin(async move { self.pre("gatepost-nobody", trail).await.map(drop) })
    }
}

/// Courier's names.
fn service(service: Service) -> &'static str {
    match service {
        Service::Smtp => "esmtp",
        Service::Imap => "imap",
        Service::Pop3 => "pop3",
    }
}
