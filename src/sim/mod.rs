//! Simulated Facebook, Instagram and TikTok on loopback, as strict as the real ones, for the demo, for tests and for
//! other people's clients. In: a [`Scenario`] and a clock. Out: a server that answers like the platforms, and a
//! [`World`] in which to see what was asked and done. It shares no wire type with `platform`: two bookkeepers find
//! each other's errors. Nobody but `demo`, `cli` (for `simulate`) and tests imports it.

mod control;
mod facebook;
mod fault;
mod fields;
mod graph;
mod instagram;
mod listing;
mod scenario;
mod server;
mod tiktok;
mod tokens;
mod wire;
mod world;

#[cfg(test)]
mod tests;

pub use fault::{Fault, FaultRule};
pub use scenario::{
    CommentScript, EditScript, ExpireScript, HiddenBy, Knobs, Offset, PageScript, PostScript, PostShape, RatingScript,
    RenameScript, Scenario, ScenarioError, TimedComment,
};
pub use server::{Sim, SimError};
pub use tokens::{GraphToken, META_APP_ID, META_APP_SECRET, TIKTOK_APP_ID, TIKTOK_APP_SECRET, TikTokPair, TokenKind};
pub use wire::{Answer, Ask, Reply};
pub use world::{Act, Comment, Gone, Page, Person, Post, Rating, Seen, World, Write};
