//! How each entry has done: how often it found something in the stored comments, and what people made of that. In: the
//! store, the lexicons. Out: [`Stats`], a row an entry. Not here: wording, and labelled comments (`measure`).

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::lexicon::Certainty;
use crate::lexicon::complaint::line_col;
use crate::lexicon::file::Lexicons;
use crate::store::past::Record;
use crate::store::{Error, Store};

/// What the store says of every entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Judged since then; the beginning of the watch where nobody asked.
    pub since: Option<Timestamp>,
    /// Comments judged in all.
    pub verdicts: u64,
    /// One for each entry that found something.
    pub rows: Vec<Row>,
    /// Entries of the lexicons that never found anything.
    pub never: Vec<Silent>,
}

/// How an entry has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its counts.
    #[serde(flatten)]
    pub record: Record,
    /// Of the decided ones, how many were right, in thousandths, and the bounds that hold it with 95 %.
    pub precision: Option<Precision>,
    /// Its certainty; none for names and identifiers, and for entries that are no more.
    pub certainty: Option<Certainty>,
    /// Where it stands.
    pub place: Option<Place>,
    /// Since when it is as it is; none is from the beginning.
    pub unchanged_since: Option<Timestamp>,
}

/// An entry that never found anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silent {
    /// Which.
    pub entry: String,
    /// Where it stands.
    pub place: Place,
    /// Since when it is as it is; none is from the beginning.
    pub unchanged_since: Option<Timestamp>,
}

/// A place in a lexicon file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
}

/// A share with what is known of it, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Precision {
    /// The share itself.
    pub share: u16,
    /// At least so much, with 95 % (Wilson's interval).
    pub low: u16,
    /// At most so much.
    pub high: u16,
}

impl Precision {
    /// So many of all; none of none.
    pub fn of(right: u64, all: u64) -> Option<Self> {
        const Z: f64 = 1.959_964;
        if all == 0 {
            return None;
        }
        let (n, p) = (all as f64, right as f64 / all as f64);
        let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let thousandths = |share: f64| (share.clamp(0.0, 1.0) * 1000.0).round() as u16;
        Some(Self { share: thousandths(p), low: thousandths(middle - half), high: thousandths(middle + half) })
    }
}

/// In which order entries are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Those that found most first.
    #[default]
    Found,
    /// Those that are right least often first, as far as that is sure: one decision says little.
    Precision,
    /// Those that found something last first.
    Last,
    /// By name.
    Name,
}

/// Counts everything that was judged since then.
pub async fn stats(store: &Store, lexicons: &Lexicons, since: Option<Timestamp>, order: Order) -> Result<Stats, Error> {
    let (began, verdicts) = store.watched().await?;
    let records = store.records(since).await?;
    let ages: BTreeMap<String, Option<Timestamp>> = store.entries_since().await?.into_iter().collect();
    let age = |entry: &str| ages.get(entry).copied().flatten();
    let silent = lexicons.entries.iter().filter(|entry| !records.iter().any(|record| record.entry == entry.name));
    let never = silent.map(|entry| Silent {
        entry: entry.name.clone(),
        place: place(lexicons, entry),
        unchanged_since: age(&entry.name),
    });
    let never = never.collect();
    let rows = records.into_iter().map(|record| {
        let entry = lexicons.entries.iter().find(|entry| entry.name == record.entry);
        let right = record.upheld + record.removed;
        Row {
            precision: Precision::of(right, right + record.restored),
            certainty: entry.map(|entry| entry.certainty),
            place: entry.map(|entry| place(lexicons, entry)),
            unchanged_since: age(&record.entry),
            record,
        }
    });
    let mut rows: Vec<Row> = rows.collect();
    match order {
        Order::Found => rows.sort_by_key(|row| Reverse(row.record.found)),
        Order::Precision => {
            rows.sort_by_key(|row| row.precision.map_or((1001, 0), |precision| (precision.high, precision.low)));
        }
        Order::Last => rows.sort_by_key(|row| Reverse(row.record.last)),
        Order::Name => rows.sort_by(|one, other| one.record.entry.cmp(&other.record.entry)),
    }
    Ok(Stats { since: since.or(began), verdicts, rows, never })
}

fn place(lexicons: &Lexicons, entry: &crate::lexicon::file::Entry) -> Place {
    let source = &lexicons.files[entry.file];
    Place { file: source.path.clone(), line: line_col(&source.text, entry.span.start).0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Decision;
    use crate::tuning::testing::Desk;

    #[test]
    fn a_share_of_few_is_known_badly_and_of_many_well() {
        let of = |right, all| Precision::of(right, all).map(|it| (it.share, it.low, it.high));
        assert_eq!(of(0, 0), None);
        assert_eq!(of(1, 1), Some((1000, 207, 1000)));
        assert_eq!(of(8, 10), Some((800, 490, 943)));
        assert_eq!(of(800, 1000), Some((800, 774, 824)));
    }

    #[tokio::test]
    async fn entries_are_told_with_what_people_made_of_them_and_those_that_never_found_anything_apart() {
        let entry = |id: &str| format!("[[entry]]\nid = \"{id}\"\nphrases = [\"{id}\"]\nhits = [\"{id}\"]\n");
        let desk = Desk::new(&(entry("worst") + &entry("hopeless") + &entry("gormless")));
        desk.says(&["worst", "worst and hopeless", "worst", "worst", "fine"]).await;
        desk.decides(Decision::Uphold, &[1]).await;
        desk.decides(Decision::Restore, &[2, 3]).await;
        let stats = stats(&desk.store, &desk.lexicons(), None, Order::Precision).await.expect("stats");
        let row = |row: &Row| {
            let record = &row.record;
            (record.entry.clone(), record.found, record.upheld, record.restored, row.precision.map(|it| it.share))
        };
        let rows: Vec<_> = stats.rows.iter().map(row).collect();
        let want = [("complaint/worst", 4, 1, 2, Some(333)), ("complaint/hopeless", 1, 0, 1, Some(0))];
        assert_eq!(
            rows,
            want.map(|(name, found, upheld, restored, share)| (name.to_owned(), found, upheld, restored, share))
        );
        let never: Vec<(&str, usize)> = stats.never.iter().map(|it| (it.entry.as_str(), it.place.line)).collect();
        assert_eq!((never, stats.verdicts), (vec![("complaint/gormless", 12)], 5));
    }
}
