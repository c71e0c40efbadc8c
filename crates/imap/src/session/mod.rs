//! The server's side of a session: what may be said when, and the login (RFC 3501 §3).

mod capability;
mod login;
mod step;

pub use capability::{Offers, Tls};
pub use login::exposed_identity;
pub use step::{Answer, Ending, Limits, Question, Receive, Refusal, Settings, Step};

use sasl::{Channel, Early, Mechanism, Secret};

use crate::command::{Access, Command, Tag};
use crate::framer::{Announced, Expect, Literal};
use crate::parse::{self, Allowed, Opened, ParseError, SyntaxError};
use crate::response::{self, Code, Condition, Reply};
use capability::capabilities;
use login::Login;

/// RFC 3501 §3. Each state owns what is valid in it: a login under way ends with its state.
#[derive(Debug)]
enum State {
    NotAuthenticated(Option<Box<Login>>),
    Authenticated,
    Selected(Access),
}

/// One session.
#[derive(Debug)]
pub struct Session {
    settings: Settings,
    offers: Offers,
    /// What TLS knows, for those mechanisms that use it; boxed, as in clear there is nothing.
    channel: Option<Box<Channel>>,
    state: State,
    commands_before_login: u32,
    bad_commands: u32,
    auth_failures: u32,
    exposed: Option<String>,
    /// A login that has just ended without anything to judge.
    early: Option<(Option<Mechanism>, Early)>,
    /// What the client has said of itself.
    id: Option<Vec<(String, Option<String>)>>,
}

impl Session {
    /// A session whose client has just connected.
    pub fn new(settings: Settings, offers: Offers) -> Self {
        let state = State::NotAuthenticated(None);
        let (commands_before_login, bad_commands, auth_failures) = (0, 0, 0);
        Self {
            settings,
            offers,
            channel: None,
            state,
            commands_before_login,
            bad_commands,
            auth_failures,
            exposed: None,
            early: None,
            id: None,
        }
    }

    /// The first thing to say (RFC 3501 §7.1.1).
    pub fn greeting(&self) -> Vec<u8> {
        let text = format!("{} IMAP4rev1 Gatepost ready [{}]", self.settings.host, self.settings.session);
        Reply::ok(text).code(Code::Capability(self.capabilities())).untagged()
    }

    /// What to say before closing, unasked.
    pub fn bye(&self, reason: &str) -> Vec<u8> {
        Reply::bye(format!("{reason} [{}]", self.settings.session)).untagged()
    }

    /// What the next line is.
    pub fn expect(&self) -> Expect {
        match self.state {
            State::NotAuthenticated(Some(_)) => Expect::Plain,
            _ => Expect::Command,
        }
    }

    /// The mechanism of a login that is under way: if the client leaves now, it has left in the middle.
    pub fn login_under_way(&self) -> Option<Mechanism> {
        let State::NotAuthenticated(Some(login)) = &self.state else { return None };
        login.mechanism()
    }

    /// Where the secret of the next line (with its literals) begins, if it has one: a response of AUTHENTICATE from its first
    /// octet on, the arguments of LOGIN, and what follows the mechanism. To be asked before [`Self::line`].
    pub fn secret_in(&self, line: &[u8]) -> Option<usize> {
        if let State::NotAuthenticated(Some(_)) = &self.state {
            return Some(0);
        }
        let word = |from: usize| Some(from + line.get(from..)?.iter().position(|octet| *octet == b' ')? + 1);
        let verb = word(0)?;
        let arguments = word(verb)?;
        match line.get(verb..arguments - 1)?.to_ascii_uppercase().as_slice() {
            b"LOGIN" => Some(arguments),
            b"AUTHENTICATE" => word(arguments),
            _ => None,
        }
    }

    /// A login that has just ended without anything to judge, by which mechanism and how: for the operator, once.
    pub fn take_early(&mut self) -> Option<(Option<Mechanism>, Early)> {
        self.early.take()
    }

    /// What the client has just said of itself (RFC 2971 §3.1), once.
    pub fn take_id(&mut self) -> Option<Vec<(String, Option<String>)>> {
        self.id.take()
    }

    /// Whether a user has logged in.
    pub fn is_authenticated(&self) -> bool {
        !matches!(self.state, State::NotAuthenticated(_))
    }

    /// Takes a command, or a line of a login. It may hold a password: it is wiped in here.
    pub fn line(&mut self, line: Vec<u8>) -> Step {
        let line = Secret::new(line);
        if let State::NotAuthenticated(login) = &mut self.state {
            if let Some(login) = login.take() {
                return self.response(*login, line.expose());
            }
            self.commands_before_login += 1;
            if self.commands_before_login > self.settings.limits.commands_before_login {
                return self.close(Vec::new(), Ending::Commands("too many commands without a login"));
            }
        }
        match parse::open(line.expose()) {
            Ok((tag, opened)) => self.opened(tag, opened),
            Err(error) => self.broken(&error),
        }
    }

    fn opened(&mut self, tag: Tag, opened: Opened<'_>) -> Step {
        if let Err(reason) = self.allows(opened.entry.allowed) {
            return self.finish(&tag, &Reply::bad(reason));
        }
        match opened.arguments() {
            Ok(command) => self.command(tag, command),
            Err(error) => self.broken(&ParseError { tag: Some(tag), error }),
        }
    }

    fn allows(&self, allowed: Allowed) -> Result<(), &'static str> {
        match (allowed, &self.state) {
            (Allowed::Always, _) | (Allowed::BeforeLogin, State::NotAuthenticated(_)) => Ok(()),
            (Allowed::AfterLogin, State::Authenticated | State::Selected(_)) => Ok(()),
            (Allowed::Selected, State::Selected(_)) => Ok(()),
            (Allowed::BeforeLogin, _) => Err("already logged in"),
            (_, State::NotAuthenticated(_)) => Err("log in first"),
            (_, _) => Err("select a mailbox first"),
        }
    }

    fn command(&mut self, tag: Tag, command: Command) -> Step {
        let mut out = Vec::new();
        match command {
            Command::Capability => {
                out.extend_from_slice(format!("* CAPABILITY {}\r\n", self.capabilities()).as_bytes());
                self.say(out, &tag, &Reply::ok("CAPABILITY completed"))
            }
            Command::Id(told) => {
                self.id = Some(told);
                response::id(&mut out, &[("name", "Gatepost"), ("version", env!("CARGO_PKG_VERSION"))]);
                self.say(out, &tag, &Reply::ok("ID completed"))
            }
            // RFC 5161 §3.1: nothing here changes by being enabled, so that nothing is.
            Command::Enable(_) => self.say(b"* ENABLED\r\n".to_vec(), &tag, &Reply::ok("ENABLE completed")),
            Command::Namespace => {
                response::namespace(&mut out);
                self.say(out, &tag, &Reply::ok("NAMESPACE completed"))
            }
            Command::Logout => {
                out.extend(self.bye(&format!("{} IMAP4rev1 server terminating connection", self.settings.host)));
                out.extend(Reply::ok("LOGOUT completed").tagged(&tag));
                Step::Close(Ending::Said, out)
            }
            Command::StartTls => self.start_tls(&tag),
            Command::Login(login) => self.login(tag, login),
            Command::Authenticate(authenticate) => self.authenticate(tag, &authenticate),
            Command::Store(_) | Command::Move(_) | Command::Expunge(_) if self.is_read_only() => {
                self.finish(&tag, &Reply::no("the mailbox was opened with EXAMINE").code(Code::ReadOnly))
            }
            other => Step::Perform(tag, other),
        }
    }

    /// RFC 3501 §6.3.2: EXAMINE permits no changes.
    fn is_read_only(&self) -> bool {
        matches!(self.state, State::Selected(Access::ReadOnly))
    }

    fn start_tls(&mut self, tag: &Tag) -> Step {
        match self.offers.tls {
            Tls::Offered => Step::StartTls(Reply::ok("begin TLS negotiation now").tagged(tag)),
            Tls::Active => self.finish(tag, &Reply::bad("TLS is there already")),
            Tls::Unavailable => self.finish(tag, &Reply::bad("this server has no certificate")),
        }
    }

    /// TLS is there: what may be offered now.
    pub fn secured(&mut self, offers: Offers) {
        self.offers = offers;
        self.channel = None;
    }

    /// What TLS knows of itself: to be told after [`Self::new`] inside TLS, and after [`Self::secured`].
    pub fn set_channel(&mut self, channel: Channel) {
        self.channel = Some(Box::new(channel));
    }

    /// An APPEND has come as far as its message: [`Step::Receive`], or a refusal.
    pub fn announced(&mut self, announced: Announced) -> Step {
        let (tag, append) = match announced.append {
            Ok(both) => both,
            Err(error) => return self.broken(&error),
        };
        if let Err(reason) = self.allows(Allowed::AfterLogin) {
            return self.finish(&tag, &Reply::bad(reason));
        }
        let limit = self.settings.limits.message_size;
        if announced.size > limit {
            let text = format!("the message is larger than {limit} octets");
            return self.finish(&tag, &Reply::no(text).code(Code::TooBig));
        }
        let go_ahead = match announced.literal {
            Literal::Synchronizing => b"+ send the message\r\n".to_vec(),
            Literal::NonSynchronizing => Vec::new(),
        };
        Step::Receive(Box::new(Receive { tag, append, size: announced.size, go_ahead }))
    }

    /// A command, or a line of a login, was longer than the limit; the login has ended with that.
    pub fn too_long(&mut self, tag: Option<Tag>) -> Step {
        let login = match &mut self.state {
            State::NotAuthenticated(login) => login.take(),
            _ => None,
        };
        if let Some(login) = &login {
            let end = Early::Malformed("a response of more than the longest line".to_owned());
            self.early = Some((login.mechanism(), end));
        }
        let tag = login.map(|l| l.abandon()).or(tag);
        let reply = Reply::bad("the command is too long").code(Code::TooBig);
        self.bad(&reply, tag.as_ref())
    }

    /// The host has done what [`Step::Perform`] or [`Step::Receive`] asked for.
    pub fn finish(&mut self, tag: &Tag, reply: &Reply) -> Step {
        match reply.condition {
            Condition::Bad => self.bad(reply, Some(tag)),
            Condition::No => Step::Reply(self.with_id(reply).tagged(tag)),
            _ => Step::Reply(reply.tagged(tag)),
        }
    }

    /// The host has opened a mailbox.
    pub fn selected(&mut self, access: Access) {
        self.state = State::Selected(access);
    }

    /// The mailbox is closed, or could not be opened (RFC 3501 §6.3.1: then none is selected).
    pub fn unselected(&mut self) {
        self.state = State::Authenticated;
    }

    fn say(&self, mut data: Vec<u8>, tag: &Tag, reply: &Reply) -> Step {
        data.extend(reply.tagged(tag));
        Step::Reply(data)
    }

    fn broken(&mut self, error: &ParseError) -> Step {
        let reply = match error.error {
            SyntaxError::UnknownCharset => Reply::no(error.error.to_string()).code(Code::BadCharset),
            syntax => Reply::bad(syntax.to_string()),
        };
        match &error.tag {
            Some(tag) => self.finish(tag, &reply),
            None => self.bad(&reply, None),
        }
    }

    /// Answers `BAD`; whoever goes on so is let go.
    fn bad(&mut self, reply: &Reply, tag: Option<&Tag>) -> Step {
        let reply = self.with_id(reply);
        let line = tag.map_or_else(|| reply.untagged(), |t| reply.tagged(t));
        self.bad_commands += 1;
        if self.bad_commands > self.settings.limits.bad_commands {
            return self.close(line, Ending::Commands("too many bad commands"));
        }
        Step::Reply(line)
    }

    /// A refusal as a person may see it: with the session's id, to be asked about.
    fn with_id(&self, reply: &Reply) -> Reply {
        Reply { text: format!("{} [{}]", reply.text, self.settings.session).into(), ..reply.clone() }
    }

    fn close(&self, mut data: Vec<u8>, ending: Ending) -> Step {
        if let Ending::Logins(reason) | Ending::Commands(reason) = ending {
            data.extend(self.bye(reason));
        }
        Step::Close(ending, data)
    }

    fn capabilities(&self) -> String {
        capabilities(&self.offers, self.is_authenticated())
    }
}
