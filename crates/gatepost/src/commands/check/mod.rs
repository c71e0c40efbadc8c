//! `gatepost check`: what is wrong with the config, and what a server with it would say of itself.

mod facts;
mod print;

pub(super) use facts::{Facts, Listening, Mechanism};

use std::io::{self, IsTerminal, Write};

use config::{Color, Errors, Report, Severity};
use serde_json::json;

use crate::config_path::ConfigPath;
use crate::exit::{Code, Failure};
use crate::printer::{Format, Printer};
use crate::process;
use facts::Finding;

/// Say everything that is wrong with the config, at once; then what each listener would offer, and why.
///
/// The config is read as `gatepost serve` would read it, and the files that it names are looked at. Nothing is changed, and
/// no port is opened.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gatepost check -c /etc/gatepost/gatepost.toml && systemctl reload gatepost
  gatepost check --json | jq .certificate.days_left")]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigPath,
    #[command(flatten)]
    format: Format,
}

/// Looks, and says.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let path = args.config.resolve()?;
    let mut printer = args.format.to(out);
    let loaded = match config::load(&path) {
        Ok(loaded) => loaded,
        Err(errors) => return Err(broken(&errors, &mut printer)?),
    };
    let facts = process::runtime()?.block_on(Facts::of(&loaded.config, &loaded.warnings));
    printer.print(&facts, |out| {
        findings(&loaded.warnings, out)?;
        print::facts(&facts, out)
    })?;
    match facts.trouble {
        Some(trouble) => Err(Failure::new(Code::Config, trouble)),
        None => Ok(()),
    }
}

/// A config that cannot be used: everything that is wrong with it, and the failure.
fn broken(errors: &Errors, printer: &mut Printer<'_>) -> Result<Failure, Failure> {
    let value = json!({ "config": errors.path(), "findings": Finding::all(errors) });
    printer.print(&value, |out| findings(errors, out))?;
    let count = errors.findings().iter().filter(|finding| finding.cause.severity() == Severity::Error).count();
    let noun = if count == 1 { "error" } else { "errors" };
    Ok(Failure::new(Code::Config, format!("{}: {count} {noun}; the server would not start", errors.path().display())))
}

fn findings(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    // https://no-color.org
    let colors = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let color = if colors { Color::Ansi } else { Color::Plain };
    if report.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}\n", report.render(color))
}
