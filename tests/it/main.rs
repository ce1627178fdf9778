//! The one integration binary: what holds for the crate as a whole.

mod brake;
mod cases;
mod cli;
mod demo;
mod daemon;
mod fuzz;
mod queue;
mod shipped;
mod support;
mod tidy;
mod tree;
