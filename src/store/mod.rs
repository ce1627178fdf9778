//! SQLite: what was seen, judged, owed and done. Skeleton; to be written.

pub mod report;
