//! Audits a mail server of any make as a careful client would: connects, reads what is offered before and after TLS, looks
//! at the certificate, tries each mechanism, and says what is wrong, with the lines that show it.
//!
//! [`talk`] holds a conversation by hand or repeats a saved one, [`send`] sends one message, over the same dialogues.
//!
//! [`dialogue`], [`session`] and [`login`] speak with any server of SMTP, IMAP or POP3 and know no check; each check is a file
//! of `checks/`. Whatever comes from the server is hostile: it has limits and deadlines, and is made visible before it is
//! shown. A password goes nowhere but to a server that is trusted with it, and into no line of evidence.

mod capabilities;
mod checks;
pub mod dialogue;
mod finding;
pub mod login;
mod plan;
mod reach;
mod report;
mod run;
pub mod send;
pub mod session;
mod survey;
pub mod talk;
mod target;

pub use capabilities::Capabilities;
pub use finding::{Finding, Severity};
pub use plan::{Plan, Trust};
pub use reach::Unreachable;
pub use report::{Certificate, Check, Report};
pub use run::run;
pub use target::{Family, Place, Protocol, Target};
