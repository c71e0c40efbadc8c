//! How hard a stored form makes guessing, once it is stolen.

/// The weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// Nothing is to be guessed: it is the password, or as good as it.
    Clear,
    /// Millions of guesses a second.
    Weak,
    /// Slow on purpose.
    Good,
}
