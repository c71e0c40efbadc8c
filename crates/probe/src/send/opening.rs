//! From the greeting to where the message can be sent.

use sasl::Mechanism;
use smtp::client::{Capabilities, Stage, TlsWish};
use smtp::{Class, Reply};

use super::{Login, Sender, Stop, Unsent};
use crate::capabilities;
use crate::dialogue::Answer;
use crate::login::Ended;
use crate::plan::Trust;
use crate::session::own_literal;
use crate::talk::way;
use crate::target::{Family, Protocol};

/// Mechanisms that are tried in one session: each refusal may count against the account.
const MAX_ATTEMPTS: usize = 3;

impl Sender {
    /// What the server offers in the end; `None` where it stops before.
    pub(super) async fn open(&mut self) -> Result<Option<Capabilities>, Unsent> {
        let implicit = self.door.protocol().is_implicit();
        if implicit {
            self.secure().await?;
        }
        let greeting = self.session.dialogue.reply().await?;
        accepted(Stage::Greeting, greeting)?;
        if self.stops_at(Stop::Connect) {
            return Ok(None);
        }
        let mut offered = self.hello().await?;
        if !implicit && self.begins_tls(&offered)? {
            self.starttls().await?;
            if self.stops_at(Stop::Tls) {
                return Ok(None);
            }
            offered = self.hello().await?;
        }
        if self.order.stop.is_some_and(|stop| stop <= Stop::Tls) {
            return Ok(None);
        }
        if let Some(login) = self.order.login.clone() {
            self.log_in(&login, &offered).await?;
        }
        Ok(if self.stops_at(Stop::Auth) { None } else { Some(offered) })
    }

    /// EHLO, or LHLO; HELO with a server that knows no extensions (RFC 5321 §3.2).
    async fn hello(&mut self) -> Result<Capabilities, Unsent> {
        let name = self.order.hello.clone().unwrap_or_else(|| own_literal(&self.session.dialogue));
        let lmtp = self.door.protocol() == Protocol::Lmtp;
        let verb = if lmtp { "LHLO" } else { "EHLO" };
        let reply = self.say(&format!("{verb} {name}")).await?;
        if reply.class() == Class::Permanent && !lmtp {
            let reply = self.say(&format!("HELO {name}")).await?;
            accepted(Stage::Hello, reply)?;
            return Ok(Capabilities::default());
        }
        let reply = accepted(Stage::Hello, reply)?;
        let lines = reply.lines().map(str::to_owned).collect();
        let answer = Answer { lines, ..Answer::none() };
        self.session.capabilities = capabilities::Capabilities::of(&answer, Family::Smtp);
        Ok(Capabilities::of_ehlo(&reply))
    }

    fn begins_tls(&self, offered: &Capabilities) -> Result<bool, Unsent> {
        match self.order.tls {
            TlsWish::Required if !offered.starttls => Err(Unsent::NoTls),
            TlsWish::Required | TlsWish::IfOffered => Ok(offered.starttls),
            TlsWish::Active | TlsWish::Never => Ok(false),
        }
    }

    async fn starttls(&mut self) -> Result<(), Unsent> {
        let reply = self.say("STARTTLS").await?;
        accepted(Stage::StartTls, reply)?;
        self.secure().await
    }

    async fn secure(&mut self) -> Result<(), Unsent> {
        let stage = self.order.trust.stage();
        Ok(self.door.secure(&mut self.session.dialogue, stage).await?)
    }

    /// Logs in, or says why not; a password goes nowhere in clear.
    async fn log_in(&mut self, login: &Login, offered: &Capabilities) -> Result<(), Unsent> {
        let inside = self.session.dialogue.connection().tls().is_some();
        let all = self.session.capabilities.known();
        if all.is_empty() && self.session.capabilities.unknown().is_empty() {
            let hint = match (inside, offered.starttls) {
                (false, true) => " in clear; it may inside TLS: -tls",
                _ => "",
            };
            return Err(Unsent::NotOffered { hint });
        }
        if !inside && self.order.trust != Trust::Clear {
            return Err(Unsent::InClear);
        }
        let bindings = self.session.bindings();
        let wanted = |mechanism: &Mechanism| login.mechanism.is_none_or(|wanted| wanted == *mechanism);
        let good = |mechanism: &Mechanism| wanted(mechanism) && login.credentials.suit(*mechanism, &bindings);
        let mut order: Vec<_> = all.into_iter().filter(good).collect();
        order.sort_by(|a, b| b.cmp(a));
        if order.is_empty() {
            return Err(Unsent::NotUsable { offered: offered.auth.describe() });
        }
        self.try_each(&order, login).await
    }

    async fn try_each(&mut self, order: &[Mechanism], login: &Login) -> Result<(), Unsent> {
        let mut refused = String::new();
        for mechanism in order.iter().take(MAX_ATTEMPTS) {
            let way = way::by(*mechanism, &self.session, Family::Smtp);
            let tried = self.session.log_in(way, &login.credentials).await;
            match tried.ended {
                Ended::Accepted => {
                    self.mechanism = Some(*mechanism);
                    return Ok(());
                }
                Ended::Refused(answer) => refused = format!("{mechanism}: {}", answer.shown),
                Ended::Temporary(answer) => {
                    return Err(Unsent::LoginTemporary(format!("{mechanism}: {}", answer.shown)));
                }
                Ended::Broken(broken) => return Err(broken.into()),
                Ended::Unsuitable => {}
            }
        }
        Err(Unsent::LoginRefused(refused))
    }

    pub(super) async fn say(&mut self, command: &str) -> Result<Reply, Unsent> {
        self.session.dialogue.say(command.as_bytes());
        Ok(self.session.dialogue.reply().await?)
    }
}

fn accepted(stage: Stage, reply: Reply) -> Result<Reply, Unsent> {
    if reply.class() == Class::Success { Ok(reply) } else { Err(Unsent::Refused { stage, reply }) }
}
