//! Every reply of the server that is made of fixed words.

use crate::{Code, Reply};

// Sessions and commands
pub(super) const BYE: Reply = Reply::ok("Bye");
pub(super) const NOTHING_DONE: Reply = Reply::ok("Nothing done");
/// RFC 2595 §4
pub(super) const BEGIN_TLS: Reply = Reply::ok("Begin TLS");
pub(super) const CAPABILITIES: Reply = Reply::ok("Capability list follows");
pub(super) const BUG: Reply = Reply::refused(Code::SysTemp, "Internal error, closing the connection");
pub(super) const TOO_MANY_BAD: Reply = Reply::denied("Too many wrong commands, closing the connection");
pub(super) const TOO_MANY_COMMANDS: Reply = Reply::denied("Too many commands without a login, closing the connection");
pub(super) const UNKNOWN_COMMAND: Reply = Reply::wrong("Command not known");
pub(super) const LINE_TOO_LONG: Reply = Reply::wrong("Line too long");
pub(super) const NO_ARGUMENT: Reply = Reply::wrong("This command takes no argument");
pub(super) const LOGIN_FIRST: Reply = Reply::wrong("Log in first");
pub(super) const LOGGED_IN_ALREADY: Reply = Reply::wrong("You are logged in already");
pub(super) const GOING_DOWN: Reply = Reply::refused(Code::SysTemp, "The server is going down, try again in a minute");
pub(super) const CERTIFICATE_GONE: Reply =
    Reply::refused(Code::SysTemp, "TLS is not available any more, closing the connection");
pub(super) const SILENCE: Reply = Reply::denied("Nothing came for ");

// TLS and logins
pub(super) const TLS_ACTIVE: Reply = Reply::wrong("TLS is active already");
pub(super) const NO_TLS: Reply = Reply::denied("No TLS here: this server has no certificate");
pub(super) const TLS_FIRST: Reply =
    Reply::refused(Code::Auth, "TLS required to log in: say STLS first, or use the POP3S port");
pub(super) const TLS_MISSING: Reply =
    Reply::refused(Code::SysPerm, "TLS required to log in, and this server has no certificate");
pub(super) const NO_PASSWORDS: Reply = Reply::refused(Code::Auth, "USER and PASS are not offered here, see CAPA");
/// RFC 1939 §7: it takes a store that keeps passwords in clear, and a timestamp in the greeting.
pub(super) const NO_APOP: Reply = Reply::refused(Code::Auth, "APOP is not offered here, see CAPA");
pub(super) const USER_OK: Reply = Reply::ok("User name accepted, password please");
pub(super) const USER_FIRST: Reply = Reply::wrong("Say USER first");
pub(super) const MECHANISMS: Reply = Reply::ok("Mechanisms follow");
pub(super) const UNKNOWN_MECHANISM: Reply = Reply::wrong("That mechanism is not offered, see CAPA");
/// RFC 5034 §4
pub(super) const CANCELLED: Reply = Reply::denied("Authentication cancelled");
/// Before the text of what is wrong.
pub(super) const BAD_LOGIN: Reply = Reply::wrong("Malformed login: ");
/// One reply for an unknown user, a wrong password and an account without POP3.
pub(super) const LOGIN_FAILED: Reply = Reply::refused(Code::Auth, "Login failed");
pub(super) const TOO_MANY_LOGINS: Reply = Reply::refused(Code::Auth, "Too many failed logins, closing the connection");
pub(super) const LOGIN_THROTTLED: Reply = Reply::refused(Code::SysTemp, "Too many failed logins, try again later");
/// MISSION 004-33: a fault of ours is not a wrong password.
pub(super) const LOGIN_TEMPORARY: Reply =
    Reply::refused(Code::SysTemp, "Temporary problem on the server, try again later");

// Mail
pub(super) const NO_MAILBOX_NOW: Reply = Reply::refused(Code::SysTemp, "Mailbox not available now, try again later");
/// MISSION 004-29
pub(super) const NO_MAILBOX: Reply = Reply::refused(Code::SysPerm, "Mailbox not available, ask your postmaster");
pub(super) const LISTING: Reply = Reply::ok("Mailbox scan listing follows");
pub(super) const UNIQUE_IDS: Reply = Reply::ok("Unique-id listing follows");
pub(super) const TOP_FOLLOWS: Reply = Reply::ok("Top of message follows");
pub(super) const MESSAGE_DELETED: Reply = Reply::ok("Message deleted");
pub(super) const NEEDS_NUMBER: Reply = Reply::wrong("This command needs a message number");
pub(super) const NEEDS_TWO_NUMBERS: Reply = Reply::wrong("TOP needs a message number and a number of lines");
pub(super) const NO_SUCH_MESSAGE: Reply = Reply::denied("No such message");
pub(super) const DELETED: Reply = Reply::denied("That message is marked as deleted");
pub(super) const GONE: Reply = Reply::denied("That message was removed by another program");
pub(super) const UNREADABLE_NOW: Reply = Reply::refused(Code::SysTemp, "The message cannot be read now");
pub(super) const UNREADABLE: Reply = Reply::refused(Code::SysPerm, "The message cannot be read, ask your postmaster");
/// RFC 1939 §6
pub(super) const NOT_REMOVED_NOW: Reply = Reply::refused(Code::SysTemp, "Some deleted messages not removed");
pub(super) const NOT_REMOVED: Reply =
    Reply::refused(Code::SysPerm, "Some deleted messages not removed, ask your postmaster");
