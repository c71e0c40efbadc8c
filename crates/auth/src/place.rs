//! Where the chain is.

use std::sync::Arc;
use std::time::Duration;

use config::Config;
use message::Address;
use sasl::scram;

use crate::directory::Shared;
use crate::guard::{Guarded, Health};
use crate::module::{Abilities, Found, Request, Who};
use crate::modules::{self, LeftOut};
use crate::remote::Remote;
use crate::trail::Trail;
use crate::{Resolution, TempFail, Verdict, chain, resolve};

/// The modules, wherever they are. Whoever asks cannot tell the difference.
#[derive(Debug)]
pub(crate) enum Chain {
    /// In this process.
    Here(Here),
    /// In `gatepost authd`.
    There(Arc<Remote>),
}

/// A chain in this process.
#[derive(Debug)]
pub(crate) struct Here {
    modules: Vec<Guarded>,
    left_out: Vec<LeftOut>,
}

impl Chain {
    /// The chain that a config asks for. What is known of a daemon that stays the same (`old`) is still known.
    pub(crate) fn new(config: &Config, shared: &Shared, old: Option<&Self>) -> Self {
        if let Some(socket) = &config.auth.socket {
            return Self::There(match old {
                Some(Self::There(remote)) if remote.path() == socket => Arc::clone(remote),
                _ => Arc::new(Remote::new(socket)),
            });
        }
        let (modules, left_out) = modules::chain(config, shared);
        for LeftOut { module, why } in &left_out {
            tracing::warn!(module, why, "left out of the chain");
        }
        Self::Here(Here { modules, left_out })
    }

    /// The modules, if they are in this process.
    pub(crate) fn here(&self) -> Option<&[Guarded]> {
        match self {
            Self::Here(here) => Some(&here.modules),
            Self::There(_) => None,
        }
    }

    /// Judges a login.
    pub(crate) async fn judge(&self, request: &Request) -> Verdict {
        match self {
            Self::Here(here) => chain::judge(&here.modules, request).await,
            Self::There(remote) => remote.judge(request).await,
        }
    }

    /// The SCRAM keys that are kept of somebody.
    pub(crate) async fn scram_keys(&self, who: &Who, hash: scram::Hash) -> Result<Option<scram::Keys>, TempFail> {
        match self {
            Self::Here(here) => chain::scram_keys(&here.modules, who, hash).await,
            Self::There(remote) => remote.scram_keys(who, hash).await,
        }
    }

    /// The rounds of the SCRAM keys that are kept.
    pub(crate) fn scram_iterations(&self) -> Option<u32> {
        match self {
            Self::Here(here) => here.modules.iter().find_map(Guarded::scram_iterations),
            Self::There(remote) => remote.scram_iterations(),
        }
    }

    /// Who receives mail for an address.
    pub(crate) async fn resolve(&self, recipient: &Address) -> Resolution {
        match self {
            Self::Here(here) => resolve::resolve(&here.modules, recipient).await,
            Self::There(remote) => remote.resolve(recipient).await,
        }
    }

    /// The account that a module, or any, has for an address. Aliases are not followed.
    pub(crate) async fn account(&self, address: &Address, module: Option<&str>, trail: &Trail) -> Resolution {
        match self {
            Self::Here(here) => here.account(address, module, trail).await,
            Self::There(remote) => remote.resolve(address).await,
        }
    }

    /// What each module could verify, as of the last survey.
    pub(crate) fn abilities(&self) -> Vec<Abilities> {
        match self {
            Self::Here(here) => here.modules.iter().map(Guarded::abilities).collect(),
            Self::There(remote) => remote.abilities(),
        }
    }

    /// Asks every module whether it is there and what its accounts keep.
    pub(crate) async fn survey(&self) {
        match self {
            Self::Here(here) => here.survey().await,
            Self::There(remote) => remote.survey().await,
        }
    }

    /// How long until the next survey, where the config asks for one this often.
    pub(crate) fn pause(&self, survey: Duration) -> Duration {
        match self {
            Self::Here(_) => survey,
            Self::There(remote) => remote.pause(survey),
        }
    }

    /// How the modules fare, in the order in which they are asked.
    pub(crate) fn health(&self) -> Vec<Health> {
        match self {
            Self::Here(here) => here.modules.iter().map(Guarded::health).collect(),
            Self::There(remote) => remote.health(),
        }
    }

    /// The modules that `auth.chain` names but the chain does not have.
    pub(crate) fn left_out(&self) -> Vec<LeftOut> {
        match self {
            Self::Here(here) => here.left_out.clone(),
            Self::There(remote) => remote.left_out(),
        }
    }
}

impl Here {
    async fn account(&self, address: &Address, module: Option<&str>, trail: &Trail) -> Resolution {
        let named = |wanted: &str| self.modules.iter().position(|module| module.name() == wanted);
        let modules = match module.map(named) {
            None => self.modules.as_slice(),
            Some(at) => at.map_or(&[][..], |at| &self.modules[at..=at]),
        };
        match chain::lookup(modules, address, trail).await {
            Found::Account(account) => Resolution::Account(*account),
            Found::Targets(targets) => Resolution::Alias(targets),
            Found::Unknown => Resolution::Unknown,
            Found::TempFail(tempfail) => Resolution::TempFail(tempfail),
        }
    }

    async fn survey(&self) {
        for module in &self.modules {
            let trail = Trail::default();
            trail.speaks(module.name());
            if let Err(tempfail) = module.survey(&trail).await {
                tracing::error!(module = tempfail.module, cause = tempfail.cause, "a module of the chain cannot tell");
            }
        }
    }
}
