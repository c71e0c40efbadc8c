//! The parts of a login that a query can ask for.

use crate::login_name;
use crate::module::Who;

/// What a query can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variable {
    /// The whole name.
    User,
    /// What is before the last `@`.
    Local,
    /// What is behind it; empty without one.
    Domain,
    /// `smtp`, `imap`, `pop3`.
    Service,
}

/// A login, under one of its names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Login<'a> {
    /// The whole name.
    pub(super) user: &'a str,
    /// What it is for.
    pub(super) service: &'a str,
}

impl Login<'_> {
    /// One of its parts.
    pub(super) fn value(&self, variable: Variable) -> &str {
        let (local, domain) = self.user.rsplit_once('@').unwrap_or((self.user, ""));
        match variable {
            Variable::User => self.user,
            Variable::Local => local,
            Variable::Domain => domain,
            Variable::Service => self.service,
        }
    }
}

/// The names under which somebody is looked up: the full address in small letters, then as it was typed.
pub(super) fn names(who: &Who) -> Vec<String> {
    let mut names: Vec<_> = who.address.as_ref().map(login_name::key).into_iter().collect();
    if !names.contains(&who.identity) {
        names.push(who.identity.clone());
    }
    names
}
