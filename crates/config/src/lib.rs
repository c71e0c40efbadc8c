//! `gatepost.toml`, read into one typed value; every error with line, column and a suggestion.

mod model;

pub use model::*;
