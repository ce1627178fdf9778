//! Behaviour of the store over a file on the disk, reopened where a crash would reopen it.
