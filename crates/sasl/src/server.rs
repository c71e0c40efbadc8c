//! The server's side of an exchange.

mod cram_md5;
mod login;
mod plain;
mod scram_sha256;

use crate::field::MESSAGE;
use crate::{Evidence, Mechanism, scram};

/// What to do next.
#[derive(Debug)]
pub enum Step {
    /// Send these octets as the next challenge (the protocol encodes them); an empty one is sent as such.
    Challenge(Vec<u8>),
    /// Look up the SCRAM keys of this identity and call [`Exchange::keys`]. For unknown users hand in
    /// plausible keys (see `auth`), so that the dialogue does not tell who exists.
    NeedKeys(String),
    /// Ask the auth chain, then call [`Exchange::accepted`] or drop the exchange.
    Judge(Evidence),
    /// The exchange is complete: answer success.
    Done,
    /// The client's message breaks the mechanism's grammar, or it cancelled.
    Broken(Broken),
}

/// Why an exchange ended without evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The client sent `*`.
    #[error("cancelled by the client")]
    Cancelled,
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
    Scram(scram_sha256::Scram),
    /// The chain judges; nothing is left to say after it.
    Judged,
    /// No more messages belong to this exchange.
    Over,
}

impl Exchange {
    /// Begins an exchange. `initial` is the decoded initial response, if the client sent one;
    /// `challenge_host` names this server in a CRAM-MD5 challenge.
    pub fn start(mechanism: Mechanism, challenge_host: &str, initial: Option<&[u8]>) -> (Self, Step) {
        let state = match mechanism {
            Mechanism::Plain => State::Plain,
            Mechanism::Login => State::Login(login::Login::default()),
            Mechanism::CramMd5 => State::Cram(cram_md5::Challenge::fresh(challenge_host)),
            Mechanism::ScramSha256 => State::Scram(scram_sha256::Scram::new(scram::nonce::fresh())),
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
            return self.broken("the message is too long");
        }
        let step = match &mut self.state {
            State::Plain => plain::read(response).into(),
            State::Login(login) => login.read(response).into(),
            State::Cram(challenge) => challenge.read(response).into(),
            State::Scram(scram) => scram.read(response).into(),
            State::Judged | State::Over => Step::Broken(Broken::Syntax("nothing more was expected")),
        };
        self.advance(step)
    }

    /// Answers [`Step::NeedKeys`].
    pub fn keys(&mut self, keys: scram::Keys) -> Step {
        match &mut self.state {
            State::Scram(scram) => scram.keys(&keys).into(),
            _ => self.broken("no keys were expected"),
        }
    }

    /// The chain accepted the evidence: what is left to say (SCRAM's server signature), or [`Step::Done`].
    pub fn accepted(&mut self) -> Step {
        match &mut self.state {
            State::Scram(scram) => scram.accepted().into(),
            State::Judged => {
                self.state = State::Over;
                Step::Done
            }
            _ => self.broken("nothing was judged"),
        }
    }

    /// The step that begins a mechanism (RFC 4422 §3: the client goes first, or the server does).
    fn first(&mut self, initial: Option<&[u8]>) -> Step {
        match (&self.state, initial) {
            // LOGIN's user name cannot be empty: clients that send `=` want to be asked.
            (State::Login(_), None | Some([])) => Step::Challenge(login::USERNAME.to_vec()),
            (State::Cram(challenge), None | Some([])) => Step::Challenge(challenge.octets().to_vec()),
            (State::Cram(_), Some(_)) => self.broken("this mechanism begins with the server's challenge"),
            (_, None) => Step::Challenge(Vec::new()),
            (_, Some(initial)) => self.respond(initial),
        }
    }

    /// Mechanisms that have said all they have to say wait for the verdict; a broken one is over.
    fn advance(&mut self, step: Step) -> Step {
        match (&step, &self.state) {
            (Step::Judge(_), State::Scram(_)) => {}
            (Step::Judge(_), _) => self.state = State::Judged,
            (Step::Broken(_) | Step::Done, _) => self.state = State::Over,
            _ => {}
        }
        step
    }

    fn broken(&mut self, why: &'static str) -> Step {
        self.state = State::Over;
        Step::Broken(Broken::Syntax(why))
    }
}
