//! SMTP grammar and state machines (RFC 5321), without I/O
