//! The pages are true as far as a program can tell: what they link to is there, and the commands that they show are
//! understood.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The text of a page, in code blocks and outside of them.
struct Page {
    path: PathBuf,
    prose: String,
    code: Vec<String>,
}

impl Page {
    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap();
        let (mut prose, mut code, mut fenced) = (String::new(), Vec::new(), false);
        for line in text.lines() {
            if line.starts_with("```") {
                fenced = !fenced;
            } else if fenced || line.starts_with("    ") {
                code.push(line.trim().to_owned());
            } else {
                prose.push_str(line);
                prose.push('\n');
            }
        }
        Self { path, prose, code }
    }

    /// Where `[text](target)` leads, but for other sites.
    fn links(&self) -> Vec<&str> {
        let targets = self.prose.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        targets.map(|(target, _)| target).filter(|target| !target.contains(':')).collect()
    }

    /// The anchors of its headings, as GitHub makes them.
    fn anchors(&self) -> Vec<String> {
        let slug = |title: &str| -> String {
            let kept = title.to_lowercase();
            kept.chars()
                .filter(|c| c.is_alphanumeric() || "-_ ".contains(*c))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        };
        let headings = self.prose.lines().filter(|line| line.starts_with('#'));
        headings.map(|line| slug(line.trim_start_matches('#').trim())).collect()
    }

    /// The `gatepost` command lines that it shows, in blocks and between backticks.
    fn commands(&self) -> Vec<Vec<String>> {
        let prose = self.prose.replace('\n', " ");
        let inline = prose.split('`').skip(1).step_by(2).filter_map(command);
        self.code.iter().filter_map(|line| command(line)).chain(inline).collect()
    }
}

/// The arguments of a line that calls `gatepost`, behind a prompt and what changes the user.
fn command(line: &str) -> Option<Vec<String>> {
    let mut line = line.trim();
    for before in ["$ ", "# ", "sudo ", "runuser -u gatepost -- "] {
        line = line.strip_prefix(before).unwrap_or(line);
    }
    let rest = line.strip_prefix("gatepost ").or_else(|| line.strip_prefix("cargo run --release -- "))?;
    let end = ["|", ">", "&&", "  ", ";", "…"].iter().filter_map(|mark| rest.find(mark)).min().unwrap_or(rest.len());
    Some(rest[..end].split_whitespace().filter(|word| !word.starts_with('[')).map(filled).collect())
}

/// A placeholder is something that would be taken.
fn filled(word: &str) -> String {
    match word {
        "ID" => "1K0R45EGNTP",
        "ADDRESS" => "alice@example.org",
        "SHELL" => "bash",
        word => word,
    }
    .to_owned()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The pages at the top, in `docs`, and in the folders below the others.
fn pages() -> Vec<Page> {
    let mut pages = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, name) = (entry.path(), entry.file_name());
            if path.is_dir() && name != "target" && name != ".git" {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(Page::read(path));
            }
        }
    }
    assert!(pages.len() > 10, "the pages are found");
    pages
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    let pages = pages();
    for page in &pages {
        for link in page.links() {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.path.clone() } else { page.path.with_file_name(file) };
            let there = target.canonicalize().is_ok_and(|target| {
                let page = pages.iter().find(|page| page.path == target);
                anchor.is_empty() || page.is_some_and(|page| page.anchors().iter().any(|known| known == anchor))
            });
            if !there {
                broken.push(format!("{}: {link}", page.path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "these lead nowhere:\n{}", broken.join("\n"));
}

#[test]
fn every_command_that_is_shown_is_understood() {
    // What the program itself wrote needs no second look, and its usage lines are no commands.
    let pages = pages().into_iter().filter(|page| !page.path.ends_with("docs/commands.md"));
    let mut commands: Vec<Vec<String>> = pages.flat_map(|page| page.commands()).collect();
    commands.sort();
    commands.dedup();
    assert!(commands.len() > 20, "the commands are found: {commands:?}");
    let wrong: Vec<String> = commands.iter().filter_map(|arguments| complaint(arguments)).collect();
    assert!(wrong.is_empty(), "these are not understood:\n{}", wrong.join("\n"));
}

/// What the program has against these arguments. With `--help` at their end nothing is done, but all of them are read.
fn complaint(arguments: &[String]) -> Option<String> {
    // What stands behind this one belongs to the program that it runs.
    let arguments =
        if arguments.first().is_some_and(|word| word == "checkpassword") { &arguments[..1] } else { arguments };
    let output = Command::new(env!("CARGO_BIN_EXE_gatepost")).args(arguments).arg("--help").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    (!output.status.success()).then(|| format!("gatepost {}: {said}", arguments.join(" ")))
}

#[test]
fn a_flag_that_is_not_there_would_be_found() {
    let page = "Say `gatepost queue\nlist --no-such-flag` and:\n\n    $ sudo gatepost serve -c X  # runs\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.md");
    fs::write(&path, page).unwrap();
    let commands = Page::read(path).commands();
    assert_eq!(commands, [vec!["serve", "-c", "X"], vec!["queue", "list", "--no-such-flag"]]);
    assert!(complaint(&commands[0]).is_none());
    assert!(complaint(&commands[1]).is_some_and(|text| text.contains("--no-such-flag")));
}
