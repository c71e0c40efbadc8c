//! The part for people. A failure is written as QSBMF (qmail-send Bounce Message Format, MISSION 001-11), word by word,
//! because mailing list programs read it: a first paragraph that begins `Hi. This is the`, a paragraph for each
//! recipient that begins `<address>:`, and one that begins with a dash.

use std::fmt::Write;

use super::{Action, Dsn, DsnRecipient, lines};

/// The text, CRLF line ends.
pub(super) fn text(dsn: &Dsn<'_>) -> String {
    let host = dsn.reporting_mta;
    let mut text = match dsn.action {
        Action::Failed => format!(
            "Hi. This is the gatepost program at {host}.\r\n\
             I'm afraid I wasn't able to deliver your message to the following addresses.\r\n\
             This is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n"
        ),
        // Not QSBMF, whose readers would count a warning as a failure.
        Action::Delayed { until } => format!(
            "The gatepost program at {host} has not been able to deliver your message\r\n\
             to the following addresses yet. This is only a warning; you need not send it again.\r\n\
             I'll keep trying until {until}.\r\n\r\n"
        ),
    };
    for recipient in dsn.recipients {
        paragraph(&mut text, recipient);
    }
    let what = if dsn.original.len() <= dsn.whole_up_to { "a copy" } else { "the header" };
    let _ = write!(text, "--- Below this line is {what} of the message.\r\n");
    text
}

/// One recipient, and why (MISSION 001-12: which host, and all that it said).
fn paragraph(text: &mut String, recipient: &DsnRecipient<'_>) {
    let _ = write!(text, "<{}>:\r\n", recipient.original.unwrap_or(recipient.address));
    if recipient.original.is_some() {
        let _ = write!(text, "(forwarded to <{}>)\r\n", recipient.address);
    }
    // An empty line would end the paragraph.
    for line in lines(recipient.reason) {
        let _ = write!(text, "{line}\r\n");
    }
    if let Some(remote) = recipient.remote {
        lines(remote.host).take(1).for_each(|host| {
            let _ = write!(text, "Remote host: {host}\r\n");
        });
        let mut label = "Remote host said: ";
        for line in lines(remote.reply) {
            let _ = write!(text, "{label}{line}\r\n");
            label = "";
        }
    }
    let _ = write!(text, "(#{})\r\n\r\n", recipient.status);
}
