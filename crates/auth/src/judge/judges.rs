//! A module around whoever carries questions to a judge.

use message::Address;
use parking_lot::Mutex;
use sasl::{Evidence, Secret, scram};
use zeroize::Zeroizing;

use super::{Answered, Judged, Kept, Question};
use crate::directory::Shared;
use crate::module::{Abilities, Ability, Answer, Found, Module, Request, Who};
use crate::running::Running;
use crate::scheme::{self, Stored};
use crate::told::Naming;
use crate::trail::Trail;
use crate::workers::Lane;
use crate::{Rejection, Service, TempFail, Verdict};

/// Carries a question to a judge, and the answer back.
pub(crate) trait Carry: std::fmt::Debug + Send + Sync {
    /// As in `auth.chain`.
    fn name(&self) -> &'static str;

    /// Who judges, for the operator: a program, a URL.
    fn judge(&self) -> &str;

    /// Asks. `secret` is what must not come back in a line of the trail.
    ///
    /// # Errors
    /// With the cause of a TEMPFAIL: why there is no answer, and what to do.
    fn carry<'a>(
        &'a self,
        question: Zeroizing<Vec<u8>>,
        secret: Option<&'a Secret>,
        trail: &'a Trail,
    ) -> Answer<'a, Result<Zeroizing<Vec<u8>>, String>>;
}

/// The module.
#[derive(Debug)]
pub(crate) struct Judge<C> {
    carrier: C,
    /// What it verifies besides passwords, as the config says.
    mechanisms: Vec<String>,
    naming: Naming,
    shared: Shared,
    /// The forms of a real account that it left to us, whose cost unknown users are made to have.
    like: Mutex<Vec<Stored>>,
}

impl<C: Carry> Judge<C> {
    pub(crate) fn new(carrier: C, mechanisms: &[String], naming: Naming, shared: &Shared) -> Self {
        let mechanisms = mechanisms.iter().map(|name| name.to_ascii_uppercase()).collect();
        Self { carrier, mechanisms, naming, shared: shared.clone(), like: Mutex::default() }
    }

    fn verifies(&self, mechanism: &str) -> bool {
        self.mechanisms.iter().any(|name| name == mechanism)
    }

    async fn ask(&self, question: &Question<'_>, secret: Option<&Secret>, trail: &Trail) -> Result<Answered, TempFail> {
        let answer = self.carrier.carry(question.line(), secret, trail).await.map_err(|cause| self.tempfail(cause))?;
        Answered::read(&answer).map_err(|cause| self.cannot(&cause))
    }

    async fn check_login(&self, request: &Request) -> Result<Verdict, TempFail> {
        let (trail, evidence) = (&request.who.trail, &request.evidence);
        let mechanism = evidence.mechanism();
        if !matches!(evidence, Evidence::Password(_)) && !self.verifies(&mechanism.to_string()) {
            trail.say(format_args!("{mechanism} is not in auth.{}.mechanisms", self.carrier.name()));
            return Ok(Verdict::Reject(Rejection::MechanismNotPossible));
        }
        if let Evidence::Scram(_) = evidence {
            let kept = self.known(&request.who, &mechanism.to_string()).await?;
            let Some(kept) = kept else { return Ok(Verdict::Reject(Rejection::UnknownUser)) };
            return self.judge_kept(request, kept).await;
        }
        let question = match Question::check(request) {
            Ok(question) => question,
            Err(why) => return Ok(Verdict::Reject(why)),
        };
        trail.say(format_args!("asking {} about {:?}", self.carrier.judge(), request.who.identity));
        let secret = match evidence {
            Evidence::Password(evidence) => Some(&evidence.password),
            _ => None,
        };
        let answer = self.ask(&question, secret, trail).await?;
        match answer.verdict(request, &self.naming).map_err(|cause| self.cannot(&cause))? {
            Judged::Verdict(verdict) => {
                if verdict == Verdict::Reject(Rejection::UnknownUser) {
                    self.cost_as_much(request).await?;
                }
                Ok(verdict)
            }
            Judged::Kept(kept) => self.judge_kept(request, kept).await,
        }
    }

    /// A judge that leaves the hash to us says at once that it does not know somebody: the time must not tell.
    async fn cost_as_much(&self, request: &Request) -> Result<(), TempFail> {
        let (like, Evidence::Password(evidence)) = (self.like.lock().clone(), &request.evidence) else { return Ok(()) };
        if like.is_empty() {
            return Ok(());
        }
        let password = evidence.password.clone();
        let work = move || scheme::decoys(&like).iter().all(|form| form.verify(&password).is_ok());
        request.who.trail.hashes();
        let hashed = self.shared.workers.run(Lane::Stranger, || None, work).await;
        hashed.map(drop).map_err(|busy| self.tempfail(busy.to_string()))
    }

    /// Holds the evidence against what is kept, on a worker: it may take a hash.
    async fn judge_kept(&self, request: &Request, kept: Kept) -> Result<Verdict, TempFail> {
        let account = kept.account.clone();
        if matches!(request.evidence, Evidence::Password(_)) {
            self.like.lock().clone_from(&kept.stored);
        }
        request.who.trail.say(format_args!("it leaves the judging to us, with {} stored forms", kept.stored.len()));
        let evidence = request.evidence.clone();
        let lane = if request.known { Lane::Known } else { Lane::Stranger };
        request.who.trail.hashes();
        let judged = self.shared.workers.run(lane, || None, move || kept.judge(&evidence)).await;
        let judged = judged.map_err(|busy| self.tempfail(busy.to_string()))?;
        Ok(match judged.map_err(|cause| self.cannot(&cause))? {
            Some(true) => Verdict::accept(account),
            Some(false) => Verdict::Reject(Rejection::WrongPassword),
            None => Verdict::Reject(Rejection::MechanismNotPossible),
        })
    }

    /// What is kept of an account for a mechanism.
    async fn known(&self, who: &Who, mechanism: &str) -> Result<Option<Kept>, TempFail> {
        who.trail.say(format_args!("asking {} what it keeps of {:?}", self.carrier.judge(), who.identity));
        let answer = self.ask(&Question::lookup(who, Some(mechanism)), None, &who.trail).await?;
        answer.known(who, &self.naming).map_err(|cause| self.cannot(&cause))
    }

    async fn keys(&self, who: &Who, hash: scram::Hash) -> Result<Option<scram::Keys>, TempFail> {
        let mechanism = match hash {
            scram::Hash::Sha1 => "SCRAM-SHA-1",
            scram::Hash::Sha256 => "SCRAM-SHA-256",
        };
        if !self.verifies(mechanism) {
            return Ok(None);
        }
        let Some(kept) = self.known(who, mechanism).await? else { return Ok(None) };
        if let Some(keys) = kept.keys(hash) {
            return Ok(Some(keys.clone()));
        }
        let Some(clear) = kept.clear().cloned() else { return Ok(None) };
        // The salt is always the same, as that of a user who does not exist is.
        let salt = self.shared.inventor.salt(&Running::counted_as(who));
        let derive = move || scram::Keys::derive(hash, clear.expose(), salt, scram::MIN_ITERATIONS);
        who.trail.hashes();
        let derived = self.shared.workers.run(Lane::Stranger, || None, derive).await;
        derived.map(Some).map_err(|busy| self.tempfail(busy.to_string()))
    }

    /// As it is addressed, and then without the `+detail` (RFC 5233 §1).
    async fn receiver(&self, recipient: &Address, trail: &Trail) -> Result<Found, TempFail> {
        let plain = match recipient.split_detail() {
            (local, Some(_)) => self.naming.address(&format!("{local}@{}", recipient.domain())),
            _ => None,
        };
        for address in std::iter::once(recipient.clone()).chain(plain) {
            let identity = address.to_string();
            let who = Who { identity, address: Some(address), service: Service::Smtp, trail: trail.clone() };
            trail.say(format_args!("asking {} for {:?}", self.carrier.judge(), who.identity));
            let answer = self.ask(&Question::lookup(&who, None), None, trail).await?;
            match answer.found(&who, &self.naming).map_err(|cause| self.cannot(&cause))? {
                Found::Unknown => {}
                found => return Ok(found),
            }
        }
        Ok(Found::Unknown)
    }

    fn cannot(&self, cause: &str) -> TempFail {
        self.tempfail(format!("{}: {cause}", self.carrier.judge()))
    }

    fn tempfail(&self, cause: String) -> TempFail {
        TempFail { module: self.carrier.name(), cause }
    }

    fn ability(&self, mechanism: &str) -> Ability {
        let name = self.carrier.name();
        if self.verifies(mechanism) {
            Ability::Yes(format!("auth.{name}.mechanisms names it"))
        } else {
            Ability::No(format!("auth.{name}.mechanisms does not name it"))
        }
    }
}

impl<C: Carry> Module for Judge<C> {
    fn name(&self) -> &'static str {
        self.carrier.name()
    }

    fn check<'a>(&'a self, request: &'a Request) -> Answer<'a, Verdict> {
        Box::pin(async move { self.check_login(request).await.unwrap_or_else(Verdict::TempFail) })
    }

    fn scram_keys<'a>(&'a self, who: &'a Who, hash: scram::Hash) -> Answer<'a, Result<Option<scram::Keys>, TempFail>> {
        Box::pin(self.keys(who, hash))
    }

    fn lookup<'a>(&'a self, recipient: &'a Address, trail: &'a Trail) -> Answer<'a, Found> {
        Box::pin(async move { self.receiver(recipient, trail).await.unwrap_or_else(Found::TempFail) })
    }

    fn abilities(&self) -> Abilities {
        let judge = format!("{} judges passwords", self.carrier.judge());
        Abilities {
            cram: self.ability("CRAM-MD5"),
            apop: self.ability("APOP"),
            scram_sha1: self.ability("SCRAM-SHA-1"),
            scram_sha256: self.ability("SCRAM-SHA-256"),
            ..Abilities::password_only(judge, "it is not asked about certificates")
        }
    }

    fn survey<'a>(&'a self, trail: &'a Trail) -> Answer<'a, Result<(), TempFail>> {
        Box::pin(async move {
            match self.ask(&Question::survey(), None, trail).await? {
                Answered::TempFail(cause) => Err(self.cannot(&format!("it says that it does not work: {cause}"))),
                _ => Ok(()),
            }
        })
    }
}
