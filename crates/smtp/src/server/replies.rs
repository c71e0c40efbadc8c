//! Every reply of the server, with its clause. The codes are those of RFC 5321 §4.2.3 and RFC 4954 §6, the enhanced
//! ones those of RFC 3463 and RFC 4954 §6 where nothing else is said.

use crate::Reply;

// Sessions and commands
pub(super) const BYE: Reply = Reply::new(221, 0, 0, "Bye");
pub(super) const OK: Reply = Reply::new(250, 0, 0, "Ok");
/// RFC 3207 §4
pub(super) const READY_FOR_TLS: Reply = Reply::new(220, 0, 0, "Ready to start TLS");
/// RFC 5321 §3.5.3: a server that does not tell says 252.
pub(super) const WILL_NOT_VERIFY: Reply = Reply::new(252, 0, 0, "Will not say who exists; send mail, and see");
/// RFC 5321 §3.8: 421 before the connection is closed.
pub(super) const BUG: Reply = Reply::new(421, 3, 0, "Internal error, closing the connection");
pub(super) const TOO_MANY_BAD: Reply = Reply::new(421, 7, 0, "Too many wrong commands, closing the connection");
pub(super) const TOO_MANY_COMMANDS: Reply =
    Reply::new(421, 7, 0, "Too many commands without a login or a message, closing the connection");
pub(super) const NOT_HTTP: Reply = Reply::new(421, 7, 0, "This is SMTP, not HTTP, closing the connection");
pub(super) const UNKNOWN_COMMAND: Reply = Reply::new(500, 5, 1, "Command not known");
pub(super) const NOT_IMPLEMENTED: Reply = Reply::new(502, 5, 1, "Command not implemented");
pub(super) const LINE_TOO_LONG: Reply = Reply::new(500, 5, 2, "Line too long");
/// RFC 5321 §2.3.8
pub(super) const BARE_NEWLINE: Reply = Reply::new(500, 5, 2, "Bare CR or LF in a command; lines end with CRLF");
pub(super) const NUL: Reply = Reply::new(500, 5, 2, "NUL octet in a command");
pub(super) const NOT_UTF8: Reply = Reply::new(500, 5, 2, "The command is neither ASCII nor UTF-8");
pub(super) const NO_ARGUMENT: Reply = Reply::new(501, 5, 4, "This command takes no argument");
pub(super) const BAD_HELLO: Reply =
    Reply::new(501, 5, 4, "The argument must be a domain name or an address literal such as [192.0.2.1]");
pub(super) const HELLO_FIRST: Reply = Reply::new(503, 5, 1, "Send EHLO or HELO first");
pub(super) const TLS_ACTIVE: Reply = Reply::new(503, 5, 1, "TLS is active already");
/// RFC 3207 §4: 454 "TLS not available due to temporary reason" would promise too much.
pub(super) const NO_TLS: Reply = Reply::new(502, 5, 1, "No TLS here: this server has no certificate");

/// The code is Postfix'.
pub(super) const NOT_A_PROXY: Reply = Reply::new(550, 7, 0, "XCLIENT is for proxies that are trusted here");
pub(super) const XCLIENT_IN_MAIL: Reply = Reply::new(503, 5, 1, "No XCLIENT inside a mail transaction");
pub(super) const NO_XCLIENT: Reply = Reply::new(501, 5, 4, "XCLIENT wants attributes, such as ADDR=192.0.2.1");
pub(super) const BAD_XCLIENT: Reply = Reply::new(501, 5, 4, "Not an attribute of XCLIENT, or not its value: ");

// AUTH (RFC 4954 §4, §6)
pub(super) const LOGGED_IN: Reply = Reply::new(235, 7, 0, "Authentication successful");
pub(super) const AUTH_TEMPORARY: Reply = Reply::new(454, 7, 0, "Temporary authentication failure");
pub(super) const AUTH_THROTTLED: Reply = Reply::new(454, 7, 0, "Too many failed logins, try again later");
/// RFC 4954 §4: 500 where a line is too long, which ends the exchange.
pub(super) const AUTH_TOO_LONG: Reply = Reply::new(500, 5, 6, "Authentication exchange line is too long");
pub(super) const BAD_BASE64: Reply = Reply::new(501, 5, 2, "Cannot decode response: not base64");
pub(super) const BAD_RESPONSE: Reply = Reply::new(501, 5, 2, "Cannot read response: ");
pub(super) const AUTH_CANCELLED: Reply = Reply::new(501, 7, 0, "Authentication exchange cancelled");
pub(super) const NO_MECHANISM: Reply = Reply::new(501, 5, 4, "AUTH wants the name of a mechanism");
pub(super) const NO_AUTH: Reply = Reply::new(502, 5, 1, "AUTH is not available here");
pub(super) const EHLO_FIRST: Reply = Reply::new(503, 5, 1, "Send EHLO first");
pub(super) const AUTH_TWICE: Reply = Reply::new(503, 5, 1, "Authenticated already");
pub(super) const AUTH_IN_MAIL: Reply = Reply::new(503, 5, 1, "No AUTH inside a mail transaction");
pub(super) const UNKNOWN_MECHANISM: Reply = Reply::new(504, 5, 4, "Unrecognized authentication type");
pub(super) const TLS_FIRST: Reply = Reply::new(530, 7, 0, "Must issue a STARTTLS command first");
pub(super) const LOGIN_FIRST: Reply = Reply::new(530, 7, 0, "Authentication required");
pub(super) const BAD_CREDENTIALS: Reply = Reply::new(535, 7, 8, "Authentication credentials invalid");
pub(super) const TOO_MANY_LOGINS: Reply = Reply::new(421, 7, 0, "Too many failed logins, closing the connection");

// MAIL, RCPT
pub(super) const TOO_MANY_UNKNOWN: Reply =
    Reply::new(421, 7, 0, "Too many recipients who do not exist, closing the connection");
pub(super) const SENDER_OK: Reply = Reply::new(250, 1, 0, "Sender ok");
pub(super) const RECIPIENT_OK: Reply = Reply::new(250, 1, 5, "Recipient ok");
pub(super) const LOOKUP_FAILED: Reply = Reply::new(451, 3, 0, "Temporary lookup failure for ");
/// RFC 5321 §4.5.3.1.10
pub(super) const TOO_MANY_RECIPIENTS: Reply = Reply::new(452, 5, 3, "Too many recipients");
pub(super) const BAD_SYNTAX: Reply = Reply::new(501, 5, 4, "Syntax: ");
pub(super) const BAD_SENDER: Reply = Reply::new(501, 1, 7, "Bad sender address: ");
pub(super) const BAD_RECIPIENT: Reply = Reply::new(501, 1, 3, "Bad recipient address: ");
pub(super) const BAD_PARAMETER: Reply = Reply::new(501, 5, 4, "Bad parameter: ");
pub(super) const MAIL_FIRST: Reply = Reply::new(503, 5, 1, "Send MAIL first");
pub(super) const MAIL_TWICE: Reply = Reply::new(503, 5, 1, "Sender given already; RSET ends the transaction");
/// RFC 5321 §4.1.1.11
pub(super) const UNKNOWN_PARAMETER: Reply = Reply::new(555, 5, 4, "Parameter not known: ");
/// RFC 6531 §3.5
pub(super) const NEEDS_SMTPUTF8: Reply =
    Reply::new(553, 6, 7, "Non-ASCII address without the SMTPUTF8 parameter of MAIL: ");
pub(super) const NO_SUCH_USER: Reply = Reply::new(550, 1, 1, "No such user here: ");
pub(super) const RELAY_DENIED: Reply = Reply::new(550, 7, 1, "Relaying denied, log in first: ");
pub(super) const NOT_YOUR_ADDRESS: Reply = Reply::new(550, 7, 1, "Not one of your addresses: ");
/// RFC 1870 §6.1, §6.3
pub(super) const TOO_LARGE: Reply = Reply::new(552, 3, 4, "Message too large; octets allowed: ");

// DATA
pub(super) const START_DATA: Reply = Reply::bare(354, "Send the message, end it with a line that is one dot");
pub(super) const QUEUED: Reply = Reply::new(250, 0, 0, "Ok: queued as ");
pub(super) const QUEUE_CLOSING: Reply = Reply::new(421, 3, 2, "Shutting down, try again later");
pub(super) const QUEUE_FAILED: Reply = Reply::new(451, 3, 0, "Cannot store the message, try again later");
pub(super) const NO_SPACE: Reply = Reply::new(452, 3, 1, "Not enough disk space, try again later");
pub(super) const NO_ROOM: Reply = Reply::new(452, 3, 1, "Too many large messages at once, try again later");
/// RFC 5321 §3.3: 554 where no recipient was valid.
pub(super) const NO_RECIPIENTS: Reply = Reply::new(554, 5, 1, "No valid recipients");
/// RFC 5321 §2.3.8; the enhanced code is the one that postmasters know from Exchange Online for this.
pub(super) const BARE_NEWLINE_IN_DATA: Reply =
    Reply::new(550, 6, 11, "Message has a bare CR or LF; lines end with CRLF");
/// RFC 2045 §2.8
pub(super) const NUL_IN_DATA: Reply = Reply::new(550, 6, 0, "Message has a NUL octet, which MIME forbids");
/// RFC 5321 §6.3
pub(super) const TOO_MANY_HOPS: Reply = Reply::new(554, 4, 6, "Too many hops, the message is looping");
