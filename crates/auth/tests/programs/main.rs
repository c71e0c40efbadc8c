//! The modules that ask programs, with real ones: Debian's `cvm-checkpassword`, and checkers in C, shell and Python.

mod asked;
mod checkers;
mod checkpassword;
mod exec;
mod limits;
mod pam;
mod probe;
