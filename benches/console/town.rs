//! Two years of a busy town at three pages: a store with a hundred thousand comments. In: the invented comments under
//! `labelled`, judged by the shipped rules. Out: a store, and what to ask it for. The mixture: three in four comments
//! without a finding; of the others most were settled by the rules or decided, and a few hundred wait.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use chaperone::clock::{SignedDuration, Timestamp};
use chaperone::comment::{Author, AuthorId, Comment, CommentId, PageId, PageKey, PersonName, Platform, PostId};
use chaperone::measure::Labelled;
use chaperone::policy::Verdict;
use chaperone::rules::{Files, Rules};
use chaperone::store::{Batch, Decision, Judged, Mode, Seen, Store, Word};

/// Comments in the store.
const STORED: usize = 100_000;
/// Comments that one poll brings.
const BATCH: usize = 250;
/// Incidents that still wait.
const WAITING: usize = 400;

/// What is watched.
pub(crate) const PAGES: [(Platform, &str); 3] =
    [(Platform::Facebook, "1029384756"), (Platform::Instagram, "17841400112233445"), (Platform::TikTok, "-000Open")];

const FORENAMES: &[&str] = &[
    "Jo", "Ann", "Lee", "Max", "Bea", "Sam", "Pat", "Priya", "Tom", "Grace", "Mo", "Aisha", "Dai", "Eve", "Rob",
    "Kath", "Ola", "Zoë", "Ian", "Nia", "Hugh", "Ruth", "Yusuf", "Carol",
];
const SURNAMES: &[&str] = &[
    "Carter", "Okonkwo", "Smith", "Jones", "Patel", "Hughes", "Khan", "Walker", "Begum", "Price", "Novak", "Green",
    "O'Brien", "Hill", "Ahmed", "Wood", "Clarke", "Evans", "Moss", "Shah", "Baker", "Fox", "Kaur", "Reid", "Lamb",
];

/// A full store, and what is worth asking it for.
pub(crate) struct Town {
    pub(crate) stored: usize,
    pub(crate) waits: i64,
    pub(crate) decided: i64,
    pub(crate) frequent_entry: String,
    pub(crate) rare_entry: String,
    pub(crate) summary: String,
}

/// Numbers that are the same in every run (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub(crate) fn shuffle(&mut self, list: &mut [usize]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

/// Texts and what the rules make of them.
struct Texts {
    quiet: Vec<(String, Verdict)>,
    found: Vec<(String, Verdict)>,
}

impl Town {
    pub(crate) async fn fill(path: &Path, now: Timestamp) -> Self {
        let started = Instant::now();
        let texts = texts();
        let judged_s = started.elapsed().as_secs_f64();
        let store = Store::open(path, None, now).expect("a store");
        let mut random = Random(1);
        let mut entries: BTreeMap<String, usize> = BTreeMap::new();
        let first = now - SignedDuration::from_hours(24 * 730);
        let step = SignedDuration::from_secs(730 * 86_400 * BATCH as i64 / STORED as i64);
        let mut incidents = 0;
        for batch in 0..STORED / BATCH {
            let seen_at = first + step * i32::try_from(batch).expect("a few");
            let (platform, id) = PAGES[[0, 0, 1, 0, 2][random.below(5)]];
            let page = PageKey { platform, id: PageId::new(id) };
            let mut comments: Vec<Judged> = (0..BATCH)
                .map(|at| {
                    let number = batch * BATCH + at;
                    let judged = judged(&texts, number, seen_at, &mut random);
                    for reason in judged.verdict.iter().flat_map(|verdict| &verdict.reasons) {
                        *entries.entry(reason.finding.entry.to_string()).or_default() += 1;
                    }
                    judged
                })
                .collect();
            incidents +=
                comments.iter().filter(|one| one.verdict.as_ref().is_some_and(|v| !v.reasons.is_empty())).count();
            // Somebody edits what they wrote a while ago.
            let edited = Judged { verdict: Some(texts.quiet[batch].1.clone()), ..comments[0].clone() };
            let comment = Comment { text: Comment::of_text(texts.quiet[batch].0.as_str()).text, ..edited.comment };
            let again = Judged { comment, verdict: edited.verdict, baseline: false };
            comments.truncate(BATCH);
            store.record(poll(&page, seen_at, comments)).await.expect("recorded");
            store.record(poll(&page, seen_at + SignedDuration::from_mins(9), vec![again])).await.expect("recorded");
        }
        let (waits, decided) = settle(&store, path, now).await;
        let waiting = store.briefs().await.expect("what waits").len();
        let count = |entry: &str| entries[entry];
        let frequent_entry = entries.keys().max_by_key(|entry| count(entry)).expect("one").clone();
        let rare_entry = entries.keys().min_by_key(|entry| count(entry)).expect("one").clone();
        let summary = format!(
            "{STORED} comments of {} texts, {incidents} of them incidents when first read; {waiting} briefs wait; \
             judged in {judged_s:.1} s, recorded in {:.1} s; frequent entry {frequent_entry} ({}), rare entry \
             {rare_entry} ({}); store of {} MiB",
            texts.quiet.len() + texts.found.len(),
            started.elapsed().as_secs_f64() - judged_s,
            entries[&frequent_entry],
            entries[&rare_entry],
            fs::metadata(path).map_or(0, |file| file.len() >> 20),
        );
        Self { stored: STORED, waits, decided, frequent_entry, rare_entry, summary }
    }
}

fn judged(texts: &Texts, number: usize, seen_at: Timestamp, random: &mut Random) -> Judged {
    let from = if random.below(4) == 0 { &texts.found } else { &texts.quiet };
    let (text, verdict) = &from[random.below(from.len())];
    let mut text = text.clone();
    if number % (STORED / 3) == 1_000 {
        text += " Not even by zeppelin.";
    }
    // A few regulars write much.
    let author = (random.below(1000) * random.below(1000)) / 50;
    let name = format!("{} {}", FORENAMES[author % FORENAMES.len()], SURNAMES[author / 7 % SURNAMES.len()]);
    let parent = (number % 5 == 4).then(|| CommentId::new(format!("c{}", number - number % 5)));
    let comment = Comment {
        id: CommentId::new(format!("c{number}")),
        post: PostId::new(format!("p{}", number / 60)),
        parent,
        author: Author { id: Some(AuthorId::new(format!("a{author}"))), name: Some(PersonName::new(name)) },
        created: Some(seen_at - SignedDuration::from_secs(random.below(3600) as i64)),
        permalink: Some(format!("https://example.org/{number}")),
        ..Comment::of_text(text)
    };
    Judged { comment, verdict: Some(verdict.clone()), baseline: false }
}

fn poll(page: &PageKey, seen_at: Timestamp, comments: Vec<Judged>) -> Batch {
    Batch {
        answering: chaperone::signpost::Answering::default(),
        page: page.clone(),
        seen_at,
        posts: Vec::new(),
        comments,
        replies_read: Vec::new(),
        mode: Mode::Enforce,
        rules_version: "bench".to_owned(),
        ages: Arc::default(),
    }
}

/// What the platforms were asked for was done, and people decided all but the newest; an incident that waits, and one that
/// was decided.
async fn settle(store: &Store, path: &Path, now: Timestamp) -> (i64, i64) {
    carried_out(path, now);
    let alerts: Vec<i64> = store.due_alerts(now).await.expect("alerts").iter().map(|alert| alert.id).collect();
    for some in alerts.chunks(5) {
        store.mark_alert_sent(some, now, None).await.expect("noted");
    }
    let waiting: Vec<i64> = store.briefs().await.expect("what waits").iter().map(|brief| brief.number).collect();
    let (old, new) = waiting.split_at(waiting.len().saturating_sub(WAITING));
    for (at, some) in old.chunks(100).enumerate() {
        let what = [Decision::Uphold, Decision::Uphold, Decision::Hide, Decision::Uphold, Decision::Restore][at % 5];
        let word =
            Word { what, who: "Pat Lee".into(), why: "as our code of conduct says".into(), seen: Seen::Anything };
        store.decide(some, word, Mode::Enforce, now).await.expect("decided");
    }
    // What is gone cannot be hidden, and what was edited is another case: there people were content.
    let waiting: Vec<i64> = store.briefs().await.expect("what waits").iter().map(|brief| brief.number).collect();
    let word = Word { what: Decision::Uphold, who: "Pat Lee".into(), why: "seen".into(), seen: Seen::Anything };
    let left = &waiting[..waiting.len().saturating_sub(WAITING)];
    store.decide(left, word, Mode::Enforce, now).await.expect("decided");
    carried_out(path, now);
    let in_hand: Vec<i64> = new.iter().copied().step_by(9).collect();
    store.acknowledge(&in_hand, "Sam Reed".into(), now).await.expect("noted");
    let failed = "update outbox set state = 'dead', achieved = 'escalate' where id % 1000 = 0";
    rusqlite::Connection::open(path).and_then(|file| file.execute_batch(failed)).expect("written");
    (new[new.len() / 2], old[old.len() / 2])
}

fn carried_out(path: &Path, now: Timestamp) {
    let now = now.as_millisecond();
    let file = rusqlite::Connection::open(path).expect("opens");
    file.execute_batch(&format!(
        "update comment set gone_at = {now} where id in
             (select comment from outbox where state = 'due' and intended = 'delete');
         update comment set hidden = 1, our_hide_at = {now} where id in
             (select comment from outbox where state = 'due' and intended = 'hide');
         update comment set hidden = 0 where id in
             (select comment from outbox where state = 'due' and intended = 'show');
         update outbox set state = 'done', achieved = intended, written = intended, written_at = {now},
             verified_at = {now}, closed_at = {now}, attempts = 1 where state = 'due';"
    ))
    .expect("written");
}

fn root(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn texts() -> Texts {
    let files = Files {
        lexicons: root("lexicons"),
        policy: root("config/policies/bursted-wood-surgery.toml"),
        staff: Some(root("lexicons/staff.example.csv")),
        ..Files::default()
    };
    let rules = Rules::unproved(&files).expect("the shipped rules");
    let mut texts = Texts { quiet: Vec::new(), found: Vec::new() };
    for folder in ["learnt", "fresh", "held-out"] {
        let mut files: Vec<PathBuf> = fs::read_dir(root("labelled").join(folder))
            .expect("a folder")
            .flatten()
            .map(|entry| entry.path())
            .collect();
        files.sort();
        for file in files {
            let source = fs::read_to_string(&file).expect("a file");
            for row in Labelled::parse(&source, &file).expect("comments") {
                let verdict = rules.judge(&Comment::of_text(row.text.as_str()));
                let pile = if verdict.reasons.is_empty() { &mut texts.quiet } else { &mut texts.found };
                pile.push((row.text, verdict));
            }
        }
    }
    texts
}
