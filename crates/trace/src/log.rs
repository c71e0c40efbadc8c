//! Where log lines go, how they look, and which are left out.

use std::io::{self, IsTerminal};

use config::{Log, LogFormat, LogLevel};
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Registry, fmt};

use crate::json::JsonLines;

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// `log.format = "journald"`, but there is no journal.
    #[error("log.format is \"journald\", but the journal cannot be reached: {0}")]
    NoJournal(io::Error),
    /// The log was set up before.
    #[error("the log is set up already")]
    Twice,
}

/// Sets up the log for the whole process: lines on stderr, or the journal. Panics are logged, too, with the session
/// that they end.
///
/// # Errors
/// See [`LogError`].
pub fn init(log: Log) -> Result<(), LogError> {
    let layer = match log.format {
        LogFormat::Json => json(),
        LogFormat::Human => human(),
        LogFormat::Journald => journal().map_err(LogError::NoJournal)?,
        LogFormat::Auto if stderr_is_the_journal() => journal().unwrap_or_else(|_| human()),
        LogFormat::Auto => human(),
    };
    let registry: Registry = tracing_subscriber::registry();
    registry.with(layer.with_filter(filter(log.level))).try_init().map_err(|_| LogError::Twice)?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, text = panic.payload_as_str().unwrap_or_default(), "panic: please report this as a bug");
    }));
    Ok(())
}

type Boxed<S> = Box<dyn Layer<S> + Send + Sync>;

/// For people; in colour on a terminal.
fn human<S: Subscriber + for<'a> LookupSpan<'a>>() -> Boxed<S> {
    let terminal = io::stderr().is_terminal();
    fmt::layer().compact().with_target(false).with_ansi(terminal).with_writer(io::stderr).boxed()
}

fn json<S: Subscriber + for<'a> LookupSpan<'a>>() -> Boxed<S> {
    fmt::layer().json().event_format(JsonLines).with_writer(io::stderr).boxed()
}

fn journal<S: Subscriber + for<'a> LookupSpan<'a>>() -> io::Result<Boxed<S>> {
    // MISSION 004-15: what forwards the journal to syslog files us as mail (RFC 5424 §6.2.1: facility 2).
    let layer = tracing_journald::layer()?.with_syslog_identifier("gatepost".to_owned());
    Ok(layer.with_custom_fields([("SYSLOG_FACILITY", "2")]).boxed())
}

/// systemd.exec(5): `$JOURNAL_STREAM` names the device and inode of the journal's stream; they are compared, as a child
/// whose stderr was redirected inherits the variable all the same.
fn stderr_is_the_journal() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else { return false };
    let Ok(stat) = rustix::fs::fstat(io::stderr()) else { return false };
    stream == format!("{}:{}", stat.st_dev, stat.st_ino)
}

/// Our own lines from the level on; of other crates' only what is a warning at least.
fn filter(level: LogLevel) -> Targets {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let foreign = ["hickory_net", "hickory_proto", "hickory_resolver", "rustls", "tokio_util"];
    let quiet = foreign.map(|target| (target, level.min(LevelFilter::WARN)));
    Targets::new().with_default(level).with_targets(quiet)
}
