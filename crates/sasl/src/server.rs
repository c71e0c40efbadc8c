//! The server's side of an exchange.

mod context;
mod cram_md5;
mod external;
mod login;
mod plain;
mod scram;
mod token;

pub use context::Context;

use crate::field::MESSAGE;
use crate::scram::{Hash, Keys};
use crate::{Evidence, Mechanism};

/// What to do next.
#[derive(Debug)]
pub enum Step {
    /// Send these octets as the next challenge (the protocol encodes them); an empty one is sent as such.
    Challenge(Vec<u8>),
    /// Look up the SCRAM keys of this identity and call [`Exchange::keys`]. For unknown users hand in
    /// plausible keys (see `auth`), so that the dialogue does not tell who exists.
    NeedKeys {
        /// Whose.
        identity: String,
        /// Which.
        hash: Hash,
    },
    /// Ask the auth chain, then call [`Exchange::accepted`] or [`Exchange::rejected`], or drop the exchange where it
    /// could not tell.
    Judge(Evidence),
    /// The exchange is complete: answer success.
    Done,
    /// The refusal that [`Exchange::rejected`] was called with can be said now.
    Refused,
    /// The client's message breaks the mechanism's grammar, or it cancelled.
    Broken(Broken),
}

/// Why an exchange ended without evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The client sent `*`.
    #[error("cancelled by the client")]
    Cancelled,
    /// The line is not base64.
    #[error("the response is not base64")]
    Base64,
    /// The message does not follow the mechanism's grammar; the text says which part.
    #[error("{0}")]
    Syntax(&'static str),
}

impl From<Result<Step, Broken>> for Step {
    fn from(result: Result<Step, Broken>) -> Self {
        result.unwrap_or_else(Self::Broken)
    }
}

/// One exchange, from the `AUTH` command to its end.
#[derive(Debug)]
pub struct Exchange {
    mechanism: Mechanism,
    state: State,
}

/// Where a mechanism stands.
#[derive(Debug)]
enum State {
    /// PLAIN waits for its one message.
    Plain,
    /// LOGIN waits for the user name or the password.
    Login(login::Login),
    /// CRAM-MD5 waits for the response to this challenge.
    Cram(cram_md5::Challenge),
    /// SCRAM, somewhere on its way.
    Scram(scram::Scram),
    /// XOAUTH2 or OAUTHBEARER waits for its one message.
    Token(token::Form),
    /// EXTERNAL waits for the authorization identity.
    External(external::External),
    /// The chain judges; nothing is left to say after it.
    Judged,
    /// The chain judges a token: if it is not good, the client is told so in JSON.
    TokenJudged(token::Form),
    /// The client was told, and owes its empty answer.
    Told,
    /// No more messages belong to this exchange.
    Over,
}

impl Exchange {
    /// Begins an exchange. `initial` is the decoded initial response, if the client sent one.
    pub fn start(mechanism: Mechanism, context: &Context<'_>, initial: Option<&[u8]>) -> (Self, Step) {
        let state = match mechanism {
            Mechanism::Plain => State::Plain,
            Mechanism::Login => State::Login(login::Login::default()),
            Mechanism::CramMd5 => State::Cram(cram_md5::Challenge::fresh(context.host)),
            Mechanism::ScramSha1 | Mechanism::ScramSha1Plus | Mechanism::ScramSha256 | Mechanism::ScramSha256Plus => {
                State::Scram(scram::Scram::new(mechanism, context))
            }
            Mechanism::XOAuth2 => State::Token(token::Form::XOAuth2),
            Mechanism::OAuthBearer => State::Token(token::Form::OAuthBearer),
            Mechanism::External => State::External(external::External::new(context.channel.certificate.clone())),
            // No mechanism of SASL: POP3 makes the evidence from its own command.
            Mechanism::Apop => State::Over,
        };
        let mut exchange = Self { mechanism, state };
        let step = exchange.first(initial);
        (exchange, step)
    }

    /// The mechanism under way.
    pub fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// Takes the client's next decoded response.
    pub fn respond(&mut self, response: &[u8]) -> Step {
        if response.len() > MESSAGE {
            return self.broken(Broken::Syntax("the message is too long"));
        }
        let step = match &mut self.state {
            State::Plain => plain::read(response).into(),
            State::Login(login) => login.read(response).into(),
            State::Cram(challenge) => challenge.read(response).into(),
            State::Scram(scram) => scram.read(response).into(),
            State::Token(form) => form.read(response).into(),
            State::External(external) => external.read(response).into(),
            // RFC 7628 §3.2.3: `%x01`; Google's clients send nothing. Whatever it is, it is the end.
            State::Told => Step::Refused,
            State::Judged | State::TokenJudged(_) | State::Over => {
                Step::Broken(Broken::Syntax("nothing more was expected"))
            }
        };
        self.advance(step)
    }

    /// The client's line could not be read, or it cancelled: the exchange ends with that, or with the refusal that was
    /// waiting for this line (RFC 7628 §3.2.3 lets a client cancel there).
    pub fn broken(&mut self, why: Broken) -> Step {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Told => Step::Refused,
            _ => Step::Broken(why),
        }
    }

    /// Answers [`Step::NeedKeys`].
    pub fn keys(&mut self, keys: Keys) -> Step {
        let step = match &mut self.state {
            State::Scram(scram) => scram.keys(keys).into(),
            _ => Step::Broken(Broken::Syntax("no keys were expected")),
        };
        self.advance(step)
    }

    /// The chain accepted the evidence: what is left to say (SCRAM's server signature), or [`Step::Done`].
    pub fn accepted(&mut self) -> Step {
        match &mut self.state {
            State::Scram(scram) => scram.accepted().into(),
            State::Judged | State::TokenJudged(_) => {
                self.state = State::Over;
                Step::Done
            }
            _ => {
                self.state = State::Over;
                Step::Broken(Broken::Syntax("nothing was judged"))
            }
        }
    }

    /// The chain rejected the evidence: what is left to say (why a token is not good), or [`Step::Refused`].
    pub fn rejected(&mut self) -> Step {
        match std::mem::replace(&mut self.state, State::Over) {
            State::TokenJudged(form) => {
                self.state = State::Told;
                Step::Challenge(form.error().to_vec())
            }
            // RFC 5802 §7 has `e=invalid-proof`, which a client learns nothing from.
            State::Scram(scram) if scram.is_judged() => Step::Refused,
            State::Judged => Step::Refused,
            _ => Step::Broken(Broken::Syntax("nothing was judged")),
        }
    }

    /// The step that begins a mechanism (RFC 4422 §3: the client goes first, or the server does).
    fn first(&mut self, initial: Option<&[u8]>) -> Step {
        match (&self.state, initial) {
            // LOGIN's user name cannot be empty: clients that send `=` want to be asked.
            (State::Login(_), None | Some([])) => Step::Challenge(login::USERNAME.to_vec()),
            (State::Cram(challenge), None | Some([])) => Step::Challenge(challenge.octets().to_vec()),
            (State::Cram(_), Some(_)) => {
                self.broken(Broken::Syntax("this mechanism begins with the server's challenge"))
            }
            (State::Over, None) => self.broken(Broken::Syntax("this is no mechanism of SASL")),
            (_, None) => Step::Challenge(Vec::new()),
            (_, Some(initial)) => self.respond(initial),
        }
    }

    /// Mechanisms that have said all they have to say wait for the verdict; a broken one is over.
    fn advance(&mut self, step: Step) -> Step {
        match (&step, &self.state) {
            (Step::Judge(_), State::Scram(_)) => {}
            (Step::Judge(_), State::Token(form)) => self.state = State::TokenJudged(*form),
            (Step::Judge(_), _) => self.state = State::Judged,
            // A request without a token asks what would be needed; nobody is judged.
            (Step::Challenge(_), State::Token(_)) => self.state = State::Told,
            (Step::Broken(_) | Step::Done | Step::Refused, _) => self.state = State::Over,
            _ => {}
        }
        step
    }
}
