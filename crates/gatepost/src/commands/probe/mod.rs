//! `gatepost probe`: audits a mail server of any make.

mod print;

use std::io::Write;
use std::time::Duration;

use probe::{Place, Plan, Protocol, Report, Severity};
use sasl::client::Credentials;

use crate::caution::{Caution, target, unreachable};
use crate::exit::{Code, Failure};
use crate::printer::Format;
use crate::{password, process};

/// Audit a mail server of any make as a careful client would, and say what is wrong, why it matters and what to do.
///
/// Connects, reads what is offered before and after TLS, looks at the certificate, and tries what a client would. Nothing is
/// sent to anybody but for --smuggling-to. With a login, each offered mechanism is tried with the right password, and then ten
/// wrong logins are timed, which the server may answer with a pause for your address.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit codes: 0 nothing above a notice   3 a warning   4 an error   5 something critical   75 not reachable

Examples:
  gatepost probe mail.example.org                          submission, port 587
  gatepost probe mail.example.org:993
  gatepost probe mail.example.org --protocol pop3s --json
  printf '%s\\n' \"$PASS\" | gatepost probe mail.example.org --user alice@example.org --password-stdin
  gatepost probe mx.example.org:25 --smuggling-to postmaster@example.org")]
pub(crate) struct Args {
    /// A name or an address, with or without a port: mail.example.org, mail.example.org:993, [2001:db8::1]:25
    #[arg(value_name = "HOST[:PORT]")]
    place: Place,
    /// What is spoken there [default: by the port; without one, submission]
    #[arg(long, value_name = "smtp|submission|submissions|imap|imaps|pop3|pop3s|lmtp")]
    protocol: Option<Protocol>,
    /// A user who exists there
    #[arg(long, requires = "password_stdin")]
    user: Option<String>,
    /// Read the user's password from the first line of standard input
    #[arg(long, requires = "user")]
    password_stdin: bool,
    /// Make no wrong logins, for an account that is locked after a few: how long a refusal takes is not measured then
    #[arg(long)]
    no_wrong_logins: bool,
    /// Test for smuggling: up to five messages (and those that were smuggled) go to this mailbox, which should be yours
    #[arg(long, value_name = "MAILBOX", value_parser = mailbox)]
    smuggling_to: Option<String>,
    #[command(flatten)]
    caution: Caution,
    /// How long an answer may take, in seconds; the whole probe takes at most 20 times as long
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = crate::time::wait::<300>)]
    timeout: u64,
    #[command(flatten)]
    format: Format,
}

/// It stands in a line of SMTP.
fn mailbox(text: &str) -> Result<String, &'static str> {
    let good = text.contains('@') && !text.contains(|c: char| c.is_control() || "<> ".contains(c));
    good.then(|| text.to_owned()).ok_or("an address, such as postmaster@example.org")
}

/// Probes, and says.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let plan = plan(args)?;
    let report =
        process::runtime()?.block_on(probe::run(&plan)).map_err(|error| unreachable(&error, Code::Temporary))?;
    args.format.to(out).print(&report, |out| print::report(&report, out))?;
    verdict(&report)
}

fn plan(args: &Args) -> Result<Plan, Failure> {
    let target = target(&args.place, args.protocol)?;
    let login = match &args.user {
        Some(user) => {
            let read = password::existing(args.password_stdin)?;
            let given = read.filter(|secret| !secret.expose().is_empty());
            let secret = given.ok_or_else(|| Failure::new(Code::Data, "there is no password on standard input"))?;
            Some(Credentials::password(user.clone(), secret))
        }
        None => None,
    };
    Ok(Plan {
        target,
        at: None,
        login,
        wrong_logins: !args.no_wrong_logins,
        trust: args.caution.trust(),
        authorities: args.caution.ca.clone(),
        smuggling_to: args.smuggling_to.clone(),
        wait: Duration::from_secs(args.timeout),
    })
}

/// The exit code by the worst finding. It was said already: there is no text.
fn verdict(report: &Report) -> Result<(), Failure> {
    let code = match report.worst {
        None | Some(Severity::Info | Severity::Notice) => return Ok(()),
        Some(Severity::Warning) => Code::Warning,
        Some(Severity::Error) => Code::Error,
        Some(Severity::Critical) => Code::Critical,
    };
    Err(Failure::new(code, ""))
}
