//! What is recorded while a session runs.

mod clock;
mod live;
mod recorder;
mod refusal;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod tests;
mod tracer;

#[cfg(test)]
pub(crate) use live::begun;
pub use recorder::{Opening, Recorder};
pub(crate) use refusal::says_no;
pub use tracer::{Tracer, folder, reader};
