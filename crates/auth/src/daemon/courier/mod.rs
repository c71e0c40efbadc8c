//! Courier's authdaemond, for Courier IMAP, maildrop and others (MISSION 004-24).

mod list;
mod passwd;

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use sasl::{CramEvidence, Evidence, Mechanism, PasswordEvidence, Secret};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::{Context, own_ids};
use crate::courier::{Asked, Entry, Proof, Reply, Request};
use crate::{Attempt, Rejection, Resolution, Service, TempFail, Verdict};

/// Longest question.
const LONGEST: usize = 16 * 1024;

/// FORMATS 2.6: Courier's own server gives a client ten seconds for its question.
const PATIENCE: Duration = Duration::from_secs(10);

/// One question. What could not be told is not answered: the connection just ends.
pub(super) async fn talk(mut stream: UnixStream, context: &Context) -> io::Result<()> {
    let asked = timeout(PATIENCE, question(&mut stream)).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?;
    let Some(Asked { peer, request }) = asked? else { return Ok(()) };
    if request == Request::Enumerate {
        let list = list::rows(context).await.map_err(not_told)?;
        return timeout(PATIENCE, stream.write_all(&list)).await.map_err(|_| io::ErrorKind::TimedOut)?;
    }
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let reply = answer(context, peer, request).await.map_err(not_told)?;
    stream.write_all(&reply.encode().map_err(io::Error::other)?).await
}

/// The question; `None` if the client left before its end.
async fn question(stream: &mut UnixStream) -> io::Result<Option<Asked>> {
    // It may hold a password.
    let mut input = Zeroizing::new(Vec::with_capacity(LONGEST));
    loop {
        match Asked::decode(&input).map_err(io::Error::other)? {
            Some(asked) => return Ok(Some(asked)),
            None if input.len() >= LONGEST => return Err(io::Error::other("the question is too long")),
            None => {}
        }
        if stream.take((LONGEST - input.len()) as u64).read_buf(&mut *input).await? == 0 {
            return Ok(None);
        }
    }
}

/// For the log: the client hears nothing.
fn not_told(tempfail: TempFail) -> io::Error {
    tracing::error!(module = tempfail.module, cause = tempfail.cause, "TEMPFAIL: the client gets no answer");
    io::Error::other(tempfail.cause)
}

async fn answer(context: &Context, peer: IpAddr, request: Request) -> Result<Reply, TempFail> {
    match request {
        Request::Pre { module, service, user } => {
            tracing::debug!(user, service, "received userid lookup request");
            pre(context, module.as_deref(), &user).await
        }
        Request::Auth { service, proof } => {
            let kind = match &proof {
                Proof::Login { .. } => "login",
                Proof::Cram { kind, .. } | Proof::Other { kind } => kind,
            };
            tracing::debug!("received auth request, service={service}, authtype={kind}");
            match evidence(proof) {
                Some(evidence) => login(context, (peer, &service), evidence).await,
                None => Ok(Reply::Fail),
            }
        }
        Request::Passwd { service, user, old, new } => {
            let Some(evidence) = password(&user, &old) else { return Ok(Reply::Fail) };
            match login(context, (peer, &service), evidence).await? {
                Reply::Account(entry) => passwd::change(context, entry.address.as_deref(), new).await,
                reply => Ok(reply),
            }
        }
        Request::Enumerate => Ok(Reply::Fail),
    }
}

/// An account without a password, by whichever module is asked.
async fn pre(context: &Context, module: Option<&str>, user: &str) -> Result<Reply, TempFail> {
    // Courier's modules are called authuserdb, authpam…
    let module = module.map(|name| name.strip_prefix("auth").unwrap_or(name));
    let places = context.places.load_full();
    let _place = places.enter().await.map_err(super::busy)?;
    match context.auth.account(user, module).await {
        Resolution::Account(account) => Ok(found(Entry::of(&account, own_ids()))),
        Resolution::TempFail(tempfail) => Err(tempfail),
        // An alias is nobody who could log in or be delivered to.
        Resolution::Unknown | Resolution::Alias(_) => Ok(Reply::Fail),
    }
}

async fn login(context: &Context, (peer, service): (IpAddr, &str), evidence: Evidence) -> Result<Reply, TempFail> {
    // `login` (authtest), `webmail` and others: somebody who reads mail.
    let service = Service::from_name(service).unwrap_or(Service::Imap);
    // The protocol does not tell of TLS: Courier's own servers hold to their rules for it, and to `disableinsecure…`.
    match context.check(Attempt::new(service, peer, true), evidence).await {
        Verdict::Accept(account) => Ok(found(Entry::of(&account, own_ids()))),
        // Nothing was looked at: it is not said to be wrong.
        Verdict::Reject(Rejection::Throttled) => {
            Err(TempFail { module: "throttle", cause: "too many failed logins".to_owned() })
        }
        Verdict::Reject(_) => Ok(Reply::Fail),
        Verdict::TempFail(tempfail) => Err(tempfail),
    }
}

fn found(entry: Entry) -> Reply {
    Reply::Account(Box::new(entry))
}

/// What was shown; `None` if nobody could be meant by it, or no module could verify it.
fn evidence(proof: Proof) -> Option<Evidence> {
    match proof {
        Proof::Login { user, password: secret } => password(&user, &secret),
        Proof::Cram { kind, challenge, response } if kind == "cram-md5" => cram(challenge, &response),
        Proof::Cram { .. } | Proof::Other { .. } => None,
    }
}

fn password(user: &str, password: &Secret) -> Option<Evidence> {
    PasswordEvidence::new(Mechanism::Plain, user.as_bytes(), password.expose()).ok().map(Evidence::Password)
}

/// RFC 2195 §2: `user SP digest`, over the challenge that Courier has sent.
fn cram(challenge: Vec<u8>, response: &[u8]) -> Option<Evidence> {
    let space = response.iter().rposition(|octet| *octet == b' ')?;
    let identity = sasl::identity(response.get(..space)?).ok()?;
    let digest = std::str::from_utf8(response.get(space + 1..)?).ok().filter(|digest| digest.len() == 32)?;
    let mut octets = [0; 16];
    for (n, octet) in octets.iter_mut().enumerate() {
        *octet = u8::from_str_radix(digest.get(2 * n..2 * n + 2)?, 16).ok()?;
    }
    Some(Evidence::Cram(CramEvidence { identity, challenge, digest: octets }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cram_responses() {
        let challenge = || b"<1896.697170952@postoffice.reston.mci.net>".to_vec();
        let of = |response: &[u8]| cram(challenge(), response);
        let Some(Evidence::Cram(tim)) = of(b"tim b913a602c7eda7a495b4e6e7334d3890") else { panic!() };
        assert!(tim.verify(&Secret::new("tanstaaftanstaaf")) && tim.identity == "tim");
        for hostile in [
            &b""[..],
            b"tim",
            b"tim b913",
            b" b913a602c7eda7a495b4e6e7334d3890",
            b"tim +913a602c7eda7a495b4e6e7334d389\xc3",
        ] {
            assert!(of(hostile).is_none(), "{hostile:?}");
        }
    }
}
