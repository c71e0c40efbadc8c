//! POP3 grammar and state machine (RFC 1939), without I/O
