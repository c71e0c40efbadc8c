//! What is shown: on a terminal beside the line that is being typed, elsewhere line by line.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use probe::dialogue::{Said, Speaker, visible};
use probe::talk::Record;

use super::input::Print;

/// Where lines go.
enum Sink {
    /// Standard output.
    Plain,
    /// The thread that prints above the line being typed.
    Terminal(mpsc::Sender<Print>),
}

/// The screen, and what was shown of the conversation on it.
struct State {
    sink: Sink,
    record: Record,
    /// The client's next line stands on the screen already: it was typed there.
    typed: bool,
    /// The client's last line had a secret in it.
    secret: bool,
    /// Nobody reads standard output any more.
    gone: bool,
}

/// The screen; cheap to clone.
#[derive(Clone)]
pub(super) struct Screen(Arc<Mutex<State>>);

impl Screen {
    /// On standard output, or through `printer`.
    pub(super) fn new(printer: Option<mpsc::Sender<Print>>) -> Self {
        let sink = printer.map_or(Sink::Plain, Sink::Terminal);
        let record = Record::default();
        Self(Arc::new(Mutex::new(State { sink, record, typed: false, secret: false, gone: false })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows a line of the conversation, and keeps it.
    pub(super) fn said(&self, said: &Said) {
        let mut state = self.state();
        state.record.add(said);
        let note = said.note.as_ref().map(|note| format!("   # {}", visible(note)));
        let mut echoed = false;
        if said.speaker == Speaker::Client {
            state.secret = said.hidden.is_some();
            echoed = std::mem::take(&mut state.typed);
        }
        match (echoed, note) {
            (true, None) => {}
            (true, Some(note)) => state.print(&note),
            (false, note) => state.print(&format!("{}{}", said.shown(), note.unwrap_or_default())),
        }
    }

    /// Shows a line of ours.
    pub(super) fn tell(&self, text: &str) {
        let mut state = self.state();
        text.lines().for_each(|line| state.print(&format!("-- {line}")));
    }

    /// The next line of the client's was typed here, if `typed`.
    pub(super) fn expect_typed(&self, typed: bool) {
        self.state().typed = typed;
    }

    /// Whether the client's last line had a secret in it.
    pub(super) fn had_secret(&self) -> bool {
        self.state().secret
    }

    /// Whether nobody reads any more.
    pub(super) fn is_gone(&self) -> bool {
        self.state().gone
    }

    /// The record, to be added to or read.
    pub(super) fn with_record<T>(&self, with: impl FnOnce(&mut Record) -> T) -> T {
        with(&mut self.state().record)
    }
}

impl State {
    fn print(&mut self, line: &str) {
        match &self.sink {
            Sink::Terminal(printer) => drop(printer.send(Print::Line(format!("{line}\n")))),
            Sink::Plain => {
                let mut out = io::stdout().lock();
                self.gone |= writeln!(out, "{line}").and_then(|()| out.flush()).is_err();
            }
        }
    }
}
