//! Gathering: each file collects one kind of thing, and says what it could not have.

mod accounts;
mod host;
mod look;
mod sessions;
mod versions;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use config::{Config, Loaded};
use message::Domain;

use super::bundle::Bundle;
use super::mask::{self, Masked};
use crate::config_path::ConfigPath;
use crate::exit::Failure;
use crate::process;
use sessions::Scope;

/// No config is larger.
const MOST: u64 = 1 << 20;

/// What is known of the server that it is about.
struct Scene {
    /// The config's path, if there is one.
    source: Option<PathBuf>,
    /// The config; where it is broken, its defaults with the data folder that it names.
    config: Option<Config>,
    /// What may not be as meant in it, or what is broken.
    complaints: String,
}

/// Everything.
pub(super) fn all(place: &ConfigPath, id: Option<&str>) -> Result<Bundle, Failure> {
    let mut bundle = Bundle::default();
    let scene = scene(place, &mut bundle);
    // An id that nobody knows is a mistyped one: that is told before anything is written.
    let found = match (&scene.config, id) {
        (Some(config), Some(id)) => Some(sessions::asked_for(config, id)?),
        (Some(config), None) => sessions::newest(config, &mut bundle),
        (None, _) => None,
    };
    let runtime = process::runtime()?;
    host::add(&mut bundle);
    runtime.block_on(versions::add(scene.config.as_ref(), &mut bundle));
    runtime.block_on(look::add(&scene, &mut bundle));
    if let (Some(config), Some(found)) = (&scene.config, &found) {
        let scope = if id.is_some() { Scope::Asked } else { Scope::Newest };
        sessions::add(config, found, scope, &mut bundle);
        runtime.block_on(accounts::add(config, found, &mut bundle));
    }
    read_me(id, &mut bundle);
    bundle.finish();
    Ok(bundle)
}

fn scene(place: &ConfigPath, bundle: &mut Bundle) -> Scene {
    let source = match place.resolve() {
        Ok(source) => source,
        Err(failure) => {
            bundle.lacks("the config", failure.text);
            return Scene { source: None, config: None, complaints: String::new() };
        }
    };
    let text = text_of(&source, bundle);
    let (config, complaints) = match config::load(&source) {
        Ok(Loaded { config, warnings }) => (Some(config), warnings.to_string()),
        Err(errors) => {
            let config = text.as_deref().and_then(|text| fallback(text, &source));
            (config, format!("the server would not start with this config:\n{errors}"))
        }
    };
    if let Some(config) = &config {
        known_secrets(config, bundle);
    }
    if config.is_none() {
        bundle.lacks("sessions, attempts and accounts", "the config does not say where the data folder is");
    }
    Scene { source: Some(source), config, complaints }
}

/// Adds the config without its secrets.
fn text_of(source: &Path, bundle: &mut Bundle) -> Option<String> {
    let mut octets = Vec::new();
    let read = fs::File::open(source).and_then(|file| file.take(MOST).read_to_end(&mut octets));
    if let Err(error) = read {
        let uid = rustix::process::geteuid().as_raw();
        bundle.lacks("the config's text", format!("cannot read {} as uid {uid}: {error}", source.display()));
        return None;
    }
    let text = String::from_utf8_lossy(&octets).into_owned();
    let absolute = std::path::absolute(source).unwrap_or_else(|_| source.to_owned());
    let Masked { text: shown, secrets, count } = mask::config(&text, absolute.parent().unwrap_or(Path::new("/")));
    bundle.secrets.extend(secrets);
    let masked = format!("{count} values and comments; secrets in files of their own are not taken along");
    bundle.add("gatepost.toml", "the config", Some(&masked), &shown);
    Some(text)
}

/// Of a broken config one line is enough to find sessions and accounts.
fn fallback(text: &str, source: &Path) -> Option<Config> {
    let value = text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        let quoted = value.trim().split(['"', '\'']).nth(1)?;
        (key.trim() == "data").then(|| quoted.to_owned())
    })?;
    let absolute = std::path::absolute(source).ok()?;
    let data = absolute.parent()?.join(value);
    let data: PathBuf = data.components().collect();
    let localhost = Domain::parse("localhost").ok()?;
    data.is_dir().then(|| Config::new(localhost, data))
}

/// The secrets that the config's files hold must be nowhere, wherever they come from.
fn known_secrets(config: &Config, bundle: &mut Bundle) {
    for named in config::named_files(config).into_iter().filter(|named| named.secret) {
        bundle.secrets.add_lines_of(&named.path);
    }
}

fn read_me(id: Option<&str>, bundle: &mut Bundle) {
    let about = id.map_or_else(|| "the newest sessions that failed".to_owned(), |id| format!("what belongs to {id}"));
    let mut text = format!(
        "A bundle of Gatepost {} for whoever is to help, about {about}, of {:.0}.\n\n\
         [masked] stands where a secret was: passwords, hashes, tokens, arguments of programs, texts in SQL, comments.\n\
         Names, addresses and host names of people are in it.\n\n",
        env!("CARGO_PKG_VERSION"),
        jiff::Timestamp::now()
    );
    for item in &bundle.items {
        text.push_str(&format!("{}\n    {}\n", item.name, item.why));
        text.push_str(&item.masked.as_ref().map(|masked| format!("    masked: {masked}\n")).unwrap_or_default());
    }
    if !bundle.missing.is_empty() {
        text.push_str("\nNot there:\n");
    }
    bundle.missing.iter().for_each(|each| text.push_str(&format!("{}: {}\n", each.what, each.why)));
    bundle.add("README.txt", "what is in it, and what is not", None, &text);
    // First what should be read first.
    bundle.items.rotate_right(1);
}
