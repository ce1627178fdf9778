//! What the console's pages are made of. In: filters. Out: what waits for a person, in brief; comments that were searched
//! for; the conversation around a comment. Not here: which of them come first and when they are due (the digest's
//! rules, so that all lists agree), wording, masking.
//!
//! Which comments a search finds is asked of the `shelf`; what a list shows of them is read anew, row by row.

use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension as _, Row, named_params, params};
use serde_json::json;

use super::db::Tx;
use super::decisions;
use super::names::{comment_kind, from_json, ms, named, named_opt, page_key, time, time_opt};
use super::period;
use super::report::{Decided, Outcome};
use super::shelf::Alcove;
use super::{Decision, Error, Store, audit};
use crate::clock::Timestamp;
use crate::comment::{Author, AuthorId, CommentId, CommentKind, CommentText, PageKey, PersonName, Platform};
use crate::lexicon::Category;
use crate::policy::{Action, Alert};

/// An incident that may wait for a person, without its words.
#[derive(Clone, Debug)]
pub struct Brief {
    /// Its number.
    pub number: i64,
    /// Where.
    pub page: PageKey,
    /// What the verdict says of it.
    pub categories: Vec<Category>,
    /// What the verdict wanted.
    pub action: Action,
    /// Whether people were to be told at once.
    pub alert: Alert,
    /// What became of that.
    pub outcome: Outcome,
    /// A decision that could not be carried out.
    pub decided: Option<Decided>,
    /// Who has it in hand, and since when.
    pub in_hand: Option<(String, Timestamp)>,
    /// When it was written, else first read.
    pub received: Timestamp,
    /// A person wants it decided: it was taken up though no rule found anything, or a decision was taken back.
    pub reopened: bool,
    /// The program has answered it with a fixed reply, which is what the policy wanted.
    pub answered: bool,
}

/// What is searched for; what is left out does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// All of these stand in the text or the author's name, in small letters.
    pub words: Vec<String>,
    /// On this platform.
    pub platform: Option<Platform>,
    /// The verdict speaks of it.
    pub category: Option<Category>,
    /// A reason names this lexicon entry, identifier or name.
    pub entry: Option<String>,
    /// How it stands.
    pub state: Option<State>,
    /// Read for the first time since then …
    pub from: Option<Timestamp>,
    /// … and before then.
    pub to: Option<Timestamp>,
    /// Older than this comment: where the page before ended.
    pub before: Option<i64>,
}

/// How a comment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Some rule had something to say, and nobody has decided.
    Open,
    /// Somebody has decided.
    Decided,
    /// A person showed it again, against the rules.
    Restored,
    /// Hidden at the platform.
    Hidden,
    /// Gone from the platform.
    Gone,
    /// No rule had anything to say.
    Unremarked,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Open, Self::Decided, Self::Restored, Self::Hidden, Self::Gone, Self::Unremarked];

    /// The name in addresses.
    pub fn id(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Decided => "decided",
            Self::Restored => "restored",
            Self::Hidden => "hidden",
            Self::Gone => "gone",
            Self::Unremarked => "unremarked",
        }
    }

    /// The state with this name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.id() == id)
    }

    /// What SQLite says of it; `comment`, `verdict` and its standing `decision` are joined.
    pub(super) fn condition(self) -> &'static str {
        match self {
            Self::Open => "verdict.reasons > 0 and decision.id is null",
            Self::Decided => "decision.id is not null",
            Self::Restored => "decision.what = 'restore'",
            Self::Hidden => "comment.hidden = 1 and comment.gone_at is null",
            Self::Gone => "comment.gone_at is not null",
            Self::Unremarked => "verdict.reasons = 0",
        }
    }
}

/// A digest that went out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentDigest {
    /// Its number.
    pub id: i64,
    /// What it tells of, from then …
    pub from: Timestamp,
    /// … to then.
    pub to: Timestamp,
    /// When it went out.
    pub sent: Timestamp,
}

/// A comment as a list or a conversation shows it.
#[derive(Clone, Debug)]
pub struct Hit {
    /// Its row: where the next page of a search begins.
    pub row: i64,
    /// The number of the last incident, if it is one.
    pub number: Option<i64>,
    /// Where.
    pub page: PageKey,
    /// The platform's id.
    pub comment: CommentId,
    /// What it is.
    pub kind: CommentKind,
    /// The page itself wrote it.
    pub by_page: bool,
    /// Who wrote it.
    pub author: Author,
    /// What it says now.
    pub text: CommentText,
    /// When it was written, else first read.
    pub at: Timestamp,
    /// What the verdict speaks of.
    pub categories: Vec<Category>,
    /// It is hidden at the platform.
    pub hidden: bool,
    /// It was seen to be gone then.
    pub gone: Option<Timestamp>,
    /// Words and author were erased then.
    pub erased: Option<Timestamp>,
    /// What a person decided last.
    pub decided: Option<Decision>,
    /// It was judged: the backlog is not.
    pub judged: bool,
}

/// A page of hits.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The hits, newest first.
    pub hits: Vec<Hit>,
    /// Where the next page begins, if there is more.
    pub next: Option<i64>,
}

/// What stands around a comment.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    /// What the page itself had posted, as far as it is known.
    pub post: Option<CommentText>,
    /// The comment and what it answers, or what answers it, oldest first.
    pub voices: Vec<Hit>,
    /// There are more voices than are told.
    pub more: bool,
}

/// So many voices of a conversation are told.
const MOST_VOICES: usize = 40;

impl Store {
    /// Incidents that may wait for a person, in brief, oldest first: nobody has decided about them, or what was decided
    /// could not be done. What the rules settled by themselves is left out.
    pub async fn briefs(&self) -> Result<Vec<Brief>, Error> {
        self.db.read("read what waits", briefs).await
    }

    /// Up to `limit` comments that fit, newest first.
    pub async fn search(&self, search: Search, limit: usize) -> Result<Found, Error> {
        let shelf = Arc::clone(&self.shelf);
        self.db.read("search the comments", move |db| found(db, &shelf, &search, limit)).await
    }

    /// Lets go of what was kept for searching, when nobody has searched for some minutes; until then keeps it up to date,
    /// so that nothing stays in it that another process erased. For every minute or so.
    pub async fn rest(&self, now: Timestamp) -> Result<(), Error> {
        if self.shelf.is_empty() {
            return Ok(());
        }
        let shelf = Arc::clone(&self.shelf);
        self.db.read("keep up what is searched", move |db| shelf.rest(db, now)).await
    }

    /// Makes an incident of a comment as it is now in which no rule found anything, in the hand of whoever does so. None: it
    /// was never judged, or is gone.
    pub async fn take_up(&self, row: i64, who: String, now: Timestamp) -> Result<Option<i64>, Error> {
        self.db.write("take a comment up", move |tx| take_up(tx, row, &who, now)).await
    }

    /// What stands around the comment of an incident.
    pub async fn conversation(&self, number: i64) -> Result<Conversation, Error> {
        self.db.read("read a conversation", move |db| conversation(db, number)).await
    }

    /// Digests that went out, newest first; those before this one, if it is given.
    pub async fn digests(&self, before: Option<i64>, limit: usize) -> Result<Vec<SentDigest>, Error> {
        self.db
            .read("list the digests", move |db| {
                db.prepare_cached("select * from digest_sent where id < ? order by id desc limit ?")?
                    .query_map(params![before.unwrap_or(i64::MAX), limit as i64], |row| {
                        let (id, from) = (row.get("id")?, time(row, "from_at")?);
                        Ok(SentDigest { id, from, to: time(row, "to_at")?, sent: time(row, "sent_at")? })
                    })?
                    .collect()
            })
            .await
    }

    /// The last decision about an incident, notes and what was taken back aside.
    pub async fn last_decision(&self, number: i64) -> Result<Option<Decided>, Error> {
        self.db.read("read a decision", move |db| decisions::last(db, number)).await
    }
}

fn briefs(db: &Tx<'_>) -> rusqlite::Result<Vec<Brief>> {
    let mut read = db.prepare_cached(
        // Most incidents were settled long ago, and `waiting` has few others: it leads each join.
        r#"select verdict.id, verdict.action, verdict.alert, verdict.categories, verdict.mode, page.platform, page.page_id,
             coalesce(comment.created_at, comment.first_seen_at) as received_at,
             outbox.state, outbox.achieved, outbox.verified_at, outbox.note,
             iif(outbox.id is null, verdict.exempt, outbox.exempt) as exempt,
             alert.acknowledged_at, alert.acknowledged_by, decision.id as decision,
             exists (select 1 from decision undone where undone.verdict = verdict.id and undone.what = 'undo') as reopened,
             exists (select 1 from outbox said where said.verdict = verdict.id and said.intended = 'reply'
                         and said.state = 'done') as answered
         from waiting
             cross join verdict on verdict.id = waiting.verdict
             join comment on comment.id = verdict.comment
             join page on page.id = comment.page
             left join outbox on outbox.verdict = verdict.id and outbox.decision is null
                 and outbox.intended <> 'reply'
             left join alert on alert.verdict = verdict.id
             left join decision on decision.id = (
                 select max(id) from standing where standing.verdict = verdict.id)
         where verdict.reasons > 0
             and (decision.id is null and (verdict.alert = 'now' or verdict.action = 'escalate'
                     or outbox.state = 'dead' or outbox.achieved <> verdict.action
                     or verdict.categories like '%"safeguarding"%' or verdict.categories like '%"question"%'
                     or verdict.categories like '%"complaint"%'
                     or reopened)
                 or exists (select 1 from outbox theirs where theirs.decision = decision.id and theirs.state = 'dead'))
             and (alert.id is not null or verdict.version = comment.version)
         union all
         select verdict.id, verdict.action, verdict.alert, verdict.categories, verdict.mode, page.platform, page.page_id,
             coalesce(comment.created_at, comment.first_seen_at), null, null, null, null, 0,
             alert.acknowledged_at, alert.acknowledged_by, null, 1, 0
         from waiting
             cross join verdict on verdict.id = waiting.verdict
             join alert on alert.verdict = verdict.id
             join comment on comment.id = verdict.comment
             join page on page.id = comment.page
         where verdict.reasons = 0 and not exists (select 1 from standing where standing.verdict = verdict.id)
         order by 1"#,
    )?;
    let mut found = read
        .query_map([], |row| Ok((as_brief(row)?, row.get::<_, Option<i64>>("decision")?)))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for (brief, decision) in &mut found {
        if decision.is_some() {
            brief.decided = decisions::last(db, brief.number)?;
        }
    }
    Ok(found.into_iter().map(|(brief, _)| brief).collect())
}

fn as_brief(row: &Row<'_>) -> rusqlite::Result<Brief> {
    let action = named(row, "action", Action::from_id)?;
    let by: Option<String> = row.get("acknowledged_by")?;
    Ok(Brief {
        number: row.get("id")?,
        page: page_key(row)?,
        categories: from_json(row, "categories")?,
        action,
        alert: named(row, "alert", Alert::from_id)?,
        outcome: period::outcome(row, action)?,
        decided: None,
        in_hand: time_opt(row, "acknowledged_at")?.map(|at| (by.unwrap_or_default(), at)),
        received: time(row, "received_at")?,
        reopened: row.get("reopened")?,
        answered: row.get("answered")?,
    })
}

/// The columns of a [`Hit`], of comments as they are now.
const HITS: &str = "select comment.id, page.platform, page.page_id, comment.comment_id, comment.kind, comment.by_page,
         comment.author_id, comment.author_name, comment_version.words,
         coalesce(comment.created_at, comment.first_seen_at) as at, comment.hidden, comment.gone_at, comment.erased_at,
         verdict.categories, verdict.id is not null as judged, decision.what,
         iif(verdict.reasons > 0 or exists (select 1 from alert where alert.verdict = verdict.id), verdict.id, null)
             as number
     from comment
         join page on page.id = comment.page
         join comment_version on comment_version.comment = comment.id and comment_version.version = comment.version
         left join verdict on verdict.comment = comment.id and verdict.version = comment.version
         left join decision on decision.id = (select max(id) from standing where standing.verdict = verdict.id)";

fn found(db: &Tx<'_>, shelf: &Alcove, search: &Search, limit: usize) -> rusqlite::Result<Found> {
    // One more than fits tells whether there is another page.
    let mut rows = if *search == (Search { before: search.before, ..Search::default() }) {
        newest(db, search.before, limit + 1)?
    } else {
        shelf.find(db, search, limit + 1)?
    };
    let more = rows.len() > limit;
    rows.truncate(limit);
    let mut read = db.prepare_cached(&format!("{HITS} where comment.id = ?"))?;
    let mut hits = Vec::new();
    for row in &rows {
        hits.extend(read.query_row([row], |row| as_hit(db, row)).optional()?);
    }
    Ok(Found { hits, next: rows.last().copied().filter(|_| more) })
}

/// The newest comments; all of them fit.
fn newest(db: &Tx<'_>, before: Option<i64>, limit: usize) -> rusqlite::Result<Vec<i64>> {
    db.prepare_cached("select id from comment where by_page = 0 and id < ? order by id desc limit ?")?
        .query_map(params![before.unwrap_or(i64::MAX), limit as i64], |row| row.get(0))?
        .collect()
}

fn as_hit(db: &Tx<'_>, row: &Row<'_>) -> rusqlite::Result<Hit> {
    let categories = match row.get_ref("categories")? {
        ValueRef::Null => Vec::new(),
        _ => from_json(row, "categories")?,
    };
    Ok(Hit {
        row: row.get("id")?,
        number: row.get("number")?,
        page: page_key(row)?,
        comment: CommentId::new(row.get::<_, String>("comment_id")?),
        kind: named(row, "kind", comment_kind)?,
        by_page: row.get("by_page")?,
        author: Author {
            id: db.vault.open_optional(row, "author_id")?.map(AuthorId::new),
            name: db.vault.open_optional(row, "author_name")?.map(PersonName::new),
        },
        text: CommentText::new(db.vault.open(row, "words")?),
        at: time(row, "at")?,
        categories,
        hidden: row.get("hidden")?,
        gone: time_opt(row, "gone_at")?,
        erased: time_opt(row, "erased_at")?,
        decided: named_opt(row, "what", Decision::from_id)?,
        judged: row.get("judged")?,
    })
}

fn take_up(tx: &Tx<'_>, row: i64, who: &str, now: Timestamp) -> rusqlite::Result<Option<i64>> {
    let number: Option<i64> = tx
        .prepare_cached(
            "select verdict.id from comment
                 join verdict on verdict.comment = comment.id and verdict.version = comment.version
             where comment.id = ? and comment.gone_at is null and comment.erased_at is null",
        )?
        .query_row([row], |row| row.get(0))
        .optional()?;
    let Some(number) = number else { return Ok(None) };
    let taken = tx
        .prepare_cached(
            "insert into alert (verdict, state, acknowledged_at, acknowledged_by) values (?, 'acknowledged', ?, ?)
             on conflict (verdict) do nothing",
        )?
        .execute(params![number, ms(now), who])?;
    if taken > 0 {
        audit::append(tx, now, "incident.taken-up", who, &json!({ "incident": number }))?;
        audit::append(tx, now, "incident.acknowledged", who, &json!({ "incident": number }))?;
    }
    Ok(Some(number))
}

fn conversation(db: &Tx<'_>, number: i64) -> rusqlite::Result<Conversation> {
    let (page, top, post): (i64, String, Option<CommentText>) = db
        .prepare_cached(
            "select comment.page, coalesce(comment.parent_id, comment.comment_id) as top, post.words
             from verdict join comment on comment.id = verdict.comment join post on post.id = comment.post
             where verdict.id = ?",
        )?
        .query_row([number], |row| {
            Ok((row.get("page")?, row.get("top")?, db.vault.open_optional(row, "words")?.map(CommentText::new)))
        })?;
    let question = format!(
        "{HITS} where comment.page = :page and (comment.comment_id = :top or comment.parent_id = :top)
         order by at, comment.id limit :limit"
    );
    let limit = MOST_VOICES as i64 + 1;
    let mut read = db.prepare_cached(&question)?;
    let mut voices = read
        .query_map(named_params! { ":page": page, ":top": top, ":limit": limit }, |row| as_hit(db, row))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let more = voices.len() > MOST_VOICES;
    voices.truncate(MOST_VOICES);
    Ok(Conversation { post, voices, more })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::deeds::{deeds, happens};
    use crate::store::tests::{Place, at, batch, comment, judged, page, verdict};
    use crate::store::{Mode, Seen, Word};

    /// A threat (1), a complaint (2), a harmless comment, a question under the harmless one (4), and the page's answer.
    async fn five() -> (Place, Store) {
        let place = Place::new();
        let store = place.open();
        let nothing = crate::policy::Verdict { reasons: Vec::new(), categories: Vec::new(), ..quiet() };
        let mut question = comment("c4", "When do you open on Saturdays?");
        question.parent = Some(CommentId::new("c3"));
        let mut answer = comment("c5", "At nine. The team");
        (answer.parent, answer.by_page) = (Some(CommentId::new("c3")), true);
        let comments = vec![
            judged(comment("c1", "I know where you LIVE"), verdict(Category::Threat, Action::Escalate)),
            judged(comment("c2", "Worst surgery"), verdict(Category::Complaint, Action::Hide)),
            judged(comment("c3", "What a lovely garden"), nothing),
            judged(question, verdict(Category::Question, Action::Allow)),
            crate::store::Judged { comment: answer, verdict: None, baseline: false },
        ];
        store.record(batch(1, comments)).await.expect("records");
        (place, store)
    }

    fn quiet() -> crate::policy::Verdict {
        let mut verdict = verdict(Category::Review, Action::Allow);
        verdict.alert = Alert::None;
        verdict
    }

    async fn found(store: &Store, search: Search) -> Vec<String> {
        let found = store.search(search, 10).await.expect("searches");
        found.hits.iter().map(|hit| hit.comment.as_str().to_owned()).collect()
    }

    fn words(text: &str) -> Search {
        Search { words: text.split(' ').map(str::to_owned).collect(), ..Search::default() }
    }

    #[tokio::test]
    async fn a_search_finds_words_in_any_case_and_order_and_names_too() {
        let (_place, store) = five().await;
        assert_eq!(found(&store, words("live where")).await, ["c1"]);
        assert_eq!(found(&store, words("surgery carter")).await, ["c2"]);
        assert_eq!(found(&store, words("surgery lovely")).await, [""; 0]);
        assert_eq!(found(&store, Search::default()).await, ["c4", "c3", "c2", "c1"]);
    }

    #[tokio::test]
    async fn filters_narrow_a_search_and_go_together() {
        let (_place, store) = five().await;
        let base = Search::default;
        assert_eq!(found(&store, Search { category: Some(Category::Threat), ..base() }).await, ["c1"]);
        assert_eq!(found(&store, Search { entry: Some("complaint/entry".into()), ..base() }).await, ["c2"]);
        assert_eq!(found(&store, Search { state: Some(State::Unremarked), ..base() }).await, ["c3"]);
        assert_eq!(found(&store, Search { state: Some(State::Open), ..words("surgery") }).await, ["c2"]);
        assert_eq!(found(&store, Search { platform: Some(Platform::TikTok), ..base() }).await, [""; 0]);
        assert_eq!(found(&store, Search { from: Some(at(2)), ..base() }).await, [""; 0]);
        assert_eq!(found(&store, Search { to: Some(at(2)), ..words("garden") }).await, ["c3"]);
    }

    #[tokio::test]
    async fn a_long_search_goes_on_where_its_page_ended() {
        let (_place, store) = five().await;
        let first = store.search(Search::default(), 3).await.expect("searches");
        assert_eq!(first.hits.len(), 3);
        let rest = Search { before: first.next, ..Search::default() };
        assert_eq!(found(&store, rest).await, ["c1"]);
        assert_eq!(store.search(Search::default(), 4).await.expect("searches").next, None);
    }

    #[tokio::test]
    async fn what_waits_is_what_a_person_may_have_to_decide_and_nothing_that_the_rules_settled() {
        let (_place, store) = five().await;
        let numbers =
            async || -> Vec<i64> { store.briefs().await.expect("reads").iter().map(|brief| brief.number).collect() };
        assert_eq!(numbers().await, [1, 2, 4]);
        let word = Word { what: Decision::Uphold, who: "Pat".into(), why: "so".into(), seen: Seen::Anything };
        store.decide(&[1, 2], word, Mode::Enforce, at(2)).await.expect("decides");
        store.acknowledge(&[4], "Sam".into(), at(3)).await.expect("notes");
        let briefs = store.briefs().await.expect("reads");
        assert_eq!(briefs[0].in_hand, Some(("Sam".to_owned(), at(3))), "and who has it in hand is known");
        assert_eq!(numbers().await, [4]);
    }

    /// What waits, as it was asked before there was a table of it: of every verdict.
    const SLOWLY: &str = r#"select verdict.id from verdict
             join comment on comment.id = verdict.comment
             left join outbox on outbox.verdict = verdict.id and outbox.decision is null
             left join alert on alert.verdict = verdict.id
             left join decision on decision.id = (
                 select max(id) from standing where standing.verdict = verdict.id)
         where verdict.reasons > 0
             and (decision.id is null and (verdict.alert = 'now' or verdict.action = 'escalate'
                     or outbox.state = 'dead' or outbox.achieved <> verdict.action
                     or verdict.categories like '%"safeguarding"%' or verdict.categories like '%"question"%'
                     or verdict.categories like '%"complaint"%'
                     or exists (select 1 from decision undone where undone.verdict = verdict.id and undone.what = 'undo'))
                 or exists (select 1 from outbox theirs where theirs.decision = decision.id and theirs.state = 'dead'))
             and (alert.id is not null or verdict.version = comment.version)
             or verdict.reasons = 0 and alert.id is not null and decision.id is null
         order by 1"#;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

        #[test]
        fn whatever_happens_nothing_that_waits_is_missing_from_the_queue(
            days in proptest::collection::vec(deeds(), 1..24)
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            runtime.block_on(async {
                let place = Place::new();
                let store = place.open();
                for (minutes, deed) in (1..).zip(days) {
                    happens(&place, &store, deed, minutes).await;
                    let want: Vec<i64> = store
                        .db
                        .read("ask slowly", |db| db.prepare(SLOWLY)?.query_map([], |row| row.get(0))?.collect())
                        .await
                        .expect("reads");
                    let briefs = store.briefs().await.expect("reads");
                    prop_assert_eq!(briefs.iter().map(|brief| brief.number).collect::<Vec<_>>(), want);
                }
                Ok(())
            })?;
        }
    }

    #[tokio::test]
    async fn what_the_rules_missed_can_be_taken_up_and_waits_for_a_decision() {
        let (_place, store) = five().await;
        let row = store.search(words("garden"), 1).await.expect("searches").hits[0].row;
        let number = store.take_up(row, "Pat".into(), at(2)).await.expect("takes up").expect("a number");
        assert_eq!(store.take_up(row, "Sam".into(), at(3)).await.expect("asks"), Some(number), "once is enough");
        assert_eq!(store.search(words("garden"), 1).await.expect("searches").hits[0].number, Some(number));
        let briefs = store.briefs().await.expect("reads");
        assert!(briefs.iter().any(|brief| brief.number == number));
        let word = Word { what: Decision::Hide, who: "Pat".into(), why: "a name".into(), seen: Seen::Last(None) };
        store.decide(&[number], word, Mode::Enforce, at(4)).await.expect("decides");
        assert!(!store.briefs().await.expect("reads").iter().any(|brief| brief.number == number));
        let history = store.history(number).await.expect("reads");
        assert!(history.iter().any(|event| event.who.as_deref() == Some("Pat")), "and who took it up is told");
        assert!(store.verify(Vec::new()).await.expect("reads").problems.is_empty());
        assert_eq!(store.take_up(99, "Pat".into(), at(2)).await.expect("asks"), None);
    }

    #[tokio::test]
    async fn a_conversation_has_what_is_answered_and_the_pages_own_answer() {
        let (_place, store) = five().await;
        let conversation = store.conversation(4).await.expect("reads");
        let voices: Vec<(&str, bool)> =
            conversation.voices.iter().map(|voice| (voice.comment.as_str(), voice.by_page)).collect();
        assert_eq!(voices, [("c3", false), ("c4", false), ("c5", true)]);
        assert_eq!(conversation.voices[0].page, page());
        assert!(!conversation.more);
    }
}
