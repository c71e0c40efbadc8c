//! Why there is no session with a host.

use std::io;
use std::path::PathBuf;

use smtp::Reply;
use smtp::client::{LoginError, OpeningError, Stage};
use trace::SessionId;

use crate::link::WireError;
use crate::login::{PasswordFileError, Refusal};

/// Why there is no session with a host.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// No connection.
    #[error("could not connect: {0}")]
    Connect(io::Error),
    /// No TLS.
    #[error("TLS handshake: {0}")]
    Handshake(io::Error),
    /// The connection broke, or the host does not speak SMTP.
    #[error("{error} (waiting for the reply to {stage})")]
    Wire {
        /// Where.
        stage: Stage,
        /// How.
        error: WireError,
    },
    /// The host, or our own rules, said no.
    #[error(transparent)]
    Opening(#[from] OpeningError),
    /// The authorities of the route cannot be read.
    #[error("authorities: {0}")]
    Trust(String),
    /// The route's password cannot be read.
    #[error("{path}: {error}")]
    Password {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        error: PasswordFileError,
    },
    /// The route has a user and no password: config allows no such route, and nobody gets in without a login by mistake.
    #[error("the route has a `user`, and neither `password_file` nor `token_file`")]
    NoPasswordFile,
    /// This password was refused a moment ago.
    #[error("{0}")]
    RefusedBefore(Refusal),
}

/// That there is no session, and which one did not come about.
#[derive(Debug)]
pub(crate) struct NoSession {
    /// Why.
    pub(crate) trouble: Trouble,
    /// Its id, if it got as far as to have one.
    pub(crate) session: Option<SessionId>,
}

impl<T: Into<Trouble>> From<T> for NoSession {
    fn from(trouble: T) -> Self {
        Self { trouble: trouble.into(), session: None }
    }
}

impl Trouble {
    /// The host's own words, where it said any.
    pub(crate) fn reply(&self) -> Option<&Reply> {
        match self {
            Self::Opening(OpeningError::Refused { reply, .. }) => Some(reply),
            Self::Opening(OpeningError::Login(LoginError::Temporary(attempt))) => Some(&attempt.reply),
            Self::Opening(OpeningError::Login(LoginError::Refused { attempts, .. })) => {
                attempts.last().map(|attempt| &attempt.reply)
            }
            Self::RefusedBefore(refusal) => refusal.reply.as_ref(),
            _ => None,
        }
    }

    /// Whether the operator must act before mail can go this way. A login that fails or finds nothing usable always is
    /// (MISSION 001-03, 001-14); that the other side cannot tell at the moment (454) is not.
    pub(crate) fn is_configuration(&self) -> bool {
        match self {
            Self::Trust(_) | Self::Password { .. } | Self::NoPasswordFile | Self::RefusedBefore(_) => true,
            Self::Opening(OpeningError::Login(login)) => !matches!(login, LoginError::Temporary(_)),
            Self::Opening(OpeningError::TlsNotOffered | OpeningError::LoginInClear) => true,
            Self::Handshake(error) => net::certificate_refused(error),
            Self::Connect(_) | Self::Wire { .. } | Self::Opening(OpeningError::Refused { .. }) => false,
        }
    }

    /// Whether every other address of the target would end in the same way: nothing is gained by trying, and a refused
    /// password counts once more against the account.
    pub(crate) fn ends_attempt(&self) -> bool {
        match self {
            Self::Trust(_) | Self::Password { .. } | Self::NoPasswordFile | Self::RefusedBefore(_) => true,
            Self::Opening(OpeningError::Login(login)) => matches!(login, LoginError::Refused { .. }),
            _ => false,
        }
    }

    /// RFC 3463, subject and detail.
    pub(crate) fn status(&self) -> &'static str {
        match self {
            Self::Connect(_) => "4.1",
            Self::Wire { .. } => "4.2",
            Self::Handshake(_) => "7.5",
            Self::Trust(_) | Self::Password { .. } | Self::NoPasswordFile => "3.5",
            Self::RefusedBefore(_) => "7.8",
            Self::Opening(OpeningError::TlsNotOffered | OpeningError::LoginInClear) => "7.4",
            Self::Opening(OpeningError::Login(LoginError::NothingUsable { .. })) => "7.4",
            Self::Opening(OpeningError::Login(LoginError::Refused { .. })) => "7.8",
            Self::Opening(OpeningError::Login(LoginError::Unproven { .. })) => "7.5",
            Self::Opening(OpeningError::Login(LoginError::Temporary(_))) => "7.0",
            Self::Opening(OpeningError::Refused { .. }) => "3.2",
        }
    }
}
