//! `pam`: the system's own users, or whoever its PAM stack knows.
//!
//! A PAM module may block, fork, leak, change the process it runs in, and bring its own libraries along. So each question
//! is asked in a process of its own, [`helper`], which is this program once more (`gatepost pam-helper`): it can be killed,
//! and nothing of it stays. A thread could not be taken back, and a fork without exec is not safe beside other threads.

mod helper;
mod library;
mod result;
mod service;
mod users;
mod wire;

use config::Config;
use message::Address;
use sasl::{Evidence, Secret};

pub use helper::run as helper;

use crate::module::{Abilities, Answer, Found, Module, Request, Who};
use crate::process::{Ended, Errand, Input, Program};
use crate::told::{Naming, Told};
use crate::trail::Trail;
use crate::{Rejection, Service, TempFail, Verdict};
use result::Meaning;
use wire::{Outcome, Question, Reply, User};

const NAME: &str = "pam";

/// The library, by the name that it has on every Linux.
const LIBRARY: &str = "libpam.so.0";

/// Room for the libraries that PAM modules bring along.
const MEMORY: u64 = 512 * 1024 * 1024;

/// PAM, as the chain asks it.
#[derive(Debug)]
pub(crate) struct Pam {
    helper: Program,
    settings: config::Pam,
    naming: Naming,
}

impl Pam {
    /// The module; without the library it is left out.
    pub(crate) fn new(config: &Config) -> Result<Self, &'static str> {
        if !library::is_installed() {
            return Err("libpam.so.0 is not installed (Debian: libpam0g)");
        }
        let settings = config.modules.pam.clone();
        let ours = || ["/proc/self/exe", "pam-helper"].map(str::to_owned).to_vec();
        let words = if settings.helper.is_empty() { ours() } else { settings.helper.clone() };
        let helper = Program { module: NAME, words, memory: MEMORY, timeout: settings.guard.timeout };
        Ok(Self { helper, settings, naming: Naming::new(config) })
    }

    async fn ask(&self, question: &Question<'_>, secret: Option<&Secret>, trail: &Trail) -> Result<Reply, TempFail> {
        let question = question.line();
        let errand = Errand { behind: &[], input: Input::Standard, question, variables: Vec::new(), secret, trail };
        let done = self.helper.run(errand).await.map_err(|error| self.tempfail(error.to_string()))?;
        let cannot = |cause: String| self.tempfail(format!("the helper ({}): {cause}", self.helper.words.join(" ")));
        match (Reply::read(&done.output), done.ended) {
            (Some(Reply::Broken { cause }), _) => Err(self.tempfail(cause)),
            (Some(reply), Ended::Code(0)) => Ok(reply),
            (_, ended) => Err(cannot(format!("{ended}, without an answer; a PAM module may have ended it"))),
        }
    }

    async fn judge(&self, request: &Request) -> Result<Verdict, TempFail> {
        let (who, trail) = (&request.who, &request.who.trail);
        let Evidence::Password(evidence) = &request.evidence else {
            trail.say("PAM takes passwords and nothing else");
            return Ok(Verdict::Reject(Rejection::MechanismNotPossible));
        };
        let Ok(password) = std::str::from_utf8(evidence.password.expose()) else {
            trail.say("the password is not UTF-8");
            return Ok(Verdict::Reject(Rejection::WrongPassword));
        };
        let service = self.service(who.service);
        let names = self.names(who);
        trail.say(format_args!("pam_service={service}, pam_username={}", names.join(" or ")));
        let question = Question::Login {
            service,
            folder: self.settings.folder.as_deref(),
            names,
            password,
            peer: request.attempt.peer.to_string(),
        };
        match self.ask(&question, Some(&evidence.password), trail).await? {
            Reply::Login(outcome) => self.verdict(who, outcome),
            _ => Err(self.tempfail("the helper answered another question".to_owned())),
        }
    }

    fn verdict(&self, who: &Who, outcome: Outcome) -> Result<Verdict, TempFail> {
        let trail = &who.trail;
        for message in &outcome.messages {
            trail.say(format_args!("PAM: {message}"));
        }
        let said = outcome.text();
        match outcome.meaning() {
            Meaning::Accepted => trail.say("dopam successful"),
            Meaning::Rejected(why) => {
                trail.say(said);
                return Ok(Verdict::Reject(why));
            }
            Meaning::Temporary => return Err(self.tempfail(said)),
        }
        if let Some(user) = outcome.user.as_ref().filter(|user| user.uid < self.settings.lowest_uid) {
            trail.say(format_args!("uid {} is below auth.pam.lowest_uid: no mailbox", user.uid));
            return Ok(Verdict::Reject(Rejection::Disabled));
        }
        let told = outcome.user.map(|user| self.told(user, trail)).unwrap_or_default();
        self.naming.account(who, told).map(Verdict::accept).map_err(|cause| self.tempfail(cause))
    }

    /// What the system knows of a user, in Courier's words (MISSION 004-25).
    fn told(&self, user: User, trail: &Trail) -> Told {
        trail.say(format_args!(
            "sysusername={}, sysuserid={}, sysgroupid={}, homedir={}, fullname={}",
            user.name, user.uid, user.gid, user.home, user.full_name
        ));
        Told {
            home: Some(user.home.into()),
            uid: Some(user.uid),
            gid: Some(user.gid),
            name: Some(user.full_name).filter(|name| !name.is_empty()),
            ..Told::default()
        }
    }

    /// The PAM service: named after the protocol (MISSION 004-30).
    fn service(&self, service: Service) -> &str {
        self.settings.service.as_deref().unwrap_or(service.name())
    }

    /// What PAM may know somebody as: as it was typed, with the default domain, and without it.
    fn names(&self, who: &Who) -> Vec<String> {
        let mut names = vec![who.identity.clone()];
        if let Some(address) = &who.address {
            names.push(address.to_string());
            names.extend((address.domain() == self.naming.domain()).then(|| address.local().to_owned()));
        }
        let mut unique: Vec<String> = Vec::new();
        for name in names {
            if !unique.contains(&name) {
                unique.push(name);
            }
        }
        unique
    }

    /// A user of the system receives mail at the default domain. Who is known to PAM alone cannot be looked up.
    async fn receiver(&self, recipient: &Address, trail: &Trail) -> Result<Found, TempFail> {
        if recipient.domain() != self.naming.domain() {
            return Ok(Found::Unknown);
        }
        let (plain, detail) = recipient.split_detail();
        let names = std::iter::once(recipient.local()).chain(detail.map(|_| plain)).map(str::to_lowercase);
        let Reply::User { user } = self.ask(&Question::User { names: names.collect() }, None, trail).await? else {
            return Err(self.tempfail("the helper answered another question".to_owned()));
        };
        let Some(user) = user.filter(|user| user.uid >= self.settings.lowest_uid) else { return Ok(Found::Unknown) };
        let address = self.naming.address(&user.name);
        let who = Who { identity: user.name.clone(), address, service: Service::Smtp, trail: trail.clone() };
        let account = self.naming.account(&who, self.told(user, trail));
        account.map(|account| Found::Account(Box::new(account))).map_err(|cause| self.tempfail(cause))
    }

    async fn try_out(&self, trail: &Trail) -> Result<(), TempFail> {
        let services = match &self.settings.service {
            Some(service) => vec![service.as_str()],
            None => Service::ALL.iter().map(|service| service.name()).collect(),
        };
        let question = Question::Survey { services, folder: self.settings.folder.as_deref() };
        match self.ask(&question, None, trail).await? {
            Reply::Survey { notes } => notes.iter().for_each(|note| trail.say(note)),
            _ => return Err(self.tempfail("the helper answered another question".to_owned())),
        }
        Ok(())
    }

    fn tempfail(&self, cause: String) -> TempFail {
        TempFail { module: NAME, cause }
    }
}

impl Module for Pam {
    fn name(&self) -> &'static str {
        NAME
    }

    /// Nobody tells it without a password.
    fn can_look_up(&self) -> bool {
        false
    }

    fn check<'a>(&'a self, request: &'a Request) -> Answer<'a, Verdict> {
        Box::pin(async move { self.judge(request).await.unwrap_or_else(Verdict::TempFail) })
    }

    fn lookup<'a>(&'a self, recipient: &'a Address, trail: &'a Trail) -> Answer<'a, Found> {
        Box::pin(async move { self.receiver(recipient, trail).await.unwrap_or_else(Found::TempFail) })
    }

    fn abilities(&self) -> Abilities {
        Abilities::password_only("PAM judges passwords".to_owned(), "PAM judges passwords and gives no secret away")
    }

    fn survey<'a>(&'a self, trail: &'a Trail) -> Answer<'a, Result<(), TempFail>> {
        Box::pin(self.try_out(trail))
    }
}
