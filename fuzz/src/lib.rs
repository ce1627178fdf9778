//! What must hold of everything that reads other people's text, whatever bytes come. In: bytes. Out: nothing, or a panic
//! that names the broken promise. The fuzz targets call these with libFuzzer's bytes; `tests/it/fuzz.rs` with random ones.
//! Not here: what a reading should be; the tests beside the code say that.

use std::path::Path;
use std::sync::OnceLock;

use chaperone::clock::Timestamp;
use chaperone::comment::{CommentId, PageId, PageKey, Platform, PostId};
use chaperone::config::{Config, Environment, Needs};
use chaperone::lexicon::file::Lexicons;
use chaperone::lexicon::staff::StaffList;
use chaperone::matcher::{Matcher, Practice};
use chaperone::platform::cursor::{Answer, Edge};
use chaperone::platform::specimen::{Asked, Specimen};

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

/// Whatever somebody writes is judged, every finding stands somewhere, and the same text is judged alike twice. What only
/// people who ask for an explanation wait for, near misses, is looked for in texts that begin with `?`: it is slow.
pub fn classify(bytes: &[u8]) {
    let raw = String::from_utf8_lossy(bytes);
    let sight = shipped().look(&raw);
    for finding in &sight.findings {
        assert!(raw.get(finding.span.clone()).is_some(), "{} stands at {:?}", finding.entry, finding.span);
    }
    assert_eq!(sight.findings, shipped().look(&raw).findings, "the same text was judged differently");
    if raw.starts_with('?') {
        assert_eq!(sight.findings, shipped().see(&raw).findings, "explaining finds something else than judging");
    }
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

/// Whatever Graph answers is taken item by item or refused: what is taken can be named, a listing goes on only where its
/// place says and nothing else, and no error repeats what the answer said. The first two bytes choose what was asked and
/// how it was answered.
pub fn graph_answer(bytes: &[u8]) {
    let [asked, answered, body @ ..] = bytes else { return };
    let platform = if asked & 1 == 0 { Platform::Facebook } else { Platform::Instagram };
    answer(platform, asked >> 1, *answered, body);
}

/// The same of TikTok's answers.
pub fn tiktok_answer(bytes: &[u8]) {
    let [asked, answered, body @ ..] = bytes else { return };
    answer(Platform::TikTok, *asked, *answered, body);
}

/// A configuration file is taken or complained of, and no complaint shows a secret's content.
pub fn config_file(bytes: &[u8]) {
    let Ok(dir) = tempfile::tempdir() else { return };
    let file = dir.path().join("chaperone.toml");
    if std::fs::write(&file, bytes).is_err() {
        return;
    }
    match Config::load_in(&file, Needs::EVERYTHING, &Environment::new()) {
        Ok(config) => assert!(!format!("{config:?}").is_empty(), "settings that cannot be shown"),
        Err(complaints) => assert!(!complaints.is_empty(), "a file was refused without a reason"),
    }
}

/// A word that no error of ours has in it.
const THEIRS: &str = "Xyzzy";

fn answer(platform: Platform, asked: u8, answered: u8, body: &[u8]) {
    let page = PageKey { platform, id: PageId::new("1029384756") };
    let (post, comment) = (PostId::new("1029384756_122"), CommentId::new("122_148"));
    let asked = match asked & 7 {
        0 | 1 => Asked::Posts(Edge::Main),
        2 => Asked::Posts(Edge::Visitors),
        3 => Asked::Posts(Edge::Reels),
        4 => Asked::Comments { post: &post, parent: None },
        5 => Asked::Comments { post: &post, parent: Some(&comment) },
        6 => Asked::Comment { post: &post, parent: None },
        _ => Asked::Write,
    };
    let status = [200, 200, 200, 400, 401, 403, 404, 429, 500, 502][usize::from(answered) % 10];
    let value = std::str::from_utf8(body).unwrap_or("60");
    let headers = match answered / 10 % 4 {
        0 => vec![],
        1 => vec![("retry-after", value)],
        2 => vec![("x-business-use-case-usage", value), ("x-app-usage", value)],
        _ => vec![("www-authenticate", value)],
    };
    let specimen = Specimen { status, headers: &headers, body };
    match specimen.read(&page, asked, Timestamp::UNIX_EPOCH) {
        Ok(answer) => read(&answer),
        Err(error) => {
            assert!(!error.help().is_empty(), "nobody is told what to do about {error}");
            assert!(!format!("{error} {error:?}").contains(THEIRS), "an error repeats the platform's words: {error:?}");
        }
    }
}

fn read(answer: &Answer) {
    for comment in answer.all_comments() {
        assert!(!comment.id.as_str().is_empty(), "a comment that nobody can name");
        assert!(!comment.post.as_str().is_empty(), "a comment without a post");
    }
    for listing in &answer.posts {
        assert!(!listing.post.id.as_str().is_empty(), "a post that nobody can name");
    }
    let nested = answer.posts.iter().flat_map(|listing| listing.next.iter().chain(places(&listing.more_replies)));
    for place in answer.next.iter().chain(places(&answer.more_replies)).chain(nested) {
        for (key, _) in chaperone::platform::specimen::going_on(place) {
            let wanted = ["after", "until", "since", "__paging_token", "offset"];
            assert!(wanted.contains(&key.as_str()), "a listing would go on with {key}");
        }
    }
}

fn places(more: &[(CommentId, Option<String>)]) -> impl Iterator<Item = &String> {
    more.iter().filter_map(|(_, place)| place.as_ref())
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
