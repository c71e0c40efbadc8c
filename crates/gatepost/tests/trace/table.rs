//! Each row of the table of causes is driven for real by a test of this folder, which names it.

use std::fs;
use std::path::Path;

/// Those that cannot be, and why.
const NOT_DRIVEN: [(&str, &str); 2] = [
    ("our-fault", "no client is known that brings Gatepost to panic"),
    ("memory-full", "takes a quarter of a gigabyte on its way in at once"),
];

#[test]
fn every_cause_is_driven_for_real() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trace");
    let files = fs::read_dir(folder).expect("the tests").map(|entry| entry.expect("a file").path());
    // This file names those that are not.
    let tests: String =
        files.filter(|path| !path.ends_with("table.rs")).map(|path| fs::read_to_string(path).expect("read")).collect();
    for (cause, symptom) in trace::causes::all() {
        let driven = tests.contains(&format!("\"{cause}\""));
        let excused = NOT_DRIVEN.iter().any(|(name, _)| *name == cause);
        assert!(driven != excused, "no test names {cause} ({symptom}), or it is driven by now");
    }
}
