//! Our own protocol: what `serve` asks.

use std::io;

use message::Address;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use zeroize::Zeroizing;

use super::{Context, busy};
use crate::wire::{self, Answer, Fared, LONGEST, Question};
use crate::{Attempt, Service, TempFail};

/// Questions until the other side leaves or the daemon ends.
pub(super) async fn talk(stream: UnixStream, context: &Context) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while !context.ends() {
        // A question may hold a password.
        let mut line = Zeroizing::new(Vec::with_capacity(16 * 1024));
        let mut bounded = (&mut stream).take(LONGEST as u64);
        tokio::select! {
            read = bounded.read_until(b'\n', &mut line) => read?,
            () = context.ended() => return Ok(()),
        };
        if !line.ends_with(b"\n") {
            return Ok(());
        }
        let answer = match wire::read_question(&line) {
            Ok(question) => answer(question, context).await,
            Err(unread) => Answer::Unknown(unread.to_string()),
        };
        drop(line);
        stream.write_all(&wire::answer(answer)).await?;
    }
    Ok(())
}

async fn answer(question: Question, context: &Context) -> Answer {
    if let Question::State {} = question {
        return state(context);
    }
    let places = context.places.load_full();
    match places.enter().await {
        Ok(_place) => asked(question, context).await.unwrap_or_else(|what| Answer::Unknown(format!("{what} is wrong"))),
        Err(cause) => Answer::TempFail(busy(cause).into()),
    }
}

/// Asks the chain. Nobody is throttled or counted here: the server that asks has done that.
async fn asked(question: Question, context: &Context) -> Result<Answer, &'static str> {
    let auth = &context.auth;
    let tempfailed = |tempfail: TempFail| Answer::TempFail(tempfail.into());
    Ok(match question {
        Question::Check { from, known, evidence } => {
            let service = Service::from_name(&from.service).ok_or("the service")?;
            let attempt = Attempt::new(service, from.peer, from.tls);
            let evidence = evidence.evidence().ok_or("the evidence")?;
            let told = auth.judge(attempt, evidence, known).await;
            let trail = told.lines.into_iter().map(wire::Line::from).collect();
            Answer::Verdict { said: told.verdict.into(), trail }
        }
        Question::Keys { from, identity, hash } => {
            let service = Service::from_name(&from.service).ok_or("the service")?;
            let hash = wire::hash(&hash).ok_or("the hash")?;
            let kept = auth.kept_keys(service, &identity, hash).await;
            kept.map_or_else(tempfailed, |keys| Answer::Keys(keys.map(wire::Kept::from)))
        }
        Question::Resolve { recipient } => {
            let recipient = Address::parse(&recipient).map_err(|_| "the recipient")?;
            Answer::Receiver(auth.resolve(&recipient).await.into())
        }
        Question::State {} => state(context),
    })
}

fn state(context: &Context) -> Answer {
    let (abilities, iterations) = context.auth.abilities();
    let health = context.auth.modules().into_iter().map(Fared::from).collect();
    let left_out = context.auth.left_out().into_iter().map(|left_out| (left_out.module, left_out.why.to_owned()));
    Answer::State { abilities, health, left_out: left_out.collect(), iterations }
}
