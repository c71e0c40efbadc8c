//! `gatepost auth test`: would this login work, and if not, why.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::MetadataExt;

use auth::attempts::Outcome;
use auth::trial::{Password, Report, Trial};
use auth::{Auth, Service};
use config::Config;
use sasl::Mechanism;
use serde_json::json;
use server::control::{self, AskError, Request, Response};

use super::{advice, courier, trace};
use crate::exit::{Code, Failure};
use crate::printer::Format;
use crate::running_server::unexpected;
use crate::{password, process};

/// Ask the very same chain that logins ask, and say what each module did; exit 0 accepted, 1 rejected, 75 temporary.
///
/// Through the running server if there is one, else in this process. By SCRAM and CRAM-MD5 a whole exchange is run, so
/// that the stored secrets are really tried. Without a password (neither --password-stdin nor a terminal) the account is
/// only looked up. Nothing is counted against the account or an address.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  printf '%s\\n' \"$PASS\" | gatepost auth test alice@example.org --password-stdin
  gatepost auth test alice@example.org --service pop3 --mechanism CRAM-MD5
  gatepost auth test alice@example.org < /dev/null         only who that is, and where the mail lies
  gatepost auth test brian --courier                       in the lines of Courier's debug log")]
pub(super) struct Args {
    /// The name, as a client would send it
    user: String,
    /// What the login is for
    #[arg(long, default_value = "imap", value_parser = service, value_name = "smtp|imap|pop3")]
    service: Service,
    /// By which mechanism
    #[arg(long, default_value = "PLAIN", value_parser = mechanism)]
    mechanism: Mechanism,
    /// Read the password from the first line of standard input [default: ask on a terminal]
    #[arg(long)]
    password_stdin: bool,
    /// The client's address, for modules that look at it
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    ip: IpAddr,
    /// As if it came without TLS
    #[arg(long)]
    clear: bool,
    /// Say which module should have known the user, why it did not accept, and what to do
    #[arg(long)]
    explain: bool,
    /// Print the lines of Courier's authdaemond with DEBUG_LOGIN=1
    #[arg(long, conflicts_with_all = ["explain", "json"])]
    courier: bool,
}

/// Reads `smtp`, `imap` or `pop3`.
pub(in crate::commands) fn service(name: &str) -> Result<Service, &'static str> {
    Service::from_name(name).ok_or("one of smtp, imap and pop3")
}

/// Reads a mechanism's name.
pub(in crate::commands) fn mechanism(name: &str) -> Result<Mechanism, String> {
    let known = || Mechanism::ALL.map(Mechanism::name).join(", ");
    // Not `from_name`, which knows SASL's only: APOP can be tried, too.
    let found = Mechanism::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(name));
    found.ok_or_else(|| format!("one of {}", known()))
}

/// Tries it.
pub(super) fn run(args: &Args, config: &Config, format: Format, out: &mut dyn Write) -> Result<(), Failure> {
    let trial = Trial {
        user: args.user.clone(),
        service: args.service,
        peer: args.ip,
        tls: !args.clear,
        mechanism: Some(args.mechanism.name().to_owned()),
        password: password::existing(args.password_stdin)?.map(Password),
    };
    let (report, asked) = ask(trial, config)?;
    if args.courier {
        courier::print(&report, out)?;
        return end(&report);
    }
    let explained = args.explain.then(|| advice::search(&report));
    let value = json!({ "asked": asked, "report": report, "explained": explained, "do": advice::of(&report) });
    format.to(out).print(&value, |out| {
        writeln!(out, "asked: {asked}\n")?;
        trace::print(&report, out)?;
        if let Some(lines) = &explained {
            writeln!(out, "  module by module:")?;
            lines.iter().try_for_each(|line| writeln!(out, "  {line}"))?;
        }
        match advice::of(&report) {
            Some(advice) => writeln!(out, "\nwhat to do: {advice}"),
            None => Ok(()),
        }
    })?;
    end(&report)
}

/// The report, and who was asked: the running server, or this process.
pub(in crate::commands) fn ask(trial: Trial, config: &Config) -> Result<(Report, String), Failure> {
    match control::ask(&config.data, &Request::AuthTest(trial.clone())) {
        Ok(Response::Tried(report)) => Ok((*report, "the running server".to_owned())),
        Ok(other) => Err(unexpected(&other)),
        Err(AskError::NotRunning(_)) => {
            let report = process::runtime()?.block_on(Auth::new(config).trial(&trial));
            Ok((report, here(config)))
        }
        Err(error) => Err(Failure::new(Code::Failed, error.to_string())),
    }
}

/// Rights differ between users: what root can read, the server may not.
fn here(config: &Config) -> String {
    let uid = rustix::process::geteuid().as_raw();
    match config.data.metadata() {
        Ok(meta) if meta.uid() != uid => {
            format!(
                "this process, as uid {uid}, as no server runs (it would run as uid {}, with other rights)",
                meta.uid()
            )
        }
        _ => format!("this process, as uid {uid}, as no server runs"),
    }
}

/// The text is printed already; the exit code is left.
fn end(report: &Report) -> Result<(), Failure> {
    match report.outcome {
        Outcome::Ok => Ok(()),
        Outcome::Temporary => Err(Failure::new(Code::Temporary, "")),
        _ => Err(Failure::new(Code::Failed, "")),
    }
}
