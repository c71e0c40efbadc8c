//! `gatepost support-bundle`: one archive with what somebody needs who is to help, secrets masked, looked through before it is
//! written.

mod archive;
mod bundle;
mod gather;
mod mask;

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use crate::config_path::ConfigPath;
use crate::exit::{Code, Failure};
use crate::printer::{Format, visible};
use bundle::Bundle;

/// Collect what somebody needs who is to help you into one archive, and say what it holds before it is written.
///
/// What a good report of a fault has: system, compiler and versions, the config without its secrets, what `gatepost check` says,
/// files with owner and mode, the sessions that failed with what was said in them, login attempts, and what the store keeps of
/// the account, its hash masked. With the id of a session or message, that one; else the newest that failed. Passwords, hashes,
/// tokens and private keys are never in it. Look through it all the same: names and addresses of people are.
///
/// It also works when no server runs, or the config is broken: then it says so, and takes what there is.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gatepost support-bundle 7HX2K9QF                  the session with this id; asks before it writes
  gatepost support-bundle --list                    what it would hold, and nothing else
  gatepost support-bundle --yes --output report.tar.gz
  gatepost support-bundle --list --json | jq -r '.items[] | .name'")]
pub(crate) struct Args {
    /// A session's id, a message's id, a Message-ID, or another server's id
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Where to write it [default: gatepost-support-DATE-ID.tar.gz, here]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write without asking
    #[arg(long, conflicts_with = "list")]
    yes: bool,
    /// Only say what it would hold
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    config: ConfigPath,
    #[command(flatten)]
    format: Format,
}

/// What is told of a bundle.
#[derive(Serialize)]
struct Listing<'a> {
    /// Where it goes.
    output: &'a Path,
    #[serde(flatten)]
    bundle: &'a Bundle,
    /// Whether it will be written without asking.
    writes: bool,
}

/// Gathers, lists, asks, and writes.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let now = Timestamp::now();
    let name = name(args.id.as_deref(), now);
    let output = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.tar.gz")));
    // Who has to write elsewhere should hear of it before all is gathered.
    if !args.list && output.symlink_metadata().is_ok() {
        return Err(taken(&output));
    }
    if !args.list && !args.yes && (args.format.is_json() || !io::stdin().is_terminal()) {
        let text = "nobody can be asked here: --yes writes without asking, --list only says what it would hold";
        return Err(Failure::new(Code::Data, text));
    }
    let bundle = gather::all(&args.config, args.id.as_deref())?;
    let listing = Listing { output: &output, bundle: &bundle, writes: args.yes };
    args.format.to(out).print(&listing, |out| list(&listing, out))?;
    if args.list || !(args.yes || agreed(out)?) {
        return Ok(());
    }
    let seconds = now.as_second().try_into().unwrap_or_default();
    let size = archive::write(&output, &name, &bundle, seconds).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => taken(&output),
        _ => Failure::new(crate::exit::code(&error), format!("{}: {error}", output.display())),
    })?;
    if !args.format.is_json() {
        let shown = output.display();
        writeln!(out, "\n{shown}: {size} octets, mode 0600. Look through it before you send it: tar -xzf {shown}")?;
    }
    Ok(())
}

fn taken(output: &Path) -> Failure {
    Failure::new(Code::Exists, format!("{} is there already; name another with --output", output.display()))
}

/// The archive's name, and that of the folder in it.
fn name(id: Option<&str>, now: Timestamp) -> String {
    let date = now.strftime("%Y%m%d-%H%M%S");
    let id: String = id.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).take(24).collect();
    if id.is_empty() { format!("gatepost-support-{date}") } else { format!("gatepost-support-{date}-{id}") }
}

fn list(listing: &Listing<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Bundle { items, missing, .. } = listing.bundle;
    let all: usize = items.iter().map(|item| item.size).sum();
    writeln!(
        out,
        "{} will hold {} files, {all} octets before they are packed:\n",
        listing.output.display(),
        items.len()
    )?;
    for item in items {
        writeln!(out, "  {:<28} {:>8}  {}", visible(&item.name), item.size, visible(&item.why))?;
        if let Some(masked) = &item.masked {
            writeln!(out, "  {:<28} {:>8}  masked: {}", "", "", visible(masked))?;
        }
        if let Some(cut) = item.cut {
            writeln!(out, "  {:<28} {:>8}  cut: the last {cut} octets", "", "")?;
        }
    }
    if !missing.is_empty() {
        writeln!(out, "\nNot there:")?;
    }
    missing.iter().try_for_each(|each| writeln!(out, "  {}: {}", each.what, visible(&each.why)))
}

fn agreed(out: &mut dyn Write) -> Result<bool, Failure> {
    write!(out, "\nWrite it? [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    let yes = matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes");
    if !yes {
        writeln!(out, "Nothing was written.")?;
    }
    Ok(yes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_makes_no_path() {
        let now = "2026-12-01T04:05:06Z".parse().expect("a time");
        assert_eq!(name(Some("7HX2K9QF"), now), "gatepost-support-20261201-040506-7HX2K9QF");
        assert_eq!(name(Some("<../../a@b>"), now), "gatepost-support-20261201-040506-ab");
        assert_eq!(name(None, now), "gatepost-support-20261201-040506");
    }
}
