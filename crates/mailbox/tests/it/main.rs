//! The store and the courier on real directories.

mod delivery;
mod folders;
mod foreign;
mod messages;
mod model;
mod rebuild;
mod together;
mod world;
