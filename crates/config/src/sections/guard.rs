//! What every module of the chain can be told.

use std::time::Duration;

use crate::kinds::{DAY, HOUR, SECOND, choice, count, duration};
use crate::section::Section;

/// What happens when a module cannot tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnUnreachable {
    /// The login is answered as temporary, and nobody else is asked (Courier's rule).
    Stop,
    /// The next modules are asked; if none of them accepts, the answer is temporary, never "wrong password".
    Skip,
    /// Who logged in with this very password not long ago gets in; for the others it is `stop`.
    Cached,
}

/// How long a module may take, how much it may do at once, and what happens when it does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// Longest time for one question.
    pub timeout: Duration,
    /// Questions at the same time.
    pub concurrency: usize,
    /// What happens when it cannot tell.
    pub on_unreachable: OnUnreachable,
    /// With `cached`: how old a verified login may be.
    pub max_age: Duration,
}

impl Default for Guard {
    fn default() -> Self {
        Self { timeout: 5 * SECOND, concurrency: 16, on_unreachable: OnUnreachable::Stop, max_age: HOUR }
    }
}

const ON_UNREACHABLE: &[(&str, OnUnreachable)] =
    &[("stop", OnUnreachable::Stop), ("skip", OnUnreachable::Skip), ("cached", OnUnreachable::Cached)];

impl Guard {
    /// Adds its rows to a module's section.
    pub(crate) fn rows<S: Default + 'static>(section: Section<S>, guard: fn(&mut S) -> &mut Self) -> Section<S> {
        section
            .with(
                ("timeout", &["Longest time for one question; then the module could not tell."]),
                duration(SECOND / 10..=60 * SECOND),
                move |s: &mut S| &mut guard(s).timeout,
            )
            .with(
                ("concurrency", &["Questions at the same time; more wait, at most for `timeout`."]),
                count(1..=1000),
                move |s: &mut S| &mut guard(s).concurrency,
            )
            .with(
                (
                    "on_unreachable",
                    &[
                        "What happens when the module cannot tell. `\"stop\"`: the login is answered as temporary. `\"skip\"`:",
                        "the next modules are asked; if none accepts, the answer is temporary. `\"cached\"`: who logged in with",
                        "the same password within `max_age` gets in.",
                    ],
                ),
                choice(ON_UNREACHABLE),
                move |s: &mut S| &mut guard(s).on_unreachable,
            )
            .with(
                ("max_age", &["With `on_unreachable = \"cached\"`: how long ago a login may have been verified."]),
                duration(SECOND..=7 * DAY),
                move |s: &mut S| &mut guard(s).max_age,
            )
    }
}
