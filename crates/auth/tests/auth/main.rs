//! The chain on a real account store.

mod fixture;
mod logins;
mod store;
