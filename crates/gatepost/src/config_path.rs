//! Which config a command is about: the same answer for every command.

use std::path::{Path, PathBuf};

use config::Config;

use crate::exit::{Code, Failure};

/// Where a config is looked for when nobody named one.
const PLACES: [&str; 2] = ["gatepost-data/gatepost.toml", "/etc/gatepost/gatepost.toml"];

/// `-c`, for every command that needs the config.
#[derive(Debug, clap::Args)]
pub(crate) struct ConfigPath {
    /// The config [default: ./gatepost-data/gatepost.toml, then /etc/gatepost/gatepost.toml]
    #[arg(short, long, value_name = "FILE", env = "GATEPOST_CONFIG", hide_env_values = true, global = true)]
    config: Option<PathBuf>,
}

impl ConfigPath {
    /// Reads the config; its path, too.
    pub(crate) fn load(&self) -> Result<(PathBuf, Config), Failure> {
        let path = self.resolve()?;
        let config = read(&path)?;
        Ok((path, config))
    }

    /// The file to read: the one that was named, or the first of the usual places where there is one.
    pub(crate) fn resolve(&self) -> Result<PathBuf, Failure> {
        // An empty GATEPOST_CONFIG names none.
        if let Some(path) = self.config.as_ref().filter(|path| !path.as_os_str().is_empty()) {
            return Ok(path.clone());
        }
        // In /etc, one that may not be looked at is there all the same: reading it says why it cannot be had. The folder
        // that the command is called in may be anybody's.
        let there = |place: &&Path| place.try_exists().unwrap_or(place.is_absolute());
        let place = PLACES.iter().map(Path::new).find(there);
        place.map(Path::to_owned).ok_or_else(|| {
            let text = format!(
                "no config: neither ./{} nor {} is there; name one with -c, or make one with `gatepost init DIR`",
                PLACES[0], PLACES[1]
            );
            Failure::new(Code::Config, text)
        })
    }
}

/// Reads a config. What may not be as meant is told by `gatepost check` alone.
pub(crate) fn read(path: &Path) -> Result<Config, Failure> {
    let loaded = config::load(path).map_err(|errors| {
        let text = format!("the config cannot be used:\n{errors}\n(`gatepost check` shows it with its lines)");
        Failure::new(Code::Config, text)
    })?;
    Ok(loaded.config)
}
