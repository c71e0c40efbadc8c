//! The server's side: a session that is fed lines and answers, and says what to do next.
//!
//! ```text
//! greeting() ─ command(line) ─┬─ Reply      say it, read the next line
//!                             ├─ Ask        find out, then answer(…)
//!                             ├─ Send       say it, then the message that was just read, as a Multiline
//!                             ├─ StartTls   say it, handshake, then tls_started(…)
//!                             └─ Close      say it, close
//! ```

mod answer;
mod commands;
mod exposed;
mod login;
mod maildrop;
mod policy;
mod replies;
mod session;
mod state;
mod step;

pub use exposed::exposed_identity;
pub use maildrop::Maildrop;
pub use policy::{Limits, Policy, Tls};
pub use session::{Farewell, MAX_LINE, Session};
pub use step::{Answer, Ending, Failure, Question, Step};
