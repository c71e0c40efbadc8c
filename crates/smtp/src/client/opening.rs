//! From the greeting to the point where mail can be sent: EHLO, STARTTLS, EHLO again, AUTH.

use sasl::{Bindings, Mechanism, Secret};

use super::login::{AuthStep, Authentication};
use super::{Capabilities, Login, LoginError, Stage};
use crate::{Class, Reply};

/// How TLS is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsWish {
    /// It is there already, from the first octet.
    Active,
    /// STARTTLS, or no session.
    Required,
    /// STARTTLS where it is offered and not refused.
    IfOffered,
    /// Not at all.
    Never,
}

/// Who calls, and what is wanted of the session.
#[derive(Debug, Clone)]
pub struct Hello {
    /// Our name, or address literal, for EHLO. It comes from the config: no line end can be in it.
    pub name: String,
    /// TLS.
    pub tls: TlsWish,
    /// Log in; without it the session goes on as nobody.
    pub login: Option<Login>,
}

/// What to do next.
#[derive(Debug)]
pub enum OpeningStep {
    /// Send this, then hand in the next reply.
    Send(Vec<u8>),
    /// The same, but no transcript may show it.
    SendSecret(Secret),
    /// Throw away buffered input, do the TLS handshake (RFC 3207 §4), then call [`Opening::secured`].
    StartTls,
    /// Mail can be sent.
    Ready(Ready),
    /// It cannot; say QUIT and close.
    Failed(OpeningError),
}

/// A session that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// What the server offers now: inside TLS, if there is TLS.
    pub capabilities: Capabilities,
    /// What it offered before STARTTLS; nothing of it is used (RFC 3207 §4.2), but it explains a lot.
    pub before_tls: Option<Capabilities>,
    /// How we logged in.
    pub mechanism: Option<Mechanism>,
}

/// Why a session does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpeningError {
    /// The server does not want us, now or at all.
    #[error("refused at {stage}: {reply}")]
    Refused {
        /// Where.
        stage: Stage,
        /// Its words.
        reply: Reply,
    },
    /// TLS is required and STARTTLS is not offered.
    #[error("the server does not offer STARTTLS")]
    TlsNotOffered,
    /// A login is wanted, there is no TLS, and cleartext is not allowed.
    #[error("without TLS the login would be in clear")]
    LoginInClear,
    /// The login failed. The session never goes on without it (MISSION 001-14).
    #[error(transparent)]
    Login(#[from] LoginError),
}

/// The opening of one session.
#[derive(Debug)]
pub struct Opening {
    name: String,
    tls: TlsWish,
    login: Option<Login>,
    bindings: Bindings,
    before_tls: Option<Capabilities>,
    state: State,
}

#[derive(Debug)]
enum State {
    Greeting,
    Ehlo,
    Helo,
    StartTls(Capabilities),
    Handshake,
    Login(Box<(Capabilities, Authentication)>),
    Over,
}

impl Opening {
    /// A new connection, whose first reply is the greeting.
    pub fn new(hello: Hello) -> Self {
        let Hello { name, tls, login } = hello;
        Self { name, tls, login, bindings: Bindings::NONE, before_tls: None, state: State::Greeting }
    }

    /// What TLS can be bound by: to be told before the first reply inside it.
    pub fn bind(&mut self, bindings: Bindings) {
        self.bindings = bindings;
    }

    /// The command that the next reply belongs to.
    pub fn stage(&self) -> Stage {
        match self.state {
            State::Greeting => Stage::Greeting,
            State::Ehlo | State::Helo | State::Over => Stage::Hello,
            State::StartTls(_) | State::Handshake => Stage::StartTls,
            State::Login(_) => Stage::Auth,
        }
    }

    /// Takes the server's next reply.
    pub fn reply(&mut self, reply: Reply) -> OpeningStep {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Greeting if reply.class() == Class::Success => self.ehlo(),
            State::Greeting => refused(Stage::Greeting, reply),
            State::Ehlo => self.ehlo_reply(reply),
            State::Helo if reply.class() == Class::Success => self.greeted(Capabilities::default()),
            State::Helo => refused(Stage::Hello, reply),
            State::StartTls(capabilities) => self.starttls_reply(capabilities, reply),
            State::Login(login) => self.login_reply(login, reply),
            // Replies that nothing asked for: the caller was told the end, or to do a handshake.
            State::Handshake | State::Over => refused(Stage::Hello, reply),
        }
    }

    /// The handshake is done: whatever was known of the server is forgotten, EHLO is said again (RFC 3207 §4.2).
    pub fn secured(&mut self) -> OpeningStep {
        self.tls = TlsWish::Active;
        self.ehlo()
    }

    fn ehlo(&mut self) -> OpeningStep {
        self.state = State::Ehlo;
        OpeningStep::Send(format!("EHLO {}\r\n", self.name).into_bytes())
    }

    fn ehlo_reply(&mut self, reply: Reply) -> OpeningStep {
        match (reply.class(), reply.code()) {
            (Class::Success, _) => self.greeted(Capabilities::of_ehlo(&reply)),
            // RFC 7504 §3, RFC 5321 §3.1: no mail is taken here at all.
            (Class::Permanent, 521 | 554) => refused(Stage::Hello, reply),
            // RFC 5321 §3.2: 500 and 502 mean an old server. Others answer 501, 504 or 550 for the same reason.
            (Class::Permanent, _) => {
                self.state = State::Helo;
                OpeningStep::Send(format!("HELO {}\r\n", self.name).into_bytes())
            }
            _ => refused(Stage::Hello, reply),
        }
    }

    /// What the server offers is known: TLS, the login, or ready.
    fn greeted(&mut self, capabilities: Capabilities) -> OpeningStep {
        match self.tls {
            TlsWish::Required if !capabilities.starttls => OpeningStep::Failed(OpeningError::TlsNotOffered),
            TlsWish::Required | TlsWish::IfOffered if capabilities.starttls => {
                self.state = State::StartTls(capabilities);
                OpeningStep::Send(b"STARTTLS\r\n".to_vec())
            }
            _ => self.log_in(capabilities),
        }
    }

    fn starttls_reply(&mut self, capabilities: Capabilities, reply: Reply) -> OpeningStep {
        if reply.class() == Class::Success {
            self.before_tls = Some(capabilities);
            self.state = State::Handshake;
            return OpeningStep::StartTls;
        }
        // RFC 3207 §4: with 454 the client decides whether to go on without.
        match self.tls {
            TlsWish::IfOffered if reply.code() != 421 => self.log_in(capabilities),
            _ => refused(Stage::StartTls, reply),
        }
    }

    fn log_in(&mut self, capabilities: Capabilities) -> OpeningStep {
        let Some(login) = self.login.take() else {
            return self.ready(capabilities, None);
        };
        if self.tls != TlsWish::Active && !login.cleartext {
            return OpeningStep::Failed(OpeningError::LoginInClear);
        }
        let (authentication, step) =
            Authentication::start(&capabilities.auth, login, std::mem::take(&mut self.bindings));
        self.auth_step(Box::new((capabilities, authentication)), step)
    }

    fn login_reply(&mut self, mut login: Box<(Capabilities, Authentication)>, reply: Reply) -> OpeningStep {
        let step = login.1.reply(reply);
        self.auth_step(login, step)
    }

    fn auth_step(&mut self, login: Box<(Capabilities, Authentication)>, step: AuthStep) -> OpeningStep {
        match step {
            AuthStep::Send(line) => {
                self.state = State::Login(login);
                OpeningStep::SendSecret(line)
            }
            AuthStep::Done(mechanism) => self.ready(login.0, Some(mechanism)),
            AuthStep::Failed(error) => OpeningStep::Failed(error.into()),
        }
    }

    fn ready(&mut self, capabilities: Capabilities, mechanism: Option<Mechanism>) -> OpeningStep {
        OpeningStep::Ready(Ready { capabilities, before_tls: self.before_tls.take(), mechanism })
    }
}

fn refused(stage: Stage, reply: Reply) -> OpeningStep {
    OpeningStep::Failed(OpeningError::Refused { stage, reply })
}
