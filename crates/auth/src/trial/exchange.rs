//! A whole exchange without a network: our own client against our own server, so that what is kept is really tried.

use sasl::client::{self, Credentials};
use sasl::server::{self, Step};
use sasl::{Evidence, Mechanism, scram};

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

/// Logs in with a password.
pub(crate) async fn run(mechanism: Mechanism, credentials: Credentials, judge: &impl Judge) -> End {
    let (mut client, initial) = client::Exchange::start(mechanism, credentials);
    let (mut server, mut step) = server::Exchange::start(mechanism, "localhost", initial.as_deref());
    let mut accepted = None;
    for _ in 0..MAX_STEPS {
        step = match step {
            Step::Challenge(challenge) => match client.respond(&challenge) {
                Ok(response) => server.respond(&response),
                Err(error) => return End::Broken(format!("the client's side: {error}")),
            },
            Step::NeedKeys(identity) => match judge.keys(&identity, scram::Hash::Sha256).await {
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
            Step::Broken(broken) => return End::Broken(format!("the server's side: {broken}")),
        };
    }
    End::Broken("it does not come to an end".to_owned())
}

fn done(client: &client::Exchange, accepted: Option<Verdict>) -> End {
    match (client.finish(), accepted) {
        (Ok(()), Some(verdict)) => End::Judged(verdict),
        (Ok(()), None) => End::Broken("it was done before anybody was accepted".to_owned()),
        (Err(error), _) => End::Broken(format!("the client's side: {error}")),
    }
}
