//! What is kept of a session with another server, for `gatepost trace`.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use net::Connection;
use queue::Job;
use smtp::client::{Answer, LoginError, OpeningError, Stage};
use trace::record::{Direction, Fate, Protocol, Text, Tls, Transaction};
use trace::{Opening, Outcome, Recorder, SessionId, Tracer};

use crate::trouble::Trouble;

/// A session that is about to begin.
pub(crate) fn begin(tracer: &Arc<Tracer>, route: &str, peer: SocketAddr) -> (SessionId, Recorder) {
    let (id, direction, protocol) = (SessionId::random(), Direction::Out, Protocol::Smtp);
    // Our end is known once there is a connection; where none comes about, there is none.
    let local = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    (id, Recorder::new(tracer, Opening { id, direction, protocol, service: route, peer, local }))
}

/// What TLS agreed on, once it has.
pub(crate) fn tls(recorder: &Recorder, connection: &Connection) {
    if let Some(tls) = connection.tls() {
        let (version, cipher) = (tls.version.into(), tls.cipher.as_str().into());
        let server_name = tls.server_name.as_deref().map(Text::from);
        recorder.tls(Tls { version, cipher, server_name, client_certificate: None });
    }
}

/// How a session ended that was never open for mail.
pub(crate) fn outcome(trouble: &Trouble) -> Outcome {
    match trouble {
        Trouble::Connect(_) => Outcome::CouldNotConnect,
        Trouble::Handshake(_) => Outcome::TlsFailed,
        Trouble::Wire { .. } => Outcome::ConnectionLost,
        Trouble::Opening(OpeningError::TlsNotOffered) => Outcome::TlsNotGoodEnough,
        Trouble::Opening(OpeningError::LoginInClear | OpeningError::Login(LoginError::NothingUsable { .. })) => {
            Outcome::LoginNotPossible
        }
        Trouble::Opening(OpeningError::Login(_)) => Outcome::RefusedLogin,
        Trouble::Opening(OpeningError::Refused { .. }) => Outcome::RefusedByServer,
        // These end an attempt before there is a session.
        Trouble::Trust(_) | Trouble::Password { .. } | Trouble::NoPasswordFile | Trouble::RefusedBefore(_) => {
            Outcome::Abandoned
        }
    }
}

/// A message that was offered, and the answers of those recipients that were asked.
pub(crate) fn transaction(job: &Job, to: &[String], answers: &[Option<Answer>]) -> Transaction {
    let text = |text: &str| Text::from(text);
    let last = answers.iter().flatten().last();
    Transaction {
        time: jiff::Timestamp::now(),
        queue_id: Some(text(&job.id.to_string())),
        message_id: None,
        from: text(&job.envelope.reverse_path.as_ref().map(ToString::to_string).unwrap_or_default()),
        to: to.iter().take(Transaction::RECIPIENTS).map(|address| text(address)).collect(),
        to_more: to.len().saturating_sub(Transaction::RECIPIENTS),
        size: job.body.len() as u64,
        fate: fate(answers),
        reply: last.map(|answer| text(&answer.reply.to_string())).unwrap_or_default(),
    }
}

fn fate(answers: &[Option<Answer>]) -> Fate {
    let taken = |answer: &Answer| answer.stage == Stage::Content && !answer.reply.is_refusal();
    let all = answers.iter().flatten();
    match (all.clone().filter(|answer| taken(answer)).count(), all.clone().count()) {
        (_, 0) => Fate::GivenUp,
        (taken, _) if taken == answers.len() => Fate::Accepted,
        (1.., _) => Fate::PartlyAccepted,
        _ if all.clone().all(|answer| answer.reply.class() == smtp::Class::Permanent) => Fate::Refused,
        _ => Fate::Deferred,
    }
}
