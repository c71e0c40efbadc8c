//! Connections to the servers: opened when they are needed, kept for the next question, thrown away when in doubt.

use std::time::Duration;

use config::LdapTls;
use ldap3::adapters::{Adapter, EntriesOnly, PagedResults};
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError, LdapResult, Scope, SearchEntry, SearchOptions};
use parking_lot::Mutex;
use sasl::Secret;
use tokio::task::JoinSet;

use super::entry::Found;
use super::trouble::Trouble;
use crate::userinfo::without_userinfo;
use crate::{named_file, trust};

/// Connections that are kept for later, of each kind.
const IDLE: usize = 8;

/// Entries of one page (RFC 2696).
const PAGE: i32 = 500;

/// Most entries that are counted.
pub(super) const MOST: usize = 10_000;

/// The servers of `auth.ldap.url`.
#[derive(Debug)]
pub(super) struct Server {
    settings: config::Ldap,
    /// How long one of several servers may take to answer a connection.
    patience: Duration,
    /// Bound as `bind_dn`, for searches. One is taken out for a question and put back only after an answer: whoever is
    /// cut off in the middle takes its connection along.
    searching: Mutex<Vec<Connection>>,
    /// For binds as users: whoever they are bound as, nothing else is ever asked on them.
    binding: Mutex<Vec<Connection>>,
}

struct Connection {
    ldap: Ldap,
    url: String,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Connection({})", self.url)
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Searching,
    Binding,
}

/// How a list of entries ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Listed {
    /// It is whole.
    All(Vec<Found>),
    /// There are more than anybody wants to count, or than the server shows.
    TooMany(String),
}

impl Server {
    pub(super) fn new(settings: &config::Ldap) -> Self {
        let share = u32::try_from(settings.url.len().max(1)).unwrap_or(u32::MAX).saturating_add(1);
        Self {
            settings: settings.clone(),
            patience: settings.guard.timeout / share,
            searching: Mutex::default(),
            binding: Mutex::default(),
        }
    }

    /// As in the config, for the operator.
    pub(super) fn urls(&self) -> String {
        self.settings.url.iter().map(|url| without_userinfo(url)).collect::<Vec<_>>().join(", ")
    }

    /// The only entry that a filter finds.
    pub(super) async fn find(&self, base: &str, filter: &str, attributes: &[&str]) -> Result<Option<Found>, Trouble> {
        let question = Search::new(base, filter, attributes);
        let (url, (entries, result)) = self.ask(Kind::Searching, |ldap| question.clone().two(ldap)).await?;
        // One more than one was asked for (RFC 4511 §4.5.1.4), so sizeLimitExceeded says that there are even more.
        if entries.len() > 1 {
            return Err(Trouble::Several { url, filter: filter.to_owned(), base: base.to_owned() });
        }
        if result.rc != 0 {
            return Err(Trouble::refused(&url, &format!("the search {filter}"), &result));
        }
        Ok(entries.into_iter().next())
    }

    /// All entries that a filter finds, page by page.
    pub(super) async fn list(&self, base: &str, filter: &str, attributes: &[&str]) -> Result<Listed, Trouble> {
        let question = Search::new(base, filter, attributes);
        let (url, (entries, result)) = self.ask(Kind::Searching, |ldap| question.clone().all(ldap)).await?;
        if entries.len() > MOST {
            return Ok(Listed::TooMany(format!("there are more than {MOST} entries")));
        }
        match result.rc {
            0 => Ok(Listed::All(entries)),
            4 | 11 => Ok(Listed::TooMany(Trouble::refused(&url, "the list of all", &result).to_string())),
            _ => Err(Trouble::refused(&url, &format!("the search {filter}"), &result)),
        }
    }

    /// What the server says to a bind as a user, and which one it was.
    pub(super) async fn bind(&self, dn: &str, password: &Secret) -> Result<(String, LdapResult), Trouble> {
        self.ask(Kind::Binding, |ldap| bind(ldap, dn.to_owned(), password.clone())).await
    }

    /// Asks on a connection that is there, or on a new one. One that was kept may have been closed meanwhile: then all are
    /// thrown away, and it is asked once more on a new one.
    async fn ask<T, F>(&self, kind: Kind, question: impl Fn(Ldap) -> F) -> Result<(String, T), Trouble>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, LdapError>> + Send + 'static,
    {
        if let Some(kept) = self.kept(kind) {
            match contained(&kept.url, question(kept.ldap.clone())).await {
                Ok(answer) => return Ok((self.keep(kind, kept), answer)),
                Err(trouble) if trouble.may_pass() => self.idle(kind).lock().clear(),
                Err(trouble) => return Err(trouble),
            }
        }
        let new = self.connect(kind).await?;
        let answer = contained(&new.url, question(new.ldap.clone())).await?;
        Ok((self.keep(kind, new), answer))
    }

    fn idle(&self, kind: Kind) -> &Mutex<Vec<Connection>> {
        match kind {
            Kind::Searching => &self.searching,
            Kind::Binding => &self.binding,
        }
    }

    fn kept(&self, kind: Kind) -> Option<Connection> {
        let mut idle = self.idle(kind).lock();
        std::iter::from_fn(|| idle.pop()).find(|kept| !kept.ldap.clone().is_closed())
    }

    fn keep(&self, kind: Kind, connection: Connection) -> String {
        let url = connection.url.clone();
        let mut idle = self.idle(kind).lock();
        if idle.len() < IDLE {
            idle.push(connection);
        }
        url
    }

    /// A new connection to the first server that takes us.
    async fn connect(&self, kind: Kind) -> Result<Connection, Trouble> {
        let mut troubles: Vec<Trouble> = Vec::new();
        for url in &self.settings.url {
            let connected = tokio::time::timeout(self.patience, self.open(url, kind)).await;
            let late = || Trouble::Unreachable {
                url: without_userinfo(url),
                what: format!("no connection within {:?}; is there a firewall between?", self.patience),
            };
            match connected.unwrap_or_else(|_| Err(late())) {
                Ok(connection) => return Ok(connection),
                Err(trouble) if trouble.may_pass() => troubles.push(trouble),
                Err(trouble) => return Err(trouble),
            }
        }
        let none = || Trouble::Setting("auth.ldap.url names no server".to_owned());
        let what = troubles.iter().map(ToString::to_string).collect::<Vec<_>>().join("; and ");
        match troubles.len() {
            0 | 1 => Err(troubles.pop().unwrap_or_else(none)),
            _ => Err(Trouble::Unreachable { url: self.urls(), what }),
        }
    }

    async fn open(&self, url: &str, kind: Kind) -> Result<Connection, Trouble> {
        let shown = without_userinfo(url);
        if shown != url {
            let keys = "there are bind_dn and bind_password_file for them";
            return Err(Trouble::Setting(format!(
                "auth.ldap.url: {shown}: a name or password in a URL is not sent; {keys}"
            )));
        }
        let host = ["ldap://", "ldaps://", "ldapi://"].iter().find_map(|scheme| url.strip_prefix(scheme));
        if host.is_none_or(|host| host.is_empty() || host.starts_with('/')) {
            let what = format!("auth.ldap.url: {url:?} does not begin with ldap://, ldaps:// or ldapi:// and a host");
            return Err(Trouble::Setting(what));
        }
        let tls = trust::client(self.settings.ca_file.as_deref());
        let tls = tls.map_err(|what| Trouble::Setting(format!("auth.ldap.ca_file: {what}")))?;
        let starttls = self.settings.tls == LdapTls::StartTls;
        let how = LdapConnSettings::new().set_config(tls.into()).set_starttls(starttls);
        let to = url.to_owned();
        let opening = async move { LdapConnAsync::with_settings(how, &to).await };
        let (connection, ldap) = contained(url, opening).await?;
        // It ends when the last handle is dropped, or the server closes. What went wrong, its questions tell.
        tokio::spawn(async move { drop(connection.drive().await) });
        let connection = Connection { ldap, url: url.to_owned() };
        if kind == Kind::Searching {
            self.introduce(&connection).await?;
        }
        Ok(connection)
    }

    /// Binds as `bind_dn`. That its password is refused is our trouble, and nobody's wrong password.
    async fn introduce(&self, connection: &Connection) -> Result<(), Trouble> {
        let Some(dn) = &self.settings.bind_dn else { return Ok(()) };
        let Some(path) = &self.settings.bind_password_file else {
            return Err(Trouble::Setting(
                "auth.ldap.bind_dn is set, but auth.ldap.bind_password_file is not".to_owned(),
            ));
        };
        let password = named_file::secret(path);
        let password = password.map_err(|what| Trouble::Setting(format!("auth.ldap.bind_password_file: {what}")))?;
        let result = contained(&connection.url, bind(connection.ldap.clone(), dn.clone(), password)).await?;
        match result.rc {
            0 => Ok(()),
            _ => Err(Trouble::refused(&connection.url, &format!("the bind as {dn} (auth.ldap.bind_dn)"), &result)),
        }
    }
}

/// RFC 4513 §5.1.2: a bind with a name and no password succeeds, as anonymous. It must never be sent for anybody.
async fn bind(mut ldap: Ldap, dn: String, password: Secret) -> Result<LdapResult, LdapError> {
    match std::str::from_utf8(password.expose()) {
        Ok(password) if !password.is_empty() && !dn.is_empty() => ldap.simple_bind(&dn, password).await,
        _ => Ok(LdapResult { rc: 49, matched: String::new(), text: String::new(), refs: vec![], ctrls: vec![] }),
    }
}

/// Runs a question as a task of its own: the library panics when a server answers what is not LDAP, and that must not take
/// the session along. The task ends with the one who asks.
async fn contained<T: Send + 'static>(
    url: &str,
    question: impl Future<Output = Result<T, LdapError>> + Send + 'static,
) -> Result<T, Trouble> {
    let mut task = JoinSet::new();
    task.spawn(question);
    match task.join_next().await {
        Some(Ok(answer)) => answer.map_err(|error| Trouble::unreachable(url, &error)),
        _ => {
            let what = "it answered what is not LDAP; is that its port?".to_owned();
            Err(Trouble::Unreachable { url: url.to_owned(), what })
        }
    }
}

/// A search for entries at and below a base.
#[derive(Debug, Clone)]
struct Search {
    base: String,
    filter: String,
    attributes: Vec<String>,
}

impl Search {
    fn new(base: &str, filter: &str, attributes: &[&str]) -> Self {
        let attributes = attributes.iter().map(|name| (*name).to_owned()).collect();
        Self { base: base.to_owned(), filter: filter.to_owned(), attributes }
    }

    /// At most two entries: whether there is more than one is all that matters.
    async fn two(self, mut ldap: Ldap) -> Result<(Vec<Found>, LdapResult), LdapError> {
        ldap.with_search_options(SearchOptions::new().sizelimit(2));
        let adapters: Vec<Box<dyn Adapter<'_, String, Vec<String>>>> = vec![Box::new(EntriesOnly::new())];
        self.run(ldap, adapters, 2).await
    }

    async fn all(self, ldap: Ldap) -> Result<(Vec<Found>, LdapResult), LdapError> {
        let adapters: Vec<Box<dyn Adapter<'_, String, Vec<String>>>> =
            vec![Box::new(EntriesOnly::new()), Box::new(PagedResults::new(PAGE))];
        self.run(ldap, adapters, MOST).await
    }

    /// Stops after one entry more than `most`, also if the server goes on.
    async fn run(
        self,
        mut ldap: Ldap,
        adapters: Vec<Box<dyn Adapter<'static, String, Vec<String>>>>,
        most: usize,
    ) -> Result<(Vec<Found>, LdapResult), LdapError> {
        let mut entries = Vec::new();
        let started = ldap.streaming_search_with(adapters, &self.base, Scope::Subtree, &self.filter, self.attributes);
        let mut stream = started.await?;
        while let Some(entry) = stream.next().await? {
            entries.push(Found::new(SearchEntry::construct(entry)));
            if entries.len() > most {
                break;
            }
        }
        let result = stream.finish().await;
        Ok((entries, result))
    }
}
