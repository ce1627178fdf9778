//! The one integration binary: what holds for the crate as a whole.

mod cases;
mod cli;
mod demo;
mod daemon;
mod fuzz;
mod privacy;
mod ladder;
mod queue;
mod shipped;
mod simulation;
mod support;
mod tidy;
mod tree;
