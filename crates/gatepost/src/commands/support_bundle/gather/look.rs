//! What can be seen without a session: the check, files with owner and mode, and how the running server is.

use server::control::{self, Request, Response};

use super::super::bundle::Bundle;
use super::Scene;
use crate::commands::check;

/// Adds `check.txt`, `files.txt` and `status.json`.
pub(super) async fn add(scene: &Scene, bundle: &mut Bundle) {
    let (Some(source), Some(config)) = (&scene.source, &scene.config) else {
        if !scene.complaints.is_empty() {
            bundle.add("check.txt", "what is wrong with the config", None, &scene.complaints);
        }
        return;
    };
    let mut said = scene.complaints.clone().into_bytes();
    said.push(b'\n');
    match config::load(source) {
        // A Vec takes all that is written.
        Ok(loaded) => drop(check::print_facts(&loaded.config, &loaded.warnings, &mut said).await),
        Err(_) => bundle.lacks("what each listener would say", "the config is broken: see check.txt"),
    }
    let why = "what gatepost check says: certificate, chain, and what each listener offers and why";
    bundle.add("check.txt", why, None, &String::from_utf8_lossy(&said));
    let files: String =
        check::used_files(config, source).iter().map(|used| format!("{}\n", check::described(used))).collect();
    bundle.add(
        "files.txt",
        "every file that it uses, with owner and mode; of keys and passwords no more than that",
        None,
        &files,
    );
    match control::ask(&config.data, &Request::Status) {
        Ok(Response::Status(status)) => {
            let json = serde_json::to_string_pretty(&status).unwrap_or_default();
            bundle.add("status.json", "the running server: process, ports, sessions, queue", None, &json);
        }
        Ok(_) => bundle.lacks("the running server", "it answers in another version's words"),
        Err(error) => bundle.lacks("the running server", error),
    }
}
