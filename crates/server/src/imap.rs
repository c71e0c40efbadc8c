//! The driver of IMAP sessions: it feeds a session what the client sends, does what the session asks for with the
//! mailboxes, and sends the answers. One file per group of commands.

mod append;
mod ask;
mod begin;
mod end;
mod expunge;
mod fetch;
mod flags;
mod folders;
mod idle;
mod list;
mod read;
mod search;
mod select;
mod store;
mod transfer;
mod updates;
mod view;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use ::imap::response::Reply;
use ::imap::{Command, Framer, Offers, Session, Step, Tls};
use auth::Account;
use config::Config;
use net::Connection;
use tokio::sync::watch;

pub(crate) use begin::capability;

use crate::{Context, SessionInfo};
use end::{End, Failure};
use select::Selected;

/// Longest wait for a client to take its answer, or to say goodbye.
const SEND: Duration = Duration::from_secs(60);
/// Longest wait for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(30);
/// Longest wait for an orderly end.
const FAREWELL: Duration = Duration::from_secs(5);
/// Output beyond this is sent before more is made.
const MAX_UNSENT: usize = 64 * 1024;

/// Serves one session, from the greeting to its end.
pub(crate) async fn run(connection: Connection, context: Arc<Context>, info: SessionInfo) {
    let mut driver = Box::new(Driver::new(connection, context, info));
    let Err(end) = driver.serve().await;
    tracing::info!(%end, "session ended");
    if let Some(reason) = end.farewell() {
        let bye = driver.session.bye(reason);
        driver.connection.write(&bye);
    }
    driver.connection.close(FAREWELL).await;
}

/// What one session has.
struct Driver {
    connection: Connection,
    context: Arc<Context>,
    config: Arc<Config>,
    info: SessionInfo,
    session: Session,
    framer: Framer,
    draining: watch::Receiver<bool>,
    account: Option<Account>,
    selected: Option<Selected>,
}

impl Driver {
    fn new(connection: Connection, context: Arc<Context>, info: SessionInfo) -> Self {
        let config = context.config.load_full();
        let session = Session::new(begin::settings(&config, &info), offers(&connection, &context));
        let framer = Framer::new(config.limits.imap_command);
        let draining = context.draining.clone();
        Self { connection, context, config, info, session, framer, draining, account: None, selected: None }
    }

    /// There is no way on: a session ends with an [`End`].
    async fn serve(&mut self) -> Result<Infallible, End> {
        let greeting = self.session.greeting();
        self.connection.write(&greeting);
        loop {
            let step = self.next_step().await?;
            self.follow(step).await?;
        }
    }

    /// Does what the session wants, until it wants to read on.
    async fn follow(&mut self, mut step: Step) -> Result<(), End> {
        loop {
            step = match step {
                Step::Reply(octets) => return self.send(&octets).await,
                Step::Close(octets) => {
                    self.connection.write(&octets);
                    return Err(End::Said);
                }
                Step::Ask(question) => {
                    let answer = Box::pin(self.ask(question)).await;
                    self.session.answer(answer)
                }
                Step::StartTls(octets) => {
                    self.connection.write(&octets);
                    return Box::pin(self.start_tls()).await;
                }
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
    async fn start_tls(&mut self) -> Result<(), End> {
        let tls = self.context.tls.load_full().ok_or(End::NoCertificate)?;
        self.connection.accept_tls(&tls, HANDSHAKE).await?;
        self.framer = Framer::new(self.config.limits.imap_command);
        self.session.secured(offers(&self.connection, &self.context));
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

    /// Sends in pieces: a large answer is never in memory as a whole.
    async fn send(&mut self, octets: &[u8]) -> Result<(), End> {
        for piece in octets.chunks(MAX_UNSENT / 2) {
            self.connection.write(piece);
            if self.connection.unsent() >= MAX_UNSENT {
                self.connection.flush(SEND).await?;
            }
        }
        Ok(())
    }
}

/// What may be offered on this connection now.
fn offers(connection: &Connection, context: &Context) -> Offers {
    let inside = connection.tls().is_some();
    let tls = match (inside, context.tls.load().is_some()) {
        (true, _) => Tls::Active,
        (false, true) => Tls::Offered,
        (false, false) => Tls::Unavailable,
    };
    let offered = context.auth.offers(inside).into_iter().filter(|o| o.offered);
    Offers { tls, mechanisms: offered.map(|o| o.mechanism).collect() }
}
