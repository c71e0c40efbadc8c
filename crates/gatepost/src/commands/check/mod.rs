//! `gatepost check`: what is wrong with the config, and what a server with it would say of itself; with `--deep`, what is
//! wrong around it.

mod deep;
mod facts;
mod print;

pub(super) use deep::{described, used_files};
pub(super) use facts::{Listening, Mechanism};

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use config::{Color, Config, Errors, Report, Severity};
use serde::Serialize;
use serde_json::json;

use crate::config_path::ConfigPath;
use crate::exit::{Code, Failure};
use crate::printer::{Format, Printer};
use crate::process;
use facts::{Facts, Finding};

/// Say everything that is wrong with the config, at once; then what each listener would offer, and why.
///
/// The config is read as `gatepost serve` would read it, and the files that it names are looked at. Nothing is changed, and
/// no port is opened. With --deep, everything around it is looked at, too: the server's own ports are probed, each module is
/// asked, all accounts' Maildirs and all files with their owners and modes, each route is tried as far as its login (which sends
/// nothing), the DNS of each domain, clock, disk and certificate.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit codes: 0 no error   1 --deep found an error   78 the server would not start with this config

Examples:
  gatepost check -c /etc/gatepost/gatepost.toml && systemctl reload gatepost
  gatepost check --json | jq .certificate.days_left
  gatepost check --deep                                    after a change, before asking anybody
  gatepost check --deep --json | jq '.deep.findings[] | select(.severity == \"error\")'")]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigPath,
    #[command(flatten)]
    format: Format,
    /// Look at everything around the config, too
    #[arg(long)]
    deep: bool,
    /// With --deep: how long an answer over the network may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10, requires = "deep", value_parser = crate::time::wait::<300>)]
    timeout: u64,
}

/// All that is said of a config that can be used.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    facts: &'a Facts,
    #[serde(skip_serializing_if = "Option::is_none")]
    deep: Option<&'a deep::Report>,
}

/// Looks, and says.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let path = args.config.resolve()?;
    let mut printer = args.format.to(out);
    let loaded = match config::load(&path) {
        Ok(loaded) => loaded,
        Err(errors) => return Err(broken(&errors, &mut printer)?),
    };
    let runtime = process::runtime()?;
    let facts = runtime.block_on(Facts::of(&loaded.config, &loaded.warnings));
    let wait = Duration::from_secs(args.timeout);
    let deep = args.deep.then(|| runtime.block_on(deep::run(&loaded.config, &path, wait)));
    let told = Told { facts: &facts, deep: deep.as_ref() };
    printer.print(&told, |out| {
        findings(&loaded.warnings, out)?;
        print::facts(&facts, out)?;
        deep.as_ref().map_or(Ok(()), |deep| deep::report(deep, out))
    })?;
    match (facts.trouble, deep.map_or(0, |deep| deep.errors())) {
        (Some(trouble), _) => Err(Failure::new(Code::Config, trouble)),
        // It was said already.
        (None, 1..) => Err(Failure::new(Code::Failed, "")),
        (None, 0) => Ok(()),
    }
}

/// What a server with this config would be and say, for people.
pub(super) async fn print_facts(config: &Config, warnings: &Report, out: &mut dyn Write) -> io::Result<()> {
    print::facts(&Facts::of(config, warnings).await, out)
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
