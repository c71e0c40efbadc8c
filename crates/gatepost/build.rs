//! Tells the program which compiler built it, and for what: a report of a fault asks for it (MISSION 002-33).

#![allow(clippy::print_stdout, reason = "that is how cargo is told")]

use std::process::Command;

fn main() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version =
        Command::new(rustc).arg("--version").output().ok().and_then(|output| String::from_utf8(output.stdout).ok());
    let of_cargo = |name: &str| std::env::var(name).unwrap_or_else(|_| "unknown".to_owned());
    println!("cargo:rustc-env=GATEPOST_RUSTC={}", version.as_deref().unwrap_or("unknown").trim());
    println!("cargo:rustc-env=GATEPOST_TARGET={}", of_cargo("TARGET"));
    println!("cargo:rustc-env=GATEPOST_PROFILE={}", of_cargo("PROFILE"));
    println!("cargo:rerun-if-changed=build.rs");
}
