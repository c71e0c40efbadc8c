//! Opens a session with one host: connection, TLS, login.

use std::sync::Arc;

use config::Route;
use net::Connection;
use sasl::Bindings;
use sasl::client::Credentials;
use smtp::client::{Hello, Login, LoginError, Opening, OpeningError, OpeningStep, Ready, TlsWish};

use crate::link::{Link, Wire};
use crate::login::{Account, Logins, read_secret};
use crate::mx::Candidate;
use crate::outcome;
use crate::preflight::Heard;
use crate::record;
use crate::route::Target;
use crate::settings::Settings;
use crate::tls::Protection;
use crate::transaction::Parcel;
use crate::trouble::{NoSession, Trouble};

/// What opening needs to know.
#[derive(Clone, Copy)]
pub(crate) struct Opener<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) logins: &'a Logins,
    pub(crate) target: &'a Target,
    /// Takes what the host says before a session is open.
    pub(crate) heard: Option<&'a Heard>,
}

/// A route's login, and the account it belongs to.
struct Identity {
    account: Arc<Account>,
    credentials: Credentials,
    cleartext: bool,
}

impl Opener<'_> {
    /// Opens a session for a message (or, to see whether it can be opened, for none), logged in if the route has a login: never without it.
    pub(crate) async fn open(&self, candidate: &Candidate, parcel: Option<&Parcel<'_>>) -> Result<Link, NoSession> {
        let protection =
            self.settings.trust.protection(self.target).map_err(|error| Trouble::Trust(error.to_string()))?;
        match self.identity()? {
            Some(identity) => self.open_as(candidate, parcel, &protection, &identity).await,
            None => self.open_with_fallback(candidate, parcel, protection).await,
        }
    }

    fn identity(&self) -> Result<Option<Identity>, Trouble> {
        let Target::Route(route) = self.target else { return Ok(None) };
        let Route { user: Some(user), password_file, token_file, .. } = &**route else { return Ok(None) };
        let path = token_file.as_ref().or(password_file.as_ref()).ok_or(Trouble::NoPasswordFile)?;
        let secret = read_secret(path).map_err(|error| Trouble::Password { path: path.clone(), error })?;
        let account = self.logins.account(&format!("{}:{}", route.host, route.port), user);
        let credentials = match token_file {
            Some(_) => Credentials::token(user, secret),
            None => Credentials::password(user, secret),
        };
        Ok(Some(Identity { account, credentials, cleartext: route.cleartext }))
    }

    /// Logs in. Until one login has worked only one is tried at a time.
    async fn open_as(
        &self,
        candidate: &Candidate,
        parcel: Option<&Parcel<'_>>,
        how: &Protection,
        who: &Identity,
    ) -> Result<Link, NoSession> {
        let account = &who.account;
        let _alone = match account.works() {
            Some(_) => None,
            None => Some(account.first.lock().await),
        };
        if let Some(refusal) = who.credentials.secret().and_then(|secret| account.refused(secret)) {
            return Err(Trouble::RefusedBefore(refusal).into());
        }
        let login =
            Login { credentials: who.credentials.clone(), preferred: account.works(), cleartext: who.cleartext };
        let opened = self.attempt(candidate, parcel, how, Some(login)).await;
        match &opened {
            Ok(Link { ready: Ready { mechanism: Some(mechanism), .. }, .. }) => account.accept(*mechanism),
            Err(NoSession { trouble, .. }) => remember(who, trouble),
            Ok(_) => {}
        }
        opened
    }

    /// Opportunistic TLS that fails is worse than none: mail goes in clear then, as it would to a host without STARTTLS.
    async fn open_with_fallback(
        &self,
        candidate: &Candidate,
        parcel: Option<&Parcel<'_>>,
        how: Protection,
    ) -> Result<Link, NoSession> {
        match self.attempt(candidate, parcel, &how, None).await {
            Err(NoSession { trouble: Trouble::Handshake(error), .. }) if how.wish == TlsWish::IfOffered => {
                tracing::warn!(host = %candidate, %error, "TLS handshake failed, trying again without TLS");
                self.attempt(candidate, parcel, &Protection { wish: TlsWish::Never, ..how }, None).await
            }
            opened => opened,
        }
    }

    async fn attempt(
        &self,
        candidate: &Candidate,
        parcel: Option<&Parcel<'_>>,
        how: &Protection,
        login: Option<Login>,
    ) -> Result<Link, NoSession> {
        let relay = &self.settings.relay;
        let (session, recorder) = record::begin(&self.settings.tracer, &self.target.name(), candidate.address);
        let failed = |trouble| NoSession { trouble, session: Some(session) };
        let connection = match Connection::connect(candidate.address, relay.connect_timeout).await {
            Ok(connection) => connection,
            Err(error) => {
                let trouble = Trouble::Connect(error);
                parcel.into_iter().for_each(|parcel| recorder.transaction(parcel.not_offered()));
                recorder.finish(record::outcome(&trouble), &outcome::told(&trouble, candidate, self.target));
                return Err(failed(trouble));
            }
        };
        let mut wire = Wire::new(connection, relay.reply_timeout, (session, recorder));
        let hello = Hello { name: self.settings.hostname.clone(), tls: how.wish, login };
        match Box::pin(converse(&mut wire, hello, self.heard, (candidate, how))).await {
            Ok(ready) => {
                let tls = wire.connection.tls().map(|tls| tls.version);
                tracing::debug!(host = %candidate, tls, login = ?ready.mechanism, %session, "session opened");
                Ok(Link { wire, ready, candidate: candidate.clone(), carried: 0 })
            }
            Err(trouble) => {
                let (outcome, why) = (record::outcome(&trouble), outcome::told(&trouble, candidate, self.target));
                parcel.into_iter().for_each(|parcel| wire.recorder.transaction(parcel.not_offered()));
                match trouble {
                    Trouble::Opening(_) => wire.quit(outcome, &why),
                    _ => wire.recorder.finish(outcome, &why),
                }
                Err(failed(trouble))
            }
        }
    }
}

/// From the greeting to ready.
async fn converse(
    wire: &mut Wire,
    hello: Hello,
    heard: Option<&Heard>,
    (host, how): (&Candidate, &Protection),
) -> Result<Ready, Trouble> {
    if hello.tls == TlsWish::Active {
        handshake(wire, host, how).await?;
    }
    let user = hello.login.as_ref().map(|login| login.credentials.user.clone());
    hello.login.iter().filter_map(|login| login.credentials.secret()).for_each(|secret| wire.hide(secret));
    let mut opening = Opening::new(hello);
    opening.bind(bindings(&wire.connection));
    loop {
        let stage = opening.stage();
        let reply = wire.reply(wire.wait).await.map_err(|error| Trouble::Wire { stage, error })?;
        if let Some(heard) = heard {
            heard.take(stage, wire.connection.tls().is_some(), &reply);
        }
        let mut step = opening.reply(reply);
        if matches!(step, OpeningStep::StartTls) {
            handshake(wire, host, how).await?;
            opening.bind(bindings(&wire.connection));
            step = opening.secured();
        }
        match step {
            OpeningStep::Send(octets) => wire.say(&octets),
            OpeningStep::SendSecret(secret) => wire.say_secret(&secret, user.as_deref()),
            OpeningStep::Ready(ready) => return Ok(ready),
            OpeningStep::Failed(error) => return Err(error.into()),
            // `secured` says EHLO.
            OpeningStep::StartTls => return Err(OpeningError::TlsNotOffered.into()),
        }
    }
}

async fn handshake(wire: &mut Wire, host: &Candidate, how: &Protection) -> Result<(), Trouble> {
    wire.connection.connect_tls(&how.tls, &host.host, wire.wait).await.map_err(Trouble::Handshake)?;
    record::tls(&wire.recorder, &wire.connection);
    Ok(())
}

/// What SCRAM can bind itself to: nobody between us and the server can pass its proof on then.
fn bindings(connection: &Connection) -> Bindings {
    connection.tls().map_or(Bindings::NONE, |tls| Bindings {
        exporter: tls.exporter,
        server_end_point: tls.server_end_point.as_deref().map(<[u8]>::to_vec),
    })
}

/// Remembers a refused password or token.
fn remember(who: &Identity, trouble: &Trouble) {
    if let (Trouble::Opening(OpeningError::Login(LoginError::Refused { .. })), Some(secret)) =
        (trouble, who.credentials.secret())
    {
        who.account.refuse(secret.clone(), trouble.to_string(), trouble.reply().cloned());
    }
}
