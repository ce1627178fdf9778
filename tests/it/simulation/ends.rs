//! Liveness: what must come true once nothing goes wrong any more, and what must hold in the end. In: the store, the
//! platforms, the letters. Out: what is still missing, in a sentence.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use chaperone::clock::Timestamp;
use chaperone::comment::Platform;
use chaperone::sim::{Comment, HiddenBy, Page, PostShape, World};
use chaperone::store::report::{OutcomeState, Period};

use super::play::Run;
use super::words::Words;

impl Run {
    /// What is not yet as it should be.
    pub(super) fn unsettled(&self) -> Result<Option<String>, String> {
        let period = self.period()?;
        let emptied = self.emptied();
        for coverage in &period.coverage {
            let vanished = emptied.iter().any(|page| page == coverage.page.id.as_str());
            if let Some(down) = coverage.down.as_ref().filter(|_| !vanished) {
                return Ok(Some(format!("{} is down: {}", coverage.page, down.why)));
            }
        }
        let gaps = format!(
            "select count(*) from gap join page on page.id = gap.page where to_at is null and page_id not in ('{}')",
            emptied.join("', '")
        );
        let ledger = self.ledger()?;
        let count = |question: &str| ledger.count(question).map_err(|error| format!("{question}: {error}"));
        for (question, what) in [
            ("select count(*) from outbox where state = 'due'", "owed actions are still due"),
            (&gaps, "gaps are still open"),
            ("select count(*) from alert where state = 'due'", "alerts were not sent"),
            ("select count(*) from page where last_ok_at is null", "pages were never read"),
        ] {
            match count(question)? {
                0 => {}
                many => return Ok(Some(format!("{many} {what}"))),
            }
        }
        let world = self.stage.sim.world();
        for comment in world.comments().iter().filter(|comment| can_be_seen(&world, comment)) {
            if let Some(why) = self.comment_unsettled(&period, comment)? {
                return Ok(Some(why));
            }
        }
        Ok(None)
    }

    /// Accounts that took all their videos down: nobody can tell them from private ones, so people are told until there
    /// is a video again.
    fn emptied(&self) -> Vec<String> {
        let world = self.stage.sim.world();
        let bare = |page: &&Page| {
            page.platform == Platform::TikTok && !world.posts().iter().any(|post| post.page == page.id && !post.deleted)
        };
        world.pages().iter().filter(bare).map(|page| page.id.clone()).collect()
    }

    fn comment_unsettled(&self, period: &Period, comment: &Comment) -> Result<Option<String>, String> {
        let text = comment.text.clone().unwrap_or_default();
        let Some(words) = Words::of(&text) else { return Ok(None) };
        let old = self.stage.watch().baseline.contains(&comment.id) || self.may_be_backlog(comment)?;
        let spared = self.stage.watch().shown_by_hand.contains(&(comment.id.clone(), text));
        if comment.by_page || old {
            return Ok(None);
        }
        let (id, hidden) = (&comment.id, comment.hidden != HiddenBy::None);
        if words.alarms() {
            let told = self.ledger()?.alert_of(id).map_err(|error| error.to_string())?;
            if told.as_deref() != Some("sent") {
                let about = self.ledger()?.about(id);
                return Ok(Some(format!("{id} ({words:?}) was told as {told:?}: {about}; {comment:?}")));
            }
        }
        // A phrase that was judged before the rules knew it is not judged again.
        let owed = words != Words::Closed && words.most(self.knows_closed()).is_some();
        if !owed || !self.plan.enforce || hidden || spared {
            return Ok(None);
        }
        // By number: a clock that was put back makes the newest judgement the earlier one.
        let theirs = period.incidents.iter().filter(|incident| incident.comment.as_str() == id);
        let incident = theirs.max_by_key(|incident| incident.number);
        let told = incident.is_some_and(|incident| {
            incident.outcome.note.is_some()
                && matches!(incident.outcome.state, OutcomeState::Dead | OutcomeState::Already)
        });
        if told {
            return Ok(None);
        }
        let about = self.ledger()?.about(id);
        Ok(Some(format!("{id} ({words:?}) still stands, and nobody is asked to see to it: {about}; {comment:?}")))
    }

    /// It was written before the first poll, and the program remembered it as such.
    fn may_be_backlog(&self, comment: &Comment) -> Result<bool, String> {
        let ledger = self.ledger()?;
        let began = self.stage.watch().watched_from.get(&comment.page).copied();
        let old = began.is_some_and(|began| comment.created.as_millisecond() <= began);
        Ok(self.plan.baseline && old && ledger.backlog(&comment.id))
    }

    /// What can be said only at the end.
    pub(super) fn ends_well(&self) -> Result<(), String> {
        self.letters_match_what_was_noted()?;
        self.digests_join_up()?;
        self.notices_do_not_flood()
    }

    /// Whoever is noted as told was told: each incident stands in a letter.
    fn letters_match_what_was_noted(&self) -> Result<(), String> {
        let told = self.ledger()?.told().map_err(|error| error.to_string())?;
        let (mut words, mut letters) = (String::new(), 0);
        for entry in fs::read_dir(self.letters()).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.contains("-alert-") && entry.path().extension().is_some_and(|ending| ending == "txt") {
                letters += 1;
                words += &fs::read_to_string(entry.path()).unwrap_or_default();
            }
        }
        let numbers: BTreeSet<i64> =
            words.split(|letter: char| !letter.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect();
        // A letter may go out twice only where the process died before it could note the first.
        let noted = self.ledger()?.count("select count(*) from audit where what = 'alert.sent'");
        let noted = noted.map_err(|error| error.to_string())?;
        if letters > noted + self.deaths as i64 {
            return Err(format!("{letters} letters went out, {noted} were noted, and it died {} times", self.deaths));
        }
        match told.iter().find(|number| !numbers.contains(number)) {
            Some(number) => Err(format!("incident {number} is noted as told, and no letter names it")),
            None => Ok(()),
        }
    }

    fn digests_join_up(&self) -> Result<(), String> {
        let sent = self.ledger()?.digests().map_err(|error| error.to_string())?;
        for pair in sent.windows(2) {
            if pair[0].1 != pair[1].0 {
                return Err(format!("a digest ends at {} and the next begins at {}", pair[0].1, pair[1].0));
            }
        }
        let due = self.daemon().herald().schedule.last_at_or_before(self.stage.clock.now());
        let began = self.began.as_millisecond();
        match due.map(Timestamp::as_millisecond).filter(|due| began < *due) {
            Some(due) if sent.last().is_none_or(|(_, to)| *to < due) => {
                Err(format!("the digest of {due} did not go out; the last one is {:?}", sent.last()))
            }
            _ => Ok(()),
        }
    }

    fn notices_do_not_flood(&self) -> Result<(), String> {
        let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
        for notice in self.period()?.notices {
            if ["edited", "rules-refused"].contains(&notice.kind.as_str()) {
                continue;
            }
            let page = notice.page.map(|page| page.to_string()).unwrap_or_default();
            *counts.entry((notice.kind, page)).or_default() += 1;
        }
        match counts.into_iter().find(|(_, count)| *count > 12) {
            Some((what, count)) => Err(format!("{count} notices of {what:?}")),
            None => Ok(()),
        }
    }
}

/// Whether any listing shows it.
fn can_be_seen(world: &World, comment: &Comment) -> bool {
    let post = world.post(&comment.post);
    let shown = post.is_some_and(|post| {
        !post.deleted && matches!(post.shape, PostShape::Post | PostShape::Reel | PostShape::Photo | PostShape::Visitor)
    });
    // The replies of a comment that TikTok hides are listed nowhere, nor are those of one that is not listed itself.
    let parent = comment.parent.as_deref().and_then(|parent| world.comment(parent));
    let buried = parent.is_some_and(|parent| {
        parent.restricted || (comment.platform == Platform::TikTok && parent.hidden != HiddenBy::None)
    });
    comment.gone.is_none() && !comment.restricted && shown && !buried
}
