//! The conversation itself: what is typed goes out, what the server says is shown, whichever comes first.

use std::time::Duration;

use probe::dialogue::{Broken, Said};
use probe::talk::{Talk, Wish};
use sasl::Secret;
use tokio::signal::unix::{SignalKind, signal};

use super::history::History;
use super::input::{Input, Typed};
use super::saved::Saved;
use super::screen::Screen;
use super::{Args, broken, unopened};
use crate::exit::{Code, Failure};

/// Somebody who types may think.
const LONG: Duration = Duration::from_secs(365 * 86_400);

/// How long somebody who types waits for an answer before the next line can be typed all the same.
const SOON: Duration = Duration::from_secs(5);

/// A conversation under way.
pub(super) struct Conversation<'a> {
    pub(super) args: &'a Args,
    pub(super) talk: Talk,
    pub(super) input: Input,
    pub(super) screen: Screen,
    pub(super) password: Option<Secret>,
    pub(super) interactive: bool,
    /// Something was said that is not answered yet, as far as was waited for it.
    pub(super) said: bool,
    /// The editor has the terminal.
    reading: bool,
}

/// Whether it goes on.
pub(super) enum Next {
    Go,
    /// It is over, and all is well.
    End,
}

/// Holds it, from the connection to the end.
pub(super) async fn hold(
    args: &Args,
    wish: Wish,
    (password, saved): (Option<Secret>, Option<Saved<'_>>),
    interactive: bool,
) -> Result<(), Failure> {
    // A terminal that is none for an editor (TERM=dumb) is read line by line.
    let editor = interactive.then(|| Input::terminal(History::new(!args.no_history)).ok()).flatten();
    let input = editor.unwrap_or_else(Input::script);
    let screen = Screen::new(input.printer());
    let watch = {
        let screen = screen.clone();
        Box::new(move |said: &Said| screen.said(said))
    };
    let (place, wait) = (wish.target.to_string(), wish.wait);
    let talk = match Talk::open(wish, watch).await {
        Ok(talk) => talk,
        Err(error) => {
            drop(screen);
            input.end(false);
            if let Some(saved) = saved {
                saved.remove();
            }
            return Err(unopened(&error));
        }
    };
    if interactive {
        screen.tell(&format!(
            "{place} ({}), at {}; .help lists the commands",
            talk.door().target.protocol,
            talk.door().address
        ));
    }
    let mut conversation =
        Conversation { args, talk, input, screen, password, interactive, said: true, reading: false };
    // Whoever types gets the prompt back soon; a script has its order to keep.
    let patience = if interactive { wait.min(SOON) } else { wait };
    let ended = tokio::select! {
        ended = conversation.run(patience) => ended,
        () = told_to_stop() => Err(interrupted()),
    };
    conversation.end(ended, saved).await
}

impl Conversation<'_> {
    async fn run(&mut self, wait: Duration) -> Result<(), Failure> {
        loop {
            let said = std::mem::take(&mut self.said);
            if said && let Next::End = self.settle(wait).await? {
                return Ok(());
            }
            if self.talk.is_over() {
                return self.farewell().await;
            }
            if self.screen.is_gone() {
                return Err(Failure::new(Code::Failed, ""));
            }
            match self.typed().await? {
                Some(Typed::Line(line)) => {
                    if let Next::End = self.line(&line).await? {
                        return Ok(());
                    }
                }
                Some(Typed::End) => return self.farewell().await,
                Some(Typed::Interrupted) => return Err(interrupted()),
                Some(Typed::Broken(why)) => return Err(Failure::new(Code::Failed, why)),
                Some(Typed::Secret(_)) => {}
                // The server has ended it.
                None => return Ok(()),
            }
        }
    }

    /// Hears what the server owes. Who types gets the prompt back when it takes too long.
    async fn settle(&mut self, wait: Duration) -> Result<Next, Failure> {
        while self.talk.is_waiting() {
            match self.talk.hear(wait).await {
                Ok(line) => self.heard(&line).await?,
                Err(Broken::Silent(wait)) if self.interactive => {
                    self.screen
                        .tell(&format!("no answer for {} seconds; its lines are shown as they come", wait.as_secs()));
                    return Ok(Next::Go);
                }
                Err(error) => return self.lost(error),
            }
        }
        Ok(Next::Go)
    }

    /// What is typed next; the server's lines are heard meanwhile. `None` when it has ended the conversation.
    async fn typed(&mut self) -> Result<Option<Typed>, Failure> {
        self.input.ask_line(if self.talk.is_message() { "" } else { "C: " });
        self.reading = self.interactive;
        loop {
            tokio::select! {
                typed = self.input.next() => {
                    self.reading = false;
                    return Ok(Some(typed));
                }
                heard = self.talk.hear(LONG) => match heard {
                    Ok(line) => self.heard(&line).await?,
                    Err(error) => {
                        self.lost(error)?;
                        return Ok(None);
                    }
                }
            }
        }
    }

    async fn heard(&mut self, line: &[u8]) -> Result<(), Failure> {
        if self.talk.is_tls_agreed(line) {
            self.talk.begin_tls().await.map_err(|error| broken(&error))?;
        }
        Ok(())
    }

    /// The connection is gone: well, if it was to end.
    pub(super) fn lost(&mut self, error: Broken) -> Result<Next, Failure> {
        if matches!(error, Broken::Closed) {
            self.screen.with_record(|record| record.closed());
            self.screen.tell("the server closed the connection");
            if self.talk.is_over() {
                return Ok(Next::End);
            }
        }
        Err(broken(&error))
    }

    async fn line(&mut self, line: &[u8]) -> Result<Next, Failure> {
        let command = line.strip_prefix(b".").filter(|_| !self.talk.is_message());
        match command {
            Some(escaped) if escaped.starts_with(b".") => self.say(escaped, line),
            Some(command) => return self.command(&String::from_utf8_lossy(command)).await,
            None => self.say(line, line),
        }
        Ok(Next::Go)
    }

    /// Says a line. One with a secret in it, and those of a message, are not offered again.
    fn say(&mut self, line: &[u8], typed: &[u8]) {
        let message = self.talk.is_message();
        self.screen.expect_typed(self.interactive);
        self.talk.say(line);
        self.said = true;
        if !message && !typed.is_empty() && !self.screen.had_secret() {
            self.input.remember(&String::from_utf8_lossy(typed));
        }
    }

    /// Takes leave, if the server is listening.
    pub(super) async fn farewell(&mut self) -> Result<(), Failure> {
        let listening = self.talk.take_leave();
        if !listening && !self.talk.is_over() {
            return Ok(());
        }
        let wait = self.talk.door().wait;
        loop {
            match self.talk.hear(wait).await {
                Ok(_) => {}
                Err(Broken::Closed) => return self.lost(Broken::Closed).map(drop),
                // What it makes of our leave is its own affair.
                Err(_) => return Ok(()),
            }
        }
    }

    /// Saves, and leaves the terminal as it was.
    async fn end(self, ended: Result<(), Failure>, saved: Option<Saved<'_>>) -> Result<(), Failure> {
        if self.args.telnet {
            self.tell_by_hand();
        }
        let saved = saved.map_or(Ok(()), |saved| saved.write(&self.script()));
        let Self { talk, input, screen, reading, .. } = self;
        talk.close().await;
        drop(screen);
        input.end(reading);
        ended.and(saved)
    }
}

/// Ctrl-C, or SIGTERM: the conversation is saved and the terminal put in order all the same.
async fn told_to_stop() {
    let term = async {
        match signal(SignalKind::terminate()) {
            Ok(mut term) => term.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term => {}
    }
}

fn interrupted() -> Failure {
    Failure::new(Code::Failed, "interrupted")
}
