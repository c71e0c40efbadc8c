//! One call of a courier, which may panic or answer nonsense: that defers the job at hand and nothing else.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use crate::{Courier, Job, Outcome};

/// What a courier made of a job.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) outcomes: Vec<Outcome>,
    /// It broke off: the job may have been delivered.
    pub(crate) unsure: bool,
}

/// The code that was called has panicked; the panic hook has said where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Panicked;

/// Hands jobs to a courier. One attempt for each, in order. If the courier panics, each job is tried alone, so that only
/// the one that is to blame waits.
pub(crate) async fn attempt(courier: &dyn Courier, jobs: &[Job]) -> Vec<Attempt> {
    let together = async { courier.deliver(jobs.to_vec()).await };
    if let Ok(answers) = caught(together).await {
        return fitted(answers, jobs);
    }
    let mut attempts = Vec::with_capacity(jobs.len());
    for job in jobs {
        attempts.push(if jobs.len() == 1 { broken(job) } else { alone(courier, job).await });
    }
    attempts
}

async fn alone(courier: &dyn Courier, job: &Job) -> Attempt {
    let job = Job { replay: true, ..job.clone() };
    match caught(async { courier.deliver(vec![job.clone()]).await }).await {
        Ok(mut answers) if answers.len() == 1 => one(answers.remove(0), &job),
        _ => broken(&job),
    }
}

/// One answer for each job, whatever came back.
fn fitted(answers: Vec<Vec<Outcome>>, jobs: &[Job]) -> Vec<Attempt> {
    let mut answers = answers.into_iter();
    jobs.iter().map(|job| one(answers.next().unwrap_or_default(), job)).collect()
}

/// One outcome for each recipient of a job.
fn one(outcomes: Vec<Outcome>, job: &Job) -> Attempt {
    if outcomes.len() == job.recipients.len() { Attempt { outcomes, unsure: false } } else { broken(job) }
}

fn broken(job: &Job) -> Attempt {
    tracing::error!(queue_id = %job.id, "a courier broke off; the message is tried again");
    let outcome = Outcome::Deferred {
        status: "4.3.0".into(),
        reason: "internal error while delivering; see the server's log".into(),
        remote: None,
        configuration: true,
    };
    Attempt { outcomes: vec![outcome; job.recipients.len()], unsure: true }
}

/// Awaits foreign code; a panic in it ends here.
pub(crate) async fn caught<F: Future>(future: F) -> Result<F::Output, Panicked> {
    let mut future = pin!(future);
    std::future::poll_fn(move |context| poll(future.as_mut(), context)).await
}

/// After a panic the future is dropped and never polled again, so that its broken state is seen by nobody.
fn poll<F: Future>(future: Pin<&mut F>, context: &mut Context<'_>) -> Poll<Result<F::Output, Panicked>> {
    match catch_unwind(AssertUnwindSafe(|| future.poll(context))) {
        Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(_) => Poll::Ready(Err(Panicked)),
    }
}
