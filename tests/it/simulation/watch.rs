//! Safety: what must hold at every moment, checked against the simulator's own record of what it was asked and did. In:
//! each request with the world before it and the store's file as it stood. Out: sentences about what was broken.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chaperone::clock::{SignedDuration, Timestamp};
use chaperone::sim::{Act, Answer, HiddenBy, Reply, Seen, World, Write};
use serde_json::Value;

use super::ledger::Ledger;
use super::words::Words;

/// Calls with a refused token: so many whatever happens, and so many more for each hour.
const REFUSALS: i64 = 24;
const REFUSALS_AN_HOUR: i64 = 14;

/// A thing that can be hidden or deleted, as it stood before a request.
#[derive(Clone, Debug)]
struct Thing {
    page: String,
    text: Option<String>,
    by_page: bool,
    hidden: bool,
    gone: bool,
}

/// The state before a request that may change something.
pub(super) struct Before {
    things: BTreeMap<String, Thing>,
    writes: usize,
}

impl Before {
    pub(super) fn of(world: &World) -> Self {
        let comments = world.comments().iter().map(|comment| {
            let thing = Thing {
                page: comment.page.clone(),
                text: comment.text.clone(),
                by_page: comment.by_page,
                hidden: comment.hidden != HiddenBy::None,
                gone: comment.gone.is_some(),
            };
            (comment.id.clone(), thing)
        });
        let posts = world.posts().iter().map(|post| {
            let thing = Thing {
                page: post.page.clone(),
                text: post.text.clone(),
                by_page: post.author.is_none(),
                hidden: post.hidden,
                gone: post.deleted,
            };
            (post.id.clone(), thing)
        });
        Self { things: comments.chain(posts).collect(), writes: world.writes().len() }
    }
}

/// What is remembered between requests.
#[derive(Default)]
pub(super) struct Watch {
    pub(super) store: PathBuf,
    pub(super) enforce: bool,
    /// Whoever says something kind is answered.
    pub(super) replies: bool,
    pub(super) better_rules: bool,
    pub(super) hides: Option<u32>,
    pub(super) deletes: Option<u32>,
    /// What was there before the watch began, until somebody edits it.
    pub(super) baseline: BTreeSet<String>,
    /// When the watch of a page began, as it was first written down, in milliseconds.
    pub(super) watched_from: BTreeMap<String, i64>,
    /// Words that staff showed again after our hide.
    pub(super) shown_again: BTreeSet<(String, String)>,
    /// Words that staff showed again, whoever had hidden them: they may stand.
    pub(super) shown_by_hand: BTreeSet<(String, String)>,
    /// The words that were hidden, and their number among the texts that were read.
    pub(super) hidden_as: BTreeMap<String, (String, i64)>,
    /// Acts that took effect, until somebody undoes them.
    done: BTreeSet<(&'static str, String)>,
    /// Acts that took effect, by page and the daemon's local day.
    by_day: BTreeMap<(String, String, &'static str), BTreeSet<String>>,
    /// Until when a page asked for quiet, by the daemon's clock and by its own: nobody can keep to a clock that somebody
    /// else moves, but while both say so there is no excuse.
    pub(super) quiet: BTreeMap<String, (Timestamp, Timestamp)>,
    /// Since when a page's token is refused, and how often it was used since.
    refused: BTreeMap<String, (Timestamp, i64)>,
    pub(super) restarts: i64,
    pub(super) broken: Vec<String>,
}

impl Watch {
    /// A person or the platform undid what we did.
    pub(super) fn undone(&mut self, id: &str) {
        self.done.remove(&("hide", id.to_owned()));
    }

    /// One request has been answered.
    pub(super) fn saw(&mut self, before: &Before, world: &World, reply: &Reply, now: Timestamp) {
        if let Some(seen) = world.requests().last() {
            self.note_beginning(seen);
            self.keeps_quiet(seen, now);
            self.takes_refusals(seen, now);
            self.note_throttle(seen, reply, now);
        }
        for write in &world.writes()[before.writes..] {
            self.judge(write, before, now);
        }
    }

    fn says(&mut self, what: String) {
        self.broken.push(what);
    }

    /// A clock that is put back takes the beginning along, but not what was taken for the backlog until then.
    fn note_beginning(&mut self, seen: &Seen) {
        let Some(page) = seen.page.as_ref().filter(|page| !self.watched_from.contains_key(*page)) else { return };
        let began = Ledger::open(&self.store).ok().and_then(|ledger| ledger.watched_from(page));
        self.watched_from.extend(began.map(|began| (page.clone(), began)));
    }

    fn keeps_quiet(&mut self, seen: &Seen, now: Timestamp) {
        let Some(page) = seen.page.as_deref() else { return };
        let asked = self.quiet.get(page).copied();
        if let Some((until, _)) = asked.filter(|(ours, theirs)| now < *ours && seen.at < *theirs) {
            self.says(format!("{page} asked for quiet until {until}, and {} came at {now}", seen.route));
        }
    }

    fn takes_refusals(&mut self, seen: &Seen, now: Timestamp) {
        let Some(page) = seen.page.clone() else { return };
        let token = matches!(seen.code, 190 | 102 | 40_102 | 40_105);
        if !token {
            if seen.authorised && seen.status == Some(200) && seen.code == 0 {
                self.refused.remove(&page);
            }
            return;
        }
        let (since, count) = self.refused.entry(page.clone()).or_insert((now, 0));
        *count += 1;
        let hours = now.duration_since(*since).as_hours().max(0) + 1;
        let (count, since) = (*count, *since);
        let bound = REFUSALS + REFUSALS_AN_HOUR * hours + 8 * self.restarts;
        if count > bound {
            self.says(format!("{page}: {count} calls with a refused token since {since}, it is {now}"));
        }
    }

    fn note_throttle(&mut self, seen: &Seen, reply: &Reply, now: Timestamp) {
        let (Some(page), Reply::Answer(answer)) = (seen.page.clone(), reply) else { return };
        // What was garbled on its way asks for nothing that anybody could read.
        if serde_json::from_slice::<Value>(&answer.body).is_err() {
            return;
        }
        let wait_s = match seen.code {
            4 | 17 | 32 | 613 | 80_001 | 80_002 => regain_s(answer).unwrap_or(300),
            40_100 => quiet_of(&String::from_utf8_lossy(&answer.body)),
            _ => return,
        };
        // A moment that we sit out ourselves counts as waited for.
        let wait = SignedDuration::from_secs(wait_s);
        let until = (now + wait, seen.at + wait);
        let old = self.quiet.get(&page).copied().filter(|(ours, theirs)| now < *ours && seen.at < *theirs);
        let old = old.unwrap_or(until);
        self.quiet.insert(page, (old.0.max(until.0), old.1.max(until.1)));
    }

    fn judge(&mut self, write: &Write, before: &Before, now: Timestamp) {
        let act = match write.act {
            Act::Hide | Act::HidePost => "hide",
            Act::Delete | Act::DeletePost => "delete",
            Act::Reply => return self.is_one_reply(write, before, now),
            other => return self.says(format!("{other:?} of {} was asked for, which nobody does", write.target)),
        };
        let id = write.target.as_str();
        let Some(thing) = before.things.get(id).cloned() else {
            return self.says(format!("{act} of {id}, which is not there"));
        };
        self.is_allowed(act, id, &thing);
        self.is_owed(act, id, now);
        if thing.gone || (act == "hide" && thing.hidden) {
            self.says(format!("{act} of {id}, which was done already: nobody looked before"));
        }
        if write.done {
            self.is_done_once(act, id, &thing, now);
        }
    }

    /// Said where it may be said, written down before, and never twice, whatever went wrong.
    fn is_one_reply(&mut self, write: &Write, before: &Before, now: Timestamp) {
        let id = write.target.as_str();
        let Some(thing) = before.things.get(id).cloned() else {
            return self.says(format!("reply to {id}, which is not there"));
        };
        let kind = Words::of(thing.text.as_deref().unwrap_or_default()) == Some(Words::Kind);
        if !self.replies || !self.enforce || !kind || thing.by_page || thing.gone || self.baseline.contains(id) {
            self.says(format!("reply to {id}, which nobody answers: {thing:?}"));
        }
        self.is_owed("reply", id, now);
        if write.done && !self.done.insert(("reply", id.to_owned())) {
            self.says(format!("reply to {id} a second time"));
        }
    }

    /// The words as they stand, the author, and what people decided allow it.
    fn is_allowed(&mut self, act: &'static str, id: &str, thing: &Thing) {
        let text = thing.text.clone().unwrap_or_default();
        let most = Words::of(&text).and_then(|words| words.most(self.better_rules));
        let strong_enough = matches!((act, most), ("hide", Some(_)) | ("delete", Some(Act::Delete)));
        if !strong_enough {
            self.says(format!("{act} of {id}, whose words allow {most:?}: {text}"));
        }
        if thing.by_page {
            self.says(format!("{act} of {id}, which the page itself wrote"));
        }
        if !self.enforce {
            self.says(format!("{act} of {id} while observing"));
        }
        if self.baseline.contains(id) {
            self.says(format!("{act} of {id}, which was there before the watch began"));
        }
        if self.shown_again.contains(&(id.to_owned(), text)) {
            self.says(format!("{act} of {id}, which staff showed again with these very words"));
        }
    }

    /// The evidence is committed: one row that is due, with a verdict with reasons, and that this act has begun.
    fn is_owed(&mut self, act: &'static str, id: &str, now: Timestamp) {
        let owed = Ledger::open(&self.store).and_then(|ledger| ledger.owed(id));
        let owed = match owed.as_deref() {
            Ok([owed]) => owed.clone(),
            Ok(rows) => return self.says(format!("{act} of {id} with {} committed rows that owe it", rows.len())),
            Err(error) => return self.says(format!("{act} of {id} with an unreadable store: {error}")),
        };
        let evidence = owed.reasons_kept > 0
            && owed.reasons_kept == owed.reasons_said
            && !owed.rules_version.is_empty()
            && owed.mode == "enforce"
            && owed.newest;
        if !evidence {
            self.says(format!("{act} of {id} without evidence: {owed:?}"));
        }
        if owed.written.as_deref() != Some(act) {
            self.says(format!("{act} of {id} before it was written down: {owed:?}"));
        }
        if owed.intended == "hide" && act == "delete" {
            self.says(format!("{id} was deleted where hiding was meant"));
        }
        if owed.leased_until.is_none_or(|until| until <= now.as_millisecond()) {
            self.says(format!("{act} of {id} without a lease: {owed:?}, it is {now}"));
        }
    }

    fn is_done_once(&mut self, act: &'static str, id: &str, thing: &Thing, now: Timestamp) {
        if !self.done.insert((act, id.to_owned())) {
            self.says(format!("{act} of {id} a second time"));
        }
        let version = Ledger::open(&self.store).ok().and_then(|ledger| ledger.version(id));
        if let (Some(text), Some(version), "hide") = (&thing.text, version, act) {
            self.hidden_as.insert(id.to_owned(), (text.clone(), version));
        }
        let day = now.in_tz("Europe/London").map(|local| local.date().to_string()).unwrap_or_default();
        let acts = self.by_day.entry((thing.page.clone(), day.clone(), act)).or_default();
        acts.insert(id.to_owned());
        let (count, limit) = (acts.len(), if act == "hide" { self.hides } else { self.deletes });
        if limit.is_some_and(|limit| (limit as usize) < count) {
            self.says(format!("{act} number {count} on {} on {day}, above the limit of {limit:?}", thing.page));
        }
    }
}

/// Seconds until access returns, as the usage headers name them.
fn regain_s(answer: &Answer) -> Option<i64> {
    let usage: Value = serde_json::from_str(answer.header("x-business-use-case-usage")?).ok()?;
    let objects = usage.as_object()?.values().filter_map(Value::as_array).flatten();
    objects
        .filter_map(|object| object["estimated_time_to_regain_access"].as_i64())
        .max()
        .filter(|m| *m > 0)
        .map(|m| m * 60)
}

/// Seconds of quiet that TikTok's message asks for.
fn quiet_of(body: &str) -> i64 {
    if body.contains("QPS") { 1 } else { 60 }
}
