//! Stories of the platforms' edges: tokens that die, quiet that is asked for, clocks that jump, pages that go away,
//! permissions that lapse. In: a scenario and a clock that only the story moves. Out: what the platform was asked, and
//! what people were told. Not here: the wire itself (`wire.rs`), what `daemon.rs` tells already.

use std::fmt::Write as _;
use std::time::Duration;

use chaperone::clock::{SignedDuration, Timestamp};
use chaperone::comment::{PageId, PageKey, Platform};
use chaperone::platform::Error;
use chaperone::platform::cursor::Edge;
use chaperone::platform::specimen::{Asked, Specimen};
use chaperone::sim::{self, Fault, FaultRule, Scenario};

use crate::support::{Bench, COMPLAINT, CRY, FACEBOOK, INSTAGRAM, KIND, NAMED, Practice, TIKTOK, scenario, write};

/// Two posts on each of these pages, keyed `fb-p`, `fb-q` and so on.
fn pages(pages: &[&str]) -> Scenario {
    let mut posts = String::new();
    for key in ["fb", "ig", "tt"] {
        if pages.iter().any(|page| page.contains(&format!("\"{key}\""))) {
            for (post, at) in [("p", "+07:00"), ("q", "+07:10")] {
                let _ =
                    writeln!(posts, "{{ key = \"{key}-{post}\", page = \"{key}\", at = \"{at}\", text = \"News\" }},");
            }
        }
    }
    scenario(pages, &format!("post = [\n{posts}]"))
}

async fn on(page: &str) -> Bench {
    Bench::new(pages(&[page])).await
}

/// Refusals of authorised-looking calls, by the platform's own code.
fn refused(bench: &Bench) -> usize {
    bench.sim.world().requests().iter().filter(|seen| seen.code != 0).count()
}

/// Which calls were made after `since`, for messages.
fn calls_since(bench: &Bench, since: Timestamp) -> Vec<(Timestamp, String)> {
    let world = bench.sim.world();
    world.requests().iter().filter(|seen| seen.at > since).map(|seen| (seen.at, seen.route.clone())).collect()
}

// --- Tokens ----------------------------------------------------------------------------------------------------------

#[track_caller]
fn check_code(platform: Platform, answer: &str, kind: &str, help: &str) {
    let page = PageKey { platform, id: PageId::new("1") };
    let asked = Asked::Posts(Edge::Main);
    let specimen = Specimen { status: 400, headers: &[], body: answer.as_bytes() };
    let error = specimen.read(&page, asked, Timestamp::UNIX_EPOCH).expect_err("refused");
    let got = match &error {
        Error::Token { .. } => "token",
        Error::Permission { .. } => "permission",
        Error::NotFound { .. } => "not-found",
        Error::Throttled { .. } => "throttled",
        Error::Refused { .. } => "refused",
        Error::WritesBlocked { .. } => "writes",
        Error::TooMuch { .. } => "too-much",
        Error::Transient { .. } => "transient",
    };
    assert_eq!(got, kind, "{answer}");
    assert!(error.help().contains(help), "{answer}: {}", error.help());
}

#[test]
fn every_token_error_of_graph_says_what_a_person_does() {
    let codes = [
        (190, 0, "authorise again as somebody who manages the page"),
        (190, 458, "the app was removed"),
        (190, 459, "clears the security check"),
        (190, 460, "password change"),
        (190, 463, "the token has ended"),
        (190, 464, "confirms their Facebook account"),
        (190, 467, "log-out"),
        (190, 492, "give the role back"),
        (102, 0, "authorise again"),
    ];
    for (code, sub, help) in codes {
        let body = format!("{{\"error\":{{\"code\":{code},\"error_subcode\":{sub},\"message\":\"no\"}}}}");
        check_code(Platform::Facebook, &body, "token", help);
        let instagram = if sub == 0 { "api_base" } else { help };
        check_code(Platform::Instagram, &body, "token", instagram);
    }
    // Without a readable code the header's word is all there is.
    let specimen =
        Specimen { status: 401, headers: &[("www-authenticate", "OAuth \"x\" \"invalid_token\"")], body: b"{}" };
    let page = PageKey { platform: Platform::Facebook, id: PageId::new("1") };
    let told = specimen.read(&page, Asked::Posts(Edge::Main), Timestamp::UNIX_EPOCH);
    assert!(matches!(told, Err(Error::Token { .. })), "{told:?}");
}

#[test]
fn every_permission_error_of_graph_says_what_a_person_does() {
    let codes = [
        (3, "the app's permissions in its dashboard"),
        (10, "not used for 90 days"),
        (200, "grant the permission again"),
        (210, "somebody who may moderate"),
        (230, "grant the permission again"),
        (283, "pages_read_user_content"),
        (299, "grant the permission again"),
        (1705, "a person's token"),
    ];
    for (code, help) in codes {
        let body = format!("{{\"error\":{{\"code\":{code},\"message\":\"no\"}}}}");
        check_code(Platform::Facebook, &body, "permission", help);
    }
}

#[test]
fn every_code_of_tiktok_says_what_a_person_does() {
    let consent = "consents again";
    let codes = [
        (40_001, "permission", "leave every box ticked"),
        (40_006, "permission", "/open_api/v1.3"),
        (40_101, "token", "app_id and app_secret_file"),
        (40_102, "token", consent),
        (40_103, "token", consent),
        (40_104, "token", consent),
        (40_105, "token", consent),
        (40_107, "token", consent),
        (40_110, "token", consent),
        (40_113, "token", "app_id and app_secret_file"),
        (40_130, "permission", "leave every box ticked"),
        (40_131, "permission", "leave every box ticked"),
        (40_007, "not-found", "authorised again"),
        (40_016, "throttled", "nothing to do"),
        (40_100, "throttled", "nothing to do"),
        (40_132, "throttled", "nothing to do"),
        (51_021, "throttled", "nothing to do"),
        (40_002, "refused", "by hand"),
        (50_000, "transient", "nothing to do"),
        (51_065, "transient", "nothing to do"),
    ];
    for (code, kind, help) in codes {
        check_code(Platform::TikTok, &format!("{{\"code\":{code},\"message\":\"no\",\"data\":{{}}}}"), kind, help);
    }
}

#[tokio::test]
async fn however_a_facebook_token_dies_a_human_hears_once_what_to_do_and_the_platform_is_not_hammered() {
    let ways = [(458, "removed"), (459, "security check"), (463, "ended"), (464, "confirms"), (492, "role")];
    for (subcode, word) in ways {
        let bench = on(FACEBOOK).await;
        bench.step().await;
        assert!(bench.sim.world().revoke_token("fb", subcode));
        let before = refused(&bench);
        bench.strides(72, 10).await;
        let calls = refused(&bench) - before;
        assert!((1..=10).contains(&calls), "{calls} calls with a dead token in twelve hours ({subcode})");
        let told = bench.notices("token").await;
        assert_eq!(told.len(), 1, "{subcode}: {told:?}");
        assert!(told[0].text.contains(word), "{subcode}: {}", told[0].text);
    }
}

#[tokio::test]
async fn a_mended_token_is_taken_up_at_the_next_start_and_the_gap_is_told() {
    for (page, text) in [("fb", FACEBOOK), ("tt", TIKTOK)] {
        let mut bench = on(text).await;
        bench.step().await;
        bench.minutes(2).await;
        bench.sim.world().revoke_token(page, 460);
        bench.comments("nasty", &format!("{page}-p"), COMPLAINT);
        bench.strides(20, 10).await;
        assert_eq!(bench.stands("nasty"), "up");
        assert!(bench.coverage(page).await.down.is_some());
        let fresh = bench.sim.world().authorise_again(page).expect("a token");
        let file = if page == "tt" { "refresh-0" } else { "token-0" };
        write(&bench.file(file), &fresh);
        bench.restart().await;
        bench.minutes(3).await;
        assert_ne!(bench.stands("nasty"), "up", "{page}");
        let coverage = bench.coverage(page).await;
        assert_eq!(coverage.down, None);
        assert_eq!(coverage.gaps.len(), 1, "{:?}", coverage.gaps);
        assert!(coverage.gaps[0].to.duration_since(coverage.gaps[0].from) > SignedDuration::from_hours(3));
        assert_eq!(bench.notices("token").await.len(), 1);
    }
}

#[tokio::test]
async fn what_is_owed_on_a_page_with_a_dead_token_hammers_nobody_and_is_done_once_it_is_mended() {
    let mut bench = on(FACEBOOK).await;
    bench.step().await;
    for number in 0..5 {
        bench.comments(&format!("owed{number}"), "fb-p", NAMED);
    }
    bench.sim.world().fault_on(FaultRule::always("busy", Fault::Internal { code: 2 }).route("facebook.comment"));
    bench.minutes(1).await;
    bench.sim.world().all_faults_off();
    assert!(bench.sim.world().revoke_token("fb", 463));
    let before = refused(&bench);
    bench.strides(72, 10).await;
    let calls = refused(&bench) - before;
    assert!((1..=60).contains(&calls), "{calls} calls with a dead token in twelve hours");
    assert_eq!(bench.notices("token").await.len(), 1);
    let fresh = bench.sim.world().authorise_again("fb").expect("a token");
    write(&bench.file("token-0"), &fresh);
    bench.restart().await;
    bench.strides(14, 60).await;
    for number in 0..5 {
        let key = format!("owed{number}");
        let outcome = bench.outcome(&key).await;
        assert!(bench.stands(&key) == "hidden" || outcome.ends_with("dead escalate"), "{key}: {outcome}");
    }
}

// --- Quiet -------------------------------------------------------------------------------------------------------------

#[track_caller]
fn check_wait(platform: Platform, status: u16, headers: &[(&str, &str)], body: &str, minutes: u64) {
    let page = PageKey { platform, id: PageId::new("1") };
    let specimen = Specimen { status, headers, body: body.as_bytes() };
    match specimen.read(&page, Asked::Posts(Edge::Main), Timestamp::UNIX_EPOCH) {
        Err(Error::Throttled { wait, .. }) => assert_eq!(wait, Duration::from_secs(minutes * 60), "{headers:?} {body}"),
        other => panic!("no throttle: {other:?}"),
    }
}

#[test]
fn of_all_the_waits_an_answer_names_the_longest_counts() {
    let spent = r#"{"error":{"code":80001,"message":"no"}}"#;
    let regain = |minutes: u64| {
        format!("{{\"1\":[{{\"type\":\"pages\",\"call_count\":100,\"estimated_time_to_regain_access\":{minutes}}}]}}")
    };
    let usage = "x-business-use-case-usage";
    let (five, twenty) = (regain(5), regain(20));
    check_wait(Platform::Facebook, 400, &[(usage, &twenty), ("retry-after", "60")], spent, 20);
    check_wait(Platform::Facebook, 400, &[(usage, &five), ("retry-after", "720")], spent, 12);
    check_wait(Platform::Facebook, 400, &[(usage, &five), (usage, &twenty)], spent, 20);
    check_wait(Platform::Facebook, 429, &[("retry-after", "60"), ("retry-after", "180")], "<html>", 3);
    check_wait(Platform::Facebook, 429, &[(usage, &twenty), ("retry-after", "60")], "{}", 20);
    check_wait(Platform::Facebook, 503, &[("retry-after", "120")], "<html>", 2);
    check_wait(Platform::TikTok, 503, &[("retry-after", "120")], "<html>", 2);
    let date = [("date", "Mon, 24 Nov 2025 16:00:00 GMT"), ("retry-after", "Mon, 24 Nov 2025 16:07:00 GMT")];
    check_wait(Platform::Instagram, 429, &date, "{}", 7);
    let minute = r#"{"code":40100,"message":"App reaches the QPM limit","data":{}}"#;
    check_wait(Platform::TikTok, 200, &[], minute, 5);
    check_wait(Platform::TikTok, 200, &[("retry-after", "660")], minute, 11);
    check_wait(Platform::TikTok, 200, &[("retry-after", "2")], minute, 5);
}

#[tokio::test]
async fn quiet_is_kept_to_the_second_for_reads_and_writes_and_over_restarts() {
    let mut bench = on(FACEBOOK).await;
    bench.step().await;
    bench.comments("owed", "fb-p", NAMED);
    bench.sim.world().fault_on(FaultRule::always("lie", Fault::Lie).next(1));
    bench.minutes(1).await;
    let quiet = Fault::Throttle { code: None, minutes: Some(20), limit: None };
    bench.sim.world().fault_on(FaultRule::always("quiet", quiet).next(1));
    bench.minutes(1).await;
    let asked = bench.sim.world().requests().iter().rev().find(|seen| seen.code != 0).expect("a throttle").at;
    for second in [60, 600, 1_199] {
        bench.clock.set(asked + SignedDuration::from_secs(second));
        if second == 600 {
            bench.restart().await;
        }
        bench.step().await;
        assert_eq!(calls_since(&bench, asked), [], "after {second} s");
    }
    bench.clock.set(asked + SignedDuration::from_secs(1_200));
    bench.step().await;
    assert!(!calls_since(&bench, asked).is_empty(), "still quiet after 1200 s");
    bench.minutes(5).await;
    assert_eq!(bench.stands("owed"), "hidden");
}

#[tokio::test]
async fn a_budget_that_is_more_than_half_used_is_spent_more_slowly_and_nothing_is_told() {
    let mut counts = Vec::new();
    for percent in [10, 60, 80] {
        let bench = on(FACEBOOK).await;
        bench.sim.world().fault_on(FaultRule::always("usage", Fault::UsageHeader { percent }));
        bench.step().await;
        bench.minutes(2).await;
        let before = bench.requests_of("fb");
        bench.minutes(20).await;
        counts.push(bench.requests_of("fb") - before);
        assert_eq!(bench.period().await.notices, []);
        bench.comments("nasty", "fb-p", COMPLAINT);
        bench.minutes(3).await;
        assert_eq!(bench.stands("nasty"), "gone", "at {percent} per cent");
    }
    assert_eq!(counts[0], 20);
    assert!((8..=10).contains(&counts[1]) && (8..=10).contains(&counts[2]), "{counts:?}");
}

// --- Clocks -------------------------------------------------------------------------------------------------------------

/// A morning that left an alert told, a digest sent and something hidden.
async fn busy_evening() -> Bench {
    let bench = Bench::new(pages(&[FACEBOOK, INSTAGRAM, TIKTOK])).await;
    bench.step().await;
    bench.comments("cry", "fb-p", CRY);
    bench.comments("named", "fb-p", NAMED);
    bench.minutes(3).await;
    // The day's digest goes out at 18:00.
    bench.step_at(17, 58).await;
    bench.minutes(4).await;
    assert_eq!((bench.letters("digest.txt").len(), alerts(&bench)), (1, 1));
    bench
}

fn alerts(bench: &Bench) -> usize {
    bench.letters("alert").iter().filter(|path| path.extension().is_some_and(|ending| ending == "txt")).count()
}

fn all_requests(bench: &Bench) -> usize {
    bench.sim.world().requests().len()
}

#[tokio::test]
async fn a_clock_that_jumps_forward_floods_nobody_and_the_gap_is_told() {
    let bench = busy_evening().await;
    let before = all_requests(&bench);
    bench.minutes(10).await;
    let usual = all_requests(&bench) - before;
    bench.clock.advance(SignedDuration::from_hours(5));
    let before = all_requests(&bench);
    bench.minutes(10).await;
    let after = all_requests(&bench) - before;
    // Posts of the slower tiers and replies are due all at once; no more than that.
    assert!(after <= usual * 2 + 20, "{usual} calls in ten usual minutes, {after} after the jump");
    assert_eq!((bench.letters("digest.txt").len(), alerts(&bench)), (1, 1));
    for page in ["fb", "ig", "tt"] {
        let gaps = bench.coverage(page).await.gaps;
        assert!(
            gaps.iter().any(|gap| gap.to.duration_since(gap.from) >= SignedDuration::from_hours(5)),
            "{page}: {gaps:?}"
        );
    }
    assert_eq!(bench.acts("named"), [sim::Act::Hide]);
    // Days of digests were missed: one is sent, not one for each.
    bench.clock.advance(SignedDuration::from_hours(24 * 4));
    bench.minutes(5).await;
    assert_eq!(bench.letters("digest.txt").len(), 2);
}

#[tokio::test]
async fn a_clock_that_goes_back_floods_nobody_and_leaves_no_page_unread() {
    for restarted in [false, true] {
        let mut bench = busy_evening().await;
        bench.clock.advance(-SignedDuration::from_hours(5));
        if restarted {
            bench.restart().await;
        }
        let before: Vec<usize> = ["fb", "ig", "tt"].map(|page| bench.requests_of(page)).to_vec();
        for page in ["fb", "ig", "tt"] {
            bench.comments(&format!("{page}-nasty"), &format!("{page}-p"), COMPLAINT);
        }
        bench.minutes(3).await;
        for (page, before) in ["fb", "ig", "tt"].into_iter().zip(before) {
            let calls = bench.requests_of(page) - before;
            assert!(calls <= 24, "{calls} calls of {page} in three minutes");
            assert_ne!(bench.stands(&format!("{page}-nasty")), "up", "{page} was left unread (restarted: {restarted})");
        }
        let told = bench.notices("clock").await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].text.contains("time synchronisation"));
        assert_eq!((bench.letters("digest.txt").len(), alerts(&bench)), (1, 1));
        // Its hour comes a second time, and nothing is said twice; what was found meanwhile is in the next one.
        bench.strides(60, 5).await;
        assert_eq!((bench.letters("digest.txt").len(), alerts(&bench)), (1, 1));
        bench.strides(24 * 4, 15).await;
        let digests = bench.letters("digest.txt");
        assert_eq!(digests.len(), 2);
        let words = std::fs::read_to_string(&digests[1]).expect("a digest");
        let number = bench.incident("fb-nasty").await.expect("an incident").number;
        assert!(words.contains(&format!("#{number}")), "the digest after the jump lacks #{number}:\n{words}");
        bench.assert_nothing_done_twice();
    }
}

#[tokio::test]
async fn quiet_is_neither_stretched_nor_cut_short_by_a_clock_that_goes_back() {
    let bench = on(FACEBOOK).await;
    bench.step().await;
    let quiet = Fault::Throttle { code: None, minutes: Some(30), limit: None };
    bench.sim.world().fault_on(FaultRule::always("quiet", quiet).next(1));
    bench.minutes(11).await;
    let before = bench.requests_of("fb");
    bench.clock.advance(-SignedDuration::from_hours(3));
    // Ten of the thirty minutes are over; within a minute nobody can tell how long the clock stood wrong.
    bench.minutes(19).await;
    assert_eq!(bench.requests_of("fb") - before, 0, "the quiet was cut short");
    bench.minutes(12).await;
    assert!(bench.requests_of("fb") > before, "the quiet was stretched");
}

#[tokio::test]
async fn what_was_owed_is_still_done_soon_when_the_clock_goes_back() {
    let bench = on(FACEBOOK).await;
    bench.step().await;
    bench.comments("owed", "fb-p", NAMED);
    bench.sim.world().fault_on(FaultRule::always("busy", Fault::Internal { code: 2 }).route("facebook.comment"));
    bench.minutes(3).await;
    assert_eq!(bench.stands("owed"), "up");
    bench.sim.world().all_faults_off();
    bench.clock.advance(-SignedDuration::from_hours(8));
    bench.minutes(20).await;
    assert_eq!(bench.stands("owed"), "hidden");
}

#[tokio::test]
async fn summer_time_that_ends_is_no_jump() {
    let text = "post = [{ key = \"p\", page = \"fb\", at = \"+07:00\", text = \"News\" }]";
    let mut autumn = scenario(&[FACEBOOK], text);
    autumn.start = Some("2026-10-24T00:00:00Z".parse().expect("a time"));
    let bench = Bench::new(autumn).await;
    bench.step().await;
    let sent = |bench: &Bench| bench.letters("digest.txt").len();
    // Six in the evening is 17:00 UTC on Saturday and 18:00 on Sunday.
    for (hours, minutes, digests) in [(16, 59, 0), (17, 0, 1), (24 + 17, 30, 1), (24 + 18, 0, 2), (24 + 18, 30, 2)] {
        bench.step_at(hours, minutes).await;
        assert_eq!(sent(&bench), digests, "{hours}:{minutes}");
    }
    assert_eq!(bench.notices("clock").await, []);
}

// --- Pages that go away or change -------------------------------------------------------------------------------------------

#[tokio::test]
async fn a_lost_permission_is_told_once_with_what_to_do_and_asked_for_ever_more_rarely() {
    for (code, word) in [(10, "90 days"), (200, "grant"), (283, "pages_read_user_content"), (3, "dashboard")] {
        let bench = on(FACEBOOK).await;
        bench.step().await;
        bench.sim.world().fault_on(FaultRule::always("lost", Fault::PermissionLost { code }));
        let before = bench.requests_of("fb");
        bench.strides(48, 15).await;
        let calls = bench.requests_of("fb") - before;
        assert!((1..=30).contains(&calls), "{calls} calls in twelve hours ({code})");
        let told = bench.notices("permission").await;
        assert_eq!(told.len(), 1, "{code}: {told:?}");
        assert!(told[0].text.contains(word), "{code}: {}", told[0].text);
        bench.sim.world().all_faults_off();
        bench.strides(30, 15).await;
        assert_eq!(bench.coverage("fb").await.down, None);
    }
}

#[tokio::test]
async fn a_listing_that_may_not_be_read_is_made_up_for_by_others() {
    let bench = on(FACEBOOK).await;
    bench.step().await;
    bench.sim.world().fault_on(FaultRule::always("lost", Fault::PermissionLost { code: 10 }).route("facebook.feed"));
    bench.comments("nasty", "fb-p", COMPLAINT);
    bench.minutes(5).await;
    assert_eq!(bench.stands("nasty"), "gone");
    assert_eq!(bench.coverage("fb").await.down, None);
}

#[tokio::test]
async fn a_page_that_is_not_there_any_more_is_told_once_with_where_to_look() {
    for (text, key, word) in
        [(&[FACEBOOK][..], "fb", "still published"), (&[FACEBOOK, INSTAGRAM][..], "ig", "still linked")]
    {
        let bench = Bench::new(pages(text)).await;
        bench.step().await;
        let gone =
            FaultRule { page: Some(key.to_owned()), ..FaultRule::always("gone", Fault::PermissionLost { code: 33 }) };
        bench.sim.world().fault_on(gone);
        let before = bench.requests_of(key);
        bench.strides(48, 15).await;
        let calls = bench.requests_of(key) - before;
        assert!((1..=40).contains(&calls), "{calls} calls in twelve hours for {key}");
        let told = bench.notices("not-found").await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].text.contains(word), "{}", told[0].text);
        if key == "ig" {
            assert_eq!(bench.coverage("fb").await.down, None);
        }
    }
}

#[tokio::test]
async fn a_page_that_is_renamed_is_told_once_and_goes_by_its_new_name() {
    let bench = Bench::new(pages(&[FACEBOOK, INSTAGRAM])).await;
    bench.step().await;
    for page in ["fb", "ig"] {
        assert!(bench.sim.world().rename_page(page, "Mill Lane Surgery", "milllane"));
    }
    bench.strides(30, 60).await;
    assert_eq!(bench.coverage("fb").await.name.as_deref(), Some("Mill Lane Surgery"));
    let told = bench.notices("renamed").await;
    assert_eq!(told.len(), 2, "{told:?}");
    let both = |text: &str| text.contains("Alderbrook Surgery") && text.contains("Mill Lane Surgery");
    assert!(told.iter().any(|notice| both(&notice.text)), "{told:?}");
    // Its own answers go by the new handle too, and are not taken for a stranger's.
    bench.comments("kind", "ig-p", KIND);
    let own = sim::CommentScript {
        key: "own".to_owned(),
        reply_to: Some("kind".to_owned()),
        text: Some(COMPLAINT.to_owned()),
        ..sim::CommentScript::default()
    };
    bench.sim.world().add_comment(&own).expect("a comment");
    bench.minutes(15).await;
    assert_eq!(bench.stands("own"), "up");
}

#[tokio::test]
async fn a_tiktok_account_whose_videos_all_vanish_is_told_and_not_taken_for_a_quiet_one() {
    let bench = on(TIKTOK).await;
    bench.step().await;
    bench.minutes(3).await;
    assert_eq!(bench.period().await.notices, []);
    // Made private or taken down: the platform answers alike.
    for post in ["tt-p", "tt-q"] {
        assert!(bench.sim.world().remove_post(post));
    }
    bench.strides(8, 15).await;
    let told = bench.notices("blind").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].text.contains("private"), "{}", told[0].text);
    assert!(bench.coverage("tt").await.down.is_some());
    let new = "post = [{ key = \"new\", page = \"tt\", at = \"+08:00\", text = \"Hello again\" }]";
    bench.sim.world().add_post(&scenario(&[TIKTOK], new).posts[0]).expect("a post");
    bench.minutes(3).await;
    assert_eq!(bench.coverage("tt").await.down, None);
}

#[tokio::test]
async fn a_facebook_page_that_takes_all_its_posts_down_is_calm() {
    let bench = on(FACEBOOK).await;
    bench.step().await;
    bench.comments("kind", "fb-p", KIND);
    bench.minutes(3).await;
    for post in ["fb-p", "fb-q"] {
        assert!(bench.sim.world().remove_post(post));
    }
    bench.strides(8, 15).await;
    assert_eq!(bench.coverage("fb").await.down, None);
    assert_eq!(bench.notices("blind").await, []);
}

#[tokio::test]
async fn one_post_whose_count_is_too_high_makes_no_page_blind_nor_does_a_slow_drift_or_tiktoks_old_counts() {
    let text = format!(
        "post = [
  {{ key = \"one\", page = \"fb\", at = \"+07:00\", text = \"News\", surplus = 7 }},
  {{ key = \"two\", page = \"fb\", at = \"+07:10\", text = \"More\" }},
  {{ key = \"three\", page = \"fb\", at = \"+07:20\", text = \"Again\", surplus = 1 }},
  {{ key = \"video\", page = \"tt\", at = \"-40:00\", text = \"Old\" }},
  {{ key = \"video2\", page = \"tt\", at = \"-40:00\", text = \"Older\" }},
]
comment = [
  {{ key = \"kind\", post = \"two\", at = \"+07:55\", author = \"Jo\", text = \"{KIND}\" }},
  {{ key = \"tt-kind\", post = \"video\", at = \"-39:00\", author = \"Jo\", text = \"{KIND}\" }},
  {{ key = \"tt-kind2\", post = \"video2\", at = \"-39:00\", author = \"Jo\", text = \"{KIND}\" }},
]"
    );
    let bench = Bench::new(scenario(&[FACEBOOK, TIKTOK], &text)).await;
    bench.step().await;
    // Authors take their comments back one by one, and TikTok goes on counting them for a day or two.
    for key in ["tt-kind", "tt-kind2", "kind"] {
        bench.minutes(20).await;
        assert!(bench.sim.world().delete_by_author(key));
    }
    bench.strides(30, 30).await;
    assert_eq!(bench.notices("blind").await, []);
    for page in ["fb", "tt"] {
        let coverage = bench.coverage(page).await;
        assert_eq!((coverage.failed, coverage.down), (0, None), "{page}");
    }
}

// --- Secrets on the way ------------------------------------------------------------------------------------------------

#[tokio::test]
async fn no_request_of_a_day_carries_a_token_or_secret_in_its_address() {
    let bench = Bench::of(Scenario::day().expect("the shipped day"), Practice::default()).await;
    bench.step_at(6, 40).await;
    bench.strides(60, 12).await;
    let world = bench.sim.world();
    let mut secrets: Vec<String> = world.graph_tokens().iter().map(|token| token.value.clone()).collect();
    secrets.extend(world.tiktok_pairs().iter().flat_map(|pair| [pair.access.clone(), pair.refresh.clone()]));
    secrets.extend([sim::META_APP_SECRET.to_owned(), sim::TIKTOK_APP_SECRET.to_owned()]);
    assert!(world.requests().len() > 200);
    for seen in world.requests() {
        let carried = |value: &String| secrets.iter().any(|secret| value.contains(secret.as_str()));
        // A refresh on TikTok takes its secrets in the body; there is no other place for them (tiktok.md section 2.3).
        let in_query = seen.method == "GET" || seen.platform != Some(Platform::TikTok);
        let found = seen.params.iter().find(|(key, value)| in_query && (key == "access_token" || carried(value)));
        assert!(found.is_none() && !carried(&seen.path), "{} {}", seen.method, seen.route);
    }
}

#[tokio::test]
async fn a_proof_goes_along_and_never_the_secret_it_is_made_with() {
    let bench = on(FACEBOOK).await;
    bench.step().await;
    let world = bench.sim.world();
    let proofs =
        world.requests().iter().filter(|seen| seen.params.iter().any(|(key, _)| key == "appsecret_proof")).count();
    assert_eq!(proofs, world.requests().len());
}
