//! What must hold of everything that reads other people's text, whatever bytes come. In: bytes. Out: nothing, or a panic
//! that names the broken promise. The fuzz targets call these with libFuzzer's bytes; `tests/it/fuzz.rs` with random ones.
//! Not here: what a reading should be; the tests beside the code say that.

use std::path::Path;
use std::sync::OnceLock;

use chaperone::lexicon::file::Lexicons;
use chaperone::lexicon::staff::StaffList;
use chaperone::matcher::{Matcher, Practice};

/// Every folded byte points at whole characters of the original, and words at what they were written as.
pub fn fold(bytes: &[u8]) {
    let raw = String::from_utf8_lossy(bytes);
    let folded = chaperone::text::fold(&raw);
    for at in 0..folded.text.len() {
        let span = folded.raw_span(at..at + 1);
        assert!(raw.get(span.clone()).is_some(), "folded byte {at} points at {span:?}");
    }
    for at in 0..folded.words.len() {
        let span = folded.raw_words(at..at + 1);
        assert!(raw.get(span.clone()).is_some_and(|word| !word.is_empty()), "word {at} stands at {span:?}");
    }
}

/// Whatever somebody writes is judged, every finding stands somewhere, and the same text is judged alike twice.
pub fn classify(bytes: &[u8]) {
    let raw = String::from_utf8_lossy(bytes);
    let sight = shipped().see(&raw);
    for finding in &sight.findings {
        assert!(raw.get(finding.span.clone()).is_some(), "{} stands at {:?}", finding.entry, finding.span);
    }
    assert_eq!(sight.findings, shipped().see(&raw).findings, "the same text was judged differently");
}

/// A lexicon file is taken or complained of, and what is taken can be used.
pub fn lexicon_file(bytes: &[u8]) {
    let Ok(dir) = tempfile::tempdir() else { return };
    let written = ["en", "lists"].iter().try_for_each(|sub| std::fs::create_dir(dir.path().join(sub)));
    if written.and_then(|()| std::fs::write(dir.path().join("en/complaint.toml"), bytes)).is_err() {
        return;
    }
    match Lexicons::load(dir.path()) {
        Ok(lexicons) => {
            let matcher = Matcher::compile(&lexicons, &StaffList::default(), &Practice::default(), &[]);
            matcher.see("the worst surgery in the country, I want to complain");
        }
        Err(complaints) => assert!(!complaints.is_empty(), "a file was refused without a reason"),
    }
}

/// A staff list is taken or complained of, and what is taken can be used.
pub fn staff_csv(bytes: &[u8]) {
    match StaffList::parse(bytes, Path::new("staff.csv")) {
        Ok(staff) => {
            let matcher = Matcher::compile(&Lexicons::default(), &staff, &Practice::default(), &[]);
            matcher.see("Dr Patel and the nurse were rude");
        }
        Err(complaints) => assert!(!complaints.is_empty(), "a list was refused without a reason"),
    }
}

/// The shipped lexicons and the example staff list, compiled once.
fn shipped() -> &'static Matcher {
    static SHIPPED: OnceLock<Matcher> = OnceLock::new();
    SHIPPED.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        // The fuzz package lies in a folder of the program's own, where the lexicons are.
        let root = if root.join("lexicons").is_dir() { root.to_path_buf() } else { root.join("..") };
        let lexicons = Lexicons::load(&root.join("lexicons")).unwrap_or_default();
        let list = root.join("lexicons/staff.example.csv");
        let staff =
            std::fs::read(&list).ok().and_then(|bytes| StaffList::parse(&bytes, &list).ok()).unwrap_or_default();
        Matcher::compile(&lexicons, &staff, &Practice::default(), &[])
    })
}
