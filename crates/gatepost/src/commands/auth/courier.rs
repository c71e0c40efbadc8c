//! A trace in the lines of Courier's debug log, which people and scripts know (MISSION 004-25).

use std::io::{self, Write};

use auth::Kind;
use auth::attempts::{Outcome, Said};
use auth::trial::{Found, Report};

use crate::printer::visible;

/// Modules that Courier calls otherwise; the others are `auth` and our name.
const NAMES: [(&str, &str); 4] =
    [("postgres", "authpgsql"), ("vpopmail", "authvchkpw"), ("exec", "authpipe"), ("accounts", "authaccounts")];

/// Prints the lines.
pub(super) fn print(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    match &report.mechanism {
        Some(mechanism) => {
            let service = &report.service;
            writeln!(out, "received auth request, service={service}, authtype={}", authtype(mechanism))?;
        }
        None => writeln!(out, "received userid lookup request: {}", visible(&report.user))?,
    }
    report.modules.iter().try_for_each(|said| module(said, report, out))?;
    match (report.outcome, &report.account) {
        (Outcome::Ok, Some(account)) => writeln!(out, "Authenticated: {}", visible(&authinfo(account))),
        // Courier closes the connection without a word then.
        (Outcome::Temporary, _) => Ok(()),
        _ => writeln!(out, "FAIL, all modules rejected"),
    }
}

fn module(said: &Said, report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let auth = name(&said.module);
    writeln!(out, "{auth}: trying this module")?;
    // The last line is the verdict in our words.
    let notes = said.lines.len() - usize::from(said.verdict.is_some()).min(said.lines.len());
    for line in said.lines.iter().take(notes) {
        writeln!(out, "{}: {}", said.module, visible(line))?;
    }
    match said.verdict {
        Some(Kind::Reject) => writeln!(out, "{auth}: REJECT - try next module"),
        Some(Kind::TempFail) => {
            writeln!(out, "{}", visible(&report.why))?;
            writeln!(out, "{auth}: TEMPFAIL - no more modules will be tried")
        }
        Some(Kind::Accept) => {
            let user = report.account.as_ref().map_or(&report.user, |account| &account.address);
            writeln!(out, "{auth}: ACCEPT, username {}", visible(user))
        }
        _ => Ok(()),
    }
}

fn name(module: &str) -> String {
    let known = NAMES.iter().find(|(ours, _)| *ours == module);
    known.map_or_else(|| format!("auth{module}"), |(_, theirs)| (*theirs).to_owned())
}

fn authtype(mechanism: &str) -> String {
    match mechanism {
        "PLAIN" | "LOGIN" => "login".to_owned(),
        other => other.to_ascii_lowercase(),
    }
}

fn authinfo(account: &Found) -> String {
    let null = || "<null>".to_owned();
    let number = |number: Option<u32>| number.map_or_else(null, |number| number.to_string());
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map_or_else(null, str::to_owned);
    format!(
        "sysusername={}, sysuserid={}, sysgroupid={}, homedir={}, address={}, fullname={}, maildir={}, quota={}, options={}",
        null(),
        number(account.uid),
        number(account.gid),
        account.home.as_ref().map_or_else(null, |home| home.display().to_string()),
        account.address,
        text(account.name.as_deref()),
        account.maildir.display(),
        text(account.quota.as_deref()),
        text(Some(&account.options)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(module: &str, verdict: Kind, lines: &[&str]) -> Said {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        Said { module: module.to_owned(), verdict: Some(verdict), outcome: None, lines }
    }

    fn printed(outcome: Outcome, modules: Vec<Said>) -> String {
        let report = Report {
            user: "brian".to_owned(),
            address: None,
            service: "pop3".to_owned(),
            mechanism: Some("PLAIN".to_owned()),
            modules,
            outcome,
            why: "pam: cannot open the session".to_owned(),
            account: None,
            targets: Vec::new(),
        };
        let mut out = Vec::new();
        print(&report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// MISSION 004-25: the lines that the tutorial's readers search for.
    #[test]
    fn the_lines_are_couriers() {
        let rejected = vec![
            said("userdb", Kind::Reject, &["looking up 'brian'", "entry not found", "REJECT (unknown user)"]),
            said("postgres", Kind::Reject, &["REJECT (unknown user)"]),
        ];
        let expected = "received auth request, service=pop3, authtype=login\n\
                        authuserdb: trying this module\n\
                        userdb: looking up 'brian'\n\
                        userdb: entry not found\n\
                        authuserdb: REJECT - try next module\n\
                        authpgsql: trying this module\n\
                        authpgsql: REJECT - try next module\n\
                        FAIL, all modules rejected\n";
        assert_eq!(printed(Outcome::UnknownUser, rejected), expected);
        let temporary = printed(Outcome::Temporary, vec![said("pam", Kind::TempFail, &["x - TEMPFAIL"])]);
        let expected = "pam: cannot open the session\nauthpam: TEMPFAIL - no more modules will be tried\n";
        assert!(temporary.ends_with(expected), "{temporary}");
    }
}
