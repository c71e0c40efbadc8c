//! Finding what belongs to an id: in the files, and among the sessions that run.

use std::collections::HashSet;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::{fs, io::stdin};

use ::trace::record::{Record, Transaction};
use ::trace::{folder, reader};
use config::Config;
use queue::{MessageInfo, QueueId};
use server::control::{self, AskError, Request, Response};

use super::subject::Subject;
use super::{letter, queued};
use crate::choice::unread;
use crate::exit::{Code, Failure, code};
use crate::printer::visible;

/// Most sessions that are told of at once: a message that is tried for five days has some.
const MOST: usize = 200;
/// Most of a file that is read: ids stand in its header, or in the first parts of a bounce.
const FILE: u64 = 4 << 20;
/// Most ids out of one file.
const IDS: usize = 40;

/// What was found.
#[derive(Debug)]
pub(in crate::commands) struct Found {
    /// What was asked for.
    pub(in crate::commands) asked: String,
    /// The sessions, the oldest first.
    pub(in crate::commands) records: Vec<Record>,
    /// The messages that are still in the queue.
    pub(in crate::commands) queued: Vec<MessageInfo>,
    /// What a bounce says itself.
    pub(in crate::commands) reasons: Vec<String>,
}

/// Where is searched.
pub(in crate::commands) struct Search<'a> {
    config: &'a Config,
}

impl<'a> Search<'a> {
    /// In the data folder of a config, and the server that runs on it.
    pub(in crate::commands) fn new(config: &'a Config) -> Self {
        Self { config }
    }

    /// What belongs to a text.
    pub(in crate::commands) fn find(&self, asked: &str) -> Result<Found, Failure> {
        let subjects = Subject::all(asked);
        let (mut found, path) = (Found::of_records(asked, Vec::new()), Path::new(asked));
        // A file called like an id is meant only where there is no such session.
        if asked != "-" {
            for subject in &subjects {
                self.add(subject, &mut found)?;
                if !found.is_empty() {
                    return Ok(found.about(std::slice::from_ref(subject)));
                }
            }
        }
        if asked == "-" || path.is_file() {
            return self.find_in_file(path, found);
        }
        if subjects.is_empty() {
            let text = format!("{:?} is no id and no file: ids have five letters at least", visible(asked));
            return Err(Failure::new(Code::Data, text));
        }
        Err(self.nothing(&format!("nothing is known of {}", visible(asked))))
    }

    fn find_in_file(&self, path: &Path, mut found: Found) -> Result<Found, Failure> {
        let text = read(path).map_err(|error| Failure::new(code(&error), format!("{}: {error}", path.display())))?;
        let subjects = letter::subjects(&text);
        for subject in subjects.iter().take(IDS) {
            self.add(subject, &mut found)?;
        }
        found.reasons = letter::reasons(&text);
        // Of a bounce that another server wrote there may be no session here; its reason is one all the same.
        if !found.is_empty() || !found.reasons.is_empty() {
            return Ok(found.about(&subjects));
        }
        let ids: Vec<_> = subjects.iter().take(IDS).map(|subject| visible(&subject.text())).collect();
        Err(match ids.as_slice() {
            [] => Failure::new(
                Code::NotFound,
                "there is no id of ours in it: neither in brackets nor in a Received field",
            ),
            _ => self.nothing(&format!("nothing is known of the ids in it ({})", ids.join(", "))),
        })
    }

    /// Adds what belongs to it and is not there yet.
    fn add(&self, subject: &Subject, found: &mut Found) -> Result<(), Failure> {
        // Who runs is asked first: a session that ends meanwhile is in the files then, and counts as it ended.
        let running = self.running(subject);
        let mut records = self.in_files(subject)?;
        records.extend(running);
        records.sort_by_key(|record| record.began);
        for record in records {
            if !found.records.iter().any(|other| (other.id, other.began) == (record.id, record.began)) {
                found.records.push(record);
            }
        }
        match subject {
            Subject::Session(_) => Ok(()),
            Subject::Queue(id) => {
                if let Some(message) = queued::show(&self.config.data, *id) {
                    self.add_attempts(&message, found)?;
                    found.queued.push(message);
                }
                Ok(())
            }
            Subject::Word(word) => self.add_message(word, found),
        }
    }

    /// A Message-ID is known to the session that brought the message, or else to the queue; whoever handled the message is
    /// found by the queue's id.
    fn add_message(&self, message_id: &str, found: &mut Found) -> Result<(), Failure> {
        let brought = found.records.iter().flat_map(|record| &record.transactions);
        let brought = brought.filter(|transaction| transaction.message_id.as_deref() == Some(message_id));
        let mut ids: Vec<QueueId> = brought.filter_map(|mail| mail.queue_id.as_deref()?.parse().ok()).collect();
        if ids.is_empty() {
            ids.extend(queued::by_message_id(&self.config.data, message_id));
        }
        ids.into_iter().try_for_each(|id| self.add(&Subject::Queue(id), found))
    }

    /// Sessions that ended before they came to the message: the reasons why it waits have their ids.
    fn add_attempts(&self, message: &MessageInfo, found: &mut Found) -> Result<(), Failure> {
        let reasons = message.recipients.iter().filter_map(|recipient| recipient.reason.as_deref());
        let ids = reasons.flat_map(letter::bracketed);
        ids.into_iter().try_for_each(|session| self.add(&session, found))
    }

    fn in_files(&self, subject: &Subject) -> Result<Vec<Record>, Failure> {
        let (mut records, one) = (Vec::new(), matches!(subject, Subject::Session(_)));
        let mut each = |record: Record| {
            if subject.fits(&record) {
                records.push(record);
            }
            let enough = records.len() >= if one { 1 } else { MOST };
            Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        let read = reader(&self.config.data).newest_first(&subject.text(), &mut each);
        read.map_err(|error| unread(error, &self.folder()))?;
        Ok(records)
    }

    /// Sessions that run; none where no server does.
    fn running(&self, subject: &Subject) -> Vec<Record> {
        match subject {
            Subject::Session(id) => sessions(&self.config.data, &Request::Sessions { id: Some(*id), most: 1 }),
            _ => {
                let all = sessions(&self.config.data, &Request::Sessions { id: None, most: usize::MAX });
                let fitting = all.into_iter().filter(|record| subject.fits(record));
                fitting
                    .flat_map(|record| sessions(&self.config.data, &Request::Sessions { id: Some(record.id), most: 1 }))
                    .collect()
            }
        }
    }

    fn folder(&self) -> PathBuf {
        folder(&self.config.data)
    }

    /// Says what was searched, so that nobody takes "not kept any more" for "never was".
    fn nothing(&self, what: &str) -> Failure {
        let folder = self.folder();
        let reach = match reader(&self.config.data).oldest() {
            Ok(Some(oldest)) => format!("whose oldest record is of {:.0}", oldest.began),
            Ok(None) => "where there are no records".to_owned(),
            Err(error) => format!("whose oldest record cannot be read ({error})"),
        };
        let live = match control::ask(&self.config.data, &Request::Sessions { id: None, most: 0 }) {
            Ok(_) => "and among the sessions of the running server".to_owned(),
            Err(AskError::NotRunning(_)) => "no server runs".to_owned(),
            Err(error) => format!("the running server could not be asked ({error})"),
        };
        let mut text = format!("{what}: searched in {}, {reach}; {live}", folder.display());
        if !self.config.trace.enabled {
            text.push_str("; sessions are not recorded, as trace.enabled is false");
        }
        Failure::new(Code::NotFound, text)
    }
}

impl Found {
    /// Sessions that somebody has chosen, the oldest first.
    pub(in crate::commands) fn of_records(asked: &str, records: Vec<Record>) -> Self {
        Self { asked: asked.to_owned(), records, queued: Vec::new(), reasons: Vec::new() }
    }

    /// In the order of time, and without the other messages of sessions that carried several: their causes are not the one
    /// that is asked for.
    fn about(mut self, subjects: &[Subject]) -> Self {
        self.records.sort_by_key(|record| record.began);
        let named = |mail: &Transaction| subjects.iter().any(|subject| subject.names(mail));
        let mails = self.records.iter().flat_map(|record| &record.transactions);
        let ids: HashSet<_> = mails.filter(|mail| named(mail)).filter_map(|mail| mail.queue_id.clone()).collect();
        let asked = |mail: &Transaction| named(mail) || mail.queue_id.as_ref().is_some_and(|id| ids.contains(id));
        for mails in self.records.iter_mut().map(|record| &mut record.transactions) {
            if mails.iter().any(asked) {
                mails.retain(asked);
            }
        }
        self
    }

    fn is_empty(&self) -> bool {
        self.records.is_empty() && self.queued.is_empty()
    }
}

/// Asks the server that runs; nothing where none does, or none that knows the question.
pub(in crate::commands) fn sessions(data: &Path, request: &Request) -> Vec<Record> {
    match control::ask(data, request) {
        Ok(Response::Sessions(records)) => records,
        _ => Vec::new(),
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    if path == Path::new("-") {
        stdin().take(FILE).read_to_end(&mut text)?;
    } else {
        fs::File::open(path)?.take(FILE).read_to_end(&mut text)?;
    }
    Ok(text)
}
