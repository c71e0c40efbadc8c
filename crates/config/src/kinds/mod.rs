//! The types that settings have, one file each.

mod choice;
mod duration;
mod endpoint;
mod glob;
mod list;
mod mode;
mod module;
mod name;
mod network;
mod number;
mod optional;
mod path;
mod size;
mod socket;
mod text;
mod via;

pub(crate) use choice::{choice, flag};
pub(crate) use duration::{DAY, HOUR, MINUTE, SECOND, duration};
pub(crate) use endpoint::{endpoints, everywhere, server};
pub(crate) use glob::glob;
pub(crate) use list::list;
pub(crate) use mode::mode;
pub(crate) use module::modules;
pub(crate) use name::{address, domain, pattern, user};
pub(crate) use network::network;
pub(crate) use number::count;
pub(crate) use optional::optional;
pub(crate) use path::path;
pub(crate) use size::{GIB, KIB, MIB, size};
pub(crate) use socket::socket;
pub(crate) use text::{text, words};
pub(crate) use via::{Via, via};
