//! The checks, one file each. A check looks at the survey, or opens sessions of its own, and says what it found.

pub(crate) mod begin;
pub(crate) mod certificate;
pub(crate) mod features;
pub(crate) mod injection;
pub(crate) mod mechanisms;
pub(crate) mod names;
pub(crate) mod offers;
pub(crate) mod sequence;
pub(crate) mod smuggling;
pub(crate) mod status;
pub(crate) mod timing;
pub(crate) mod transport;

use crate::finding::Finding;
use crate::report::Skipped;

/// What a check comes to.
pub(crate) type Found = Result<Vec<Finding>, Skipped>;
