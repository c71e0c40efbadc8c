//! Where the chain is.

use message::Address;
use sasl::scram;

use config::Config;

use crate::directory::Shared;
use crate::guard::{Guarded, Health};
use crate::module::{Abilities, Request, Who};
use crate::modules::{self, LeftOut};
use crate::trail::Trail;
use crate::{Resolution, TempFail, Verdict, chain, resolve};

/// The modules, wherever they are. Whoever asks cannot tell the difference.
#[derive(Debug)]
pub(crate) enum Chain {
    /// In this process.
    Here(Here),
}

/// A chain in this process.
#[derive(Debug)]
pub(crate) struct Here {
    modules: Vec<Guarded>,
    left_out: Vec<LeftOut>,
}

impl Chain {
    /// The chain that a config asks for.
    pub(crate) fn new(config: &Config, shared: &Shared) -> Self {
        let (modules, left_out) = modules::chain(config, shared);
        for LeftOut { module, why } in &left_out {
            tracing::warn!(module, why, "left out of the chain");
        }
        Self::Here(Here { modules, left_out })
    }

    /// Judges a login.
    pub(crate) async fn judge(&self, request: &Request) -> Verdict {
        match self {
            Self::Here(here) => chain::judge(&here.modules, request).await,
        }
    }

    /// The SCRAM keys that are kept of somebody.
    pub(crate) async fn scram_keys(&self, who: &Who, hash: scram::Hash) -> Result<Option<scram::Keys>, TempFail> {
        match self {
            Self::Here(here) => chain::scram_keys(&here.modules, who, hash).await,
        }
    }

    /// The rounds of the SCRAM keys that are kept.
    pub(crate) fn scram_iterations(&self) -> Option<u32> {
        match self {
            Self::Here(here) => here.modules.iter().find_map(Guarded::scram_iterations),
        }
    }

    /// Who receives mail for an address.
    pub(crate) async fn resolve(&self, recipient: &Address) -> Resolution {
        match self {
            Self::Here(here) => resolve::resolve(&here.modules, recipient).await,
        }
    }

    /// What each module could verify, as of the last survey.
    pub(crate) fn abilities(&self) -> Vec<Abilities> {
        match self {
            Self::Here(here) => here.modules.iter().map(Guarded::abilities).collect(),
        }
    }

    /// Asks every module whether it is there and what its accounts keep.
    pub(crate) async fn survey(&self) {
        match self {
            Self::Here(here) => here.survey().await,
        }
    }

    /// How the modules fare, in the order in which they are asked.
    pub(crate) fn health(&self) -> Vec<Health> {
        match self {
            Self::Here(here) => here.modules.iter().map(Guarded::health).collect(),
        }
    }

    /// The modules that `auth.chain` names but the chain does not have.
    pub(crate) fn left_out(&self) -> Vec<LeftOut> {
        match self {
            Self::Here(here) => here.left_out.clone(),
        }
    }
}

impl Here {
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
