//! Gives libFuzzer's bytes to [`chaperone_fuzz::config_file`], which says what must hold.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chaperone_fuzz::config_file(bytes));
