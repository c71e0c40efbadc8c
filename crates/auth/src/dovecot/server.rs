//! What a server says.

use sasl::Secret;
use zeroize::Zeroizing;

use super::field::{Fields, Line, Malformed, Params};

/// A line of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerSays {
    /// `VERSION major minor`
    Version(u32, u32),
    /// `MECH name flags…`: `plaintext`, `dictionary`, `active`, `mutual-auth`, `private`…
    Mech(String, Params),
    /// `SPID pid`
    Spid(u32),
    /// `CUID n`: the connection's number.
    Cuid(u32),
    /// `COOKIE`: what a master needs to ask about this connection's logins.
    Cookie(String),
    /// `DONE`: that is all before the first exchange.
    Done,
    /// `OK id user=…`
    Ok(u32, Params),
    /// `CONT id data`: a challenge.
    Cont(u32, Secret),
    /// `FAIL id user=… code=… temp`
    Fail(u32, Params),
    /// A word of another version: passed over.
    Other,
}

impl ServerSays {
    /// Reads a line, without its end.
    ///
    /// # Errors
    /// [`Malformed`]: nothing more can be had of this server.
    pub fn decode(line: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::of(line)?;
        Ok(match fields.raw("the command")? {
            b"VERSION" => Self::Version(fields.number("the version")?, fields.number("the version")?),
            b"MECH" => Self::Mech(fields.text("the mechanism")?, fields.params()?),
            b"SPID" => Self::Spid(fields.number("the process")?),
            b"CUID" => Self::Cuid(fields.number("the connection")?),
            b"COOKIE" => Self::Cookie(fields.text("the cookie")?),
            b"DONE" => Self::Done,
            b"OK" => Self::Ok(fields.number("the id")?, fields.params()?),
            b"CONT" => Self::Cont(fields.number("the id")?, fields.data()?),
            b"FAIL" => Self::Fail(fields.number("the id")?, fields.params()?),
            _ => Self::Other,
        })
    }

    /// As it is sent, with its end; nothing for [`Self::Other`].
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Version(major, minor) => Line::new("VERSION").number(*major).number(*minor).done(),
            Self::Mech(name, flags) => Line::new("MECH").field(name).params(flags).done(),
            Self::Spid(pid) => Line::new("SPID").number(*pid).done(),
            Self::Cuid(number) => Line::new("CUID").number(*number).done(),
            Self::Cookie(cookie) => Line::new("COOKIE").field(cookie).done(),
            Self::Done => Line::new("DONE").done(),
            Self::Ok(id, params) => Line::new("OK").number(*id).params(params).done(),
            Self::Cont(id, data) => Line::new("CONT").number(*id).data("", data).done(),
            Self::Fail(id, params) => Line::new("FAIL").number(*id).params(params).done(),
            Self::Other => Zeroizing::default(),
        }
    }
}
