//! An attempt as the record of its session tells it.

use trace::record::{Login, Module, Text};

use super::{Outcome, Record, Said};

impl From<Record> for Login {
    fn from(record: Record) -> Self {
        Self {
            time: record.time,
            mechanism: record.mechanism.map(Text::from),
            identity: record.identity.into(),
            account: record.account.map(Text::from),
            accepted: !record.outcome.is_failure(),
            outcome: record.outcome.words().into(),
            why: record.why.into(),
            modules: record.modules.into_iter().map(Module::from).collect(),
        }
    }
}

impl From<Said> for Module {
    fn from(said: Said) -> Self {
        Self {
            name: said.module.into(),
            verdict: said.verdict.map(|verdict| verdict.word().into()),
            outcome: said.outcome.map(|outcome| Outcome::words(outcome).into()),
            lines: said.lines.into_iter().map(Text::from).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::trail::{Kind, Line};
    use crate::{Attempt, Service};

    #[test]
    fn nothing_of_the_chain_is_lost() {
        let attempt = Attempt::new(Service::Imap, Ipv4Addr::LOCALHOST.into(), true);
        let line = |kind, text: &str| Line { module: "userdb", kind, outcome: None, text: text.to_owned() };
        let lines = [line(Kind::Trying, ""), line(Kind::Note, "entry not found"), line(Kind::Reject, "REJECT")];
        let record = Record::new(attempt, Some("PLAIN"), "alice").ended(Outcome::UnknownUser, "no entry").with(&lines);
        let login = Login::from(record);
        assert_eq!((&*login.identity, &*login.outcome, &*login.why), ("alice", "unknown user", "no entry"));
        assert!(!login.accepted && login.mechanism.as_deref() == Some("PLAIN"));
        let module = login.modules.first().expect("one module");
        assert_eq!((&*module.name, module.verdict.as_deref(), module.lines.len()), ("userdb", Some("REJECT"), 2));
    }
}
