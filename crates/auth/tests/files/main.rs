//! The modules that read files, against files that Courier's, Dovecot's and qmail's own tools make.

mod closed;
mod listed;
mod passwd_file;
mod stage;
mod userdb;
mod vpopmail;
