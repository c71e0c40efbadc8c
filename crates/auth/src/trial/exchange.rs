//! A whole exchange without a network: our own client against our own server, so that what is kept is really tried.

use sasl::client::{self, Credentials};
use sasl::server::{self, Step};
use sasl::{ApopEvidence, Bindings, Channel, Evidence, Mechanism, Secret, cram, scram};

use crate::module::Answer;
use crate::{TempFail, Verdict};

/// More steps than any mechanism has.
const MAX_STEPS: usize = 10;

/// Who knows what the server's side needs.
pub(crate) trait Judge: Sync {
    /// The SCRAM keys of an identity.
    fn keys<'a>(&'a self, identity: &'a str, hash: scram::Hash) -> Answer<'a, Result<scram::Keys, TempFail>>;

    /// Whether the evidence is good.
    fn judge(&self, evidence: Evidence) -> Answer<'_, Verdict>;
}

/// How an exchange ended.
#[derive(Debug)]
pub(crate) enum End {
    /// With a verdict, and if that is ACCEPT with the client content as well.
    Judged(Verdict),
    /// One side did not understand or believe the other.
    Broken(String),
}

/// Logs in with a password, or by a mechanism for tokens with a token.
pub(crate) async fn run(mechanism: Mechanism, (user, secret): (&str, Secret), judge: &impl Judge) -> End {
    if mechanism == Mechanism::Apop {
        return apop(user, &secret, judge).await;
    }
    let channel = channel(mechanism);
    let credentials = match mechanism {
        Mechanism::XOAuth2 | Mechanism::OAuthBearer => Credentials::token(user, secret),
        _ => Credentials::password(user, secret),
    };
    let context = client::Context::new(channel.bindings.clone(), &[mechanism]);
    let (mut client, initial) = match client::Exchange::start(mechanism, credentials, &context) {
        Ok(started) => started,
        Err(error) => return End::Broken(error.to_string()),
    };
    let context = server::Context::new("localhost", &channel, &[mechanism]);
    let (mut server, mut step) = server::Exchange::start(mechanism, &context, initial.as_deref());
    let mut accepted = None;
    for _ in 0..MAX_STEPS {
        step = match step {
            Step::Challenge(challenge) => match client.respond(&challenge) {
                Ok(response) => server.respond(&response),
                Err(error) => return End::Broken(format!("the client's side: {error}")),
            },
            Step::NeedKeys { identity, hash } => match judge.keys(&identity, hash).await {
                Ok(keys) => server.keys(keys),
                Err(tempfail) => return End::Judged(Verdict::TempFail(tempfail)),
            },
            Step::Judge(evidence) => match judge.judge(evidence).await {
                Verdict::Accept(account) => {
                    accepted = Some(Verdict::Accept(account));
                    server.accepted()
                }
                refused => return End::Judged(refused),
            },
            Step::Done => return done(&client, accepted),
            Step::Refused => return End::Broken("the server refuses without being told to".to_owned()),
            Step::Broken(broken) => return End::Broken(format!("the server's side: {broken}")),
        };
    }
    End::Broken("it does not come to an end".to_owned())
}

/// What both sides know of a TLS connection that there is none of: a -PLUS needs it.
fn channel(mechanism: Mechanism) -> Channel {
    let bindings = Bindings { exporter: mechanism.is_plus().then_some([7; 32]), server_end_point: None };
    Channel { bindings, certificate: None }
}

/// POP3's own command is one message (RFC 1939 §7).
async fn apop(user: &str, password: &Secret, judge: &impl Judge) -> End {
    let timestamp = cram::challenge("localhost");
    let digest = sasl::apop::digest(&timestamp, password);
    let evidence = ApopEvidence { identity: user.to_owned(), timestamp, digest };
    End::Judged(judge.judge(Evidence::Apop(evidence)).await)
}

fn done(client: &client::Exchange, accepted: Option<Verdict>) -> End {
    match (client.finish(), accepted) {
        (Ok(()), Some(verdict)) => End::Judged(verdict),
        (Ok(()), None) => End::Broken("it was done before anybody was accepted".to_owned()),
        (Err(error), _) => End::Broken(format!("the client's side: {error}")),
    }
}
