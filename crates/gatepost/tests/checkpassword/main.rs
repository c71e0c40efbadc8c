//! `gatepost checkpassword`, called as qmail's programs call a checker, and by Dovecot.

mod called;
mod dovecot;
mod site;
