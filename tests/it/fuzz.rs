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

    #[test]
    fn whatever_a_platform_answers_is_taken_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        targets::graph_answer(&bytes);
        targets::tiktok_answer(&bytes);
    }

    #[test]
    fn whatever_json_a_platform_answers_is_taken_or_refused(head in any::<[u8; 2]>(), json in json()) {
        let bytes = [&head[..], json.as_bytes()].concat();
        targets::graph_answer(&bytes);
        targets::tiktok_answer(&bytes);
    }

    #[test]
    fn whatever_a_captured_answer_turns_into_is_taken_or_refused(
        head in any::<[u8; 2]>(), which in 0..WIRE.len(), at in any::<prop::sample::Index>(), with in any::<u8>(), cut in any::<bool>(),
    ) {
        let mut body = WIRE[which].as_bytes().to_vec();
        let at = at.index(body.len());
        if cut { body.truncate(at) } else { body[at] = with }
        let bytes = [&head[..], &body].concat();
        targets::graph_answer(&bytes);
        targets::tiktok_answer(&bytes);
    }

    #[test]
    fn whatever_a_configuration_file_has_it_is_taken_or_refused(
        rows in "((\\[\\[page\\]\\]|\\[practice\\]|\\[store\\]|[a-z_]{1,9} = (\"[^\"]{0,9}\"|-?[0-9]{1,20}|\\[\\]|true))\n){0,8}",
    ) {
        targets::config_file(rows.as_bytes());
    }
}

/// What the platforms really answered, as the fact sheets have it.
const WIRE: [&str; 5] = [
    include_str!("../wire/facebook_feed.json"),
    include_str!("../wire/instagram_media.json"),
    include_str!("../wire/tiktok_comments.json"),
    include_str!("../wire/tiktok_videos.json"),
    include_str!("../wire/graph_errors.jsonl"),
];

/// JSON with the platforms' own words in it, in places where they mostly do not belong.
fn json() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "data",
        "error",
        "code",
        "error_subcode",
        "message",
        "paging",
        "next",
        "cursors",
        "after",
        "id",
        "comments",
        "from",
        "replies",
        "reply_list",
        "comment_id",
        "text",
        "created_time",
        "create_time",
        "has_more",
        "cursor",
        "videos",
        "attachment",
        "attachments",
        "subattachments",
        "summary",
        "total_count",
        "success",
        "is_transient",
        "parent",
    ]);
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        prop::sample::select(vec![
            "",
            "?access_token=Xyzzy&after=1",
            "https://other.example/?after=2",
            "2025-11-24T16:00:00+0000",
            "190"
        ])
        .prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    let value = leaf.prop_recursive(5, 40, 6, move |inner| {
        let rows = prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from);
        let fields = prop::collection::vec((key.clone(), inner), 0..6)
            .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect());
        prop_oneof![rows, fields.prop_map(serde_json::Value::Object)]
    });
    value.prop_map(|value| value.to_string())
}
