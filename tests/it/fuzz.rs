//! The promises of the fuzz targets, held for random bytes and for bytes that look like what people write, so that they
//! are tried on every run and without nightly Rust. Long runs are `cargo +nightly fuzz run`.

use proptest::prelude::*;

#[path = "../../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "a library of its own when it fuzzes")]
mod targets;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_bytes_come_they_fold(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        targets::fold(&bytes);
    }

    #[test]
    fn whatever_text_comes_it_is_judged(text in any::<String>()) {
        targets::classify(text.as_bytes());
    }

    #[test]
    fn whatever_disguise_comes_it_is_judged(text in "([a-z@$!*0-9.'_-]{1,9}[ \u{200B}💩🇬ʇɐɥ€&#%;-]{0,2}){0,12}") {
        targets::classify(text.as_bytes());
    }

    #[test]
    fn whatever_bytes_a_lexicon_file_has_it_is_taken_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        targets::lexicon_file(&bytes);
    }

    #[test]
    fn whatever_phrase_a_lexicon_file_has_it_is_taken_or_refused(phrase in "[a-z <>()\\[\\]|*.!?^$']{0,40}") {
        let file = format!(
            "category = \"complaint\"\nclause = \"complaints\"\n\n[[entry]]\nid = \"a\"\nphrases = [\"{phrase}\"]\nhits = [\"x\"]\n"
        );
        targets::lexicon_file(file.as_bytes());
    }

    #[test]
    fn whatever_a_staff_list_has_it_is_taken_or_refused(rows in "(title,forename,surname,role,aliases\n)?([A-Za-z'\",;. é\u{200B}-]{0,30}\n){0,6}") {
        targets::staff_csv(rows.as_bytes());
    }
}
