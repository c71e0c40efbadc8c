//! Judges evidence against what a store keeps: one way for all stores.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use message::{Address, Domain};
use parking_lot::Mutex;
use sasl::{Evidence, PasswordEvidence, Secret, scram};

use super::{Census, Directory, Entry, Standing};
use crate::invent::Inventor;
use crate::inventory::{Inventory, Take};
use crate::module::{Abilities, Answer, Found, Module, Request, Who};
use crate::remember::Memory;
use crate::running::Running;
use crate::scheme::{self, SchemeError, Stored};
use crate::trail::Trail;
use crate::workers::{Lane, Workers};
use crate::{Rejection, Service, TempFail, Verdict, login_name};

/// A module around a store.
#[derive(Debug)]
pub(crate) struct Reader<D> {
    store: D,
    workers: Workers,
    memory: Arc<Memory>,
    inventor: Arc<Inventor>,
    default_domain: Option<Domain>,
    /// The last census.
    census: ArcSwapOption<Result<Census, TempFail>>,
    /// The forms of a real account, whose cost unknown users are made to have.
    like: Mutex<Vec<Stored>>,
}

/// What all readers share.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    /// Where hashes are computed.
    pub(crate) workers: Workers,
    /// How long a verified password is remembered.
    pub(crate) remember: std::time::Duration,
    /// Makes keys of those who do not exist.
    pub(crate) inventor: Arc<Inventor>,
    /// The domain of names that have none.
    pub(crate) default_domain: Option<Domain>,
}

impl<D: Directory> Reader<D> {
    pub(crate) fn new(store: D, shared: &Shared) -> Self {
        Self {
            store,
            workers: shared.workers.clone(),
            memory: Arc::new(Memory::new(shared.remember)),
            inventor: shared.inventor.clone(),
            default_domain: shared.default_domain.clone(),
            census: ArcSwapOption::empty(),
            like: Mutex::default(),
        }
    }

    async fn judge(&self, request: &Request) -> Result<Verdict, TempFail> {
        let entry = self.store.entry(&request.who).await?;
        let trail = &request.who.trail;
        trail.answered();
        match &entry {
            Some(entry) => trail.say(format_args!("entry found; keeps {}", names(&entry.stored))),
            None => trail.say("entry not found"),
        }
        let right = match &request.evidence {
            Evidence::Password(evidence) => self.password(request, entry.as_ref(), evidence).await?,
            // TLS has verified it; whose it is, its address says.
            Evidence::Certificate(_) => Some(entry.is_some()),
            Evidence::Token(_) => None,
            evidence => self.proof(request, entry.as_ref(), evidence).await?,
        };
        let Some(entry) = entry else { return Ok(Verdict::Reject(Rejection::UnknownUser)) };
        Ok(match (right, entry.standing) {
            (None, _) => Verdict::Reject(Rejection::MechanismNotPossible),
            (Some(false), _) => Verdict::Reject(Rejection::WrongPassword),
            (Some(true), Standing::Disabled) => Verdict::Reject(Rejection::Disabled),
            (Some(true), Standing::Active) => Verdict::accept(entry.account),
        })
    }

    /// Whether the password is right; `None` if the account keeps none. An unknown user costs the same work.
    async fn password(
        &self,
        request: &Request,
        entry: Option<&Entry>,
        evidence: &PasswordEvidence,
    ) -> Result<Option<bool>, TempFail> {
        let name = entry.map(|entry| login_name::key(&entry.account.address)).unwrap_or_default();
        let version = entry.map_or(0, |entry| entry.version);
        let remembered = || entry.is_some() && self.memory.knows(&name, version, &evidence.password);
        if remembered() {
            request.who.trail.say("password verified not long ago, and nothing has changed since");
            return Ok(Some(true));
        }
        let forms = entry.map(|entry| entry.stored.clone()).unwrap_or_default();
        let nothing = forms.is_empty();
        let forms = if nothing { scheme::decoys(&self.like.lock()) } else { forms };
        let (secret, like) = (evidence.password.clone(), forms.clone());
        let lane = if request.known { Lane::Known } else { Lane::Stranger };
        request.who.trail.hashes();
        let again = || remembered().then_some(Ok(true));
        let verified = self.workers.run(lane, again, move || any_right(&forms, &secret)).await;
        let verified = verified.map_err(|busy| self.tempfail(busy.to_string()))?;
        let right = verified.map_err(|error| self.tempfail(format!("{}: {error}", request.who.identity)))?;
        let Some(entry) = entry else { return Ok(Some(false)) };
        if nothing {
            return Ok(None);
        }
        *self.like.lock() = like;
        request.who.trail.say(if right { "password right" } else { "password wrong" });
        if right {
            self.memory.learn(&name, version, &evidence.password);
            self.store.proven(entry, &evidence.password, request.attempt.tls).await;
        }
        Ok(Some(right))
    }

    /// Whether a response to a challenge is right; `None` if the account keeps nothing that it could be held against.
    async fn proof(
        &self,
        request: &Request,
        entry: Option<&Entry>,
        evidence: &Evidence,
    ) -> Result<Option<bool>, TempFail> {
        let stored = entry.map(|entry| entry.stored.as_slice()).unwrap_or_default();
        if let Evidence::Scram(scram) = evidence {
            let keys = self.keys_of(&request.who, stored, scram.proof.hash()).await?;
            return Ok(keys.map(|keys| scram.verify(&keys)));
        }
        Ok(stored.iter().find_map(|form| form.proves(evidence)))
    }

    /// SCRAM keys as they are kept, or derived from a password in clear: with a salt that is always the same.
    async fn keys_of(&self, who: &Who, stored: &[Stored], hash: scram::Hash) -> Result<Option<scram::Keys>, TempFail> {
        if let Some(keys) = stored.iter().find_map(|form| form.keys(hash)) {
            return Ok(Some(keys.clone()));
        }
        let Some(clear) = stored.iter().find_map(Stored::clear).cloned() else { return Ok(None) };
        // As those of a user who does not exist: by the same name, and with as many rounds.
        let salt = self.inventor.salt(&Running::counted_as(who));
        let rounds = self.scram_iterations().unwrap_or(scram::MIN_ITERATIONS);
        let derive = move || scram::Keys::derive(hash, clear.expose(), salt, rounds);
        who.trail.hashes();
        self.workers
            .run(Lane::Stranger, || None, derive)
            .await
            .map(Some)
            .map_err(|busy| self.tempfail(busy.to_string()))
    }

    fn census(&self) -> Result<Census, TempFail> {
        let unasked = || Err(self.tempfail("not asked yet".to_owned()));
        let last = || self.census.load_full().map_or_else(unasked, |census| (*census).clone());
        self.store.census_now().unwrap_or_else(last)
    }

    fn tempfail(&self, cause: String) -> TempFail {
        TempFail { module: self.store.name(), cause }
    }

    async fn receiver(&self, recipient: &Address, trail: &Trail) -> Found {
        if let Some(receives) = self.store.receives(recipient) {
            return receives.await;
        }
        // Who logs in as `brian` receives mail for `brian@` the default domain.
        let bare = self.default_domain.as_ref() == Some(recipient.domain());
        let who = Who {
            identity: if bare { recipient.local().to_owned() } else { recipient.to_string() },
            address: Some(recipient.clone()),
            service: Service::Smtp,
            trail: trail.clone(),
        };
        match self.store.entry(&who).await {
            Ok(Some(entry)) => Found::Account(Box::new(entry.account)),
            Ok(None) => Found::Unknown,
            Err(tempfail) => Found::TempFail(tempfail),
        }
    }
}

/// Whether one of the forms is of this password. A form that cannot be judged counts only if no other is right.
fn any_right(forms: &[Stored], password: &Secret) -> Result<bool, SchemeError> {
    // Keys cost as much as a hash, and say the same: where there is a hash, they are not asked.
    let keys_alone = forms.iter().all(|form| matches!(form, Stored::Scram(_)));
    let mut trouble = None;
    for form in forms.iter().filter(|form| keys_alone || !matches!(form, Stored::Scram(_))) {
        match form.verify(password) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(error) => trouble = Some(error),
        }
    }
    trouble.map_or(Ok(false), Err)
}

fn names(stored: &[Stored]) -> String {
    let names: Vec<_> = stored.iter().map(Stored::name).collect();
    if names.is_empty() { "no password".to_owned() } else { names.join(", ") }
}

impl<D: Directory> Module for Reader<D> {
    fn name(&self) -> &'static str {
        self.store.name()
    }

    fn is_local(&self) -> bool {
        self.store.is_local()
    }

    fn check<'a>(&'a self, request: &'a Request) -> Answer<'a, Verdict> {
        Box::pin(async move { self.judge(request).await.unwrap_or_else(Verdict::TempFail) })
    }

    fn scram_keys<'a>(&'a self, who: &'a Who, hash: scram::Hash) -> Answer<'a, Result<Option<scram::Keys>, TempFail>> {
        Box::pin(async move {
            let stored = self.store.entry(who).await?.map(|entry| entry.stored).unwrap_or_default();
            who.trail.answered();
            self.keys_of(who, &stored, hash).await
        })
    }

    fn scram_iterations(&self) -> Option<u32> {
        self.census().ok()?.iterations()
    }

    fn lookup<'a>(&'a self, recipient: &'a Address, trail: &'a Trail) -> Answer<'a, Found> {
        Box::pin(self.receiver(recipient, trail))
    }

    fn abilities(&self) -> Abilities {
        match self.census() {
            Ok(census) => census.abilities(self.store.name()),
            Err(tempfail) => Abilities::away(&tempfail),
        }
    }

    fn survey<'a>(&'a self, trail: &'a Trail) -> Answer<'a, Result<(), TempFail>> {
        Box::pin(async move {
            let census = self.store.census(trail).await;
            self.census.store(Some(Arc::new(census.clone())));
            census.map(drop)
        })
    }

    fn inventory(&self) -> Option<&dyn Inventory> {
        Some(self)
    }
}

impl<D: Directory> Inventory for Reader<D> {
    fn version(&self) -> Option<Answer<'_, Result<Option<String>, TempFail>>> {
        self.store.version()
    }

    fn list<'a>(&'a self, take: &'a mut Take<'_>) -> Option<Answer<'a, Result<(), TempFail>>> {
        self.store.list(take)
    }

    fn entry<'a>(&'a self, who: &'a Who) -> Option<Answer<'a, Result<Option<Entry>, TempFail>>> {
        Some(self.store.entry(who))
    }
}
