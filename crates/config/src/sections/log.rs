//! `[log]`

use crate::kinds::choice;
use crate::section::section;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Human on a terminal or a file, journald under systemd.
    Auto,
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
    /// systemd's journal.
    Journald,
}

/// Least important lines to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Errors only.
    Error,
    /// And warnings.
    Warn,
    /// And one line an event.
    Info,
    /// And details.
    Debug,
}

section! {
    /// What is logged, and how.
    pub struct Log = "log" "[log]" {
        /// `"human"` for people, `"json"` for one JSON object a line, `"journald"` for systemd's journal with all
        /// fields; `"auto"` is `"journald"` under systemd and else `"human"`.
        format: LogFormat = LogFormat::Auto
            => choice(&[
                ("auto", LogFormat::Auto),
                ("human", LogFormat::Human),
                ("json", LogFormat::Json),
                ("journald", LogFormat::Journald),
            ]);
        /// The least important lines that are printed. `"info"` is one line an event.
        level: LogLevel = LogLevel::Info
            => choice(&[
                ("error", LogLevel::Error),
                ("warn", LogLevel::Warn),
                ("info", LogLevel::Info),
                ("debug", LogLevel::Debug),
            ]);
    }
}

impl Copy for Log {}
