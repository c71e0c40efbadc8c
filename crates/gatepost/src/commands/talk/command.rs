//! What the lines behind a dot do.

use probe::dialogue::visible;
use probe::login::{Ended, Way};
use probe::talk::{NoLogin, Secured};
use sasl::{Secret, wire};

use super::conversation::{Conversation, Next};
use super::dot::{Dot, HELP};
use super::input::Typed;
use super::saved::Saved;
use crate::exit::{Code, Failure};

impl Conversation<'_> {
    /// Does what a line behind a dot asks for.
    pub(super) async fn command(&mut self, text: &str) -> Result<Next, Failure> {
        let dot = match Dot::parse(text) {
            Ok(dot) => dot,
            Err(why) => return self.complain(Failure::new(Code::Data, why)),
        };
        if dot.is_remembered() {
            self.input.remember(&format!(".{text}"));
        }
        match dot {
            Dot::Help => self.screen.tell(HELP),
            Dot::StartTls if self.talk.secured().is_some() => self.screen.tell("TLS is there already"),
            Dot::StartTls => {
                self.talk.ask_for_tls();
                self.said = true;
            }
            Dot::Auth(way, user) => return self.log_in(way.as_deref(), user).await,
            Dot::Tls => self.screen.tell(&tls(self.talk.secured())),
            Dot::Encode(text) => self.screen.tell(&wire::encode(text.replace("\\0", "\0").as_bytes())),
            Dot::Decode(word) => self.screen.tell(&decoded(&word)),
            Dot::Telnet => self.tell_by_hand(),
            Dot::Save(path) => {
                let saved = Saved::create(&path).and_then(|saved| saved.write(&self.script()));
                if let Err(failure) = saved {
                    return self.complain(failure);
                }
                self.screen.tell(&format!("saved to {}", path.display()));
            }
            Dot::Quit => return self.farewell().await.map(|()| Next::End),
        }
        Ok(Next::Go)
    }

    /// A mistake is told to whoever types, and ends a script.
    fn complain(&self, failure: Failure) -> Result<Next, Failure> {
        if !self.interactive {
            return Err(failure);
        }
        self.screen.tell(&failure.text);
        Ok(Next::Go)
    }

    async fn log_in(&mut self, way: Option<&str>, user: Option<String>) -> Result<Next, Failure> {
        let Some(user) = user.or_else(|| self.args.user.clone()) else {
            return self.complain(Failure::new(Code::Data, ".auth takes a user: .auth [MECH] USER, or --user"));
        };
        let name = way.unwrap_or_default().to_owned();
        let way = match self.talk.way(way).await {
            Ok(way) => way,
            Err(NoLogin::Broken(error)) => return self.lost(error),
            Err(error) => return self.complain(Failure::new(Code::Data, error.to_string())),
        };
        let secret = match self.secret(&user).await {
            Ok(secret) => secret,
            Err(failure) => return self.complain(failure),
        };
        self.try_login(way, (&name, &user), secret).await
    }

    async fn secret(&mut self, user: &str) -> Result<Secret, Failure> {
        if let Some(password) = &self.password {
            return Ok(password.clone());
        }
        self.input.ask_secret(format!("Password of {user}: "));
        match self.input.next().await {
            Typed::Secret(secret) => Ok(secret),
            Typed::Broken(why) => Err(Failure::new(Code::Data, why)),
            _ => Err(Failure::new(Code::Data, "no password was given")),
        }
    }

    async fn try_login(&mut self, way: Way, (name, user): (&str, &str), secret: Secret) -> Result<Next, Failure> {
        self.screen.with_record(|record| record.login(name, user));
        let tried = self.talk.log_in(way, user, secret).await;
        self.screen.with_record(|record| record.login_over());
        match tried.ended {
            Ended::Broken(error) => self.lost(error),
            Ended::Unsuitable => {
                let why = format!("{way} cannot be used with this user and password on this connection");
                self.complain(Failure::new(Code::Data, why))
            }
            Ended::Accepted | Ended::Refused(_) | Ended::Temporary(_) => Ok(Next::Go),
        }
    }

    /// The conversation so far, as a file.
    pub(super) fn script(&self) -> String {
        let target = &self.talk.door().target;
        self.screen.with_record(|record| record.script(target))
    }

    /// The same by telnet.
    pub(super) fn tell_by_hand(&self) {
        let target = &self.talk.door().target;
        let lines = self.screen.with_record(|record| record.by_hand(target));
        self.screen.tell(&lines.join("\n"));
    }
}

/// What base64 says; what is no text is written out.
fn decoded(word: &str) -> String {
    match wire::response(word.as_bytes()) {
        Ok(octets) => octets.escape_ascii().to_string(),
        Err(_) => "that is no base64".to_owned(),
    }
}

fn tls(secured: Option<Secured>) -> String {
    let Some(Secured { agreed, is_verified, chain }) = secured else { return "in clear: no TLS".to_owned() };
    let verified = if is_verified { "the certificate is good" } else { "the certificate was not verified" };
    let mut text = format!("{agreed}; {verified}");
    for facts in chain {
        let names = if facts.names.is_empty() { facts.subject } else { facts.names.join(", ") };
        let days = (facts.not_after - jiff::Timestamp::now().as_second()).div_euclid(86_400);
        text.push_str(&format!("\n{names}; {days} days left; issuer {}", facts.issuer));
    }
    // Strangers wrote most of it.
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}
