//! The issuer's keys, from a file or a URL, and tokens held against them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use sasl::Secret;
use tokio::sync::Mutex;

use super::NoClaims;
use super::claims::{Claims, Refusal};
use super::jwk::Keys;
use super::jwt::Token;
use crate::http_client::{Ask, Authorization, HttpClient};
use crate::named_file;
use crate::trail::Trail;

/// Largest set of keys.
const MAX_FILE: usize = 256 * 1024;

/// Keys are not fetched more often than this, whatever tokens come: a flood of made-up key ids must not become one of the
/// issuer.
const AT_MOST_EVERY: Duration = Duration::from_secs(60);

/// Where the keys are.
#[derive(Debug)]
pub(super) struct Jwks {
    source: Source,
    lifetime: Duration,
    /// Held while they are fetched: who comes meanwhile waits for the same keys.
    known: Mutex<Option<Known>>,
}

#[derive(Debug)]
enum Source {
    File(PathBuf),
    Url(Box<HttpClient>),
}

#[derive(Debug)]
struct Known {
    keys: Arc<Keys>,
    read: Instant,
    /// When it was last tried to read them again.
    tried: Instant,
    /// Of a file: what it was when it was read.
    stamp: Option<Stamp>,
}

type Stamp = (SystemTime, u64);

impl Jwks {
    pub(super) fn new(settings: &config::Oauth) -> Self {
        let url = || HttpClient::new(settings.jwks_url.as_deref().unwrap_or_default(), settings.ca_file.clone());
        let source = settings.jwks_file.clone().map_or_else(|| Source::Url(Box::new(url())), Source::File);
        Self { source, lifetime: settings.jwks_lifetime, known: Mutex::default() }
    }

    /// For the operator.
    pub(super) fn shown(&self) -> String {
        match &self.source {
            Source::File(path) => path.display().to_string(),
            Source::Url(client) => client.shown().to_owned(),
        }
    }

    /// What a token claims, if one of the keys made its signature.
    pub(super) async fn verify(&self, token: &Secret, trail: &Trail) -> Result<Claims, NoClaims> {
        let token = Token::parse(token.expose()).map_err(Refusal::wrong)?;
        let meant = (token.algorithm, token.key_id.as_deref());
        let mut keys = self.keys(false, trail).await.map_err(NoClaims::Unknown)?;
        if !keys.any_for(meant.0, meant.1) {
            // The issuer may have new keys.
            keys = self.keys(true, trail).await.map_err(NoClaims::Unknown)?;
        }
        if !keys.any_for(meant.0, meant.1) {
            let words = format!("{} has no key that it could be signed with", self.shown());
            return Err(Refusal::wrong(words).into());
        }
        Ok(token.verified(&keys).map_err(Refusal::wrong)?)
    }

    /// Whether there are keys.
    pub(super) async fn survey(&self, trail: &Trail) -> Result<(), String> {
        self.keys(false, trail).await.map(drop)
    }

    /// The keys as they were read not long ago, or read now. If they cannot be fetched again, the old ones are used on for
    /// as long as they live.
    async fn keys(&self, newer: bool, trail: &Trail) -> Result<Arc<Keys>, String> {
        let mut known = self.known.lock().await;
        let stamp = self.stamp();
        if let Some(known) = &*known {
            let age = known.read.elapsed();
            let changed = known.stamp != stamp;
            let wanted = if newer { known.tried.elapsed() >= AT_MOST_EVERY } else { age >= self.lifetime };
            if !changed && (!wanted || matches!(self.source, Source::File(_))) {
                return Ok(Arc::clone(&known.keys));
            }
        }
        trail.say(format_args!("reading the keys of {}", self.shown()));
        match (self.read().await, &mut *known) {
            (Ok(keys), _) => {
                let keys = Arc::new(keys);
                let now = Instant::now();
                *known = Some(Known { keys: Arc::clone(&keys), read: now, tried: now, stamp });
                Ok(keys)
            }
            (Err(why), Some(old)) if newer && old.read.elapsed() < self.lifetime => {
                old.tried = Instant::now();
                trail.say(format_args!("{why}; the keys from before are used"));
                Ok(Arc::clone(&old.keys))
            }
            (Err(why), _) => Err(why),
        }
    }

    async fn read(&self) -> Result<Keys, String> {
        let octets = match &self.source {
            Source::File(path) => named_file::read(path, MAX_FILE)?,
            Source::Url(client) => {
                client.ask(Ask::Get, &Authorization::None).await.map_err(|error| error.to_string())?
            }
        };
        Keys::read(&octets).map_err(|what| format!("{}: {what}", self.shown()))
    }

    fn stamp(&self) -> Option<Stamp> {
        let Source::File(path) = &self.source else { return None };
        let meta = path.metadata().ok()?;
        Some((meta.modified().ok()?, meta.len()))
    }
}
