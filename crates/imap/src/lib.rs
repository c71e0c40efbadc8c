//! IMAP4rev1 grammar and state machine (RFC 3501), without I/O
