//! `gatepost check --deep`: everything that can be looked at from here, by area, a file each. Nothing is changed, and no mail
//! is written.

mod accounts;
mod certificate;
mod clock;
mod disk;
mod dns;
mod files;
mod homes;
mod listeners;
mod modules;
mod print;
mod progress;
mod report;
mod routes;
mod typos;
mod user;

use std::path::Path;
use std::time::Duration;

use auth::Auth;
use config::Config;
use server::control::{self, AskError, Request, Response, Status};

use crate::accounts::chain_here;
pub(in crate::commands) use files::{all as used_files, described};
pub(super) use print::report;
use progress::Progress;
pub(super) use report::Report;
use user::User;

/// What every area needs to know.
struct Scene<'a> {
    config: &'a Config,
    /// The config's path.
    source: &'a Path,
    /// The running server, or why there is none to be asked.
    status: Result<Status, AskError>,
    /// As whom the server runs.
    user: User,
    /// How long an answer over the network may take.
    wait: Duration,
    progress: Progress,
}

/// Looks at everything.
pub(super) async fn run(config: &Config, source: &Path, wait: Duration) -> Report {
    let status = status(config);
    let user = User::of(status.as_ref().ok(), &config.data);
    let scene = Scene { config, source, status, user, wait, progress: Progress::new() };
    let mut findings = Vec::new();
    scene.progress.begin("the listeners");
    findings.extend(listeners::check(&scene).await);
    findings.extend(certificate::check(&scene));
    scene.progress.begin("the modules of the chain");
    let auth = Auth::new(config);
    findings.extend(modules::check(&scene, &auth).await);
    scene.progress.begin("accounts");
    findings.extend(accounts::check(&scene, &chain_here(config)).await);
    findings.extend(files::check(&scene));
    scene.progress.begin("routes");
    findings.extend(routes::check(&scene).await);
    scene.progress.begin("the DNS");
    findings.extend(dns::check(&scene).await);
    findings.extend(clock::check(&scene));
    findings.extend(disk::check(&scene));
    Report::new(scene.user.describe(), findings)
}

fn status(config: &Config) -> Result<Status, AskError> {
    match control::ask(&config.data, &Request::Status)? {
        Response::Status(status) => Ok(status),
        _ => Err(AskError::OtherVersion),
    }
}
