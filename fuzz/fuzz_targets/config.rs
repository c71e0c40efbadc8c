//! Any text is a config or a list of findings, and both can be drawn.

#![no_main]

use std::path::Path;

libfuzzer_sys::fuzz_target!(|text: &str| {
    match config::parse(Path::new("gatepost.toml"), text) {
        Ok(loaded) => drop(loaded.warnings.to_string()),
        Err(errors) => drop(errors.render(config::Color::Plain)),
    }
});
