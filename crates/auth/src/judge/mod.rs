//! A judge of the operator's own – a program (`exec`) or a server (`http`) – is asked in JSON and answers in JSON.
//!
//! One question is one object, one answer is one object; there is no state between them. Keys that somebody does not
//! know are ignored, so that both sides can learn more.
//!
//! ```json
//! {"v":1,"question":"check","service":"imap","peer":"192.0.2.7","tls":true,"user":"brian",
//!  "address":"brian@example.org","mechanism":"PLAIN","password":"secret"}
//! {"v":1,"question":"check",…,"mechanism":"CRAM-MD5","challenge":"<17.1@mail>","response":"b913a602…"}
//! {"v":1,"question":"lookup","service":"smtp","user":"brian@example.org","address":"brian@example.org"}
//! {"v":1,"question":"survey"}
//! ```
//!
//! `check` asks whether somebody is who they say (APOP is shown as CRAM-MD5 is); `lookup` whether there is such an account (of a recipient, or for the
//! SCRAM keys: then with `mechanism`); `survey` whether the judge works. The answers:
//!
//! ```json
//! {"verdict":"accept","account":{"address":"brian@example.org","home":"/home/brian","uid":1000,"gid":1000}}
//! {"verdict":"reject","reason":"wrong password"}
//! {"verdict":"judge","account":{…},"stored":["{SHA512-CRYPT}$6$…","{SCRAM-SHA-256}4096,…"]}
//! {"verdict":"tempfail","cause":"the database is down"}
//! ```
//!
//! `judge` says what is kept of the account and leaves the judging to us; a `lookup` that is accepted may tell `stored`,
//! too. `account` may be left out, and each of its keys (see [`crate::told::Told`]). `reason` is one of "unknown user",
//! "wrong password", "disabled", "expired", "mechanism not possible"; left out, it is "wrong password" for a check and
//! "unknown user" for a lookup. A lookup may also be answered with `"targets":["a@example.org"]`: an alias.
//! An answer without a verdict that we know is a TEMPFAIL that says so, never a wrong password.

mod answer;
mod judges;
mod question;

pub(crate) use answer::{Answered, Judged, Kept, MAX_ANSWER};
pub(crate) use judges::{Carry, Judge};
pub(crate) use question::Question;

#[cfg(test)]
mod tests;
