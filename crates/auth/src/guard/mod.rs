//! Holds a module within bounds: its time, its number of questions at once, and what happens when it does not answer.

mod breaker;
mod health;
mod lately;

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Instant;

use config::OnUnreachable;
use message::Address;
use parking_lot::Mutex;
use sasl::{Evidence, scram};
use tokio::sync::{Semaphore, SemaphorePermit};

pub use health::{Health, Reach};

use crate::inventory::Inventory;
use crate::module::{Abilities, Found, Module, Request, Who};
use crate::trail::Trail;
use crate::{TempFail, Verdict, workers};
use breaker::Breaker;
use health::Counts;
use lately::Lately;

/// A module in its bounds.
#[derive(Debug)]
pub(crate) struct Guarded {
    module: Box<dyn Module>,
    rules: config::Guard,
    places: Semaphore,
    breaker: Mutex<Breaker>,
    counts: Mutex<Counts>,
    lately: Lately,
}

/// What a module says to a login, and what the chain does about it.
#[derive(Debug)]
pub(crate) enum Said {
    /// As it is.
    Verdict(Verdict),
    /// It could not tell, and the next ones are to be asked.
    Skipped(TempFail),
}

impl Guarded {
    pub(crate) fn new(module: Box<dyn Module>, rules: config::Guard) -> Self {
        let places = Semaphore::new(rules.concurrency);
        let breaker = Mutex::new(Breaker::new(!module.is_local()));
        let (counts, lately) = (Mutex::default(), Lately::new(rules.max_age));
        Self { module, rules, places, breaker, counts, lately }
    }

    /// As in `auth.chain`.
    pub(crate) fn name(&self) -> &'static str {
        self.module.name()
    }

    /// Judges a login.
    pub(crate) async fn check(&self, request: &Request) -> Said {
        let started = Instant::now();
        let asked = self.ask(&request.who.trail, async {
            match self.module.check(request).await {
                Verdict::TempFail(tempfail) => Err(tempfail),
                verdict => Ok(verdict),
            }
        });
        let verdict = asked.await.unwrap_or_else(Verdict::TempFail);
        self.counts.lock().count(&verdict, started.elapsed());
        match verdict {
            Verdict::TempFail(tempfail) => self.unreachable(request, tempfail),
            Verdict::Accept(account) => {
                if let (OnUnreachable::Cached, Evidence::Password(evidence)) =
                    (self.rules.on_unreachable, &request.evidence)
                {
                    self.lately.learn(evidence, request.attempt.service, &account);
                }
                Said::Verdict(Verdict::Accept(account))
            }
            Verdict::Reject(reason) => {
                // What was right lately is not any more: the next outage must not let it in.
                if let Evidence::Password(evidence) = &request.evidence {
                    self.lately.forget(evidence, request.attempt.service);
                }
                Said::Verdict(Verdict::Reject(reason))
            }
        }
    }

    fn unreachable(&self, request: &Request, tempfail: TempFail) -> Said {
        let trail = &request.who.trail;
        let known = match (self.rules.on_unreachable, &request.evidence) {
            (OnUnreachable::Skip, _) => return Said::Skipped(tempfail),
            (OnUnreachable::Cached, Evidence::Password(evidence)) => {
                self.lately.knows(evidence, request.attempt.service)
            }
            _ => None,
        };
        let Some(account) = known else { return Said::Verdict(Verdict::TempFail(tempfail)) };
        trail.say(format_args!("on_unreachable = \"cached\": the same password was right not long ago ({tempfail})"));
        Said::Verdict(Verdict::accept(account))
    }

    /// The SCRAM keys of an account.
    pub(crate) async fn scram_keys(&self, who: &Who, hash: scram::Hash) -> Result<Option<scram::Keys>, TempFail> {
        self.ask(&who.trail, self.module.scram_keys(who, hash)).await
    }

    /// Whether the next modules are asked when it cannot tell.
    pub(crate) fn is_skipped(&self) -> bool {
        self.rules.on_unreachable == OnUnreachable::Skip
    }

    /// Whether it knows every address of its accounts.
    pub(crate) fn can_look_up(&self) -> bool {
        self.module.can_look_up()
    }

    /// Whether it has accounts of its own.
    pub(crate) fn has_accounts(&self) -> bool {
        self.module.has_accounts()
    }

    /// The rounds of the SCRAM keys that it keeps.
    pub(crate) fn scram_iterations(&self) -> Option<u32> {
        self.module.scram_iterations()
    }

    /// Who receives mail for an address.
    pub(crate) async fn lookup(&self, recipient: &Address, trail: &Trail) -> Found {
        let found = self.ask(trail, async {
            match self.module.lookup(recipient, trail).await {
                Found::TempFail(tempfail) => Err(tempfail),
                found => Ok(found),
            }
        });
        found.await.unwrap_or_else(Found::TempFail)
    }

    /// Which mechanisms could succeed.
    pub(crate) fn abilities(&self) -> Abilities {
        self.module.abilities()
    }

    /// Asks whether the store is there and what its accounts keep. The breaker is not asked: this is how a module that
    /// is back is found.
    pub(crate) async fn survey(&self, trail: &Trail) -> Result<(), TempFail> {
        // A census of many accounts takes longer than a login.
        let surveyed = tokio::time::timeout(self.rules.timeout * 12, self.module.survey(trail)).await;
        let surveyed = surveyed.unwrap_or_else(|_| Err(self.late()));
        self.settle(surveyed.as_ref().err());
        surveyed
    }

    /// What else it can tell an operator.
    pub(crate) fn inventory(&self) -> Option<&dyn Inventory> {
        self.module.inventory()
    }

    /// An operator's question, in the module's time. It says nothing about the module to others.
    pub(crate) async fn in_time<T>(&self, asked: impl Future<Output = Result<T, TempFail>>) -> Result<T, TempFail> {
        tokio::time::timeout(self.rules.timeout, asked).await.unwrap_or_else(|_| Err(self.late()))
    }

    /// How it fares.
    pub(crate) fn health(&self) -> Health {
        let (reach, last) = self.breaker.lock().reach(Instant::now());
        self.counts.lock().health(self.name(), reach, last)
    }

    /// Asks within the bounds: not while the breaker is open, not more at once than allowed, and not for longer.
    ///
    /// Only a store that does not answer counts against it. What comes behind its answer (a stored form that nobody can
    /// read, no free hash worker) and a crowd at our own door must not close it to all: one account could do that.
    async fn ask<T>(&self, trail: &Trail, question: impl Future<Output = Result<T, TempFail>>) -> Result<T, TempFail> {
        let name = self.name();
        self.breaker.lock().admit(Instant::now()).map_err(|cause| TempFail { module: name, cause })?;
        let place = tokio::time::timeout(self.rules.timeout, self.places.acquire()).await;
        let place = place.map_err(|_| self.full())?.map_err(|_| self.full())?;
        let answer = self.answer(trail, place, question).await;
        self.settle(answer.as_ref().err().filter(|_| !trail.has_answered()));
        answer
    }

    /// The place and the timeout are the store's. A login that is done with the store and waits for a hash worker gives the
    /// place back: a flood of guesses, which all wait there, must not keep others from asking.
    async fn answer<T>(
        &self,
        trail: &Trail,
        place: SemaphorePermit<'_>,
        question: impl Future<Output = Result<T, TempFail>>,
    ) -> Result<T, TempFail> {
        let (mut place, mut question) = (Some(place), pin!(question));
        let mut end = pin!(tokio::time::sleep(self.rules.timeout));
        poll_fn(|cx| {
            if let Poll::Ready(answer) = question.as_mut().poll(cx) {
                return Poll::Ready(answer);
            }
            if trail.is_hashing() && place.take().is_some() {
                end.as_mut().reset(tokio::time::Instant::now() + workers::PATIENCE + self.rules.timeout);
            }
            end.as_mut().poll(cx).map(|()| Err(self.late()))
        })
        .await
    }

    fn settle(&self, failed: Option<&TempFail>) {
        self.breaker.lock().settle(failed, Instant::now());
    }

    fn late(&self) -> TempFail {
        let (name, timeout) = (self.name(), self.rules.timeout);
        TempFail { module: name, cause: format!("no answer within {timeout:?} (auth.{name}.timeout)") }
    }

    fn full(&self) -> TempFail {
        let (name, most) = (self.name(), self.rules.concurrency);
        TempFail { module: name, cause: format!("{most} questions are under way already (auth.{name}.concurrency)") }
    }
}

#[cfg(test)]
mod tests;
