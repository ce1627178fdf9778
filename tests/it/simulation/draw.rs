//! What a seed draws: the pages and what stands on them, the practice, and what goes wrong when. In: dice. Out: a
//! [`Plan`]. Not here: what happens on the way, which depends on how it goes (`play`).

use std::fmt::Write as _;

use chaperone::comment::{Attachment, Platform};
use chaperone::sim::{CommentScript, Fault, FaultRule, HiddenBy, Offset, PostScript, PostShape, Scenario};

use super::dice::Dice;
use super::words::Words;
use crate::support::{FACEBOOK, INSTAGRAM, TIKTOK, scenario};

/// The hour of the scenario's day at which the watch begins.
pub(super) const BEGIN_H: i64 = 8;

/// Everything that is settled before anything moves.
pub(super) struct Plan {
    pub(super) scenario: Scenario,
    pub(super) enforce: bool,
    pub(super) baseline: bool,
    pub(super) hides: Option<u32>,
    pub(super) deletes: Option<u32>,
    /// Whoever says something kind is answered.
    pub(super) replies: bool,
    pub(super) every_s: u32,
    /// How often everybody takes a step while things go wrong.
    pub(super) rounds: usize,
}

impl Plan {
    pub(super) fn draw(seed: u64, dice: &mut Dice) -> Self {
        let mut scenario = pages(dice);
        scenario.seed = seed;
        // On two of these the clocks go forward or back.
        let days = ["2026-11-18", "2026-03-28", "2026-10-24", "2027-02-02"];
        scenario.start = format!("{}T00:00:00Z", dice.pick(&days)).parse().ok();
        scenario.knobs.tiktok_second_limit = false;
        scenario.knobs.visitor_posts_deletable = dice.percent(50);
        scenario.knobs.tiktok_rotation = dice.percent(70);
        scenario.knobs.tiktok_hidden_parent_missing = dice.percent(50);
        scenario.knobs.require_proof = dice.percent(30);
        posts(&mut scenario, dice);
        comments(&mut scenario, dice);
        let rounds = dice.between(20, 70) as usize;
        faults(&mut scenario, rounds, dice);
        let limit = |dice: &mut Dice| dice.percent(30).then(|| dice.between(1, 3) as u32);
        Self {
            scenario,
            enforce: dice.percent(88),
            baseline: dice.percent(40),
            hides: limit(dice),
            deletes: limit(dice),
            // Not drawn, so that seeds found before stay what they were.
            replies: seed % 3 == 1,
            every_s: *dice.pick(&[30, 60, 300]),
            rounds,
        }
    }

    /// The configuration's sections that differ from the usual ones of these tests.
    pub(super) fn sections(&self) -> String {
        let mut text = "[brake]\n".to_owned();
        for (name, limit) in [("hides_per_day", self.hides), ("deletes_per_day", self.deletes)] {
            if let Some(limit) = limit {
                let _ = writeln!(text, "{name} = {limit}");
            }
        }
        if self.replies {
            text += "[replies]\nsend = [\"signpost-review\"]\nagain_days = 1\n";
        }
        text
    }
}

fn pages(dice: &mut Dice) -> Scenario {
    let sets: [&[&str]; 5] =
        [&[FACEBOOK], &[FACEBOOK, INSTAGRAM], &[TIKTOK], &[FACEBOOK, TIKTOK], &[FACEBOOK, INSTAGRAM, TIKTOK]];
    scenario(sets[dice.below(sets.len())], "")
}

fn posts(scenario: &mut Scenario, dice: &mut Dice) {
    for page in scenario.pages.clone() {
        for number in 0..dice.between(1, 3) {
            let key = format!("{}-p{number}", page.key);
            // Now and then a post appears while things go wrong.
            let at = if dice.percent(20) { dice.between(8 * 60, 12 * 60) } else { dice.between(-40 * 60, 7 * 60) };
            let shape = match (page.platform, dice.below(6)) {
                (Platform::Facebook | Platform::Instagram, 0) => PostShape::Reel,
                (Platform::Facebook, 1) => PostShape::Visitor,
                _ => PostShape::Post,
            };
            let visitor = shape == PostShape::Visitor;
            let words = if visitor { *dice.pick(&Words::ALL) } else { Words::Kind };
            let surplus = if dice.percent(20) { dice.between(1, 3) as u32 } else { 0 };
            scenario.posts.push(PostScript {
                key: key.clone(),
                page: page.key.clone(),
                at: Offset::minutes(at),
                shape,
                text: Some(words.text()),
                author: visitor.then(|| "Gaz".to_owned()),
                album: None,
                surplus,
                ranked: dice.percent(10),
                expect: Vec::new(),
            });
            if page.platform == Platform::Facebook && shape == PostShape::Post && dice.percent(20) {
                scenario.posts.push(PostScript {
                    key: format!("{key}-photo"),
                    page: page.key.clone(),
                    at: Offset::minutes(at),
                    shape: PostShape::Photo,
                    text: None,
                    author: None,
                    album: Some(key),
                    surplus: 0,
                    ranked: false,
                    expect: Vec::new(),
                });
            }
        }
    }
}

fn comments(scenario: &mut Scenario, dice: &mut Dice) {
    let posts = scenario.posts.clone();
    for post in &posts {
        let mut above: Vec<(String, i64)> = Vec::new();
        let born = minutes_of(scenario, &post.key).max(-30 * 60);
        for number in 0..dice.between(0, 6) {
            let key = format!("{}-c{number}", post.key);
            let from = if dice.percent(50) { born } else { 8 * 60 };
            let mut at = dice.between(from.max(born), from.max(born).max(8 * 60) + 240);
            let parent = (dice.percent(30) && !above.is_empty()).then(|| dice.pick(&above).clone());
            if let Some((_, parent_at)) = &parent {
                at = at.max(parent_at + 1);
            }
            let own = dice.percent(10);
            let picture = dice.percent(5);
            scenario.comments.push(CommentScript {
                key: key.clone(),
                post: Some(post.key.clone()),
                reply_to: parent.map(|(key, _)| key),
                at: Offset::minutes(at),
                author: (!own).then(|| (*dice.pick(&["Jo", "Al", "Sam", "Kit"])).to_owned()),
                text: (!picture).then(|| dice.pick(&Words::ALL).text()),
                attachment: picture.then_some(Attachment::Picture),
                hidden: if dice.percent(5) { HiddenBy::Platform } else { HiddenBy::None },
                likes: dice.below(20) as u32,
                unhideable: dice.percent(5),
                restricted: dice.percent(3),
                expect: Vec::new(),
            });
            above.push((key, at));
        }
    }
}

/// When a post is published, in minutes of the scenario's day.
fn minutes_of(scenario: &Scenario, post: &str) -> i64 {
    let start = scenario.start.unwrap_or_default();
    let found = scenario.posts.iter().find(|one| one.key == post);
    found.map_or(0, |post| post.at.after(start).duration_since(start).as_mins())
}

fn faults(scenario: &mut Scenario, rounds: usize, dice: &mut Dice) {
    let begin = BEGIN_H * 60;
    let span = rounds as i64 * 5;
    for number in 0..dice.between(0, 12) {
        let from = begin + dice.between(-1, span);
        let length = match dice.below(10) {
            0 => dice.between(180, 480),
            1..=3 => dice.between(30, 180),
            _ => dice.between(1, 30),
        };
        let mut rule = FaultRule::always(&format!("fault-{number}"), fault(dice));
        rule.from = Some(Offset::minutes(from));
        rule.to = Some(Offset::minutes(from + length));
        rule.next = dice.percent(40).then(|| dice.between(1, 6) as u32);
        rule.platform = dice.percent(50).then(|| *dice.pick(&Platform::ALL));
        rule.method = match dice.below(10) {
            0 | 1 => Some("GET".to_owned()),
            2 => Some("POST".to_owned()),
            _ => None,
        };
        scenario.faults.push(rule);
    }
}

fn fault(dice: &mut Dice) -> Fault {
    match dice.below(36) {
        0 => Fault::Throttle { code: None, minutes: Some(dice.between(1, 90) as u32), limit: None },
        1 => Fault::Throttle { code: Some(*dice.pick(&[4, 17, 32, 613])), minutes: None, limit: Some("QPS".into()) },
        2 => Fault::Throttle { code: None, minutes: None, limit: Some("QPM".into()) },
        3 => Fault::UsageHeader { percent: dice.between(40, 110) as u32 },
        4 => Fault::TokenExpired,
        5 => Fault::TokenRevoked,
        6 => Fault::HtmlInsteadOfJson { status: *dice.pick(&[404, 500, 502, 503]) },
        7 => Fault::Truncated,
        8 => Fault::NotJson,
        9 => Fault::EmptyBody,
        10 | 11 => Fault::TimeoutBefore,
        12..=14 => Fault::TimeoutAfterSideEffect,
        15..=17 => Fault::Lie,
        18 => Fault::EmptyListing,
        19 => Fault::MissingFrom,
        20 => Fault::MissingId,
        21 => Fault::NumericIds,
        22 => Fault::NullText,
        23 => Fault::NulInText,
        24 => Fault::LoneSurrogate,
        25 => Fault::HugeText,
        26 => Fault::UnixTimes,
        27 => Fault::DuplicateItems,
        28 => Fault::EndlessNext,
        29 => Fault::EmptyPageWithNext,
        30 => Fault::PermissionLost { code: *dice.pick(&[10, 200, 283, 100]) },
        31 => Fault::WritesBlocked368,
        32 => Fault::CodeOne500OnDeepExpansion { cells: *dice.pick(&[0, 200, 1000]) },
        33 => Fault::CursorRejected,
        34 => Fault::Internal { code: *dice.pick(&[1, 2, 50_000, 51_001]) },
        _ => Fault::StuckHidden,
    }
}
