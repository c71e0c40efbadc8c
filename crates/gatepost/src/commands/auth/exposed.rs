//! `gatepost auth exposed`: accounts whose password came in clear.

use std::io::Write;

use auth::attempts::exposed;
use config::Config;
use message::Address;
use serde_json::json;

use crate::exit::{Code, Failure, code};
use crate::printer::{Format, visible};

/// List the accounts whose password came in clear although it must not: whoever listened knows it.
///
/// A new password (`gatepost user passwd`) takes the mark away. For accounts of other modules, do it with --clear once
/// they have a new one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gatepost auth exposed --clear brian@example.org")]
pub(super) struct Args {
    /// Take the mark of this account away
    #[arg(long, value_name = "ADDRESS")]
    clear: Option<Address>,
}

/// Reads the marks.
pub(super) fn run(args: &Args, config: &Config, format: Format, out: &mut dyn Write) -> Result<(), Failure> {
    let mut printer = format.to(out);
    let Some(address) = &args.clear else {
        let all = exposed::all(&config.data);
        return printer.print(&all, |out| {
            if all.is_empty() {
                return writeln!(out, "no password is known to have come in clear");
            }
            all.iter().try_for_each(|each| {
                let address = visible(&each.address);
                writeln!(out, "{address}  {} by {} from {}", each.time, each.service, each.client)
            })
        });
    };
    match exposed::clear(&config.data, address) {
        Ok(true) => printer.print(&json!({ "cleared": address.to_string() }), |out| writeln!(out, "{address} cleared")),
        Ok(false) => Err(Failure::new(Code::NotFound, format!("{address} is not marked"))),
        Err(error) => Err(Failure::new(code(&error), format!("the mark of {address}: {error}"))),
    }
}
