//! `gatepost checkpassword`: the chain behind the checkpassword interface, for qmail, Dovecot and all who speak it.

mod descriptor;
mod successor;

use std::env;
use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr};

use auth::checkpassword::Fields;
use auth::{Account, Attempt, Auth, Rejection, Service, Told, Verdict};
use clap::ValueEnum;
use tokio::runtime::Builder;

use crate::config_path::ConfigPath;
use crate::exit::{Code, Failure};

const EXAMPLES: &str = "\
Examples:
  qmail-popup mail.example.org gatepost checkpassword /var/qmail/bin/qmail-pop3d Maildir
  qmail-smtpd gatepost checkpassword /bin/true
  printf 'brian\\0secret\\0\\0' | gatepost checkpassword --explain /bin/true 3<&0

Exit codes:
  that of PROGRAM if the password is right   1 it is not   2 nothing to check on descriptor 3
  111 it could not be told: the reason is on standard error";

/// Check a password with the chain of the config, as a checkpassword program, and run PROGRAM if it is right.
///
/// Reads login, NUL, password, NUL, timestamp, NUL from descriptor 3. A CRAM-MD5 response and its challenge are understood
/// in either order, and APOP. PROGRAM runs in the user's home, with USER, HOME, SHELL and MAILDIR set; if this runs as root,
/// as the account's user.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigPath,
    /// What the login is for [default: by TCPLOCALPORT or SERVICE in the environment, else smtp]
    #[arg(long, value_enum)]
    service: Option<Name>,
    /// Write what each module of the chain did to standard error
    #[arg(long)]
    explain: bool,
    /// The program, with its arguments
    #[arg(required = true, value_name = "PROGRAM", trailing_var_arg = true)]
    program: Vec<OsString>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Name {
    Smtp,
    Imap,
    Pop3,
}

impl From<Name> for Service {
    fn from(name: Name) -> Self {
        match name {
            Name::Smtp => Self::Smtp,
            Name::Imap => Self::Imap,
            Name::Pop3 => Self::Pop3,
        }
    }
}

/// Checks, and becomes the program.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    // First of all: nothing else may have taken the number 3 by then.
    let octets = descriptor::read(Fields::MAX)
        .map_err(|error| Failure::new(Code::Misused, format!("nothing can be read from descriptor 3: {error}")))?;
    let fields = Fields::read(octets.expose()).map_err(|error| Failure::new(Code::Misused, error.to_string()))?;
    drop(octets);
    let account = accepted(args, &fields)?;
    let error = successor::run(&account, &args.program);
    Err(temporary(format!("cannot run {}: {error}", args.program[0].display())))
}

fn accepted(args: &Args, fields: &Fields) -> Result<Account, Failure> {
    // The caller knows three answers: a config that cannot be read says nothing of the password.
    let (_, config) = args.config.load().map_err(|failure| temporary(failure.text))?;
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| temporary(format!("no runtime: {error}")))?;
    let attempt = attempt(args.service.map(Service::from));
    let told = runtime.block_on(asked(&Auth::new(&config), attempt, fields));
    if args.explain {
        explain(&told);
    }
    match told.verdict {
        Verdict::Accept(account) => Ok(*account),
        Verdict::Reject(why) => Err(Failure::new(Code::Failed, format!("{}: {}", fields.name(), words(why)))),
        Verdict::TempFail(tempfail) => Err(temporary(tempfail.to_string())),
    }
}

/// Asks the chain about each thing that the fields can mean, until one is accepted. If none is, the last answer counts, for
/// the password itself; if the chain could not tell, that is the answer.
async fn asked(auth: &Auth, attempt: Attempt, fields: &Fields) -> Told {
    let mut told = Told { verdict: Verdict::Reject(Rejection::UnknownUser), lines: Vec::new() };
    for evidence in fields.evidence() {
        let next = auth.explain(attempt, evidence).await;
        told.lines.extend(next.lines);
        told.verdict = next.verdict;
        if !matches!(told.verdict, Verdict::Reject(_)) {
            break;
        }
    }
    told
}

/// What tcpserver, or whoever stands before the caller, says of the connection.
fn attempt(service: Option<Service>) -> Attempt {
    let text = |name: &str| env::var(name).unwrap_or_default();
    let port = text("TCPLOCALPORT");
    let by_port = match port.as_str() {
        "25" | "465" | "587" => Some(Service::Smtp),
        "143" | "993" => Some(Service::Imap),
        "110" | "995" => Some(Service::Pop3),
        _ => None,
    };
    let service = service.or(by_port).or_else(|| Service::from_name(&text("SERVICE"))).unwrap_or(Service::Smtp);
    let peer = text("TCPREMOTEIP").parse().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)).to_canonical();
    let inside = ["SMTPS", "SSL_PROTOCOL", "SSL_CIPHER", "TLS_PROTOCOL"].iter().any(|name| env::var_os(name).is_some());
    Attempt::new(service, peer, inside || matches!(port.as_str(), "465" | "993" | "995"))
}

fn explain(told: &Told) {
    for line in &told.lines {
        let _ =
            std::io::Write::write_all(&mut std::io::stderr(), format!("{}: {}\n", line.module, line.text).as_bytes());
    }
}

fn words(why: Rejection) -> &'static str {
    match why {
        Rejection::UnknownUser => "no such user",
        Rejection::WrongPassword => "the password is not right",
        Rejection::Disabled => "switched off, or not for this service",
        Rejection::Expired => "account or password are past their time",
        Rejection::MechanismNotPossible => "what is kept of the account cannot verify this",
        Rejection::Authzid | Rejection::Throttled => "refused",
    }
}

fn temporary(text: String) -> Failure {
    Failure::new(Code::CannotTell, text)
}
