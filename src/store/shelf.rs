//! What a search goes by, kept in memory while people search: the words and the author of every comment in small letters,
//! and how each comment stands. In: the rows of the store, and which of them changed. Out: the numbers of the comments
//! that fit, newest first. Not here: what a list shows of them (`desk`).
//!
//! Texts and names are sealed, so a search for a word that is nowhere would open every one of them, every time; and a
//! search for something rare would look at every row. The shelf opens each once. Triggers in `schema.sql` number every
//! change that matters here (`comment.turn`), whoever makes it, so that a shelf is brought up to date by reading what has
//! a higher number than it has seen: a command at a shell cannot be missed. When words are erased through this store the
//! shelf is wiped at once; when another process erases some, at the next search or the daemon's next round, within a
//! minute. Nobody searches for some minutes: it is wiped as well, so that an idle daemon is as small as before.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, TryLockError};

use memchr::memmem::Finder;
use rusqlite::types::ValueRef;
use rusqlite::{Row, params};
use zeroize::{Zeroize as _, Zeroizing};

use super::db::Tx;
use super::desk::{Search, State};
use super::names::{from_json, ms, named};
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::Platform;
use crate::lexicon::Category;

/// A shelf that nobody has used for so long is wiped.
const IDLE: SignedDuration = SignedDuration::from_mins(5);

/// Words lie in blocks that never grow, so that none is left behind where a block was before; in bytes. A block is so big
/// that the C library takes it from the system by itself, and gives it back when it goes (glibc: from 32 MiB on); what is
/// not written of it takes no memory.
const BLOCK: usize = 33 << 20;

/// Room for so many comments is taken at once, for the same reasons.
const CARDS: usize = 1 << 20;

/// Gaps that edits leave are allowed so many bytes, and half of what was written; then a shelf is built anew.
const GAPS: usize = 1 << 20;

/// The place of the shelf, shared by all handles of a store; empty until somebody searches.
#[derive(Default)]
pub(super) struct Alcove {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    shelf: Option<Shelf>,
    /// Somebody searched since the last round.
    used: bool,
    /// The last round that found it used.
    used_at: Option<Timestamp>,
}

impl fmt::Debug for Alcove {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Alcove(…)")
    }
}

impl Alcove {
    /// Up to `limit` comments that fit, newest first.
    pub(super) fn find(&self, db: &Tx<'_>, search: &Search, limit: usize) -> rusqlite::Result<Vec<i64>> {
        // Before the first question of this reading: what it sees is then at least as new as the shelf.
        let mut inner = self.lock();
        let shelf = Shelf::up_to_date(inner.shelf.take(), db)?;
        let found = shelf.find(&Asked::of(db, search)?, limit);
        (inner.shelf, inner.used) = (Some(shelf), true);
        Ok(found)
    }

    /// Nothing is kept, and nobody is about to keep something.
    pub(super) fn is_empty(&self) -> bool {
        match self.inner.try_lock() {
            Ok(inner) => inner.shelf.is_none(),
            Err(TryLockError::Poisoned(_) | TryLockError::WouldBlock) => false,
        }
    }

    /// Brings up to date what is kept, or wipes it when it has not been used for a while.
    pub(super) fn rest(&self, db: &Tx<'_>, now: Timestamp) -> rusqlite::Result<()> {
        let mut inner = self.lock();
        let used = std::mem::take(&mut inner.used);
        let since = *inner.used_at.get_or_insert(now);
        // A clock that was set back says nothing about how long nobody searched: then it counts from now.
        if used || now < since {
            inner.used_at = Some(now);
        } else if now.duration_since(since) >= IDLE {
            *inner = Inner::default();
        }
        if let Some(shelf) = inner.shelf.take() {
            inner.shelf = Some(Shelf::up_to_date(Some(shelf), db)?);
        }
        Ok(())
    }

    /// Wipes what is kept.
    pub(super) fn wipe(&self) {
        *self.lock() = Inner::default();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|poisoned| {
            // Somebody panicked halfway through a change: whatever is kept may be wrong.
            let mut inner = poisoned.into_inner();
            *inner = Inner::default();
            inner
        })
    }
}

/// Every comment that people may search for.
struct Shelf {
    /// Changes up to this one are in it.
    turn: i64,
    /// In the order of their rows.
    cards: Vec<Card>,
    blocks: Vec<Block>,
    /// Bytes written to the blocks …
    written: usize,
    /// … and how many of them no card points at any more.
    wiped: usize,
}

/// Words of many comments, wiped when it goes.
struct Block(Vec<u8>);

impl Drop for Block {
    fn drop(&mut self) {
        // Only what was written: wiping the room behind it would make it take memory.
        self.0.as_mut_slice().zeroize();
    }
}

/// One comment.
struct Card {
    row: i64,
    seen_ms: i64,
    /// One bit each, in the order of [`Category::ALL`].
    categories: u32,
    /// One bit each, in the order of [`State::ALL`].
    states: u8,
    platform: Platform,
    words: Words,
}

/// Where the words of a comment lie, and behind a line's end the name of its author.
struct Words {
    block: usize,
    bytes: Range<usize>,
}

impl Shelf {
    /// This shelf with everything that changed meanwhile, or a new one. After a failure there is none.
    fn up_to_date(shelf: Option<Self>, db: &Tx<'_>) -> rusqlite::Result<Self> {
        let last: i64 =
            db.prepare_cached("select coalesce(max(turn), 0) from comment")?.query_row([], |row| row.get(0))?;
        match shelf {
            Some(shelf) if shelf.turn >= last => Ok(shelf),
            Some(mut shelf) if shelf.wiped <= GAPS.max(shelf.written / 2) => {
                shelf.read(db, "comment.turn > ?", shelf.turn)?;
                shelf.turn = last;
                Ok(shelf)
            }
            _ => {
                let (cards, blocks) = (Vec::with_capacity(CARDS), Vec::new());
                let mut shelf = Self { turn: last, cards, blocks, written: 0, wiped: 0 };
                // By rows, so that each card is put behind the others; nothing has a turn below zero.
                shelf.read(db, "+comment.turn > ? order by comment.id", -1)?;
                Ok(shelf)
            }
        }
    }

    fn read(&mut self, db: &Tx<'_>, which: &str, after: i64) -> rusqlite::Result<()> {
        let states = State::ALL.map(|state| format!("{} as {}", state.condition(), state.id())).join(", ");
        let mut read = db.prepare_cached(&format!(
            "select comment.id, page.platform, comment.first_seen_at, comment_version.words, comment.author_name,
                 verdict.categories, {states}
             from comment
                 join page on page.id = comment.page
                 join comment_version on comment_version.comment = comment.id
                     and comment_version.version = comment.version
                 left join verdict on verdict.comment = comment.id and verdict.version = comment.version
                 left join decision on decision.id = (
                     select max(id) from standing where standing.verdict = verdict.id)
             where comment.by_page = 0 and {which}"
        ))?;
        let mut rows = read.query(params![after])?;
        while let Some(row) = rows.next()? {
            self.put(db, row)?;
        }
        Ok(())
    }

    fn put(&mut self, db: &Tx<'_>, row: &Row<'_>) -> rusqlite::Result<()> {
        let said = Zeroizing::new(db.vault.open(row, "words")?);
        let name = Zeroizing::new(db.vault.open_optional(row, "author_name")?.unwrap_or_default());
        let words = Zeroizing::new([said.to_lowercase(), name.to_lowercase()].join("\n"));
        let card = Card {
            row: row.get("id")?,
            seen_ms: row.get("first_seen_at")?,
            categories: categories(row)?,
            states: states(row)?,
            platform: named(row, "platform", Platform::from_id)?,
            words: self.write(words.as_bytes()),
        };
        match self.cards.last() {
            Some(last) if card.row <= last.row => self.replace(card),
            _ => self.cards.push(card),
        }
        Ok(())
    }

    fn replace(&mut self, card: Card) {
        match self.cards.binary_search_by_key(&card.row, |other| other.row) {
            Ok(at) => {
                let old = std::mem::replace(&mut self.cards[at], card).words;
                self.wiped += old.bytes.len();
                self.blocks[old.block].0[old.bytes].zeroize();
            }
            Err(at) => self.cards.insert(at, card),
        }
    }

    fn write(&mut self, words: &[u8]) -> Words {
        let room = self.blocks.last().map_or(0, |block| block.0.capacity() - block.0.len());
        if room < words.len() {
            self.blocks.push(Block(Vec::with_capacity(words.len().max(BLOCK))));
        }
        let at = self.blocks.len().saturating_sub(1);
        let Some(Block(block)) = self.blocks.last_mut() else { return Words { block: 0, bytes: 0..0 } };
        let start = block.len();
        block.extend_from_slice(words);
        self.written += words.len();
        Words { block: at, bytes: start..block.len() }
    }

    fn words(&self, card: &Card) -> &[u8] {
        self.blocks.get(card.words.block).and_then(|block| block.0.get(card.words.bytes.clone())).unwrap_or_default()
    }

    fn find(&self, asked: &Asked, limit: usize) -> Vec<i64> {
        let end = asked.before.map_or(self.cards.len(), |before| self.cards.partition_point(|card| card.row < before));
        let fits =
            |card: &&Card| asked.fits(card) && asked.words.iter().all(|word| word.find(self.words(card)).is_some());
        self.cards[..end].iter().rev().filter(fits).map(|card| card.row).take(limit).collect()
    }
}

fn categories(row: &Row<'_>) -> rusqlite::Result<u32> {
    // Most comments have none, and need no parsing.
    match row.get_ref("categories")? {
        ValueRef::Null | ValueRef::Text(b"[]") => Ok(0),
        _ => Ok(from_json::<Vec<Category>>(row, "categories")?
            .into_iter()
            .map(category_bit)
            .fold(0, |all, bit| all | bit)),
    }
}

fn category_bit(category: Category) -> u32 {
    Category::ALL.iter().position(|other| *other == category).map_or(0, |at| 1 << at)
}

fn states(row: &Row<'_>) -> rusqlite::Result<u8> {
    State::ALL.into_iter().try_fold(0, |all, state| {
        // What is not known to be so, as in a condition: null.
        let so = row.get::<_, Option<bool>>(state.id())?.unwrap_or(false);
        Ok(if so { all | state_bit(state) } else { all })
    })
}

fn state_bit(state: State) -> u8 {
    State::ALL.iter().position(|other| *other == state).map_or(0, |at| 1 << at)
}

/// What is searched for, in the shelf's own terms.
struct Asked {
    words: Vec<Finder<'static>>,
    platform: Option<Platform>,
    categories: u32,
    states: u8,
    /// The comments that an entry was found in.
    entry: Option<HashSet<i64>>,
    from_ms: i64,
    to_ms: i64,
    before: Option<i64>,
}

impl Asked {
    fn of(db: &Tx<'_>, search: &Search) -> rusqlite::Result<Self> {
        Ok(Self {
            words: search.words.iter().map(|word| Finder::new(word).into_owned()).collect(),
            platform: search.platform,
            categories: search.category.map_or(0, category_bit),
            states: search.state.map_or(0, state_bit),
            entry: search.entry.as_deref().map(|entry| found_in(db, entry)).transpose()?,
            from_ms: search.from.map_or(i64::MIN, ms),
            to_ms: search.to.map_or(i64::MAX, ms),
            before: search.before,
        })
    }

    fn fits(&self, card: &Card) -> bool {
        self.platform.is_none_or(|platform| platform == card.platform)
            && card.categories & self.categories == self.categories
            && card.states & self.states == self.states
            && (self.from_ms..self.to_ms).contains(&card.seen_ms)
            && self.entry.as_ref().is_none_or(|rows| rows.contains(&card.row))
    }
}

/// The comments in whose present words this entry was found.
fn found_in(db: &Tx<'_>, entry: &str) -> rusqlite::Result<HashSet<i64>> {
    db.prepare_cached(
        "select verdict.comment from reason
             join verdict on verdict.id = reason.verdict
             join comment on comment.id = verdict.comment and comment.version = verdict.version
         where reason.entry = ?",
    )?
    .query_map([entry], |row| row.get(0))?
    .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::types::Value;

    use super::*;
    use crate::comment::{AuthorId, PersonName};
    use crate::policy::Action;
    use crate::store::Store;
    use crate::store::deeds::{NAMES, deeds, happens};
    use crate::store::tests::{Place, at, batch, comment, judged, verdict};

    const WORDS: [&str; 9] =
        ["surgery", "garden", "jones", "carter", "éclairs", "łucja", "worst surgery", "for\ndr", "zebra"];

    fn searches() -> impl Strategy<Value = Search> {
        use proptest::option::{of, weighted};
        let words = proptest::collection::vec((0..WORDS.len()).prop_map(|at| WORDS[at].to_owned()), 0..3);
        let platform = weighted(0.2, prop_oneof![Just(Platform::Facebook), Just(Platform::TikTok)]);
        let category = weighted(0.3, prop_oneof![Just(Category::Threat), Just(Category::Complaint)]);
        let entry = weighted(0.2, Just("complaint/entry".to_owned()));
        let state = of((0..State::ALL.len()).prop_map(|at| State::ALL[at]));
        let time = || weighted(0.2, (0..20_i64).prop_map(at));
        (words, platform, category, entry, state, time(), time(), weighted(0.2, 1..7_i64)).prop_map(
            |(words, platform, category, entry, state, from, to, before)| Search {
                words,
                platform,
                category,
                entry,
                state,
                from,
                to,
                before,
            },
        )
    }

    /// What is found without a shelf: every comment is opened.
    fn slowly(db: &Tx<'_>, search: &Search) -> rusqlite::Result<Vec<i64>> {
        let asked = conditions(search);
        let question = asked.iter().fold(
            "select comment.id, comment_version.words, comment.author_name
             from comment
                 join page on page.id = comment.page
                 join comment_version on comment_version.comment = comment.id
                     and comment_version.version = comment.version
                 left join verdict on verdict.comment = comment.id and verdict.version = comment.version
                 left join decision on decision.id = (
                     select max(id) from standing where standing.verdict = verdict.id)
             where comment.by_page = 0"
                .to_owned(),
            |question, (condition, _)| format!("{question} and {condition}"),
        );
        let mut read = db.prepare(&format!("{question} order by comment.id desc"))?;
        let mut rows = read.query(rusqlite::params_from_iter(asked.into_iter().filter_map(|(_, value)| value)))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            if fits(db, row, &search.words)? {
                found.push(row.get("id")?);
            }
        }
        Ok(found)
    }

    fn conditions(search: &Search) -> Vec<(&'static str, Option<Value>)> {
        let mut asked: Vec<(&'static str, Option<Value>)> = Vec::new();
        let mut ask = |condition, value: Option<Value>| asked.extend(value.map(|value| (condition, Some(value))));
        ask("page.platform = ?", search.platform.map(|platform| platform.id().to_owned().into()));
        let category = |category: Category| format!("%\"{}\"%", category.id()).into();
        ask("verdict.categories like ?", search.category.map(category));
        let entry = search.entry.clone().map(Value::from);
        ask("verdict.id in (select reason.verdict from reason where reason.entry = ?)", entry);
        ask("comment.first_seen_at >= ?", search.from.map(|from| ms(from).into()));
        ask("comment.first_seen_at < ?", search.to.map(|to| ms(to).into()));
        ask("comment.id < ?", search.before.map(Value::from));
        asked.extend(search.state.map(|state| (state.condition(), None)));
        asked
    }

    /// Whether all the words stand in what was said or in who said it.
    fn fits(db: &Tx<'_>, row: &Row<'_>, words: &[String]) -> rusqlite::Result<bool> {
        if words.is_empty() {
            return Ok(true);
        }
        let mut said = db.vault.open(row, "words")?.to_lowercase();
        if words.iter().all(|word| said.contains(word)) {
            return Ok(true);
        }
        said.push('\n');
        said.push_str(&db.vault.open_optional(row, "author_name")?.unwrap_or_default().to_lowercase());
        Ok(words.iter().all(|word| said.contains(word)))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

        #[test]
        fn a_shelf_finds_what_opening_every_comment_finds_whoever_wrote_meanwhile(
            days in proptest::collection::vec((deeds(), any::<bool>(), searches()), 1..24)
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            runtime.block_on(async {
                let place = Place::new();
                let ours = place.open();
                let theirs = Store::open_beside(&place.path(), None, at(0)).expect("a command beside it");
                for (minutes, (deed, by_us, search)) in (1..).zip(days) {
                    happens(&place, if by_us { &ours } else { &theirs }, deed, minutes).await;
                    let standing = State::ALL.map(|state| Search { state: Some(state), ..Search::default() });
                    for search in standing.into_iter().chain([search]) {
                        let asked = search.clone();
                        let want = ours.db.read("search slowly", move |db| slowly(db, &asked)).await.expect("searches");
                        let found = ours.search(search.clone(), 100).await.expect("searches");
                        let found: Vec<i64> = found.hits.iter().map(|hit| hit.row).collect();
                        prop_assert_eq!(&found, &want, "{:?}", search);
                        let next = ours.search(search, 1).await.expect("searches").next;
                        prop_assert_eq!(next, want.first().copied().filter(|_| want.len() > 1));
                    }
                }
                Ok(())
            })?;
        }
    }

    /// What lies on the shelf.
    fn kept(store: &Store) -> String {
        let inner = store.shelf.lock();
        let blocks = inner.shelf.iter().flat_map(|shelf| &shelf.blocks);
        blocks.map(|block| String::from_utf8_lossy(&block.0).into_owned()).collect()
    }

    fn words(words: &str) -> Search {
        Search { words: vec![words.to_owned()], ..Search::default() }
    }

    async fn two() -> (Place, Store) {
        let place = Place::new();
        let store = place.open();
        let comments = ["Worst surgery", "What a lovely garden"].iter().enumerate();
        let comments = comments.map(|(id, text)| {
            let mut comment = comment(&format!("c{id}"), text);
            comment.author.id = Some(AuthorId::new(format!("a{id}")));
            comment.author.name = Some(PersonName::new(NAMES[id]));
            judged(comment, verdict(Category::Complaint, Action::Escalate))
        });
        store.record(batch(1, comments.collect())).await.expect("records");
        (place, store)
    }

    #[tokio::test]
    async fn nothing_is_kept_before_somebody_searches_nor_when_nobody_has_for_a_while() {
        let (_place, store) = two().await;
        store.search(Search::default(), 9).await.expect("searches");
        assert!(store.shelf.is_empty(), "the newest comments need no shelf");
        store.search(words("zebra"), 9).await.expect("searches");
        assert!(kept(&store).contains("worst surgery\njo carter"));
        for minutes in 1..6 {
            store.rest(at(minutes)).await.expect("rests");
            assert!(!store.shelf.is_empty(), "minute {minutes}");
        }
        store.search(words("zebra"), 9).await.expect("searches");
        store.rest(at(6)).await.expect("rests");
        assert!(!store.shelf.is_empty(), "it was used meanwhile");
        store.rest(at(12)).await.expect("rests");
        assert!(store.shelf.is_empty());
    }

    #[tokio::test]
    async fn erased_words_leave_the_shelf_at_once_and_those_that_another_process_erased_at_the_next_round() {
        let (place, store) = two().await;
        let theirs = Store::open_beside(&place.path(), None, at(0)).expect("opens");
        store.search(words("zebra"), 9).await.expect("searches");
        let people = theirs.people("Ann Garden".to_owned()).await.expect("looks");
        theirs.erase(&people[0], "Pat".into(), at(2)).await.expect("erases");
        store.rest(at(2)).await.expect("rests");
        let left = kept(&store);
        assert!(left.contains("worst surgery") && !left.contains("lovely") && !left.contains("ann"), "{left}");
        let people = store.people("Jo Carter".to_owned()).await.expect("looks");
        store.erase(&people[0], "Pat".into(), at(3)).await.expect("erases");
        assert_eq!(kept(&store), "");
    }

    #[tokio::test]
    async fn words_that_were_edited_are_written_over_and_a_shelf_full_of_gaps_is_built_anew() {
        let (_place, store) = two().await;
        for minutes in 2..10 {
            let text = format!("{minutes} {}", "surgery ".repeat(GAPS / 8));
            let edited = judged(comment("c0", &text), verdict(Category::Complaint, Action::Escalate));
            store.record(batch(minutes, vec![edited])).await.expect("records");
            assert_eq!(store.search(words("surgery surgery"), 9).await.expect("searches").hits.len(), 1);
            assert!(!kept(&store).contains("worst"));
        }
        let inner = store.shelf.lock();
        let shelf = inner.shelf.as_ref().expect("a shelf");
        assert!(shelf.written < 5 * GAPS, "{} bytes", shelf.written);
    }
}
