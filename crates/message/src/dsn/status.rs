//! `message/delivery-status`: fields of the message, then of each recipient (RFC 3464 §2).

use std::fmt::Write;

use super::{Action, Dsn, DsnRecipient, DsnRemote, ascii, lines};
use crate::Address;

/// The fields, CRLF line ends. `utf8` is the form of RFC 6533 §3.
pub(super) fn fields(dsn: &Dsn<'_>, utf8: bool) -> String {
    let mut text = format!("Reporting-MTA: dns; {}\r\nArrival-Date: {}\r\n", dsn.reporting_mta.as_ascii(), dsn.arrival);
    for recipient in dsn.recipients {
        text.push_str("\r\n");
        self::recipient(&mut text, dsn.action, recipient, utf8);
    }
    text
}

fn recipient(text: &mut String, action: Action, recipient: &DsnRecipient<'_>, utf8: bool) {
    if let Some(original) = recipient.original {
        address(text, "Original-Recipient", original);
    }
    address(text, "Final-Recipient", recipient.address);
    let name = match action {
        Action::Failed => "failed",
        Action::Delayed { .. } => "delayed",
    };
    let _ = write!(text, "Action: {name}\r\nStatus: {}\r\n", recipient.status);
    match recipient.remote {
        Some(remote) => self::remote(text, remote, utf8),
        // RFC 3464 §2.3.6 wants what a host said; of our own words the type says that they are ours.
        None => diagnostic(text, "X-Gatepost", recipient.reason, utf8),
    }
    if let Some(date) = recipient.last_attempt {
        let _ = write!(text, "Last-Attempt-Date: {date}\r\n");
    }
    if let Action::Delayed { until } = action {
        let _ = write!(text, "Will-Retry-Until: {until}\r\n");
    }
}

/// RFC 3464 §2.1.2: type and address; `utf-8` for those that are not ASCII (RFC 6533 §3).
fn address(text: &mut String, field: &str, address: &Address) {
    let kind = if address.is_ascii() { "rfc822" } else { "utf-8" };
    let _ = write!(text, "{field}: {kind}; {address}\r\n");
}

fn remote(text: &mut String, remote: DsnRemote<'_>, utf8: bool) {
    if let Some(host) = lines(remote.host).next() {
        let host = ascii(&host, utf8).replace(['(', ')'], "");
        // Comments may stand in any field of a report (RFC 3464 §2.1.1).
        let _ = match host.split_once(' ') {
            Some((name, address)) => write!(text, "Remote-MTA: dns; {name} ({address})\r\n"),
            None => write!(text, "Remote-MTA: dns; {host}\r\n"),
        };
    }
    diagnostic(text, "smtp", remote.reply, utf8);
}

/// One line of the reply a line, folded.
fn diagnostic(text: &mut String, kind: &str, words: &str, utf8: bool) {
    let folded: Vec<String> = lines(words).map(|line| ascii(&line, utf8).into_owned()).collect();
    if !folded.is_empty() {
        let _ = write!(text, "Diagnostic-Code: {kind}; {}\r\n", folded.join("\r\n\t"));
    }
}
