//! The commands of all protocols: what else a client says after a login that was refused may be its password.

use super::separates;

/// RFC 5321 §4.1, RFC 1939, RFC 3501 §6 and their extensions, without those that log in.
const COMMANDS: &str = "HELO EHLO LHLO MAIL RCPT DATA RSET NOOP QUIT VRFY EXPN HELP STARTTLS BDAT ETRN XCLIENT XFORWARD \
    USER STAT LIST RETR DELE TOP UIDL CAPA STLS LAST UTF8 LANG \
    CAPABILITY LOGOUT SELECT EXAMINE CREATE DELETE RENAME SUBSCRIBE UNSUBSCRIBE STATUS APPEND CHECK CLOSE EXPUNGE SEARCH FETCH STORE \
    COPY MOVE UID IDLE DONE ID ENABLE NAMESPACE UNSELECT COMPRESS LSUB GETQUOTA GETQUOTAROOT GETACL GETMETADATA SORT THREAD NOTIFY";

/// Whether a line begins with a command, with IMAP's tag in front of it or without.
pub(super) fn is_command(line: &[u8]) -> bool {
    let words = line.split(|octet| separates(*octet)).filter(|word| !word.is_empty()).take(2);
    words
        .into_iter()
        .any(|word| COMMANDS.split_ascii_whitespace().any(|name| word.eq_ignore_ascii_case(name.as_bytes())))
}
