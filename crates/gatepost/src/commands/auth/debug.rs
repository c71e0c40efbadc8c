//! `gatepost auth debug`: look into one user's logins while the server runs.

use std::io::Write;
use std::time::Duration;

use auth::attempts::{Debugged, Wanted};
use config::{Config, Network};
use server::control::{Refusal, Request, Response};

use crate::exit::{Code, Failure};
use crate::printer::{Format, visible};
use crate::running_server::{ask, unexpected};
use crate::time::duration;

/// Have the running server write what the modules do into its log, for one user or address, for a limited time.
///
/// No restart, no config: it ends by itself (after at most 24 hours), and with the server. With --show-passwords the
/// passwords of one named user are written into a file that only the server's user can read; the log says when that
/// begins and ends.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gatepost auth debug --user alice@example.org --for 10m
  gatepost auth debug --ip 192.0.2.0/24 --for 1h
  gatepost auth debug --list
  gatepost auth debug --off")]
pub(super) struct Args {
    /// The login name or account, as a whole
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// The client's address, or a network
    #[arg(long, value_name = "NET")]
    ip: Option<Network>,
    /// For how long
    #[arg(long = "for", value_name = "TIME", default_value = "10m", value_parser = duration)]
    span: Duration,
    /// Write the user's passwords into a file of the data folder
    #[arg(long, requires = "user")]
    show_passwords: bool,
    /// Show what is on
    #[arg(long, conflicts_with_all = ["user", "ip", "off"])]
    list: bool,
    /// End one by its number, or all
    #[arg(long, value_name = "NUMBER", num_args = 0..=1, conflicts_with_all = ["user", "ip"])]
    off: Option<Option<u64>>,
}

/// Asks the server.
pub(super) fn run(args: &Args, config: &Config, format: Format, out: &mut dyn Write) -> Result<(), Failure> {
    let request = match (args.list, args.off) {
        (true, _) => Request::AuthDebugList,
        (_, Some(id)) => Request::AuthDebugOff { id },
        _ => Request::AuthDebug { wanted: args.wanted() },
    };
    match ask(&config.data, &request)? {
        Response::AuthDebug(on) => format.to(out).print(&on, |out| {
            if on.is_empty() {
                return writeln!(out, "nobody's logins are looked into");
            }
            on.iter().try_for_each(|each| writeln!(out, "{}", line(each)))
        }),
        Response::AuthDebugOff(0) if args.off.flatten().is_some() => Err(Failure::new(
            Code::Data,
            "there is none by that number: `gatepost auth debug --list` shows what is on".to_owned(),
        )),
        Response::AuthDebugOff(ended) => {
            format.to(out).print(&serde_json::json!({ "ended": ended }), |out| writeln!(out, "{ended} ended"))
        }
        Response::Refused { refusal: Refusal::NotAllowed, text } => Err(Failure::new(Code::Data, text)),
        other => Err(unexpected(&other)),
    }
}

impl Args {
    fn wanted(&self) -> Wanted {
        Wanted {
            user: self.user.clone(),
            ip: self.ip.map(|network| network.to_string()),
            seconds: self.span.as_secs(),
            show_passwords: self.show_passwords,
        }
    }
}

fn line(on: &Debugged) -> String {
    let whose = [&on.wanted.user, &on.wanted.ip].into_iter().flatten().cloned().collect::<Vec<_>>().join(" from ");
    let file = on.file.as_ref().map(|file| format!("; PASSWORDS GO TO {} (remove it afterwards)", file.display()));
    format!("{}  {}  for {} s more{}", on.id, visible(&whose), on.left, file.unwrap_or_default())
}
