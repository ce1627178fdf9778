//! Chaperone watches a GP practice's own social media pages and applies the practice's published patient code of
//! conduct to every comment: it hides, deletes or escalates, keeps the evidence, and tells the people who answer for it.
//!
//! The modules stand in reading order, which is the way of a comment through the program and the only allowed
//! direction of imports: **a module imports only from modules above it.** `tests/it/tidy.rs` reads this file and
//! enforces that. ARCHITECTURE.md begins with the invariants.

pub mod clock;
pub mod comment;
pub mod platform;
pub mod text;
pub mod lexicon;
pub mod matcher;
pub mod ladder;
pub mod policy;
pub mod judge;
pub mod rules;
pub mod measure;
pub mod weigh;
pub mod store;
pub mod metrics;
pub mod tuning;
pub mod poller;
pub mod executor;
pub mod digest;
pub mod config;
pub mod dossier;
pub mod console;
pub mod telemetry;
pub mod systemd;
pub mod daemon;
pub mod sim;
pub mod demo;
pub mod cli;
