//! What to list next: pure. In: what is remembered of a page, the time, each answer. Out: the next request, and at the
//! end what to remember and what could not be read. Not here: IO, the clock, the store.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;

use super::Error;
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::{Comment, CommentId, CommentKind, Platform, Post, PostId, PostKind};

/// One listing call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Posts of the page through one edge; Graph answers with each post's newest comments in the same call.
    Posts {
        /// Which listing.
        edge: Edge,
        /// Where to go on, as the last answer said.
        after: Option<String>,
    },
    /// Comments of one post, newest first where the platform can.
    Comments {
        /// The post.
        post: PostId,
        /// Where to go on.
        after: Option<String>,
    },
    /// Replies of one comment.
    Replies {
        /// The post.
        post: PostId,
        /// The comment.
        comment: CommentId,
        /// Where to go on.
        after: Option<String>,
    },
}

/// A listing of posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edge {
    /// Facebook `feed`: own and visitors' posts; Instagram `media`; TikTok `video/list`.
    Main,
    /// Facebook `published_posts`, where `feed` is not permitted.
    Published,
    /// Facebook `visitor_posts`, where `feed` is not permitted.
    Visitors,
    /// Facebook `video_reels`, which no post edge lists.
    Reels,
}

/// What a listing call brought.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Posts, each with what came of its comments in the same call.
    pub posts: Vec<PostListing>,
    /// Comments and replies that came, of whatever level, flat.
    pub comments: Vec<Comment>,
    /// Where this listing goes on; absent on its last page.
    pub next: Option<String>,
    /// The platform says that this page of comments is newest first, so that one without anything new ends the search.
    pub newest_first: bool,
    /// Top-level comments whose replies did not all come: where to go on, if the platform said.
    pub more_replies: Vec<(CommentId, Option<String>)>,
    /// Items that could not be read and were put aside.
    pub malformed: u32,
}

/// One post in a listing.
#[derive(Clone, Debug)]
pub struct PostListing {
    /// The post.
    pub post: Post,
    /// Comments that came with it, of whatever level, flat.
    pub comments: Vec<Comment>,
    /// Where its comments go on; absent when they all came.
    pub next: Option<String>,
    /// The comments are newest first.
    pub newest_first: bool,
    /// How many comments the platform counts; a hint that is often too high (all sheets).
    pub total: Option<u64>,
    /// Whether comments were asked for in this call at all.
    pub with_comments: bool,
    /// Top-level comments whose replies did not all come.
    pub more_replies: Vec<(CommentId, Option<String>)>,
    /// Single photos of an album, which carry comments of their own (facebook.md section 3).
    pub photos: Vec<PostId>,
}

/// What is remembered of one post between cycles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostState {
    /// Which post.
    pub id: PostId,
    /// What kind.
    pub kind: PostKind,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When its newest comments were last read.
    pub read_at: Option<Timestamp>,
    /// When all its comments were last read to the end.
    pub swept_at: Option<Timestamp>,
    /// What the platform counted then.
    pub total: Option<u64>,
}

/// What is remembered of a page between cycles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageState {
    /// The posts known.
    pub posts: Vec<PostState>,
    /// When the listing of posts was last followed to its end.
    pub swept_at: Option<Timestamp>,
    /// Some comment of the page was readable once.
    pub ever_read: bool,
}

/// What a cycle could and could not read; blindness is told, never taken for calm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Listing calls made.
    pub requests: u32,
    /// Posts listed.
    pub posts: u32,
    /// Comments listed, known and new.
    pub comments: u32,
    /// Items that could not be read.
    pub malformed: u32,
    /// Listings broken off or refused, in words for the digest.
    pub gaps: Vec<String>,
    /// The platform counts comments on several posts and lists none, though it should: none was ever readable, or there
    /// are more than before. An access problem (instagram.md section 2); counts that stay are none (facebook.md
    /// section 15).
    pub blind: bool,
    /// The page's own listing came back without a single post, though several were known: on TikTok that is what an
    /// account looks like that was made private, or whose list of videos may no longer be read (tiktok.md section 4.1).
    pub vanished: bool,
}

impl Answer {
    /// Every comment that came, whether with its post or by itself.
    pub fn all_comments(&self) -> impl Iterator<Item = &Comment> {
        self.posts.iter().flat_map(|listing| &listing.comments).chain(&self.comments)
    }
}

/// Posts younger than this are read in every cycle.
const HOT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Posts younger than this are read every [`RECENT_EVERY`].
const RECENT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How often posts of the middle tier are read, and replies beyond the first few looked after.
const RECENT_EVERY: SignedDuration = SignedDuration::from_mins(10);
/// How often everything is read to its end. Shorter than the promised day, so that failures and full budgets have time
/// to be made good.
const DAILY: SignedDuration = SignedDuration::from_hours(20);
/// After how long a sweep that broke off is begun again: soon, but not with each cycle from the top.
const SWEEP_AGAIN: SignedDuration = SignedDuration::from_hours(1);
/// How often a recent post is read to its end where its first page does not show all that is new: on TikTok, where new
/// replies do not move an old comment up (tiktok.md section 6), and wherever the order asked for is not kept.
const DEEP_HOT: SignedDuration = SignedDuration::from_hours(1);
/// After so many pages in a row without any new id a listing is going in circles (facebook.md section 8).
const BARREN: u32 = 2;
/// So many empty pages in a row with a `next` are believed.
const EMPTY: u32 = 10;
/// Pages of one listing of posts: 2,500 posts on Graph, 2,000 on TikTok.
const LISTING_PAGES: u32 = 100;
/// Pages of one post's comments, or of one comment's replies: 3,000 comments on TikTok, 5,000 and more elsewhere.
const COMMENT_PAGES: u32 = 100;
/// No cycle makes more calls, whatever the answers.
const CALLS_PER_CYCLE: u32 = 600;
/// A wait this short is our own pacing, nothing that people need to hear of.
const OUR_OWN_PACING: Duration = Duration::from_secs(60);

/// Which platform's tiers and shapes a cycle follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The platform.
    pub platform: Platform,
}

impl Rules {
    /// Posts that may be begun in one cycle beside the listing; the others wait for the next, oldest-read first.
    fn posts_per_cycle(self) -> u32 {
        // TikTok: below 30 a minute on the path, with room for the executor's reading back.
        if self.platform == Platform::TikTok { 20 } else { 60 }
    }

    /// Comments whose further replies may be begun in one cycle.
    fn threads_per_cycle(self) -> u32 {
        if self.platform == Platform::TikTok { 20 } else { 60 }
    }

    /// How often a post of this age is read to its end.
    fn deep_every(self, post: &PostState, now: Timestamp) -> SignedDuration {
        if self.platform == Platform::TikTok && every(post, now).is_zero() { DEEP_HOT } else { DAILY }
    }
}

/// One look at a page: asks [`next`](Self::next) what to list, hears each answer, and at the end knows what to remember.
///
/// On a quiet Facebook or Instagram page this is one call: the listing of posts brings their newest comments along.
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not a state machine")]
#[derive(Debug)]
pub struct Cycle {
    rules: Rules,
    now: Timestamp,
    posts: BTreeMap<PostId, PostState>,
    page_swept_at: Option<Timestamp>,
    /// The listing of posts is followed to its end in this cycle.
    sweep: bool,
    /// Only the first page of the main listing: the platform's budget is nearly used up.
    urgent_only: bool,
    pending: VecDeque<Request>,
    listings: HashMap<Edge, Trail>,
    readings: HashMap<PostId, Reading>,
    threads: HashMap<CommentId, Trail>,
    /// Listings that did not reach their end in this cycle, of those that a sweep needs.
    broken_listings: u32,
    /// Posts that are settled for this cycle, whether read or failed.
    settled: HashSet<PostId>,
    begun_posts: u32,
    begun_threads: u32,
    transients: u32,
    over: bool,
    /// Posts and photos that the platform itself named in this cycle, so that they are not gone.
    named: HashSet<PostId>,
    /// How many comments the platform counts on the posts listed in this cycle.
    counts: HashMap<PostId, u64>,
    /// Posts read in this cycle on which comments are counted and none was listed, with the count of before.
    counted_but_empty: HashMap<PostId, Option<u64>>,
    ever_read: bool,
    /// A comment or reply was listed in this cycle.
    sighted: bool,
    coverage: Coverage,
}

/// How far a listing has gone and whether it still brings anything.
#[derive(Debug, Default)]
struct Trail {
    pages: u32,
    seen: HashSet<String>,
    barren: u32,
    empty: u32,
}

/// What becomes of a listing after a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    On,
    End,
    /// It goes in circles or on for ever: broken off.
    Guard,
}

impl Trail {
    fn step<'a>(&mut self, ids: impl Iterator<Item = &'a str>, next: bool, cap: u32) -> Way {
        self.pages += 1;
        let (mut rows, mut fresh) = (0, 0);
        for id in ids {
            rows += 1;
            if !self.seen.contains(id) {
                self.seen.insert(id.to_owned());
                fresh += 1;
            }
        }
        self.empty = if rows == 0 { self.empty + 1 } else { 0 };
        self.barren = if rows > 0 && fresh == 0 { self.barren + 1 } else { 0 };
        if !next {
            Way::End
        } else if self.barren >= BARREN || self.empty >= EMPTY || self.pages >= cap {
            Way::Guard
        } else {
            Way::On
        }
    }
}

/// How far a post is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Depth {
    /// Until a page brings nothing new.
    #[default]
    Newest,
    /// The same, and replies that did not come along.
    WithReplies,
    /// To the end, whatever comes.
    All,
}

/// One post's comments being read in this cycle.
#[derive(Debug, Default)]
struct Reading {
    trail: Trail,
    depth: Depth,
    /// What the platform counts now.
    total: Option<u64>,
    /// Reply listings still to come.
    open_threads: u32,
    at_end: bool,
    /// Something was left out: not swept.
    broken: bool,
    /// It broke off between two pages: the first will look known next time, so the rest must be asked for regardless.
    lost: bool,
}

impl Cycle {
    /// Plans a cycle for a page that looked like `state` after the last one.
    pub fn new(platform: Platform, state: PageState, now: Timestamp) -> Self {
        let rules = Rules { platform };
        let sweep = older(state.swept_at, now, DAILY);
        let mut pending = VecDeque::from([Request::Posts { edge: Edge::Main, after: None }]);
        let young_reel = |post: &PostState| post.kind == PostKind::Reel && every(post, now).is_zero();
        if platform == Platform::Facebook && (sweep || state.posts.iter().any(young_reel)) {
            pending.push_back(Request::Posts { edge: Edge::Reels, after: None });
        }
        Self {
            rules,
            now,
            posts: state.posts.into_iter().map(|post| (post.id.clone(), post)).collect(),
            page_swept_at: state.swept_at,
            sweep,
            urgent_only: false,
            pending,
            listings: HashMap::new(),
            readings: HashMap::new(),
            threads: HashMap::new(),
            broken_listings: 0,
            settled: HashSet::new(),
            begun_posts: 0,
            begun_threads: 0,
            transients: 0,
            over: false,
            named: HashSet::new(),
            counts: HashMap::new(),
            counted_but_empty: HashMap::new(),
            ever_read: state.ever_read,
            sighted: false,
            coverage: Coverage::default(),
        }
    }

    /// Restricts the cycle to the first page of the newest posts, for a page whose budget is nearly used up.
    #[must_use]
    pub fn urgent_only(mut self) -> Self {
        self.urgent_only = true;
        self.pending.truncate(1);
        self
    }

    /// The next call to make; none when the cycle is done. No iterator: the answer has to be heard in between.
    #[expect(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Option<Request> {
        if self.over {
            return None;
        }
        if self.coverage.requests >= CALLS_PER_CYCLE {
            self.gap(format!("reading was broken off after {CALLS_PER_CYCLE} calls; the rest comes later"));
            self.end();
            return None;
        }
        if let Some(request) = self.pending.pop_front() {
            return Some(request);
        }
        if self.urgent_only || self.begun_posts >= self.rules.posts_per_cycle() {
            return None;
        }
        let post = self.pick_due()?;
        self.begun_posts += 1;
        Some(Request::Comments { post, after: None })
    }

    /// Hears an answer. `unseen` is how many of its comments the store did not know.
    pub fn absorb(&mut self, request: &Request, answer: &Answer, unseen: usize) {
        self.coverage.requests += 1;
        self.coverage.posts += answer.posts.len() as u32;
        self.coverage.comments += answer.all_comments().count() as u32;
        // A visitor's post comes with the posts: it says nothing about whether comments can be read.
        self.sighted |= answer.all_comments().any(|comment| comment.kind != CommentKind::VisitorPost);
        self.coverage.malformed += answer.malformed;
        match request {
            Request::Posts { edge, .. } => self.absorb_posts(*edge, answer, unseen),
            Request::Comments { post, .. } => self.absorb_comments(post, answer, unseen),
            Request::Replies { post, comment, .. } => self.absorb_replies(post, comment, answer),
        }
    }

    /// Hears that a call failed: ends the cycle, goes another way, or leaves one thing out and says so.
    pub fn fail(&mut self, request: &Request, error: &Error) {
        self.coverage.requests += 1;
        match error {
            Error::Throttled { wait, .. } => {
                if *wait > OUR_OWN_PACING {
                    let minutes = wait.as_secs().div_ceil(60);
                    self.gap(format!("the platform asked for {minutes} minutes of quiet before everything was read"));
                }
                self.end();
            }
            Error::Token { .. } => {
                self.gap("the platform refused the token, so nothing more could be read".to_owned());
                self.end();
            }
            _ => self.fail_one(request, error),
        }
    }

    /// What to remember of the page, and what was and was not read.
    pub fn finish(mut self) -> (PageState, Coverage) {
        let mut unfinished: Vec<PostId> = self.readings.keys().cloned().collect();
        unfinished.sort_unstable();
        for post in unfinished {
            self.settle(&post);
        }
        if self.sweep && !self.urgent_only && self.listings.contains_key(&Edge::Main) {
            let whole = !self.over && self.broken_listings == 0;
            // Set back, so that a sweep that broke off is due again in an hour and not at once from the top.
            let at = if whole { Some(self.now) } else { self.now.checked_sub(DAILY - SWEEP_AGAIN).ok() };
            self.page_swept_at = self.page_swept_at.max(at);
        }
        self.coverage.vanished = self.has_vanished();
        self.coverage.blind = self.is_blind();
        if self.coverage.blind {
            self.keep_old_counts();
        }
        let ever_read = self.ever_read || self.sighted;
        let mut posts: Vec<PostState> = self.posts.into_values().collect();
        posts.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
        (PageState { posts, swept_at: self.page_swept_at, ever_read }, self.coverage)
    }

    /// A count above what can be read is no sign by itself, on Facebook it may stay so for ever (facebook.md section 15):
    /// it takes a page that never showed anything, or counts that grew. TikTok's signal nothing (tiktok.md section 4.1).
    fn is_blind(&self) -> bool {
        let grew = |(post, before): (&PostId, &Option<u64>)| self.counts.get(post) > Some(&before.unwrap_or(0));
        let signals = self.rules.platform != Platform::TikTok;
        let missed = !self.ever_read || (signals && self.counted_but_empty.iter().any(grew));
        self.counted_but_empty.len() >= 2 && !self.sighted && missed
    }

    /// Several, because a page may well take its only post down; those are forgotten as soon as they are seen to be gone.
    fn has_vanished(&self) -> bool {
        let main = self.listings.get(&Edge::Main).or_else(|| self.listings.get(&Edge::Published));
        let empty = main.is_some_and(|trail| trail.pages > 0 && trail.seen.is_empty() && trail.empty < EMPTY);
        let known = self.posts.values().filter(|post| post.kind == PostKind::Post && post.read_at.is_some()).count();
        empty && !self.over && self.named.is_empty() && known >= 2
    }

    /// Blindness lasts until something is listed, or until the counts are no higher than while there was sight.
    fn keep_old_counts(&mut self) {
        for (id, before) in &self.counted_but_empty {
            if let Some(state) = self.posts.get_mut(id) {
                state.total = before.map(|before| self.counts.get(id).map_or(before, |&count| before.min(count)));
            }
        }
    }

    fn absorb_posts(&mut self, edge: Edge, answer: &Answer, unseen: usize) {
        let mut all_new = !answer.posts.is_empty();
        let mut brought_due = false;
        for listing in &answer.posts {
            all_new &= !self.posts.contains_key(&listing.post.id);
            brought_due |= self.is_due(&listing.post.id);
            let again = self.settled.contains(&listing.post.id) || self.readings.contains_key(&listing.post.id);
            self.learn(listing);
            if listing.with_comments && !again {
                let rows = &listing.comments;
                self.read_page(&listing.post.id, rows, listing.next.as_deref(), listing.newest_first, unseen);
                self.ask_replies(&listing.post.id, &listing.more_replies, unseen);
                self.maybe_settle(&listing.post.id);
            }
        }
        let trail = self.listings.entry(edge).or_default();
        let way = trail.step(answer.posts.iter().map(|l| l.post.id.as_str()), answer.next.is_some(), LISTING_PAGES);
        let wanted = self.sweep || all_new || answer.posts.is_empty() || (brought_due && self.due_elsewhere() >= 2);
        match way {
            Way::On if wanted && !self.urgent_only => {
                self.pending.push_back(Request::Posts { edge, after: answer.next.clone() });
            }
            Way::Guard => self.gap("the listing of posts went in circles or had no end and was broken off".to_owned()),
            Way::On | Way::End => {}
        }
    }

    /// Takes a listed post, and the photos of its album, into what is remembered.
    fn learn(&mut self, listing: &PostListing) {
        let post = &listing.post;
        let state =
            self.posts.entry(post.id.clone()).or_insert_with(|| fresh(post.id.clone(), post.kind, post.created));
        state.created = post.created.or(state.created);
        state.kind = post.kind;
        self.named.insert(post.id.clone());
        for photo in &listing.photos {
            self.named.insert(photo.clone());
            let fresh = || fresh(photo.clone(), PostKind::Photo, post.created);
            self.posts.entry(photo.clone()).or_insert_with(fresh);
        }
        if let Some(total) = listing.total {
            self.counts.insert(post.id.clone(), total);
        }
    }

    fn absorb_comments(&mut self, post: &PostId, answer: &Answer, unseen: usize) {
        self.read_page(post, &answer.comments, answer.next.as_deref(), answer.newest_first, unseen);
        self.ask_replies(post, &answer.more_replies, unseen);
        self.maybe_settle(post);
    }

    /// Notes a page of a post's comments and decides whether the next one is wanted.
    fn read_page(&mut self, id: &PostId, rows: &[Comment], next: Option<&str>, newest_first: bool, unseen: usize) {
        let now = self.now;
        let rules = self.rules;
        let Some(state) = self.posts.get_mut(id) else { return };
        let reading = self.readings.entry(id.clone()).or_default();
        if reading.trail.pages == 0 {
            // TikTok's count lags a day or two and signals nothing (tiktok.md section 4.1).
            reading.total = self.counts.get(id).copied().filter(|_| rules.platform != Platform::TikTok);
            let changed = reading.total.is_some() && reading.total != state.total;
            let unread_count = reading.total.is_none() && rules.platform != Platform::TikTok;
            let all = older(state.swept_at, now, rules.deep_every(state, now))
                // Replies do not move an old comment up on Instagram: only the count tells (instagram.md section 4.1).
                || (rules.platform == Platform::Instagram && changed)
                // In any other order the new ones can stand anywhere; a count that stayed spares most of the calls.
                || (!newest_first && (changed || unread_count || older(state.swept_at, now, DEEP_HOT)));
            reading.depth = match () {
                () if all => Depth::All,
                () if changed || crossed(state.read_at, now, RECENT_EVERY) => Depth::WithReplies,
                () => Depth::Newest,
            };
        }
        state.read_at = Some(now);
        let owed = older(state.swept_at, now, DAILY);
        let way = reading.trail.step(rows.iter().map(|row| row.id.as_str()), next.is_some(), COMMENT_PAGES);
        match (way, next) {
            (Way::On, Some(next)) if reading.depth == Depth::All || unseen > 0 || rows.is_empty() => {
                let request = Request::Comments { post: id.clone(), after: Some(next.to_owned()) };
                // What is owed once a day goes before what is looked at more often, or busy posts could use up a cycle's
                // calls time and again.
                if owed { self.pending.push_front(request) } else { self.pending.push_back(request) }
            }
            (Way::End, _) => reading.at_end = true,
            (Way::Guard, _) => {
                reading.at_end = true;
                self.gap(format!("comments of post {id} went in circles or had no end and were broken off"));
            }
            // Newest first and all of it known: nothing new further down.
            (Way::On, _) => {}
        }
    }

    fn ask_replies(&mut self, post: &PostId, more: &[(CommentId, Option<String>)], unseen: usize) {
        for (comment, after) in more {
            let Some(reading) = self.readings.get_mut(post) else { return };
            if self.threads.contains_key(comment) {
                continue;
            }
            let room = reading.depth == Depth::All || self.begun_threads < self.rules.threads_per_cycle();
            if !room || (reading.depth == Depth::Newest && unseen == 0) {
                // Left for a later cycle: then the post does not count as read to its end.
                reading.broken = true;
                continue;
            }
            self.begun_threads += 1;
            reading.open_threads += 1;
            self.threads.insert(comment.clone(), Trail::default());
            let request = Request::Replies { post: post.clone(), comment: comment.clone(), after: after.clone() };
            self.pending.push_back(request);
        }
    }

    fn absorb_replies(&mut self, post: &PostId, comment: &CommentId, answer: &Answer) {
        let cap = COMMENT_PAGES;
        let trail = self.threads.entry(comment.clone()).or_default();
        match trail.step(answer.comments.iter().map(|row| row.id.as_str()), answer.next.is_some(), cap) {
            Way::On => {
                let (post, comment) = (post.clone(), comment.clone());
                self.pending.push_front(Request::Replies { post, comment, after: answer.next.clone() });
                return;
            }
            Way::Guard => {
                self.gap(format!("replies under post {post} went in circles or had no end and were broken off"));
            }
            Way::End => {}
        }
        self.close_thread(post);
    }

    fn close_thread(&mut self, post: &PostId) {
        if let Some(reading) = self.readings.get_mut(post) {
            reading.open_threads = reading.open_threads.saturating_sub(1);
        }
        self.maybe_settle(post);
    }

    fn fail_one(&mut self, request: &Request, error: &Error) {
        let passing = matches!(error, Error::Transient { .. } | Error::TooMuch { .. });
        match request {
            Request::Posts { edge, after } => self.fail_listing(*edge, after.is_some(), error),
            Request::Comments { post, after } => {
                let gone = matches!(error, Error::NotFound { .. }) && after.is_none();
                if gone && !self.named.contains(post) {
                    self.posts.remove(post);
                } else {
                    self.gap(format!("comments of post {post} could not be read: {}", reason(error)));
                }
                if let Some(state) = self.posts.get_mut(post).filter(|_| !passing && after.is_none()) {
                    // Refused for good: see `every`.
                    state.read_at = Some(self.now);
                    state.swept_at = None;
                }
                self.break_off(post);
            }
            Request::Replies { post, .. } => {
                // A comment that is gone or hidden has no replies to list (tiktok.md section 4.3).
                if passing || matches!(error, Error::Permission { .. }) {
                    self.gap(format!("replies under post {post} could not be read: {}", reason(error)));
                    if let Some(reading) = self.readings.get_mut(post) {
                        reading.broken = true;
                        reading.lost |= passing;
                    }
                }
                self.close_thread(post);
            }
        }
        self.transients += u32::from(passing);
        // Two in one cycle are an outage; asking on would only wait out one deadline after the other.
        if self.transients >= 2 {
            self.end();
        }
    }

    fn fail_listing(&mut self, edge: Edge, later_page: bool, error: &Error) {
        let refused = matches!(error, Error::Permission { .. } | Error::NotFound { .. } | Error::Refused { .. });
        if refused && edge == Edge::Main && !later_page && self.rules.platform == Platform::Facebook {
            self.pending.push_front(Request::Posts { edge: Edge::Visitors, after: None });
            self.pending.push_front(Request::Posts { edge: Edge::Published, after: None });
            self.listings.entry(edge).or_default();
            return;
        }
        let what = match edge {
            Edge::Main | Edge::Published => "posts could not be listed",
            Edge::Visitors => "visitors' posts could not be listed",
            Edge::Reels => "Reels could not be listed, so new ones are not watched",
        };
        self.gap(format!("{what}: {}", reason(error)));
        // Reels and visitors' posts may be closed to us for good: told with each sweep, but no reason to sweep again.
        if later_page || matches!(edge, Edge::Main | Edge::Published) || !refused {
            self.broken_listings += 1;
        }
        // On TikTok the scope for listing videos can lapse alone; the comments of known videos can still be read.
        let lapsed = matches!(error, Error::Permission { .. }) && self.rules.platform == Platform::TikTok;
        if edge == Edge::Main && !later_page && !lapsed {
            self.end();
        }
    }

    fn break_off(&mut self, post: &PostId) {
        let reading = self.readings.entry(post.clone()).or_default();
        reading.broken = true;
        reading.lost = reading.trail.pages > 0;
        self.settled.insert(post.clone());
        self.maybe_settle(post);
    }

    fn maybe_settle(&mut self, post: &PostId) {
        let waits = |request: &Request| matches!(request, Request::Comments { post: other, .. } if other == post);
        let Some(reading) = self.readings.get(post) else { return };
        if reading.open_threads == 0 && !self.pending.iter().any(waits) {
            self.settle(post);
        }
    }

    /// Writes down how far a post was read.
    fn settle(&mut self, post: &PostId) {
        self.settled.insert(post.clone());
        let Some(reading) = self.readings.remove(post) else { return };
        let Some(state) = self.posts.get_mut(post) else { return };
        let whole = reading.at_end && !reading.broken && reading.open_threads == 0;
        if whole {
            state.swept_at = Some(self.now);
        } else if reading.lost {
            state.swept_at = None;
            state.read_at = None;
        }
        let counted = self.counts.get(post).is_some_and(|count| *count > 0);
        if counted && reading.trail.pages > 0 && reading.trail.seen.is_empty() {
            self.counted_but_empty.insert(post.clone(), state.total);
        }
        // The old count is kept until what its change asked for has been read.
        if whole || (reading.depth != Depth::All && !reading.broken) {
            state.total = reading.total.or(state.total);
        }
    }

    fn is_due(&self, id: &PostId) -> bool {
        let unread = !self.settled.contains(id) && !self.readings.contains_key(id);
        unread && self.posts.get(id).is_some_and(|post| older(post.read_at, self.now, every(post, self.now)))
    }

    /// Posts that are due and that no listing has brought so far, and that a listing of posts can bring.
    fn due_elsewhere(&self) -> usize {
        let listed = |post: &&PostState| matches!(post.kind, PostKind::Post | PostKind::Visitor);
        let with_comments = self.rules.platform != Platform::TikTok;
        self.posts.values().filter(listed).filter(|post| with_comments && self.is_due(&post.id)).count()
    }

    /// The due post that has waited longest, of the young and of the long unread by turns.
    fn pick_due(&self) -> Option<PostId> {
        let old = |post: &&PostState| older(post.read_at, self.now, DAILY) && !every(post, self.now).is_zero();
        let oldest = |of_old: bool| {
            let due = self.posts.values().filter(|post| self.is_due(&post.id) && old(post) == of_old);
            due.min_by_key(|post| (post.read_at, std::cmp::Reverse(post.created))).map(|post| post.id.clone())
        };
        // By turns, so that neither starves.
        let turn_of_old = self.begun_posts % 2 == 1;
        oldest(turn_of_old).or_else(|| oldest(!turn_of_old))
    }

    fn gap(&mut self, words: String) {
        if !self.coverage.gaps.contains(&words) {
            self.coverage.gaps.push(words);
        }
    }

    fn end(&mut self) {
        self.over = true;
        let waiting: HashSet<&PostId> = self
            .pending
            .iter()
            .filter_map(|request| if let Request::Comments { post, .. } = request { Some(post) } else { None })
            .collect();
        for (post, reading) in &mut self.readings {
            reading.broken = true;
            reading.lost |= waiting.contains(post) || reading.open_threads > 0;
        }
    }
}

/// How often a post of this age is read; nothing for every cycle.
fn every(post: &PostState, now: Timestamp) -> SignedDuration {
    let by_age = match post.created.map(|created| now.duration_since(created)) {
        Some(age) if age < HOT => SignedDuration::ZERO,
        Some(age) if age >= RECENT => DAILY,
        _ => RECENT_EVERY,
    };
    // Asked for and never got to its end: refused. A photo or post that is closed to us must not cost a call a cycle.
    let refused = post.read_at.is_some() && post.swept_at.is_none();
    if refused { by_age.max(RECENT_EVERY) } else { by_age }
}

/// A post of which nothing has been read.
fn fresh(id: PostId, kind: PostKind, created: Option<Timestamp>) -> PostState {
    PostState { id, kind, created, read_at: None, swept_at: None, total: None }
}

/// Whether `at` is at least `limit` ago, or never; also when it is still to come, because then somebody has put the
/// clock back, and how long ago it was nobody knows.
fn older(at: Option<Timestamp>, now: Timestamp, limit: SignedDuration) -> bool {
    at.is_none_or(|at| now < at || now.duration_since(at) >= limit)
}

/// Whether a multiple of `step` lies between the two: a schedule that needs no memory of its own.
fn crossed(at: Option<Timestamp>, now: Timestamp, step: SignedDuration) -> bool {
    let slot = |time: Timestamp| time.as_second().div_euclid(step.as_secs());
    at.is_none_or(|at| slot(at) != slot(now))
}

/// Why, in words for the digest.
fn reason(error: &Error) -> &'static str {
    match error {
        Error::Permission { .. } => "a permission is missing",
        Error::NotFound { .. } => "the platform says it is not there, or not for us",
        Error::Refused { .. } => "the platform refused the request",
        Error::TooMuch { .. } => "the platform could not answer so much at once",
        _ => "the platform did not answer properly",
    }
}

#[cfg(test)]
mod tests;
