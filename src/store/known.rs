//! Since when each part of the rules has been as it is. In: the marks of rules that come into force. Out: their ages.
//! What was there when the store began counts as old, for the practice chose it with open eyes; and a form that comes
//! back is as old as it was, for a mistake taken back is no new rule. Not here: what is young; that is the brake's.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, params};

use super::names::{ms_opt, time_opt};
use super::{Error, Store, vitals};
use crate::clock::Timestamp;
use crate::rules::age::{Ages, Mark};

impl Store {
    /// Rules come into force: what is new of them is remembered. Says since when all of it is as it is.
    pub async fn rules_in_force(&self, marks: &[Mark], version: &str, now: Timestamp) -> Result<Ages, Error> {
        let (marks, version) = (marks.iter().cloned().collect(), version.to_owned());
        self.db.write("remember the rules", move |tx| in_force(tx, marks, &version, now)).await
    }

    /// The same at a start: holds the calling thread until it is done.
    pub fn rules_at_start(&self, marks: &[Mark], version: &str, now: Timestamp) -> Result<Ages, Error> {
        let (marks, version) = (marks.iter().cloned().collect(), version.to_owned());
        self.db.write_now("remember the rules", move |tx| in_force(tx, marks, &version, now))
    }
}

fn in_force(tx: &Connection, marks: HashSet<Mark>, version: &str, now: Timestamp) -> rusqlite::Result<Ages> {
    let known = known(tx)?;
    let new_since = (!known.is_empty()).then_some(now);
    let mut insert = tx.prepare_cached(
        "insert into rule_known (name, print, since_at, rules_version, in_force) values (?, ?, ?, ?, 1)",
    )?;
    let mut switch = tx.prepare_cached("update rule_known set in_force = ? where name = ? and print = ?")?;
    let mut ages = Vec::new();
    // Only what changes is written: a start with the rules of yesterday writes nothing.
    for (gone, _) in known.iter().filter(|(mark, form)| form.in_force && !marks.contains(mark)) {
        switch.execute(params![false, gone.name, gone.print])?;
    }
    for mark in marks {
        let since = match known.get(&mark) {
            None => {
                insert.execute(params![mark.name, mark.print, ms_opt(new_since), version])?;
                new_since
            }
            Some(form) => {
                if !form.in_force {
                    switch.execute(params![true, mark.name, mark.print])?;
                }
                form.since
            }
        };
        ages.extend(since.map(|since| (mark.name, since)));
    }
    vitals::note_rules(tx, version, now)?;
    Ok(Ages::of(ages))
}

/// A form that a part of the rules had once.
struct Form {
    since: Option<Timestamp>,
    in_force: bool,
}

fn known(tx: &Connection) -> rusqlite::Result<HashMap<Mark, Form>> {
    tx.prepare_cached("select name, print, since_at, in_force from rule_known")?
        .query_map([], |row| {
            let form = Form { since: time_opt(row, "since_at")?, in_force: row.get("in_force")? };
            Ok((Mark { name: row.get("name")?, print: row.get("print")? }, form))
        })?
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{Place, at};

    fn marks(said: &[(&str, u8)]) -> Vec<Mark> {
        said.iter().map(|(name, print)| Mark { name: (*name).to_owned(), print: [*print; 16] }).collect()
    }

    #[tokio::test]
    async fn what_was_there_when_the_store_began_is_old_what_changes_is_new_and_what_comes_back_is_as_old_as_it_was() {
        let place = Place::new();
        let mut store = place.open();
        let check = async |store: &Store, minutes, said: &[(&str, u8)], want: &[(&str, i64)]| {
            let ages = store.rules_in_force(&marks(said), "v", at(minutes)).await.expect("remembers");
            let want = want.iter().map(|(name, since)| ((*name).to_owned(), at(*since)));
            assert_eq!(ages, Ages::of(want), "{said:?}");
        };
        check(&store, 0, &[("a", 1), ("b", 1)], &[]).await;
        check(&store, 10, &[("a", 2), ("b", 1), ("c", 1)], &[("a", 10), ("c", 10)]).await;
        drop(store);
        store = place.open();
        check(&store, 20, &[("a", 2), ("b", 2)], &[("a", 10), ("b", 20)]).await;
        check(&store, 30, &[("a", 1), ("b", 1), ("c", 1)], &[("c", 10)]).await;
        check(&store, 40, &[("a", 2)], &[("a", 10)]).await;
        let started = store.rules_at_start(&marks(&[("a", 3)]), "v", at(50)).expect("remembers");
        assert_eq!(started, Ages::of([("a".to_owned(), at(50))]));
    }
}
