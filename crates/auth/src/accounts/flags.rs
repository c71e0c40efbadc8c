//! What an account may use.

use crate::Service;

/// A flag for each service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Services {
    /// Submission, and AUTH on port 25.
    pub smtp: bool,
    /// IMAP.
    pub imap: bool,
    /// POP3.
    pub pop3: bool,
}

impl Services {
    /// All of them: what a new account may use.
    pub const ALL: Self = Self { smtp: true, imap: true, pop3: true };

    /// Whether a service is among them.
    pub fn allows(self, service: Service) -> bool {
        match service {
            Service::Smtp => self.smtp,
            Service::Imap => self.imap,
            Service::Pop3 => self.pop3,
        }
    }

    /// The same, but with another flag for one service.
    #[must_use]
    pub fn with(mut self, service: Service, allowed: bool) -> Self {
        match service {
            Service::Smtp => self.smtp = allowed,
            Service::Imap => self.imap = allowed,
            Service::Pop3 => self.pop3 = allowed,
        }
        self
    }
}
