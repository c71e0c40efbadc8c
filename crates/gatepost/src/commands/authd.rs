//! `gatepost authd`: the auth chain in a process of its own.

use std::path::Path;

use auth::daemon::{Daemon, OpenError};
use config::Config;
use tokio::signal::unix::{SignalKind, signal};

use crate::config_path::ConfigPath;
use crate::exit::{self, Code, Failure};
use crate::process;

/// Run the auth chain as a process of its own, at Unix sockets, with its log on stderr.
///
/// A server with `[auth] socket` asks it; at further sockets (see `[authd]`) it speaks as Courier's authdaemond and as
/// Dovecot's auth service do. One line `ready` says that every socket is open. SIGHUP reads the config again; SIGTERM
/// finishes the questions under way (at most 10 seconds) and ends.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gatepost authd -c /etc/gatepost/gatepost.toml")]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigPath,
}

/// Runs until a signal ends it.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let (path, config) = args.config.load()?;
    process::prepare(&config)?;
    let runtime = process::runtime()?;
    let served = runtime.block_on(serve(&path, &config));
    runtime.shutdown_background();
    served
}

async fn serve(path: &Path, config: &Config) -> Result<(), Failure> {
    // Caught before it is ready: nobody is to be killed by a SIGHUP that comes early.
    let (mut hangup, mut interrupt) = (signal(SignalKind::hangup())?, signal(SignalKind::interrupt())?);
    let mut terminate = signal(SignalKind::terminate())?;
    let daemon = Daemon::start(config).await.map_err(|error| not_started(&error))?;
    tracing::info!(pid = std::process::id(), version = env!("CARGO_PKG_VERSION"), "ready");
    loop {
        tokio::select! {
            _ = hangup.recv() => reload(&daemon, path),
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
        }
    }
    tracing::info!("ending");
    daemon.end().await;
    Ok(())
}

fn reload(daemon: &Daemon, path: &Path) {
    match config::load(path) {
        Ok(loaded) => {
            let restart_for = daemon.reload(&loaded.config);
            if restart_for.is_empty() {
                tracing::info!("config reloaded");
            } else {
                tracing::warn!(?restart_for, "config reloaded, but these keys need a restart");
            }
        }
        Err(errors) => tracing::error!(%errors, "not reloaded: the old config stays"),
    }
}

fn not_started(error: &OpenError) -> Failure {
    let code = match error {
        OpenError::Io { error, .. } => exit::code(error),
        OpenError::Group { .. } => Code::Config,
        OpenError::Taken(_) | OpenError::NoSocket(_) => Code::Failed,
    };
    Failure::new(code, error.to_string())
}
