//! How somebody's logins went lately: in the records of sessions.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::ops::ControlFlow;

use ::trace::causes::{self, Facts, Finding};
use ::trace::record::{Login, Record};
use ::trace::{SessionId, folder, reader};
use auth::Service;
use config::{Config, Network};
use jiff::Timestamp;
use server::control::Request;

use crate::choice::unread;
use crate::commands::trace::sessions;
use crate::exit::Failure;

/// Most logins that are looked at: who fails more often fails for the same reasons.
const MOST: usize = 500;

/// Whose logins, and which.
pub(super) struct Whose<'a> {
    /// Every name of the user: as it was asked, and the account's address.
    pub(super) names: Vec<&'a str>,
    pub(super) service: Option<Service>,
    pub(super) ip: Option<Network>,
    pub(super) since: Option<Timestamp>,
}

/// A login that is of interest.
#[derive(Debug)]
pub(super) struct Past {
    pub(super) session: SessionId,
    pub(super) time: Timestamp,
    pub(super) peer: IpAddr,
    /// Where the client came in: `imaps`.
    pub(super) service: String,
    pub(super) mechanism: Option<String>,
    pub(super) accepted: bool,
    /// Why it failed, where that is known.
    pub(super) finding: Option<Finding>,
}

/// The logins, the newest first. Sessions that run count, too.
pub(super) fn logins(whose: &Whose<'_>, config: &Config, facts: &Facts) -> Result<Vec<Past>, Failure> {
    let running = sessions(&config.data, &Request::Sessions { id: None, most: usize::MAX });
    let mut running: HashMap<_, _> = running.into_iter().map(|record| (record.id, record)).collect();
    let mut found = Vec::new();
    let mut each = |record: Record| {
        // It may have ended since it was told as running.
        running.remove(&record.id);
        found.extend(whose.of(&record, facts));
        let too_old = whose.since.is_some_and(|since| record.began < since);
        Ok(if too_old || found.len() >= MOST { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    let read = reader(&config.data).newest_first("", &mut each);
    read.map_err(|error| unread(error, &folder(&config.data)))?;
    found.extend(running.values().flat_map(|record| whose.of(record, facts)));
    found.sort_by_key(|past| std::cmp::Reverse(past.time));
    Ok(found)
}

impl Whose<'_> {
    /// Those of a record, the newest first.
    fn of(&self, record: &Record, facts: &Facts) -> Vec<Past> {
        let peer = record.origin.as_ref().map_or(record.peer.ip(), |origin| origin.address).to_canonical();
        let service = self.service.is_none_or(|service| Service::from_name(&record.service) == Some(service));
        let here = self.ip.is_none_or(|network| network.contains(peer));
        if !service || !here {
            return Vec::new();
        }
        let past = |login: &Login| Past {
            session: record.id,
            time: login.time,
            peer,
            service: record.service.to_string(),
            mechanism: login.mechanism.as_ref().map(ToString::to_string),
            accepted: login.accepted,
            finding: causes::of_login(login, record, facts),
        };
        record.logins.iter().rev().filter(|login| self.is_of(login)).map(past).collect()
    }

    fn is_of(&self, login: &Login) -> bool {
        let names = [Some(&login.identity), login.account.as_ref()];
        let in_time = self.since.is_none_or(|since| login.time >= since);
        in_time
            && names.into_iter().flatten().any(|name| self.names.iter().any(|wanted| name.eq_ignore_ascii_case(wanted)))
    }
}

impl Past {
    /// Where, how, from where, and in which session: `at 2026-01-31T12:00:00Z, imaps by PLAIN from 192.0.2.7 [7HX2K9QF]`.
    pub(super) fn place(&self) -> String {
        let Self { session, time, peer, service, mechanism, .. } = self;
        let mechanism = mechanism.as_deref().unwrap_or("no mechanism");
        format!("at {time:.0}, {service} by {mechanism} from {peer} [{session}]")
    }
}

/// The failures, cause by cause: how often, and the last one of each.
pub(super) fn summed(logins: &[Past]) -> Vec<String> {
    let mut causes: BTreeMap<&str, (usize, &Past)> = BTreeMap::new();
    for past in logins.iter().filter(|past| !past.accepted) {
        let cause = past.finding.as_ref().map_or("no known cause", |finding| finding.cause);
        causes.entry(cause).or_insert((0, past)).0 += 1;
    }
    let line = |(cause, (count, last)): (&str, (usize, &Past))| {
        format!("{count} failed ({cause}), the last one {}", last.place())
    };
    let mut lines: Vec<_> = causes.into_iter().collect();
    lines.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    lines.into_iter().map(line).collect()
}
