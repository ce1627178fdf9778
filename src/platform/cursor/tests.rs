//! A page that answers as platforms do, and a poller that remembers what it saw; then hostile ones.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::comment::{Author, CommentKind, CommentText, PageId, PageKey};

/// One post and its comments, oldest first.
#[derive(Clone, Debug)]
struct Thing {
    id: String,
    kind: PostKind,
    created: Timestamp,
    comments: Vec<Said>,
    photos: Vec<String>,
}

#[derive(Clone, Debug)]
struct Said {
    id: String,
    at: Timestamp,
    parent: Option<String>,
}

/// A page and how its platform answers.
#[derive(Clone, Debug)]
struct World {
    platform: Platform,
    things: Vec<Thing>,
    /// Posts in an answer.
    outer: usize,
    /// Top-level comments in an answer.
    inner: usize,
    /// Replies that come with their comment.
    replies: usize,
    /// The order asked for is not kept.
    ranked: bool,
    /// Each page of comments that has a successor is followed by an empty one.
    gappy: bool,
    /// The platform shows no comments, whatever it counts.
    mute: bool,
}

impl World {
    fn new(platform: Platform) -> Self {
        let replies = if platform == Platform::TikTok { 3 } else { 50 };
        Self { platform, things: Vec::new(), outer: 25, inner: 50, replies, ranked: false, gappy: false, mute: false }
    }

    fn post(&mut self, id: &str, age_days: i64, comments: usize) -> &mut Thing {
        let created = noon() - SignedDuration::from_hours(24 * age_days);
        let said = |n: usize| Said { id: format!("{id}-c{n}"), at: created, parent: None };
        let comments = (0..comments).map(said).collect();
        self.things.push(Thing { id: id.to_owned(), kind: PostKind::Post, created, comments, photos: Vec::new() });
        self.things.last_mut().expect("a post")
    }

    fn thing(&mut self, id: &str) -> &mut Thing {
        self.things.iter_mut().find(|thing| thing.id == id).expect("a post")
    }

    fn say(&mut self, post: &str, id: &str, at: Timestamp) {
        self.thing(post).comments.push(Said { id: id.to_owned(), at, parent: None });
    }

    fn answer(&self, request: &Request) -> Answer {
        match request {
            Request::Posts { edge, after } => self.posts(*edge, start(after.as_deref())),
            Request::Comments { post, after } => self.comments(post.as_str(), after.as_deref()),
            Request::Replies { post, comment, after } => {
                self.further(post.as_str(), comment.as_str(), after.as_deref())
            }
        }
    }

    fn posts(&self, edge: Edge, from: usize) -> Answer {
        let reels = edge == Edge::Reels;
        let mut listed: Vec<&Thing> = self
            .things
            .iter()
            .filter(|thing| match thing.kind {
                PostKind::Reel => reels,
                PostKind::Photo => false,
                _ => !reels,
            })
            .collect();
        listed.sort_by_key(|thing| std::cmp::Reverse(thing.created));
        let posts = listed.iter().skip(from).take(self.outer).map(|thing| self.listing(thing)).collect();
        let next = (from + self.outer < listed.len()).then(|| (from + self.outer).to_string());
        Answer { posts, next, ..Answer::default() }
    }

    fn listing(&self, thing: &Thing) -> PostListing {
        let nested = self.platform != Platform::TikTok;
        let page = if nested { self.comments(&thing.id, None) } else { Answer::default() };
        PostListing {
            post: Post {
                id: PostId::new(&thing.id),
                kind: thing.kind,
                created: Some(thing.created),
                permalink: None,
                text: CommentText::default(),
            },
            comments: page.comments,
            next: page.next,
            newest_first: page.newest_first,
            total: Some(thing.comments.len() as u64),
            with_comments: nested,
            more_replies: page.more_replies,
            photos: thing.photos.iter().map(PostId::new).collect(),
        }
    }

    fn comments(&self, post: &str, after: Option<&str>) -> Answer {
        let Some(thing) = self.things.iter().find(|thing| thing.id == post) else { return Answer::default() };
        // An odd cursor is an empty page before the next one.
        let from = start(after);
        if self.gappy && from % 2 == 1 {
            return Answer { next: Some((from - 1).to_string()), newest_first: !self.ranked, ..Answer::default() };
        }
        let from = from / 2;
        let flat = self.platform == Platform::Facebook;
        let mut rows: Vec<&Said> = thing.comments.iter().filter(|said| flat || said.parent.is_none()).collect();
        if self.mute {
            rows.clear();
        }
        if !self.ranked {
            rows.reverse();
        }
        let mut answer = Answer { newest_first: !self.ranked, ..Answer::default() };
        for said in rows.iter().skip(from).take(self.inner) {
            answer.comments.push(comment(post, said));
            let replies: Vec<&Said> = if flat { Vec::new() } else { under(thing, &said.id) };
            answer.comments.extend(replies.iter().take(self.replies).map(|reply| comment(post, reply)));
            if replies.len() > self.replies {
                let after = (self.platform == Platform::Instagram).then(|| self.replies.to_string());
                answer.more_replies.push((CommentId::new(&said.id), after));
            }
        }
        let end = from + self.inner;
        answer.next = (end < rows.len()).then(|| (end * 2 + usize::from(self.gappy)).to_string());
        answer
    }

    fn further(&self, post: &str, of: &str, after: Option<&str>) -> Answer {
        let Some(thing) = self.things.iter().find(|thing| thing.id == post) else { return Answer::default() };
        let (from, replies) = (start(after), under(thing, of));
        let comments = replies.iter().skip(from).take(30).map(|reply| comment(post, reply)).collect();
        let next = (from + 30 < replies.len()).then(|| (from + 30).to_string());
        Answer { comments, next, newest_first: true, ..Answer::default() }
    }
}

fn under<'a>(thing: &'a Thing, parent: &str) -> Vec<&'a Said> {
    thing.comments.iter().filter(|said| said.parent.as_deref() == Some(parent)).collect()
}

fn start(after: Option<&str>) -> usize {
    after.map_or(0, |after| after.parse().expect("our own cursor"))
}

fn comment(post: &str, said: &Said) -> Comment {
    Comment {
        id: CommentId::new(&said.id),
        post: PostId::new(post),
        parent: said.parent.as_ref().map(CommentId::new),
        kind: if said.parent.is_some() { CommentKind::Reply } else { CommentKind::Comment },
        author: Author::default(),
        by_page: false,
        created: Some(said.at),
        text: CommentText::new("x"),
        attachments: Vec::new(),
        hidden: false,
        can_hide: None,
        can_delete: None,
        permalink: None,
    }
}

fn noon() -> Timestamp {
    Timestamp::from_second(1_764_072_000).expect("a time")
}

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// A poller: what the store knows, and what is remembered of the page.
#[derive(Debug, Default)]
struct Poller {
    state: PageState,
    known: BTreeMap<String, Timestamp>,
    asked: Vec<Request>,
}

impl Poller {
    fn cycle(&mut self, world: &World, now: Timestamp) -> Coverage {
        self.cycle_with(world, now, |_| None)
    }

    fn cycle_with(&mut self, world: &World, now: Timestamp, failing: impl Fn(&Request) -> Option<Error>) -> Coverage {
        let mut cycle = Cycle::new(world.platform, std::mem::take(&mut self.state), now);
        self.asked.clear();
        while let Some(request) = cycle.next() {
            self.asked.push(request.clone());
            if let Some(error) = failing(&request) {
                cycle.fail(&request, &error);
                continue;
            }
            let answer = world.answer(&request);
            let mut unseen = 0;
            for comment in answer.all_comments() {
                self.known.entry(comment.id.to_string()).or_insert_with(|| {
                    unseen += 1;
                    now
                });
            }
            cycle.absorb(&request, &answer, unseen);
        }
        let (state, coverage) = cycle.finish();
        self.state = state;
        coverage
    }

    /// Cycles a minute apart until the first sight is over.
    fn settled(world: &World) -> Self {
        let mut poller = Self::default();
        for minute in 0..30 {
            poller.cycle(world, noon() + minutes(minute - 30));
        }
        poller
    }

    fn calls(&self) -> usize {
        self.asked.len()
    }
}

fn page() -> PageKey {
    PageKey { platform: Platform::Facebook, id: PageId::new("1") }
}

fn transient() -> Error {
    Error::Transient { page: page(), source: super::super::http::Fault::TimedOut }
}

fn is_main(request: &Request) -> bool {
    matches!(request, Request::Posts { edge: Edge::Main, .. })
}

#[test]
fn a_quiet_page_costs_one_call_a_cycle() {
    for platform in [Platform::Facebook, Platform::Instagram] {
        let mut world = World::new(platform);
        (0..24).for_each(|n| {
            world.post(&format!("p{n}"), n, 3);
        });
        // More comments than come along, and known to the end.
        world.post("big", 2, 130);
        let mut poller = Poller::settled(&world);
        for minute in 0..10 {
            let coverage = poller.cycle(&world, noon() + minutes(minute));
            assert_eq!((poller.calls(), coverage.gaps.len()), (1, 0), "{platform} {:?}", poller.asked);
        }
    }
}

#[test]
fn the_first_sight_of_a_page_reads_all_of_it() {
    for platform in Platform::ALL {
        let mut world = World::new(platform);
        (0..60).for_each(|n| {
            world.post(&format!("p{n}"), n * 5, 7);
        });
        world.post("big", 300, 170);
        let poller = Poller::settled(&world);
        assert_eq!(poller.known.len(), 60 * 7 + 170, "{platform}");
        assert!(poller.state.posts.iter().all(|post| post.swept_at.is_some()));
        assert!(poller.state.swept_at.is_some());
    }
}

#[test]
fn a_burst_beyond_the_first_page_is_found_within_the_cycle() {
    for platform in Platform::ALL {
        let mut world = World::new(platform);
        world.post("p", 1, 200);
        let mut poller = Poller::settled(&world);
        (0..140).for_each(|n| world.say("p", &format!("new{n}"), noon()));
        poller.cycle(&world, noon());
        assert_eq!(poller.known.len(), 340, "{platform} {:?}", poller.asked);
        assert!(platform != Platform::Facebook || poller.calls() <= 4, "stops at the first page without anything new");
    }
}

#[test]
fn pages_in_an_order_of_their_own_are_read_to_the_end() {
    let mut world = World::new(Platform::Facebook);
    world.ranked = true;
    world.gappy = true;
    world.post("p", 1, 230);
    let mut poller = Poller::settled(&world);
    world.say("p", "new", noon());
    poller.cycle(&world, noon());
    assert!(poller.known.contains_key("new"));
}

#[test]
fn a_new_reply_under_an_old_comment_of_a_recent_post_is_found_within_the_cycle() {
    let mut world = World::new(Platform::Instagram);
    let thing = world.post("p", 1, 120);
    let reply = |n: usize| Said { id: format!("r{n}"), at: noon(), parent: Some("p-c0".to_owned()) };
    (0..70).for_each(|n| thing.comments.push(reply(n)));
    let mut poller = Poller::settled(&world);
    assert!(poller.known.contains_key("r69"));
    world.thing("p").comments.push(reply(70));
    poller.cycle(&world, noon());
    assert!(poller.known.contains_key("r70"), "{:?}", poller.asked);
}

#[test]
fn older_posts_wait_for_their_tier() {
    let mut world = World::new(Platform::TikTok);
    world.outer = 20;
    (0..30).for_each(|n| {
        world.post(&format!("young{n}"), 8, 1);
    });
    world.post("old", 200, 1);
    let mut poller = Poller::settled(&world);
    world.say("young3", "tier", noon());
    world.say("old", "day", noon());
    let mut found = BTreeMap::new();
    for minute in 0..60 * 24 {
        poller.cycle(&world, noon() + minutes(minute));
        for id in ["tier", "day"] {
            if poller.known.contains_key(id) {
                found.entry(id).or_insert(minute);
            }
        }
    }
    assert!(found["tier"] <= 12, "{found:?}");
    assert!(found["day"] > 60 && found["day"] < 60 * 24, "{found:?}");
}

#[test]
fn a_clock_that_was_put_back_leaves_no_post_unread() {
    let mut world = World::new(Platform::TikTok);
    world.post("p", 8, 1);
    let mut poller = Poller::settled(&world);
    poller.cycle(&world, noon() + minutes(240));
    world.say("p", "new", noon());
    poller.cycle(&world, noon() + minutes(5));
    assert!(poller.known.contains_key("new"));
}

#[test]
fn a_full_budget_is_shared_and_everybody_has_a_turn() {
    let mut world = World::new(Platform::TikTok);
    (0..50).for_each(|n| {
        world.post(&format!("hot{n}"), 1, 2);
    });
    (0..50).for_each(|n| {
        world.post(&format!("old{n}"), 100 + n, 2);
    });
    let mut poller = Poller::settled(&world);
    (0..50).for_each(|n| world.say(&format!("hot{n}"), &format!("h{n}"), noon()));
    for minute in 0..4 {
        poller.cycle(&world, noon() + minutes(minute));
        assert!(poller.calls() <= 1 + 20, "{}", poller.calls());
    }
    assert!((0..50).all(|n| poller.known.contains_key(&format!("h{n}"))));
}

#[test]
fn a_closed_feed_is_replaced_by_two_listings() {
    let mut world = World::new(Platform::Facebook);
    world.post("p", 1, 3);
    let refused: [fn() -> Error; 3] = [
        || Error::Permission { page: page(), code: 10, help: "" },
        || Error::Refused { page: page(), code: 100 },
        || Error::NotFound { page: page(), code: 404 },
    ];
    for error in refused {
        let mut poller = Poller::default();
        let coverage = poller.cycle_with(&world, noon(), |request| is_main(request).then(error));
        let edges: Vec<Edge> = poller
            .asked
            .iter()
            .filter_map(|request| if let Request::Posts { edge, .. } = request { Some(*edge) } else { None })
            .collect();
        assert_eq!(edges, [Edge::Main, Edge::Published, Edge::Visitors, Edge::Reels]);
        assert_eq!((poller.known.len(), coverage.gaps.len()), (3, 0));
        assert_eq!(poller.state.swept_at, Some(noon()));
    }
}

#[test]
fn reels_are_listed_with_each_sweep_and_each_cycle_while_one_is_young() {
    let mut world = World::new(Platform::Facebook);
    world.post("p", 1, 3);
    world.post("r", 3, 2).kind = PostKind::Reel;
    let mut poller = Poller::settled(&world);
    assert_eq!(poller.known.len(), 5);
    poller.cycle(&world, noon());
    assert_eq!(poller.calls(), 2);
    poller.cycle(&world, noon() + minutes(5 * 24 * 60));
    let coverage = poller.cycle_with(&world, noon() + minutes(5 * 24 * 60 + 1), |_| None);
    assert_eq!((poller.calls(), coverage.gaps.len()), (1, 0));
}

#[test]
fn photos_of_an_album_are_read_with_their_post() {
    let mut world = World::new(Platform::Facebook);
    world.post("album", 1, 1).photos = vec!["photo1".into(), "photo2".into()];
    world.post("photo2", 1, 4).kind = PostKind::Photo;
    let poller = Poller::settled(&world);
    assert_eq!(poller.known.len(), 5);
}

#[test]
fn what_broke_off_between_two_pages_is_asked_for_again() {
    let mut world = World::new(Platform::Facebook);
    world.post("p", 1, 60);
    let mut poller = Poller::settled(&world);
    (0..120).for_each(|n| world.say("p", &format!("new{n}"), noon()));
    let second_page = |request: &Request| matches!(request, Request::Comments { .. }).then(transient);
    let coverage = poller.cycle_with(&world, noon(), second_page);
    assert_eq!(coverage.gaps.len(), 1);
    assert_eq!(poller.known.len(), 60 + 50);
    poller.cycle(&world, noon() + minutes(1));
    assert_eq!(poller.known.len(), 180);
}

#[test]
fn a_throttled_or_locked_out_page_ends_the_cycle_and_says_so() {
    let mut world = World::new(Platform::TikTok);
    world.post("p", 1, 3);
    let ours = || Error::Throttled { page: page(), wait: Duration::from_secs(2) };
    let theirs = || Error::Throttled { page: page(), wait: Duration::from_secs(300) };
    let token = || Error::Token { page: page(), code: 190, help: "" };
    let cases: [(fn() -> Error, usize); 3] = [(ours, 0), (theirs, 1), (token, 1)];
    for (error, gaps) in cases {
        let mut poller = Poller::default();
        let coverage = poller.cycle_with(&world, noon(), |_| Some(error()));
        assert_eq!((coverage.requests, coverage.gaps.len()), (1, gaps));
        assert_eq!(poller.state.swept_at, None);
    }
}

#[test]
fn an_outage_is_noticed_after_two_deadlines_and_a_sweep_that_broke_off_comes_again_in_an_hour() {
    let mut world = World::new(Platform::Facebook);
    (0..100).for_each(|n| {
        world.post(&format!("p{n}"), n * 3, 1);
    });
    let deep = |request: &Request| {
        matches!(request, Request::Posts { after: Some(_), .. } | Request::Comments { .. }).then(transient)
    };
    let mut poller = Poller::default();
    let coverage = poller.cycle_with(&world, noon(), deep);
    assert_eq!(coverage.requests, 3, "{:?}", poller.asked);
    poller.cycle(&world, noon() + minutes(1));
    assert!(!poller.asked.iter().any(|request| matches!(request, Request::Posts { after: Some(_), .. })));
    poller.cycle(&world, noon() + minutes(60));
    assert_eq!(poller.known.len(), 100);
}

#[test]
fn a_post_that_is_gone_is_forgotten_and_one_that_is_closed_is_told() {
    let mut world = World::new(Platform::TikTok);
    world.post("gone", 1, 1);
    let mut poller = Poller::settled(&world);
    world.things.clear();
    let gone = |request: &Request| {
        matches!(request, Request::Comments { .. }).then(|| Error::NotFound { page: page(), code: 40_007 })
    };
    let coverage = poller.cycle_with(&world, noon(), gone);
    assert_eq!((poller.state.posts.len(), coverage.gaps.len()), (0, 0));
    world.post("closed", 1, 1);
    let closed = |request: &Request| {
        matches!(request, Request::Comments { .. }).then(|| Error::Permission { page: page(), code: 40_130, help: "" })
    };
    let coverage = poller.cycle_with(&world, noon(), closed);
    assert_eq!((poller.state.posts.len(), coverage.gaps.len()), (1, 1));
}

#[test]
fn a_photo_that_is_closed_to_us_does_not_cost_a_call_a_cycle() {
    let mut world = World::new(Platform::Facebook);
    world.post("album", 1, 1).photos = vec!["photo".into()];
    let closed = |request: &Request| {
        matches!(request, Request::Comments { .. }).then(|| Error::NotFound { page: page(), code: 33 })
    };
    let mut poller = Poller::default();
    let calls: Vec<usize> = (0..21)
        .map(|minute| {
            poller.cycle_with(&world, noon() + minutes(minute), closed);
            poller.asked.iter().filter(|request| matches!(request, Request::Comments { .. })).count()
        })
        .collect();
    assert_eq!(calls.iter().sum::<usize>(), 3, "{calls:?}");
}

#[test]
fn counted_comments_that_nobody_can_list_are_blindness_and_not_calm() {
    for platform in Platform::ALL {
        let mut world = World::new(platform);
        world.post("a", 1, 3);
        world.post("b", 2, 3);
        assert!(!Poller::default().cycle(&world, noon()).blind);
        world.mute = true;
        assert!(Poller::default().cycle(&world, noon()).blind, "{platform}");
        world.things.pop();
        assert!(!Poller::default().cycle(&world, noon()).blind, "one post alone may be a matter of privacy");
    }
}

#[test]
fn a_page_that_showed_comments_once_is_blind_only_while_more_are_counted_than_then() {
    let mut world = World::new(Platform::Facebook);
    world.post("a", 1, 3);
    world.post("b", 2, 3);
    let mut poller = Poller::default();
    let mut look = |world: &World, minute| poller.cycle(world, noon() + minutes(minute)).blind;
    assert!(!look(&world, 0));
    world.mute = true;
    assert!(!look(&world, 1), "what is left may be what nobody may read");
    assert!(!look(&world, 60 * 30));
    world.say("a", "more", noon());
    assert!(look(&world, 60 * 30 + 1));
    assert!(look(&world, 60 * 30 + 2), "it stays blind");
    world.thing("a").comments.pop();
    assert!(!look(&world, 60 * 30 + 3), "it was taken back");
    world.say("b", "more", noon());
    assert!(look(&world, 60 * 30 + 4));
    world.mute = false;
    assert!(!look(&world, 60 * 30 + 5));
}

#[test]
fn a_page_near_the_end_of_its_budget_is_asked_for_what_is_newest_only() {
    let mut world = World::new(Platform::Facebook);
    (0..60).for_each(|n| {
        world.post(&format!("p{n}"), n, 1);
    });
    let mut cycle = Cycle::new(Platform::Facebook, PageState::default(), noon()).urgent_only();
    let request = cycle.next().expect("the newest posts");
    cycle.absorb(&request, &world.answer(&request), 25);
    assert_eq!(cycle.next(), None);
    assert_eq!(cycle.finish().0.swept_at, None, "the sweep is still owed");
}

/// Posts, comments, fresh ids, a next, newest first, which mishap.
type Step = (u8, u8, bool, bool, bool, u8);

#[test]
fn a_listing_without_end_is_broken_off_and_told() {
    let listing = |n: usize| {
        let mut world = World::new(Platform::TikTok);
        world.post(&format!("p{n}"), 400, 0);
        let answer = world.answer(&Request::Posts { edge: Edge::Main, after: None });
        Answer { next: Some("on".to_owned()), ..answer }
    };
    let run = |fresh: bool| {
        let mut cycle = Cycle::new(Platform::TikTok, PageState::default(), noon());
        let mut calls = 0;
        while let Some(request) = cycle.next().filter(|request| matches!(request, Request::Posts { .. })) {
            cycle.absorb(&request, &listing(if fresh { calls } else { 0 }), 0);
            calls += 1;
        }
        let (_, coverage) = cycle.finish();
        assert_eq!(coverage.gaps.len(), 1, "{coverage:?}");
        calls
    };
    assert_eq!(run(true), 100);
    assert_eq!(run(false), 3, "the same page again and again");
}

/// Answers without sense: ids from a small pool or fresh ones, always or never a next.
fn hostile() -> impl Strategy<Value = (Platform, Vec<Step>)> {
    let platform = prop::sample::select(Platform::ALL.to_vec());
    (platform, prop::collection::vec((0..4_u8, 0..5_u8, any::<bool>(), any::<bool>(), any::<bool>(), 0..12_u8), 1..12))
}

fn nonsense(step: Step, serial: usize, now: Timestamp) -> Answer {
    let (posts, comments, fresh, next, ordered, _) = step;
    let id = |kind: &str, n: u8| if fresh { format!("{kind}{serial}-{n}") } else { format!("{kind}{n}") };
    let said = |post: &str| -> Vec<Comment> {
        (0..comments).map(|n| comment(post, &Said { id: id("c", n), at: now, parent: None })).collect()
    };
    let after = || next.then(|| format!("{serial}"));
    let more = || (0..comments).map(|n| (CommentId::new(id("c", n)), after())).collect();
    let listing = |n: u8| PostListing {
        post: Post {
            id: PostId::new(id("p", n)),
            kind: PostKind::Post,
            created: Some(now),
            permalink: None,
            text: CommentText::default(),
        },
        comments: said(&id("p", n)),
        next: after(),
        newest_first: ordered,
        total: Some(u64::from(comments) + serial as u64),
        with_comments: ordered != fresh,
        more_replies: more(),
        photos: vec![PostId::new(id("photo", n))],
    };
    Answer {
        posts: (0..posts).map(listing).collect(),
        comments: said("p0"),
        next: after(),
        newest_first: ordered,
        more_replies: more(),
        malformed: 1,
    }
}

fn mishap(number: u8) -> Option<Error> {
    match number {
        0 => Some(transient()),
        1 => Some(Error::NotFound { page: page(), code: 33 }),
        2 => Some(Error::Permission { page: page(), code: 10, help: "" }),
        3 => Some(Error::Refused { page: page(), code: 100 }),
        4 => Some(Error::TooMuch { page: page() }),
        _ => None,
    }
}

/// A day and a half of a page: when which post gets a comment or a reply, and how its platform behaves.
#[derive(Clone, Debug)]
struct Story {
    world: World,
    every: i64,
    said: Vec<(i64, usize, bool)>,
}

fn stories() -> impl Strategy<Value = Story> {
    let platform = prop::sample::select(Platform::ALL.to_vec());
    let posts = prop::collection::vec((0..400_i64, 0..70_usize), 1..40);
    let said = prop::collection::vec((0..12 * 60_i64, 0..40_usize, any::<bool>()), 1..25);
    (platform, posts, any::<bool>(), any::<bool>(), 5..60_usize, 1..30_usize, 5..90_i64, said).prop_map(
        |(platform, posts, ranked, gappy, inner, outer, every, said)| {
            let mut world = World { outer, inner, ranked, gappy, ..World::new(platform) };
            for (n, (age, comments)) in posts.into_iter().enumerate() {
                world.post(&format!("p{n}"), age, comments);
            }
            Story { world, every, said }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_cycle_ends_whatever_it_is_told((platform, steps) in hostile()) {
        let mut state = PageState::default();
        for round in 0..3 {
            let now = noon() + minutes(round);
            let mut cycle = Cycle::new(platform, state, now);
            let mut serial = 0;
            while let Some(request) = cycle.next() {
                let step = steps[serial % steps.len()];
                serial += 1;
                prop_assert!(serial <= 2_000, "no end");
                match mishap(step.5) {
                    Some(error) => cycle.fail(&request, &error),
                    None => cycle.absorb(&request, &nonsense(step, serial, now), serial % 3),
                }
            }
            let (after, coverage) = cycle.finish();
            prop_assert!(coverage.requests > 0);
            state = after;
        }
    }

    #[test]
    fn no_new_comment_on_any_post_stays_unread_longer_than_a_day(story in stories()) {
        let Story { mut world, every, said } = story;
        let mut poller = Poller::settled(&world);
        let mut written: Vec<(Timestamp, String)> = Vec::new();
        let mut clock = 0;
        while clock < 37 * 60 {
            let now = noon() + minutes(clock);
            for (n, (minute, post, reply)) in said.iter().enumerate() {
                let id = format!("new{n}");
                if *minute <= clock && !written.iter().any(|(_, other)| *other == id) {
                    let at = post % world.things.len();
                    let thing = &mut world.things[at];
                    let parent = thing.comments.iter().find(|said| said.parent.is_none()).filter(|_| *reply).map(|said| said.id.clone());
                    thing.comments.push(Said { id: id.clone(), at: now, parent });
                    written.push((now, id));
                }
            }
            poller.cycle(&world, now);
            clock += every;
        }
        let ages = world.things.iter().map(|thing| (thing.created, thing.comments.len())).collect::<Vec<_>>();
        for (at, id) in written {
            let read = poller.known.get(&id);
            prop_assert!(read.is_some_and(|read| read.duration_since(at) <= SignedDuration::from_hours(24)), "{id} at {at}: {read:?}; {} every {every} outer {} inner {} ranked {} gappy {}; {ages:?}; {said:?}",
 world.platform, world.outer, world.inner, world.ranked, world.gappy);
        }
    }
}
