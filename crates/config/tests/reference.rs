//! `docs/config.md` is what the program would write.

use std::path::Path;

#[test]
fn the_page_in_docs_is_up_to_date() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/config.md");
    let written = config::reference();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&page, &written).expect("docs/config.md can be written");
    }
    let found = std::fs::read_to_string(&page).unwrap_or_default();
    assert!(found == written, "docs/config.md is stale; run: UPDATE_DOCS=1 cargo test -p config --test reference");
}
