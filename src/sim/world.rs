//! The simulated platforms' state: pages, posts, comments, people, tokens, faults, and a log of all that was asked
//! and done. In: a [`Scenario`], the time, requests, and a test's own interference. Out: replies, and everything to
//! look at. Pure: no sockets, no clock; chance comes from the scenario's seed.

use std::collections::{HashMap, HashSet};

use super::fault::{About, FaultRule, Mood};
use super::scenario::{
    CommentScript, EditScript, ExpireScript, HiddenBy, Knobs, Offset, PageScript, PostScript, PostShape, RatingScript,
    RenameScript, Scenario, ScenarioError, TimedComment, midnight_before,
};
use super::tokens::{GraphToken, TikTokPair};
use super::wire::{Ask, Reply};
use crate::clock::{SignedDuration, Timestamp};
use crate::comment::{Attachment, Platform};

/// A page or account, as it stands.
#[derive(Clone, Debug)]
pub struct Page {
    /// What the scenario calls it.
    pub key: String,
    /// Where it is.
    pub platform: Platform,
    /// Its id on the platform.
    pub id: String,
    /// Its shown name.
    pub name: String,
    /// Its handle.
    pub handle: String,
    /// For an Instagram account: the id of its Facebook Page.
    pub linked: Option<String>,
    /// People who are blocked, by id.
    pub blocked: Vec<String>,
    /// Whether visitors may post (Facebook).
    pub visitors_can_post: bool,
    /// Webhook fields that the app subscribed to.
    pub subscribed: Vec<String>,
}

/// A post, as it stands.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts, read one at a time")]
pub struct Post {
    /// What the scenario calls it.
    pub key: String,
    /// Where it is.
    pub platform: Platform,
    /// Its id on the platform.
    pub id: String,
    /// The id of its page.
    pub page: String,
    /// What it is.
    pub shape: PostShape,
    /// When it was published.
    pub created: Timestamp,
    /// Its words.
    pub text: Option<String>,
    /// The id of its author, if that is not the page.
    pub author: Option<String>,
    /// The id of the album that a photo belongs to.
    pub album: Option<String>,
    /// Comments that the counts claim beyond those there are.
    pub surplus: u32,
    /// Comments come ranked.
    pub ranked: bool,
    /// Hidden from the timeline.
    pub hidden: bool,
    /// Gone.
    pub deleted: bool,
    /// New comments are allowed.
    pub comments_enabled: bool,
    /// The author's intent, for a visitor's post.
    pub expect: Vec<String>,
}

/// Who made a comment go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// Its author.
    ByAuthor,
    /// A client of the API.
    ByApi,
    /// It went with the comment that it answered, or with its post.
    WithParent,
}

/// A comment, as it stands.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts, read one at a time")]
pub struct Comment {
    /// What the scenario calls it; empty when a client wrote it.
    pub key: String,
    /// Where it is.
    pub platform: Platform,
    /// Its id on the platform.
    pub id: String,
    /// The id of its page.
    pub page: String,
    /// The id of its post.
    pub post: String,
    /// The id of the comment it answers.
    pub parent: Option<String>,
    /// The id of its author; the page's id for the page's own.
    pub author: String,
    /// Written by the page.
    pub by_page: bool,
    /// When it was written.
    pub created: Timestamp,
    /// Its words.
    pub text: Option<String>,
    /// What it carries beside them.
    pub attachment: Option<Attachment>,
    /// Whether it is hidden, and by whom.
    pub hidden: HiddenBy,
    /// When hidden last changed.
    pub hidden_at: Timestamp,
    /// Whether it is gone, and through whom.
    pub gone: Option<Gone>,
    /// Its likes.
    pub likes: u32,
    /// The platform refuses to hide it.
    pub unhideable: bool,
    /// The platform lists it nowhere.
    pub restricted: bool,
    /// A private reply was sent to its author.
    pub private_reply: bool,
    /// The author's intent, category ids; never sent to anybody.
    pub expect: Vec<String>,
}

/// A person on a platform.
#[derive(Clone, Debug)]
pub struct Person {
    /// Where.
    pub platform: Platform,
    /// What the scenario calls them.
    pub key: String,
    /// Their id, stable over renames.
    pub id: String,
    /// Their name or handle now.
    pub name: String,
}

/// A recommendation of a Facebook Page.
#[derive(Clone, Debug)]
pub struct Rating {
    /// The page's id.
    pub page: String,
    /// When it was given.
    pub created: Timestamp,
    /// The author's id.
    pub author: String,
    /// Whether it recommends.
    pub positive: bool,
    /// Its words.
    pub text: Option<String>,
}

/// What a write was meant to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Hide a comment.
    Hide,
    /// Show it again.
    Unhide,
    /// Delete a comment.
    Delete,
    /// Answer a comment.
    Reply,
    /// Comment on a post.
    Comment,
    /// Change a comment's words.
    Edit,
    /// Answer the author in private.
    PrivateReply,
    /// Hide a post.
    HidePost,
    /// Show a post again.
    UnhidePost,
    /// Delete a post.
    DeletePost,
    /// Block a person.
    Block,
    /// Unblock a person.
    Unblock,
    /// Change a setting of a page or post.
    Setting,
    /// A write that the platform accepts and that does nothing, such as one with a misspelt parameter.
    Nothing,
}

/// A write that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// When.
    pub at: Timestamp,
    /// Where.
    pub platform: Platform,
    /// What it was meant to do.
    pub act: Act,
    /// The id of what it was meant for.
    pub target: String,
    /// Whether it really happened.
    pub done: bool,
}

/// A request, as the platforms saw it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// When.
    pub at: Timestamp,
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The route's name, such as `facebook.comments` or `tiktok.comment.hide`.
    pub route: String,
    /// Which platform it was for, where that can be told.
    pub platform: Option<Platform>,
    /// The id of the page that it was about.
    pub page: Option<String>,
    /// Its parameters: the query, and for the Graph API the form or JSON body too.
    pub params: Vec<(String, String)>,
    /// Whether its token was good; for calls that make tokens, whether they succeeded.
    pub authorised: bool,
    /// The HTTP status; `None` when no answer was given.
    pub status: Option<u16>,
    /// The platform's own error code, 0 for none.
    pub code: i64,
}

/// The simulated platforms.
#[derive(Debug)]
pub struct World {
    pub(super) seed: u64,
    pub(super) knobs: Knobs,
    pub(super) start: Timestamp,
    pub(super) now: Timestamp,
    pub(super) pages: Vec<Page>,
    pub(super) posts: Vec<Post>,
    pub(super) comments: Vec<Comment>,
    pub(super) people: Vec<Person>,
    pub(super) ratings: Vec<Rating>,
    pub(super) tokens: Vec<GraphToken>,
    pub(super) pairs: Vec<TikTokPair>,
    pub(super) codes: Vec<(String, Timestamp)>,
    pub(super) calls: HashMap<String, Vec<Timestamp>>,
    pub(super) blocked_until: HashMap<String, Timestamp>,
    pub(super) counter: u64,
    faults: Vec<FaultRule>,
    timeline: Vec<(Timestamp, Event)>,
    happened: usize,
    keys: HashMap<String, String>,
    seen: Vec<Seen>,
    writes: Vec<Write>,
}

#[derive(Clone, Debug)]
enum Event {
    Post(PostScript),
    Comment(CommentScript),
    Edit(EditScript),
    Delete(TimedComment),
    Hide(TimedComment),
    Unhide(TimedComment),
    Rename(RenameScript),
    Expire(ExpireScript),
    Rating(RatingScript),
}

impl World {
    /// A world in which everything due up to `now` has happened.
    pub fn new(scenario: Scenario, now: Timestamp) -> Result<Self, ScenarioError> {
        check_keys(&scenario)?;
        let start = scenario.start.unwrap_or_else(|| midnight_before(now));
        let mut world = Self {
            seed: scenario.seed,
            knobs: scenario.knobs.clone(),
            start,
            now,
            pages: scenario.pages.iter().map(|page| Page::new(page, &scenario.pages)).collect(),
            posts: Vec::new(),
            comments: Vec::new(),
            people: Vec::new(),
            ratings: Vec::new(),
            tokens: Vec::new(),
            pairs: Vec::new(),
            codes: Vec::new(),
            calls: HashMap::new(),
            blocked_until: HashMap::new(),
            counter: 0,
            faults: scenario.faults.clone(),
            timeline: Vec::new(),
            happened: 0,
            keys: HashMap::new(),
            seen: Vec::new(),
            writes: Vec::new(),
        };
        world.timeline = timeline(scenario, start);
        world.issue_first_tokens(start.min(now));
        world.advance(now);
        Ok(world)
    }

    /// Makes everything happen that is due up to `now`; time never runs backwards.
    pub fn advance(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
        while let Some((at, event)) = self.timeline.get(self.happened).cloned() {
            if at > self.now {
                break;
            }
            self.happened += 1;
            self.happen(at, event);
        }
    }

    /// Answers one request at `now`.
    pub fn handle(&mut self, ask: &Ask, now: Timestamp) -> Reply {
        self.advance(now);
        self.counter += 1;
        if ask.path.starts_with(super::control::PREFIX) {
            return self.control(ask);
        }
        if ask.path.starts_with("/open_api/") || ask.path.starts_with("/v2/") {
            self.tiktok(ask)
        } else {
            self.graph(ask)
        }
    }

    /// The midnight that the scenario's times count from.
    pub fn day_start(&self) -> Timestamp {
        self.start
    }

    /// When the next thing of the scenario happens, if anything is left.
    pub fn next_event(&self) -> Option<Timestamp> {
        self.timeline.get(self.happened).map(|(at, _)| *at)
    }

    /// Every request so far.
    pub fn requests(&self) -> &[Seen] {
        &self.seen
    }

    /// Every accepted write so far.
    pub fn writes(&self) -> &[Write] {
        &self.writes
    }

    /// Every page.
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// Every post so far, deleted ones too.
    pub fn posts(&self) -> &[Post] {
        &self.posts
    }

    /// Every comment so far, deleted ones too.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// The comment with this key of the scenario or id of the platform.
    pub fn comment(&self, key_or_id: &str) -> Option<&Comment> {
        let id = self.keys.get(key_or_id).map_or(key_or_id, String::as_str);
        self.comments.iter().find(|comment| comment.id == id)
    }

    /// The post with this key of the scenario or id of the platform.
    pub fn post(&self, key_or_id: &str) -> Option<&Post> {
        let id = self.keys.get(key_or_id).map_or(key_or_id, String::as_str);
        self.posts.iter().find(|post| post.id == id)
    }

    /// The page with this key of the scenario or id of the platform.
    pub fn page(&self, key_or_id: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.key == key_or_id || page.id == key_or_id)
    }

    /// The id on the platform of what the scenario calls `key`.
    pub fn id_of(&self, key: &str) -> Option<&str> {
        self.keys.get(key).map(String::as_str).or_else(|| self.page(key).map(|page| page.id.as_str()))
    }

    /// Somebody writes a comment now; gives its id. `None` when its post or parent is not there.
    pub fn add_comment(&mut self, script: &CommentScript) -> Option<String> {
        self.write_comment(self.now, script)
    }

    /// Somebody publishes a post now; gives its id. `None` when its page is not there.
    pub fn add_post(&mut self, script: &PostScript) -> Option<String> {
        self.publish(self.now, script)
    }

    /// The author changes a comment's words; says whether it is there.
    pub fn edit(&mut self, key_or_id: &str, text: &str) -> bool {
        self.change(key_or_id, |comment, _| comment.text = Some(text.to_owned()))
    }

    /// The author deletes a comment; says whether it was there.
    pub fn delete_by_author(&mut self, key_or_id: &str) -> bool {
        let Some(id) = self.comment(key_or_id).filter(|comment| comment.gone.is_none()).map(|found| found.id.clone())
        else {
            return false;
        };
        self.remove_comment(&id, Gone::ByAuthor);
        true
    }

    /// Somebody at the practice hides a comment by hand; says whether it is there.
    pub fn hide_by_hand(&mut self, key_or_id: &str) -> bool {
        self.change(key_or_id, |comment, now| (comment.hidden, comment.hidden_at) = (HiddenBy::Owner, now))
    }

    /// Somebody at the practice shows a comment again by hand; says whether it is there.
    pub fn unhide_by_hand(&mut self, key_or_id: &str) -> bool {
        self.change(key_or_id, |comment, now| (comment.hidden, comment.hidden_at) = (HiddenBy::None, now))
    }

    /// A person takes another name; their id stays. Says whether they are known.
    pub fn rename_author(&mut self, key: &str, to: &str) -> bool {
        let mut known = false;
        for person in self.people.iter_mut().filter(|person| person.key == key) {
            to.clone_into(&mut person.name);
            known = true;
        }
        known
    }

    /// A page takes another name and handle; its id stays. Says whether it is there.
    pub fn rename_page(&mut self, key_or_id: &str, name: &str, handle: &str) -> bool {
        let mut known = false;
        for page in self.pages.iter_mut().filter(|page| page.key == key_or_id || page.id == key_or_id) {
            (page.name, page.handle) = (name.to_owned(), handle.to_owned());
            known = true;
        }
        known
    }

    /// A whole post goes, with its comments; says whether it was there.
    pub fn remove_post(&mut self, key_or_id: &str) -> bool {
        let Some(id) = self.post(key_or_id).map(|post| post.id.clone()) else { return false };
        self.posts.iter_mut().filter(|post| post.id == id).for_each(|post| post.deleted = true);
        let under = self.comments.iter_mut().filter(|comment| comment.post == id && comment.gone.is_none());
        under.for_each(|comment| comment.gone = Some(Gone::WithParent));
        true
    }

    /// Something goes wrong from now on.
    pub fn fault_on(&mut self, rule: FaultRule) {
        self.faults.push(rule);
    }

    /// The fault of this key is over; says whether there was one.
    pub fn fault_off(&mut self, key: &str) -> bool {
        let before = self.faults.len();
        self.faults.retain(|rule| rule.key != key);
        self.faults.len() < before
    }

    /// Every fault is over, the scenario's too: liveness begins.
    pub fn all_faults_off(&mut self) {
        self.faults.clear();
    }

    /// The switches, to turn in the middle of a test.
    pub fn knobs_mut(&mut self) -> &mut Knobs {
        &mut self.knobs
    }

    /// The faults that bear on a request; counted ones are used up by it.
    pub(super) fn mood(&mut self, about: &About<'_>) -> Mood {
        let start = self.start;
        let bearing = self.faults.iter_mut().filter_map(|rule| rule.take(about, start).then(|| rule.what.clone()));
        Mood(bearing.collect())
    }

    pub(super) fn saw(&mut self, seen: Seen) {
        self.seen.push(seen);
    }

    pub(super) fn wrote(&mut self, platform: Platform, act: Act, target: &str, done: bool) {
        self.writes.push(Write { at: self.now, platform, act, target: target.to_owned(), done });
    }

    /// Takes a comment away, and with it what answers it.
    pub(super) fn remove_comment(&mut self, id: &str, how: Gone) {
        let replies: Vec<String> = self
            .comments
            .iter()
            .filter(|comment| comment.parent.as_deref() == Some(id) && comment.gone.is_none())
            .map(|comment| comment.id.clone())
            .collect();
        self.comments.iter_mut().filter(|comment| comment.id == id).for_each(|comment| comment.gone = Some(how));
        for reply in replies {
            self.remove_comment(&reply, Gone::WithParent);
        }
    }

    /// The page writes a comment through the API; gives its id.
    pub(super) fn page_writes(&mut self, post: &str, parent: Option<&str>, text: &str) -> Option<String> {
        let script = CommentScript {
            post: Some(post.to_owned()),
            reply_to: parent.map(str::to_owned),
            text: Some(text.to_owned()),
            ..CommentScript::default()
        };
        self.write_comment(self.now, &script)
    }

    /// The shown name of a person or page, by id.
    pub(super) fn name_of(&self, platform: Platform, id: &str) -> String {
        let person = self.people.iter().find(|person| person.platform == platform && person.id == id);
        let page = || {
            self.page(id)
                .map(|page| if platform == Platform::Facebook { page.name.clone() } else { page.handle.clone() })
        };
        person.map(|person| person.name.clone()).or_else(page).unwrap_or_default()
    }

    /// A number that looks like chance and is the same in every run.
    pub(super) fn chance(&self, about: &str) -> u64 {
        let mut hash = self.seed ^ 0xcbf2_9ce4_8422_2325;
        for byte in about.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        hash ^ (hash >> 29)
    }

    fn happen(&mut self, at: Timestamp, event: Event) {
        match event {
            Event::Post(script) => {
                self.publish(at, &script);
            }
            Event::Comment(script) => {
                self.write_comment(at, &script);
            }
            Event::Edit(script) => {
                self.edit(&script.comment, &script.text);
                self.change(&script.comment, |comment, _| comment.expect.clone_from(&script.expect));
            }
            Event::Delete(timed) => {
                self.delete_by_author(&timed.comment);
            }
            Event::Hide(timed) => {
                self.hide_by_hand(&timed.comment);
            }
            Event::Unhide(timed) => {
                self.unhide_by_hand(&timed.comment);
            }
            Event::Rename(script) => {
                self.rename_author(&script.author, &script.to);
            }
            Event::Expire(script) => self.expire(&script.page, at),
            Event::Rating(script) => self.rate(at, script),
        }
    }

    fn expire(&mut self, page: &str, at: Timestamp) {
        let Some(id) = self.page(page).map(|page| page.id.clone()) else { return };
        self.pairs.iter_mut().filter(|pair| pair.open_id == id).for_each(|pair| pair.access_until = at);
        self.tokens.iter_mut().filter(|token| token.is_for(&id)).for_each(|token| token.expires = Some(at));
    }

    fn rate(&mut self, at: Timestamp, script: RatingScript) {
        let Some(page) = self.page(&script.page).map(|page| page.id.clone()) else { return };
        let author = self.person(Platform::Facebook, &script.author);
        self.ratings.push(Rating { page, created: at, author, positive: script.positive, text: script.text });
    }

    fn change(&mut self, key_or_id: &str, how: impl FnOnce(&mut Comment, Timestamp)) -> bool {
        let now = self.now;
        let id = self.keys.get(key_or_id).map_or(key_or_id, String::as_str).to_owned();
        let found = self.comments.iter_mut().find(|comment| comment.id == id && comment.gone.is_none());
        found.map(|comment| how(comment, now)).is_some()
    }

    fn publish(&mut self, at: Timestamp, script: &PostScript) -> Option<String> {
        let page = self.page(&script.page)?;
        let (platform, page) = (page.platform, page.id.clone());
        let id = post_id(platform, script.shape, &page, self.posts.len() as u64);
        let author = script.author.as_deref().map(|author| self.person(platform, author));
        let album = script.album.as_deref().and_then(|key| self.id_of(key)).map(str::to_owned);
        self.keys.insert(script.key.clone(), id.clone());
        self.posts.push(Post {
            key: script.key.clone(),
            platform,
            id: id.clone(),
            page,
            shape: script.shape,
            created: at,
            text: script.text.clone(),
            author,
            album,
            surplus: script.surplus,
            ranked: script.ranked,
            hidden: false,
            deleted: false,
            comments_enabled: true,
            expect: script.expect.clone(),
        });
        Some(id)
    }

    fn write_comment(&mut self, at: Timestamp, script: &CommentScript) -> Option<String> {
        let parent = match script.reply_to.as_deref() {
            Some(key) => Some(self.comment(key).filter(|parent| parent.gone.is_none())?.clone()),
            None => None,
        };
        let post = match (&parent, script.post.as_deref()) {
            (Some(parent), _) => self.post(&parent.post)?.clone(),
            (None, Some(key)) => self.post(key)?.clone(),
            (None, None) => return None,
        };
        let parent = parent.map(|parent| match post.platform {
            // Only Facebook keeps replies to replies; elsewhere they hang on the top-level comment.
            Platform::Facebook => parent.id,
            Platform::Instagram | Platform::TikTok => parent.parent.unwrap_or(parent.id),
        });
        let id = comment_id(post.platform, &post.id, self.comments.len() as u64);
        let author = script.author.as_deref().map(|author| self.person(post.platform, author));
        if !script.key.is_empty() {
            self.keys.insert(script.key.clone(), id.clone());
        }
        self.comments.push(Comment {
            key: script.key.clone(),
            platform: post.platform,
            id: id.clone(),
            by_page: author.is_none(),
            author: author.unwrap_or_else(|| post.page.clone()),
            page: post.page,
            post: post.id,
            parent,
            created: at,
            text: script.text.clone(),
            attachment: script.attachment,
            hidden: script.hidden,
            hidden_at: at,
            gone: None,
            likes: script.likes,
            unhideable: script.unhideable,
            restricted: script.restricted,
            private_reply: false,
            expect: script.expect.clone(),
        });
        Some(id)
    }

    /// The id of the person whom the scenario calls `key`, made at first sight.
    fn person(&mut self, platform: Platform, key: &str) -> String {
        if let Some(person) = self.people.iter().find(|person| person.platform == platform && person.key == key) {
            return person.id.clone();
        }
        let number = self.people.len() as u64;
        let id = match platform {
            Platform::Facebook => (24_680_000_000_000_001 + number * 7919).to_string(),
            Platform::Instagram => (900_100_200_300_400 + number * 7919).to_string(),
            Platform::TikTok => format!("+Sim{:06x}/{number:02}=", self.chance(key) & 0xff_ffff),
        };
        self.people.push(Person { platform, key: key.to_owned(), id: id.clone(), name: key.to_owned() });
        id
    }
}

impl Page {
    fn new(script: &PageScript, all: &[PageScript]) -> Self {
        let linked = script.linked.as_deref().and_then(|key| all.iter().find(|page| page.key == key));
        Self {
            key: script.key.clone(),
            platform: script.platform,
            id: script.id.clone(),
            name: script.name.clone(),
            handle: script.handle.clone(),
            linked: linked.map(|page| page.id.clone()),
            blocked: Vec::new(),
            visitors_can_post: true,
            subscribed: Vec::new(),
        }
    }
}

fn post_id(platform: Platform, shape: PostShape, page: &str, number: u64) -> String {
    match (platform, shape) {
        (Platform::Facebook, PostShape::Photo) => (122_200_000_000_001 + number).to_string(),
        (Platform::Facebook, PostShape::Reel) => (1_223_000_000_000_001 + number).to_string(),
        (Platform::Facebook, _) => format!("{page}_{}", 122_100_000_000_001 + number),
        (Platform::Instagram, _) => (17_900_000_000_000_011 + number).to_string(),
        (Platform::TikTok, _) => (7_570_000_000_000_000_001 + number).to_string(),
    }
}

fn comment_id(platform: Platform, post: &str, number: u64) -> String {
    // Ids sorted as numbers must not give the order of time (instagram.md section 10, 16).
    let shuffled = (number * 7919 + 101) % 99_991;
    match platform {
        Platform::Facebook => {
            let post = post.rsplit('_').next().unwrap_or(post);
            format!("{post}_{}", 1_480_000_000_000_000 + shuffled)
        }
        Platform::Instagram => (18_040_000_000_000_000 + shuffled).to_string(),
        Platform::TikTok => (7_571_000_000_000_000_000 + shuffled).to_string(),
    }
}

fn timeline(scenario: Scenario, start: Timestamp) -> Vec<(Timestamp, Event)> {
    let mut events: Vec<(Offset, Event)> = Vec::new();
    events.extend(scenario.posts.into_iter().map(|one| (one.at, Event::Post(one))));
    events.extend(scenario.comments.into_iter().map(|one| (one.at, Event::Comment(one))));
    events.extend(scenario.edits.into_iter().map(|one| (one.at, Event::Edit(one))));
    events.extend(scenario.deletes.into_iter().map(|one| (one.at, Event::Delete(one))));
    events.extend(scenario.hides.into_iter().map(|one| (one.at, Event::Hide(one))));
    events.extend(scenario.unhides.into_iter().map(|one| (one.at, Event::Unhide(one))));
    events.extend(scenario.renames.into_iter().map(|one| (one.at, Event::Rename(one))));
    events.extend(scenario.expiries.into_iter().map(|one| (one.at, Event::Expire(one))));
    events.extend(scenario.ratings.into_iter().map(|one| (one.at, Event::Rating(one))));
    events.sort_by_key(|(at, _)| *at);
    events.into_iter().map(|(at, event)| (at.after(start), event)).collect()
}

/// A scenario that speaks of things it never declares would silently play less than it says.
fn check_keys(scenario: &Scenario) -> Result<(), ScenarioError> {
    let pages = keys(scenario.pages.iter().map(|page| &page.key))?;
    let posts = keys(scenario.posts.iter().map(|post| &post.key))?;
    let comments = keys(scenario.comments.iter().map(|comment| &comment.key))?;
    let known = |what, known: &HashSet<&str>, key: &str| {
        let missing = || ScenarioError::Unknown { what, key: key.to_owned() };
        known.contains(key).then_some(()).ok_or_else(missing)
    };
    for post in &scenario.posts {
        known("page", &pages, &post.page)?;
        post.album.as_deref().map_or(Ok(()), |album| known("post", &posts, album))?;
    }
    for comment in &scenario.comments {
        match (comment.reply_to.as_deref(), comment.post.as_deref()) {
            (Some(parent), _) => known("comment", &comments, parent)?,
            (None, post) => known("post", &posts, post.unwrap_or_default())?,
        }
    }
    let timed = scenario.deletes.iter().chain(&scenario.hides).chain(&scenario.unhides).map(|timed| &timed.comment);
    timed
        .chain(scenario.edits.iter().map(|edit| &edit.comment))
        .try_for_each(|key| known("comment", &comments, key))?;
    let pages_named = scenario.ratings.iter().map(|rating| &rating.page);
    pages_named
        .chain(scenario.expiries.iter().map(|expiry| &expiry.page))
        .try_for_each(|key| known("page", &pages, key))
}

fn keys<'a>(all: impl Iterator<Item = &'a String>) -> Result<HashSet<&'a str>, ScenarioError> {
    let mut found = HashSet::new();
    for key in all {
        if !found.insert(key.as_str()) {
            return Err(ScenarioError::Twice { key: key.clone() });
        }
    }
    Ok(found)
}

/// `2025-11-21T09:14:07+0000`, as the Graph API writes times (facebook.md section 1).
pub(super) fn graph_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

/// The time `seconds` after `at`.
pub(super) fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(at)
}
