//! The one integration binary: what holds for the crate as a whole.

mod author;
mod brake;
mod cases;
mod cli;
mod console;
mod demo;
mod daemon;
mod edges;
mod fuzz;
mod judge;
mod people;
mod privacy;
mod ladder;
mod queue;
mod secrets;
mod shipped;
mod simulation;
mod supply;
mod support;
mod tidy;
mod tree;
mod watched;
mod wire;
