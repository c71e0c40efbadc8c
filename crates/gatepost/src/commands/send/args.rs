//! The command line of `send`.

use clap::ValueEnum;
use probe::send::Stop;
use probe::{Place, Protocol};
use sasl::Mechanism;

use crate::caution::Caution;
use crate::printer::Format;

/// Send one message to one server, and show what was said.
///
/// The options are those of swaks. Without TLS a password is not sent, unless --allow-clear says so; a certificate must be good,
/// unless --insecure says otherwise. If a login is wanted and not possible, nothing is sent. Passwords are shown as •••.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit codes: 0 taken for all recipients   69 refused for good, for one or all   75 try again later
  65 an address, a header or a file is not well formed   68 not reachable
  76 no TLS where it was wanted, the connection broke, or an answer that no server gives there
  77 no login: refused, not offered, or it would be in clear

Examples:
  gatepost send -s mail.example.org:25 -f alice@example.org -t bob@example.org,carol@example.org
  gatepost send -s mail.example.org -tls -au alice@example.org -t bob@example.org
  gatepost send -s mx.example.org -f a@x.example -t b@x.example --header 'Subject: Hi' --body @text
  gatepost send -s mx.example.org -f '<>' -t postmaster@example.org --quit-after rcpt")]
pub(crate) struct Args {
    /// To whom; more than once, or with commas
    #[arg(short = 't', long, value_name = "ADDRESS", required = true)]
    pub(super) to: Vec<String>,
    /// From whom; '<>' is the empty sender of a bounce [default: who logs in]
    #[arg(short = 'f', long, value_name = "ADDRESS")]
    pub(super) from: Option<String>,
    /// The server, a name or an address
    #[arg(short = 's', long, value_name = "HOST[:PORT]")]
    pub(super) server: Place,
    /// The port [default: 25; with a login 587; with -tlsc 465]
    #[arg(short = 'p', long, value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) port: Option<u16>,
    /// What is spoken there [default: by the port]
    #[arg(long, value_name = "smtp|submission|submissions|lmtp", value_parser = takes_mail)]
    pub(super) protocol: Option<Protocol>,
    /// STARTTLS, or nothing is sent; also -tls
    #[arg(long, conflicts_with_all = ["tls_optional", "tls_on_connect"])]
    pub(super) tls: bool,
    /// STARTTLS if it is offered; also -tlso
    #[arg(long, conflicts_with = "tls_on_connect")]
    pub(super) tls_optional: bool,
    /// TLS from the first octet; also -tlsc
    #[arg(long)]
    pub(super) tls_on_connect: bool,
    /// Log in by this mechanism [default: the strongest that is offered]
    #[arg(short = 'a', long, value_name = "MECHANISM", num_args = 0..=1, value_parser = mechanism, requires = "auth_user")]
    pub(super) auth: Option<Option<Mechanism>>,
    /// Log in as this user; also -au
    #[arg(long, value_name = "USER")]
    pub(super) auth_user: Option<String>,
    /// The password; everybody on this machine can see it in the list of processes, so rather --password-stdin; also -ap
    #[arg(long, value_name = "PASSWORD", requires = "auth_user", conflicts_with = "password_stdin")]
    pub(super) auth_password: Option<String>,
    /// Read the password from the first line of standard input [default: ask, on a terminal]
    #[arg(long, requires = "auth_user")]
    pub(super) password_stdin: bool,
    /// A header field; in place of ours where it has the same name
    #[arg(long, value_name = "NAME: VALUE")]
    pub(super) header: Vec<String>,
    /// The body: a text (\n begins a line), a file (@FILE), or standard input (-)
    #[arg(long, value_name = "TEXT|@FILE|-", conflicts_with = "data")]
    pub(super) body: Option<String>,
    /// The whole message, sent as it is: a file, or standard input (-)
    #[arg(short = 'd', long, value_name = "FILE|-", conflicts_with = "header")]
    pub(super) data: Option<std::path::PathBuf>,
    /// Our name in EHLO [default: our address]
    #[arg(long, visible_alias = "helo", value_name = "NAME", value_parser = name)]
    pub(super) ehlo: Option<String>,
    /// Stop behind a step, and say QUIT
    #[arg(long, value_name = "STEP")]
    pub(super) quit_after: Option<Step>,
    #[command(flatten)]
    pub(super) caution: Caution,
    /// How long an answer may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = crate::time::wait::<3600>)]
    pub(super) timeout: u64,
    /// Show nothing but what went wrong
    #[arg(long)]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) format: Format,
}

/// Where to stop.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Step {
    /// The greeting
    Connect,
    /// EHLO
    #[value(alias = "helo")]
    Ehlo,
    /// The handshake
    Tls,
    /// The login
    Auth,
    /// MAIL FROM
    #[value(alias = "from")]
    Mail,
    /// RCPT TO
    #[value(alias = "to")]
    Rcpt,
}

impl From<Step> for Stop {
    fn from(step: Step) -> Self {
        match step {
            Step::Connect => Self::Connect,
            Step::Ehlo => Self::Hello,
            Step::Tls => Self::Tls,
            Step::Auth => Self::Auth,
            Step::Mail => Self::Mail,
            Step::Rcpt => Self::Recipients,
        }
    }
}

fn takes_mail(name: &str) -> Result<Protocol, String> {
    let protocol = name.parse::<Protocol>().ok().filter(|protocol| protocol.takes_mail());
    protocol.ok_or_else(|| "one of smtp, submission, submissions, lmtp".to_owned())
}

fn mechanism(name: &str) -> Result<Mechanism, String> {
    let names = || Mechanism::sasl(&Mechanism::ALL).map(Mechanism::name).collect::<Vec<_>>().join(", ");
    Mechanism::from_name(name).ok_or_else(|| format!("one of {}", names()))
}

/// It stands in a line of SMTP.
fn name(text: &str) -> Result<String, &'static str> {
    let good = !text.is_empty() && !text.contains(|c: char| c.is_control() || c == ' ');
    good.then(|| text.to_owned()).ok_or("a host name, or an address literal such as [192.0.2.1]")
}
