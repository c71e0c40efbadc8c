//! The master's side, as far as look-ups need it: whose mail, and where, without a login.

use zeroize::Zeroizing;

use super::field::{Fields, Line, Malformed, Params};

/// What a master asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asks {
    /// `VERSION major minor`
    Version(u32, u32),
    /// `USER id name service=…`
    User(u32, String, Params),
    /// Something else: passed over.
    Other,
}

/// What it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tells {
    /// `VERSION major minor`
    Version(u32, u32),
    /// `SPID pid`
    Spid(u32),
    /// `USER id name uid=… gid=… home=…`
    User(u32, String, Params),
    /// `NOTFOUND id`
    NotFound(u32),
    /// `FAIL id`: it could not tell.
    Fail(u32, Params),
    /// Something else: passed over.
    Other,
}

impl Asks {
    /// Reads a line, without its end.
    ///
    /// # Errors
    /// [`Malformed`]: the connection is to be closed.
    pub fn decode(line: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::of(line)?;
        Ok(match fields.raw("the command")? {
            b"VERSION" => Self::Version(fields.number("the version")?, fields.number("the version")?),
            b"USER" => Self::User(fields.number("the id")?, fields.text("the user")?, fields.params()?),
            _ => Self::Other,
        })
    }

    /// As it is sent, with its end; nothing for [`Self::Other`].
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Version(major, minor) => Line::new("VERSION").number(*major).number(*minor).done(),
            Self::User(id, user, params) => Line::new("USER").number(*id).field(user).params(params).done(),
            Self::Other => Zeroizing::default(),
        }
    }
}

impl Tells {
    /// Reads a line, without its end.
    ///
    /// # Errors
    /// [`Malformed`]: nothing more can be had of this server.
    pub fn decode(line: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::of(line)?;
        Ok(match fields.raw("the command")? {
            b"VERSION" => Self::Version(fields.number("the version")?, fields.number("the version")?),
            b"SPID" => Self::Spid(fields.number("the process")?),
            b"USER" => Self::User(fields.number("the id")?, fields.text("the user")?, fields.params()?),
            b"NOTFOUND" => Self::NotFound(fields.number("the id")?),
            b"FAIL" => Self::Fail(fields.number("the id")?, fields.params()?),
            _ => Self::Other,
        })
    }

    /// As it is sent, with its end; nothing for [`Self::Other`].
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Version(major, minor) => Line::new("VERSION").number(*major).number(*minor).done(),
            Self::Spid(pid) => Line::new("SPID").number(*pid).done(),
            Self::User(id, user, params) => Line::new("USER").number(*id).field(user).params(params).done(),
            Self::NotFound(id) => Line::new("NOTFOUND").number(*id).done(),
            Self::Fail(id, params) => Line::new("FAIL").number(*id).params(params).done(),
            Self::Other => Zeroizing::default(),
        }
    }
}
