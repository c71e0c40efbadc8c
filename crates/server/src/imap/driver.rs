//! The loop: read until there is something to do, take a step, send what came of it.

use std::convert::Infallible;

use ::imap::response::Reply;
use ::imap::{Command, Ending, Framer, Session, Step};
use auth::Account;
use sasl::Early;
use trace::Outcome;

use super::begin;
use super::refusal::Failure;
use super::select::Selected;
use crate::session::{Client, End};

/// What one session has.
pub(super) struct Driver {
    pub(super) client: Client,
    pub(super) session: Session,
    pub(super) framer: Framer,
    pub(super) account: Option<Account>,
    pub(super) selected: Option<Selected>,
}

impl Driver {
    pub(super) fn new(client: Client) -> Self {
        let offers = begin::offers(client.protection(), client.mechanisms());
        let mut session = Session::new(begin::settings(&client.config, &client.info), offers);
        if client.connection.tls().is_some() {
            session.set_channel(client.channel());
        }
        let framer = Framer::new(client.config.limits.imap_command);
        Self { client, session, framer, account: None, selected: None }
    }

    /// Boxed, as it would be in the future twice otherwise.
    pub(super) async fn run(mut self: Box<Self>) {
        let greeting = self.session.greeting();
        self.client.write(&greeting);
        let Err(end) = self.serve().await;
        if let Some(mechanism) = self.session.login_under_way() {
            self.client.ended_early((Some(mechanism), Early::Left));
        }
        if let Some(reason) = farewell(&end) {
            self.bye(reason);
        }
        Box::pin(self.client.part(&end)).await;
    }

    /// There is no way on: a session ends with an [`End`].
    async fn serve(&mut self) -> Result<Infallible, End> {
        loop {
            let step = self.next_step().await?;
            self.follow(step).await?;
        }
    }

    /// Does what the session wants, until it wants to read on.
    async fn follow(&mut self, mut step: Step) -> Result<(), End> {
        loop {
            step = match step {
                Step::Reply(octets) => return self.client.send(&octets).await,
                Step::Close(ending, octets) => {
                    self.client.write(&octets);
                    return Err(end(ending));
                }
                Step::Ask(question) => {
                    let answer = Box::pin(self.ask(question)).await;
                    self.session.answer(answer)
                }
                Step::StartTls(octets) => return Box::pin(self.start_tls(&octets)).await,
                Step::Perform(tag, command) => {
                    let outcome = Box::pin(self.perform(command)).await;
                    let reply = self.reply(outcome)?;
                    self.session.finish(&tag, &reply)
                }
                Step::Receive(receive) => Box::pin(self.receive(*receive)).await?,
            };
        }
    }

    /// What was buffered in clear is thrown away with the framer (RFC 3501 §6.2.1: commands injected before TLS).
    async fn start_tls(&mut self, go_ahead: &[u8]) -> Result<(), End> {
        self.client.start_tls(|out| out.extend_from_slice(go_ahead)).await?;
        self.framer = Framer::new(self.client.config.limits.imap_command);
        self.session.secured(begin::offers(self.client.protection(), self.client.mechanisms()));
        self.session.set_channel(self.client.channel());
        Ok(())
    }

    /// The commands that need mailboxes. Each future is boxed: an idle session keeps none of the others' room.
    async fn perform(&mut self, command: Command) -> Result<Reply, Failure> {
        match command {
            Command::Select(name, access) => Box::pin(self.select(name, access)).await,
            Command::Create(name) => Box::pin(self.create(&name)).await,
            Command::Delete(name) => Box::pin(self.delete(&name)).await,
            Command::Rename(rename) => Box::pin(self.rename(&rename)).await,
            Command::Subscribe(name, wanted) => Box::pin(self.subscribe(&name, wanted)).await,
            Command::List(list) => Box::pin(self.list(&list)).await,
            Command::Lsub(list) => Box::pin(self.lsub(&list)).await,
            Command::Status(name, items) => Box::pin(self.status(&name, &items)).await,
            Command::Noop => Box::pin(self.noop("NOOP completed")).await,
            Command::Check => Box::pin(self.noop("CHECK completed")).await,
            Command::Idle => Box::pin(self.idle()).await,
            Command::Close => Box::pin(self.close()).await,
            Command::Unselect => Ok(self.unselect("UNSELECT completed")),
            Command::Expunge(set) => Box::pin(self.expunge(set)).await,
            Command::Search(search) => Box::pin(self.search(&search)).await,
            Command::Fetch(fetch) => Box::pin(self.fetch(&fetch)).await,
            Command::Store(store) => Box::pin(self.store(&store)).await,
            Command::Copy(transfer) => Box::pin(self.copy(&transfer)).await,
            Command::Move(transfer) => Box::pin(self.relocate(&transfer)).await,
            // The session answers these itself.
            Command::Capability
            | Command::Logout
            | Command::Id(_)
            | Command::StartTls
            | Command::Authenticate(_)
            | Command::Login(_)
            | Command::Enable(_)
            | Command::Namespace => Ok(Reply::bad("not a command for mailboxes")),
        }
    }

    /// Says why the session ends.
    pub(super) fn bye(&mut self, reason: &str) {
        let bye = self.session.bye(reason);
        self.client.write(&bye);
    }
}

/// How a session ends that closes.
fn end(ending: Ending) -> End {
    let (outcome, why) = match ending {
        Ending::Said => return End::Said,
        Ending::Logins(why) => (Outcome::RefusedLogin, why),
        Ending::Commands(why) => (Outcome::TooManyErrors, why),
    };
    End::Closed { outcome, why: why.to_owned() }
}

/// What is said as a session ends, unless all is said or nobody is there.
fn farewell(end: &End) -> Option<&'static str> {
    match end {
        End::Said | End::Left | End::Closed { .. } | End::Handshake(_) | End::Lost(_) => None,
        End::Silence(_) => Some("idle for too long"),
        End::Draining => Some("the server is shutting down"),
        End::NoCertificate => Some("TLS is not available any more"),
    }
}
