//! Versions: ours, the compiler's, where the program comes from, and those of whom it asks (MISSION 002-33, 004-28).

use std::process::Stdio;
use std::time::Duration;

use auth::overview::Overview;
use config::Config;
use server::control::{self, Request, Response};
use tokio::process::Command;
use tokio::time::timeout;

use super::super::bundle::Bundle;
use crate::accounts::chain_here;

/// A package manager that works on something else is not waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Packages whose version often is the answer.
const PACKAGES: [&str; 12] = [
    "slapd",
    "postgresql*",
    "mariadb-server*",
    "mysql-server*",
    "courier-*",
    "dovecot-core",
    "postfix",
    "exim4*",
    "vpopmail*",
    "libpam-runtime",
    "openssl",
    "ca-certificates",
];

/// Adds `versions.txt`, and with a config `modules.json`.
pub(super) async fn add(config: Option<&Config>, bundle: &mut Bundle) {
    let mut text = format!(
        "gatepost      {} ({}, {})\ncompiler      {}\nprogram       {}\npackage       {}\n",
        env!("CARGO_PKG_VERSION"),
        env!("GATEPOST_TARGET"),
        env!("GATEPOST_PROFILE"),
        env!("GATEPOST_RUSTC"),
        std::env::current_exe().map_or_else(|error| error.to_string(), |path| path.display().to_string()),
        origin().await,
    );
    if let Some(config) = config {
        let auth = chain_here(config);
        text.push_str("\nModules of the chain, asked now:\n");
        for module in auth.examine().await {
            let version = module.version.as_deref().unwrap_or("tells no version");
            let state = module.trouble.as_deref().unwrap_or("answers");
            let took = module.took.as_secs_f64();
            text.push_str(&format!("{:<13} {version}; {state} ({took:.2} s)\n", module.module));
        }
        for left in auth.left_out() {
            text.push_str(&format!("{:<13} left out: {}\n", left.module, left.why));
        }
        // The running server has counts, and sees what it sees with its own rights.
        match control::ask(&config.data, &Request::AuthModules) {
            Ok(Response::AuthModules(overview)) => modules(&overview, bundle),
            _ => modules(&auth.overview(), bundle),
        }
    }
    let installed = installed().await;
    text.push_str(&format!("\nInstalled packages that often matter:\n{installed}"));
    bundle.add("versions.txt", "of Gatepost, its compiler, its package, and of whom it asks", None, &text);
}

fn modules(overview: &Overview, bundle: &mut Bundle) {
    let json = serde_json::to_string_pretty(overview).unwrap_or_default();
    bundle.add(
        "modules.json",
        "the chain: compiled in, reachable, what each can verify (gatepost auth modules)",
        None,
        &json,
    );
}

/// Which package the program belongs to.
async fn origin() -> String {
    let Ok(path) = std::env::current_exe() else { return "not known".to_owned() };
    let path = path.display().to_string();
    let managers =
        [("dpkg-query", &["-S", &path][..]), ("rpm", &["-qf", &path]), ("apk", &["info", "--who-owns", &path])];
    for (program, arguments) in managers {
        if let Some(said) = output(program, arguments).await.filter(|said| !said.trim().is_empty()) {
            return said.trim().to_owned();
        }
    }
    "of no package: built or copied by hand".to_owned()
}

async fn installed() -> String {
    let debian = [&["-W", "-f", "${Package} ${Version}\n"][..], &PACKAGES].concat();
    // It fails if one of them is not there, and tells of the others all the same.
    match output_of_all("dpkg-query", &debian).await {
        Some(said) => said
            .lines()
            .filter(|line| line.split(' ').nth(1).is_some_and(|v| !v.is_empty()))
            .map(|line| format!("{line}\n"))
            .collect(),
        None => "no dpkg here\n".to_owned(),
    }
}

async fn output(program: &str, arguments: &[&str]) -> Option<String> {
    run(program, arguments).await.filter(|output| output.status.success()).map(said)
}

async fn output_of_all(program: &str, arguments: &[&str]) -> Option<String> {
    run(program, arguments).await.map(said)
}

fn said(output: std::process::Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

async fn run(program: &str, arguments: &[&str]) -> Option<std::process::Output> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).env("LC_ALL", "C");
    timeout(PATIENCE, command.output()).await.ok()?.ok()
}
