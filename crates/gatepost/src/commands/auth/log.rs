//! `gatepost auth log`: login attempts out of the server's files.

use std::io::{self, Write};

use auth::attempts::{Filter, Reader, Record};
use config::Config;

use crate::choice::{Choice, follow, unread};
use crate::exit::Failure;
use crate::printer::{Format, visible};

/// List login attempts, the newest last: who, from where, by which mechanism, what each module said, and the result.
///
/// The result is one of: ok, unknown user, wrong password, disabled, expired, mechanism not possible, cleartext refused,
/// throttled, temporary, aborted, bad exchange. The server's files are read, also while it runs; how much is kept is
/// `auth.log_size`. No password is ever in them.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gatepost auth log --failed --since 1h
  gatepost auth log --user alice --trail              with every line that the modules wrote
  gatepost auth log --ip 192.0.2.0/24 --follow
  gatepost auth log --json | jq -r 'select(.exposed) | .identity' | sort -u")]
pub(super) struct Args {
    #[command(flatten)]
    choice: Choice,
    /// Print what the modules did, line by line
    #[arg(long)]
    trail: bool,
}

/// Reads the files.
pub(super) fn run(args: &Args, config: &Config, format: Format, out: &mut dyn Write) -> Result<(), Failure> {
    let choice = &args.choice;
    let filter = Filter { user: choice.user.clone(), from: choice.ip, failed: choice.failed, since: choice.since() };
    let mut reader = Reader::new(&config.data);
    follow(choice.follow, out, &mut |out| {
        let mut each = |record: Record| match filter.fits(&record) {
            true if format.is_json() => writeln!(out, "{}", serde_json::json!(record)),
            true => print(&record, args.trail, out),
            false => Ok(()),
        };
        reader.read(&mut each).map_err(|error| unread(error, &config.data.join("auth-log")))
    })
}

fn print(record: &Record, trail: bool, out: &mut dyn Write) -> io::Result<()> {
    let service = record.listener.as_ref().unwrap_or(&record.service);
    let tls = if record.tls { "TLS" } else { "clear" };
    let mechanism = record.mechanism.as_deref().unwrap_or("-");
    let id = if record.id.is_empty() { "-" } else { &record.id };
    let name = if record.identity.is_empty() { "-".to_owned() } else { visible(&record.identity) };
    let Record { time, address, outcome, .. } = record;
    write!(out, "{time:.0}  {id:<8}  {service:<11}  {address}  {tls}  {mechanism}  {name}  {outcome}")?;
    if record.exposed {
        write!(out, ", password exposed")?;
    }
    if !record.why.is_empty() {
        write!(out, " ({})", visible(&record.why))?;
    }
    let verdicts: Vec<_> =
        record.modules.iter().filter_map(|m| Some(format!("{} {}", m.module, m.verdict?.word()))).collect();
    if !verdicts.is_empty() {
        write!(out, "  [{}]", verdicts.join(", "))?;
    }
    writeln!(out)?;
    if trail {
        for said in &record.modules {
            said.lines.iter().try_for_each(|line| writeln!(out, "    {}: {}", said.module, visible(line)))?;
        }
    }
    Ok(())
}
