//! The one integration binary: what holds for the crate as a whole.

mod cases;
mod cli;
mod shipped;
mod tidy;
mod tree;
