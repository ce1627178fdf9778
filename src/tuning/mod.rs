//! Tuning the words without fear: what a change would have done to the comments of the past, which entries are right and
//! which are not, what in a lexicon looks wrong, and what people's decisions teach. In: lexicons, the store. Out: reports
//! as data, for a terminal and for the console alike. Nothing here changes a rule or writes a file; people do.
//! Not here: judging (`rules`), reading the past (`store::past`), and printing.

pub mod backtest;
