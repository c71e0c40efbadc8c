//! The modules of the chain: a file each, and a row here.

mod accounts;

use config::Config;

use crate::module::Module;
use crate::workers::Workers;

/// The modules of `auth.chain`, in its order. The config has let no other names through.
pub(crate) fn chain(config: &Config, workers: &Workers) -> Vec<Box<dyn Module>> {
    let module = |name: &String| match name.as_str() {
        "accounts" => Some(Box::new(accounts::Accounts::new(config, workers.clone())) as Box<dyn Module>),
        _ => {
            tracing::error!(module = name, "no such module: left out of the chain");
            None
        }
    };
    config.auth.chain.iter().filter_map(module).collect()
}
