//! The courier against servers that say what a test wants, and against Postfix.

mod fixture;
mod hosts;
mod login;
mod own;
mod postfix;
mod replies;
mod reuse;
mod tls;
mod transactions;
