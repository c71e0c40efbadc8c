//! Where lines come from: a terminal with a line editor, or a script on standard input. Both are read by a thread of their own, one
//! line at a time and only when asked, so that the server's lines are heard meanwhile.

use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::sync::mpsc as sync;
use std::thread;
use std::time::Duration;

use rustix::termios::{InputModes, LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use rustyline::config::{Behavior, Config};
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{Editor, ExternalPrinter};
use sasl::Secret;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::history::History;
use crate::exit::Failure;
use crate::password;

/// A line that is longer is no line that a server takes; a message's are shorter still.
const MAX_LINE: u64 = 1 << 20;

/// How long lines may take to get onto the terminal.
const SHOWN: Duration = Duration::from_secs(1);

/// What the thread is asked for.
enum Wanted {
    /// A line, behind a prompt.
    Line(&'static str),
    /// A secret, without echo.
    Secret(String),
    /// Nothing: this line may be offered again.
    Remember(String),
}

/// What somebody typed.
pub(super) enum Typed {
    Line(Vec<u8>),
    Secret(Secret),
    /// Ctrl-D, or the script's end.
    End,
    /// Ctrl-C.
    Interrupted,
    /// The terminal, or the script, cannot be read.
    Broken(String),
}

/// The thread's near end.
pub(super) struct Input {
    ask: sync::Sender<Wanted>,
    typed: UnboundedReceiver<Typed>,
    terminal: Option<Terminal>,
}

/// What the printer is asked for.
pub(super) enum Print {
    /// A line, with its end.
    Line(String),
    /// A word when all lines before are printed.
    Tell(sync::Sender<()>),
}

/// The terminal, which is left as it was.
struct Terminal {
    modes: Modes,
    printer: sync::Sender<Print>,
}

/// How the terminal takes what is typed.
#[derive(Clone)]
struct Modes {
    /// As it was.
    before: Termios,
    /// While the editor does not read: what is typed waits for it, unseen and untouched, Ctrl-D too.
    between: Termios,
}

impl Modes {
    fn new() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut between = before.clone();
        between.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        between.input_modes.remove(InputModes::ICRNL);
        Ok(Self { before, between })
    }

    fn set(modes: &Termios) {
        // A terminal that is gone needs no modes.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, modes);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        Modes::set(&self.modes.before);
    }
}

/// It goes up and down again: nothing is seen of it.
const NOTHING: &str = "\u{1b}[A\n";

impl Input {
    /// A script on standard input.
    pub(super) fn script() -> Self {
        let (ask, asked) = sync::channel();
        let (tell, typed) = unbounded_channel();
        thread::spawn(move || read_script(&asked, &tell));
        Self { ask, typed, terminal: None }
    }

    /// The terminal.
    pub(super) fn terminal(history: History) -> Result<Self, Failure> {
        let modes = Modes::new()?;
        let config = Config::builder().behavior(Behavior::Stdio).bracketed_paste(false).build();
        let broken = |error: ReadlineError| Failure::from(io::Error::other(error.to_string()));
        let lines = MemHistory::with_config(&config);
        let mut editor: Editor<(), MemHistory> = Editor::with_history(config, lines).map_err(broken)?;
        let external = editor.create_external_printer().map_err(broken)?;
        let (ask, asked) = sync::channel();
        let (tell, typed) = unbounded_channel();
        let (printer, lines) = sync::channel();
        Modes::set(&modes.between);
        let of_editor = modes.clone();
        thread::spawn(move || edit(editor, &of_editor, &history, (&asked, &tell)));
        thread::spawn(move || print(external, &lines));
        Ok(Self { ask, typed, terminal: Some(Terminal { modes, printer }) })
    }

    /// Where lines are printed above the one that is being typed.
    pub(super) fn printer(&self) -> Option<sync::Sender<Print>> {
        self.terminal.as_ref().map(|terminal| terminal.printer.clone())
    }

    /// Asks for a line, below all that is to be shown before.
    pub(super) fn ask_line(&self, prompt: &'static str) {
        self.wait_for_printer();
        // A thread that is gone has said why.
        drop(self.ask.send(Wanted::Line(prompt)));
    }

    /// Asks for a secret.
    pub(super) fn ask_secret(&self, prompt: String) {
        self.wait_for_printer();
        drop(self.ask.send(Wanted::Secret(prompt)));
    }

    /// Keeps a line to be offered again.
    pub(super) fn remember(&self, line: &str) {
        drop(self.ask.send(Wanted::Remember(line.to_owned())));
    }

    /// What was asked for. A wait that is cancelled loses nothing.
    pub(super) async fn next(&mut self) -> Typed {
        self.typed.recv().await.unwrap_or(Typed::End)
    }

    fn wait_for_printer(&self) {
        let Some(terminal) = &self.terminal else { return };
        let (tell, told) = sync::channel();
        if terminal.printer.send(Print::Tell(tell)).is_ok() {
            // Better in disorder than never.
            let _ = told.recv_timeout(SHOWN);
        }
    }

    /// Leaves the terminal as it was, with all lines on it; `reading` if a line is still being typed.
    pub(super) fn end(self, reading: bool) {
        let Some(terminal) = &self.terminal else { return };
        if reading {
            // The editor takes a line when it has shown the one before.
            for _ in 0..2 {
                drop(terminal.printer.send(Print::Line(NOTHING.to_owned())));
            }
        }
        self.wait_for_printer();
        if reading {
            drop(io::stdout().write_all(b"\r\x1b[K"));
            drop(io::stdout().flush());
        }
    }
}

fn print(mut external: impl ExternalPrinter, wanted: &sync::Receiver<Print>) {
    while let Ok(wanted) = wanted.recv() {
        match wanted {
            // A terminal that is gone shows nothing, and the editor finds out.
            Print::Line(line) => drop(external.print(line)),
            // Whoever waited too long is gone.
            Print::Tell(who) => {
                let _ = who.send(());
            }
        }
    }
}

fn edit(
    mut editor: Editor<(), MemHistory>,
    modes: &Modes,
    history: &History,
    (asked, tell): (&sync::Receiver<Wanted>, &UnboundedSender<Typed>),
) {
    for line in history.load() {
        drop(editor.add_history_entry(line));
    }
    while let Ok(wanted) = asked.recv() {
        let typed = match wanted {
            Wanted::Line(prompt) => match editor.readline(prompt) {
                Ok(line) => Typed::Line(line.into_bytes()),
                Err(ReadlineError::Eof) => Typed::End,
                Err(ReadlineError::Interrupted) => Typed::Interrupted,
                Err(error) => Typed::Broken(error.to_string()),
            },
            Wanted::Secret(prompt) => {
                Modes::set(&modes.before);
                let typed = secret(&prompt);
                Modes::set(&modes.between);
                typed
            }
            Wanted::Remember(line) => {
                if matches!(editor.add_history_entry(line.as_str()), Ok(true)) {
                    history.add(&line);
                }
                continue;
            }
        };
        if tell.send(typed).is_err() {
            return;
        }
    }
}

fn read_script(asked: &sync::Receiver<Wanted>, tell: &UnboundedSender<Typed>) {
    while let Ok(wanted) = asked.recv() {
        let typed = match wanted {
            Wanted::Line(_) => script_line(),
            Wanted::Secret(prompt) if io::stdin().is_terminal() => secret(&prompt),
            Wanted::Secret(_) => Typed::Broken("there is no terminal to ask for the password: --password-stdin".into()),
            Wanted::Remember(_) => continue,
        };
        if tell.send(typed).is_err() {
            return;
        }
    }
}

fn secret(prompt: &str) -> Typed {
    match password::ask(prompt) {
        Ok(secret) => Typed::Secret(secret),
        Err(failure) => Typed::Broken(failure.text),
    }
}

fn script_line() -> Typed {
    let mut line = Vec::new();
    match io::stdin().lock().take(MAX_LINE).read_until(b'\n', &mut line) {
        Ok(0) => Typed::End,
        Ok(_) => {
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            Typed::Line(text.strip_suffix(b"\r").unwrap_or(text).to_vec())
        }
        Err(error) => Typed::Broken(error.to_string()),
    }
}
