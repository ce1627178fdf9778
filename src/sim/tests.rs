//! The simulator's own rules, each from its place in the fact sheets. Mostly the pure [`World`]; one round trip by
//! socket.

use serde_json::{Value, json};

use super::*;
use crate::clock::{Clock, SignedDuration, Timestamp};
use crate::comment::Platform;

const SMALL: &str = r#"
start = "2026-11-18T00:00:00Z"
knobs = { tiktok_short_pages_percent = 0 }
page = [
  { key = "fb", platform = "facebook", id = "1029", name = "Alderbrook Surgery", handle = "alderbrook" },
  { key = "ig", platform = "instagram", id = "17841400000000001", name = "Alderbrook", handle = "alderbrook", linked = "fb" },
  { key = "tt", platform = "tiktok", id = "-000Open", name = "Alderbrook", handle = "alderbrook" },
]
post = [
  { key = "p", page = "fb", at = "-01:00", text = "Flu/jabs – book", surplus = 3 },
  { key = "ranked", page = "fb", at = "-02:00", text = "Ranked", ranked = true },
  { key = "album", page = "fb", at = "-03:00", text = "Album" },
  { key = "photo", page = "fb", at = "-03:00", shape = "photo", album = "album" },
  { key = "reel", page = "fb", at = "-04:00", shape = "reel" },
  { key = "visit", page = "fb", at = "-00:30", shape = "visitor", author = "Lin", text = "Lost glove" },
  { key = "m", page = "ig", at = "-01:00", text = "Flu" },
  { key = "v", page = "tt", at = "-60:00", text = "Pharmacy" },
  { key = "private", page = "tt", at = "-01:00", shape = "private" },
]
comment = [
  { key = "a", post = "p", at = "+01:00", author = "Jo", text = "first" },
  { key = "b", reply_to = "a", at = "+01:10", author = "Sam", text = "second" },
  { key = "own", reply_to = "a", at = "+01:20", text = "Please ring us." },
  { key = "sticker", post = "p", at = "+01:30", author = "Jo", attachment = "sticker" },
  { key = "stuck", post = "p", at = "+01:40", author = "Jo", text = "cannot be hidden", unhideable = true },
  { key = "liked", post = "ranked", at = "+01:00", author = "Jo", text = "liked", likes = 9 },
  { key = "dull", post = "ranked", at = "+00:10", author = "Jo", text = "dull" },
  { key = "on-photo", post = "photo", at = "+01:00", author = "Jo", text = "cake" },
  { key = "i", post = "m", at = "+01:00", author = "jo.carter", text = "useless 😡" },
  { key = "i-reply", reply_to = "i", at = "+01:10", author = "sam_p", text = "agreed" },
  { key = "i-gif", post = "m", at = "+01:20", author = "gif.fan", attachment = "gif" },
  { key = "i-shadow", post = "m", at = "+01:25", author = "restricted", text = "psst", restricted = true },
  { key = "t", post = "v", at = "-48:00", author = "tik", text = "old one", likes = 1 },
  { key = "t-reply", reply_to = "t", at = "+01:00", author = "tok", text = "reply" },
  { key = "t-new", post = "v", at = "+01:05", author = "tak", text = "new one", likes = 5 },
  { key = "t-filtered", post = "v", at = "+01:06", author = "tuk", text = "held", hidden = "platform" },
  { key = "late", post = "p", at = "+09:00", author = "Jo", text = "later" },
]
edit = [{ comment = "late", at = "+09:30", text = "later, edited" }]
delete = [{ comment = "late", at = "+10:00" }]
rename = [{ author = "jo.carter", at = "+09:00", to = "jo.married" }]
expire = [{ page = "tt", at = "+14:00" }]
"#;

fn at(hours: i64) -> Timestamp {
    let start: Timestamp = "2026-11-18T00:00:00Z".parse().expect("a time");
    start + SignedDuration::from_hours(hours)
}

fn world() -> World {
    World::new(Scenario::parse(SMALL).expect("a scenario"), at(2)).expect("a world")
}

fn ask(world: &mut World, ask: impl std::borrow::Borrow<Ask>) -> Value {
    let now = at(2).max(world.now);
    world.handle(ask.borrow(), now).value().unwrap_or_default()
}

fn graph(world: &mut World, method: &str, target: &str) -> Value {
    ask(world, Ask::new(method, &format!("/v25.0/{target}")).header("Authorization", "Bearer EAASIMPAGE1029"))
}

fn get(world: &mut World, target: &str) -> Value {
    graph(world, "GET", target)
}

fn id(world: &World, key: &str) -> String {
    world.id_of(key).expect("a known key").to_owned()
}

fn code(answer: &Value) -> (i64, Option<i64>) {
    (answer["error"]["code"].as_i64().unwrap_or_default(), answer["error"]["error_subcode"].as_i64())
}

fn texts(answer: &Value, name: &str) -> Vec<String> {
    let rows = answer["data"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row[name].as_str().unwrap_or("-").to_owned()).collect()
}

fn tiktok_get(world: &mut World, target: &str) -> Value {
    let token = world.token_for("tt").unwrap_or_default();
    let target = format!("/open_api/v1.3/business/{target}");
    ask(world, Ask::new("GET", &target).header("Access-Token", &token))
}

fn tiktok_post(world: &mut World, path: &str, body: &Value) -> Value {
    let token = world.token_for("tt").unwrap_or_default();
    let target = format!("/open_api/v1.3/business/{path}");
    ask(world, Ask::new("POST", &target).header("Access-Token", &token).json(body))
}

fn tiktok_ids(answer: &Value) -> Vec<String> {
    let rows = answer["data"]["comments"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row["comment_id"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn facebook_lists_top_level_oldest_first_unless_told_otherwise() {
    let mut world = world();
    let post = id(&world, "p");
    let first = get(&mut world, &format!("{post}/comments?fields=message&summary=true"));
    assert_eq!(texts(&first, "message"), ["first", "", "cannot be hidden"]);
    assert_eq!(first["summary"], json!({"order": "chronological", "total_count": 6, "can_comment": true}));
    let newest =
        get(&mut world, &format!("{post}/comments?fields=message&filter=stream&order=reverse_chronological&summary=1"));
    assert_eq!(texts(&newest, "message"), ["cannot be hidden", "", "Please ring us.", "second", "first"]);
    assert_eq!(newest["summary"]["total_count"], 8);
    let ranked = id(&world, "ranked");
    let ranked = get(&mut world, &format!("{ranked}/comments?fields=message&order=chronological&summary=1"));
    assert_eq!(
        (texts(&ranked, "message"), &ranked["summary"]["order"]),
        (vec!["liked".into(), "dull".into()], &json!("ranked"))
    );
}

#[test]
fn facebook_pages_give_cursors_to_the_last_and_next_only_when_there_is_more() {
    let mut world = world();
    let post = id(&world, "p");
    let one = get(&mut world, &format!("{post}/comments?fields=message&filter=stream&limit=3&since=2027-01-01"));
    let next = one["paging"]["next"].as_str().expect("a next page").to_owned();
    assert!(one["paging"]["cursors"]["before"].is_string() && one["paging"].get("previous").is_none(), "{one}");
    assert!(
        next.contains("access_token=EAASIMPAGE1029&pretty=0&fields=message") && next.contains("filter=stream"),
        "{next}"
    );
    let (_, target) = next.split_once("/v25.0/").expect("a versioned link");
    let two = get(&mut world, target);
    assert_eq!(texts(&two, "message"), ["", "cannot be hidden"]);
    assert!(two["paging"]["cursors"]["after"].is_string() && two["paging"].get("next").is_none(), "{two}");
    assert!(two["paging"]["previous"].is_string());
    let empty = get(&mut world, &format!("{post}/comments?limit=0&summary=true"));
    assert_eq!((empty["data"].clone(), empty.get("paging")), (json!([]), None));
}

#[test]
fn a_cursor_dies_with_the_row_that_it_points_at() {
    let mut world = world();
    let post = id(&world, "p");
    let one = get(&mut world, &format!("{post}/comments?limit=1"));
    let after = one["paging"]["cursors"]["after"].as_str().expect("a cursor").to_owned();
    world.delete_by_author("a");
    assert_eq!(code(&get(&mut world, &format!("{post}/comments?limit=1&after={after}"))), (100, None));
}

#[test]
fn nested_fields_answer_with_edges_of_their_own() {
    let mut world = world();
    let answer = get(
        &mut world,
        "1029/published_posts?limit=1&fields=id,message,created_time,story,comments.filter(stream).order(reverse_chronological)\
         .limit(1).summary(true).as(newest){id,message,from{id},parent{id},attachment{type}},comments.limit(0).summary(true)",
    );
    let post = &answer["data"][0];
    assert_eq!(post["created_time"], "2026-11-17T23:00:00+0000");
    assert_eq!((post.get("story"), post["comments"]["data"].clone()), (None, json!([])));
    assert_eq!(post["newest"]["data"][0]["message"], "cannot be hidden");
    let author = world.comment("stuck").map(|comment| comment.author.clone());
    assert_eq!(post["newest"]["data"][0]["from"], json!({"id": author}));
    assert!(post["newest"]["paging"]["next"].as_str().is_some_and(|next| next.contains("/comments?")), "{post}");
    assert_eq!(code(&get(&mut world, "1029/feed?fields=id,nonsense")), (100, None));
    assert_eq!(code(&get(&mut world, "1029/feed?fields=id,comments{hidden}")), (100, None));
    assert_eq!(code(&get(&mut world, "1029/feed?fields=id{")), (2500, None));
}

#[test]
fn post_edges_leave_out_what_the_real_ones_leave_out() {
    let mut world = world();
    let mut keys = |edge: &str| {
        let answer = get(&mut world, &format!("1029/{edge}?fields=id"));
        texts(&answer, "id").iter().filter_map(|id| world.post(id).map(|post| post.key.clone())).collect::<Vec<_>>()
    };
    assert_eq!(keys("published_posts"), ["p", "ranked", "album"]);
    assert_eq!(keys("feed"), ["visit", "p", "ranked", "album"]);
    assert_eq!(keys("visitor_posts"), ["visit"]);
    assert_eq!(keys("video_reels"), ["reel"]);
    let album = id(&world, "album");
    let answer =
        get(&mut world, &format!("{album}?fields=attachments{{subattachments{{target{{id}},type}}}},comments{{id}}"));
    assert_eq!(answer["comments"]["data"], json!([]));
    let photo =
        answer["attachments"]["data"][0]["subattachments"]["data"][0]["target"]["id"].as_str().expect("a photo");
    let on_photo = get(&mut world, &format!("{photo}/comments?fields=message"));
    assert_eq!(texts(&on_photo, "message"), ["cake"]);
}

#[test]
fn hiding_on_facebook_wants_is_hidden_and_on_instagram_hide() {
    let mut world = world();
    let (facebook, instagram) = (id(&world, "a"), id(&world, "i"));
    assert_eq!(graph(&mut world, "POST", &format!("{facebook}?hide=true")), json!({"success": true}));
    assert_eq!(get(&mut world, &format!("{facebook}?fields=is_hidden"))["is_hidden"], false);
    assert_eq!(graph(&mut world, "POST", &format!("{facebook}?is_hidden=true")), json!({"success": true}));
    assert_eq!(get(&mut world, &format!("{facebook}?fields=is_hidden"))["is_hidden"], true);
    assert_eq!(graph(&mut world, "POST", &format!("{instagram}?is_hidden=true")), json!({"success": true}));
    assert_eq!(get(&mut world, &format!("{instagram}?fields=hidden"))["hidden"], false);
    assert_eq!(graph(&mut world, "POST", &format!("{instagram}?hide=1")), json!({"success": true}));
    assert_eq!(get(&mut world, &format!("{instagram}?fields=hidden"))["hidden"], true);
    let done: Vec<(Act, bool)> = world.writes().iter().map(|write| (write.act, write.done)).collect();
    assert_eq!(done, [(Act::Nothing, false), (Act::Hide, true), (Act::Nothing, false), (Act::Hide, true)]);
}

#[test]
fn what_cannot_be_hidden_is_refused() {
    let mut world = world();
    let (own, stuck) = (id(&world, "own"), id(&world, "stuck"));
    assert_eq!(code(&graph(&mut world, "POST", &format!("{own}?is_hidden=true"))), (100, None));
    assert_eq!(code(&graph(&mut world, "POST", &format!("{stuck}?is_hidden=true"))), (200, None));
    assert_eq!(get(&mut world, &format!("{stuck}?fields=can_hide"))["can_hide"], false);
}

#[test]
fn a_second_delete_finds_nothing_and_replies_go_with_their_parent() {
    let mut world = world();
    let (comment, reply) = (id(&world, "a"), id(&world, "b"));
    assert_eq!(graph(&mut world, "DELETE", &comment), json!({"success": true}));
    assert_eq!(code(&graph(&mut world, "DELETE", &comment)), (100, Some(33)));
    assert_eq!(code(&get(&mut world, &reply)), (100, Some(33)));
    assert_eq!(world.comment("b").map(|comment| comment.gone), Some(Some(Gone::WithParent)));
}

#[test]
fn a_reply_is_a_new_comment_and_a_message_on_the_comment_itself_edits_it() {
    let mut world = world();
    let comment = id(&world, "a");
    let bearer = |ask: Ask| ask.header("Authorization", "Bearer EAASIMPAGE1029");
    let target = format!("/v25.0/{comment}/comments");
    let reply = ask(&mut world, bearer(Ask::new("POST", &target).form("message=Please+ring+us")));
    let reply = reply["id"].as_str().expect("an id").to_owned();
    assert_ne!(reply, comment);
    let read = get(&mut world, &format!("{reply}?fields=message,parent{{id}},from{{id}}"));
    assert_eq!(
        read,
        json!({"id": reply, "message": "Please ring us", "parent": {"id": comment}, "from": {"id": "1029"}})
    );
    let last = comment.rsplit('_').next().expect("a last segment").to_owned();
    let edit = ask(&mut world, bearer(Ask::new("POST", &format!("/v25.0/{last}")).json(&json!({"message": "edited"}))));
    assert_eq!(edit, json!({"success": true}));
    assert_eq!(get(&mut world, &comment)["message"], "edited");
}

#[test]
fn visitors_posts_are_hidden_rather_than_deleted() {
    let mut world = world();
    let visit = id(&world, "visit");
    assert_eq!(code(&graph(&mut world, "DELETE", &visit)), (200, None));
    assert_eq!(graph(&mut world, "POST", &format!("{visit}?is_hidden=true")), json!({"success": true}));
    assert!(world.post("visit").is_some_and(|post| post.hidden));
    world.knobs_mut().visitor_posts_deletable = true;
    assert_eq!(graph(&mut world, "DELETE", &visit), json!({"success": true}));
}

#[test]
fn instagram_lists_newest_first_top_level_only_with_poor_paging() {
    let mut world = world();
    let media = id(&world, "m");
    let all = get(&mut world, &format!("{media}/comments?limit=500&order=chronological"));
    let rows = all["data"].as_array().expect("rows").clone();
    assert_eq!(rows.len(), 2, "{all}");
    assert!(rows[0].get("text").is_none() && rows[1]["text"] == "useless 😡", "a picture comment has no text: {all}");
    assert_eq!(all.get("paging"), None);
    let one = get(&mut world, &format!("{media}/comments?limit=1"));
    assert!(one["paging"]["next"].is_string() && one["paging"]["cursors"].get("before").is_none(), "{one}");
    let nested =
        get(&mut world, "17841400000000001/media?fields=comments_count,comments{text,replies{text,parent_id}}");
    assert_eq!(nested["data"][0]["comments_count"], 4);
    let with_reply = &nested["data"][0]["comments"]["data"][1];
    assert_eq!(with_reply["replies"]["data"][0]["text"], "agreed");
    assert_eq!(nested["data"][0]["comments"]["data"][0].get("replies"), None);
}

#[test]
fn instagram_refuses_what_the_sheet_says_it_refuses() {
    let mut world = world();
    let (comment, reply, media) = (id(&world, "i"), id(&world, "i-reply"), id(&world, "m"));
    assert_eq!(code(&get(&mut world, &format!("{reply}?fields=text,replies{{id}}"))), (100, None));
    assert_eq!(code(&get(&mut world, &format!("{comment}?fields=attachment"))), (100, None));
    assert_eq!(code(&graph(&mut world, "POST", &format!("{comment}/comments?message=hi"))), (100, Some(33)));
    let parent = graph(&mut world, "POST", &format!("{reply}/replies?message=hello"));
    let parent = parent["id"].as_str().expect("an id").to_owned();
    assert_eq!(world.comment(&parent).and_then(|one| one.parent.clone()), Some(comment.clone()));
    graph(&mut world, "POST", &format!("{comment}?hide=true"));
    assert_eq!(code(&graph(&mut world, "POST", &format!("{comment}/replies?message=hi"))), (100, None));
    graph(&mut world, "POST", &format!("{media}?comment_enabled=false"));
    assert_eq!(code(&graph(&mut world, "POST", &format!("{media}/comments?message=hi"))), (100, None));
}

#[test]
fn fifty_is_the_most_that_instagram_gives_at_once() {
    let mut world = world();
    let media = id(&world, "m");
    for number in 0..60 {
        let script = CommentScript {
            post: Some("m".into()),
            author: Some("crowd".into()),
            text: Some(format!("{number}")),
            ..CommentScript::default()
        };
        world.add_comment(&script).expect("a post");
    }
    let answer = get(&mut world, &format!("{media}/comments?limit=100"));
    assert_eq!(answer["data"].as_array().map(Vec::len), Some(50));
}

#[test]
fn a_token_works_on_its_own_host_only() {
    let mut world = world();
    let mut code_of = |target: &str, token: &str| {
        let answer = ask(&mut world, Ask::new("GET", target).header("authorization", &format!("Bearer {token}")));
        code(&answer)
    };
    assert_eq!(code_of("/ig/v25.0/me?fields=user_id,username", "IGAASIM17841400000000001"), (0, None));
    assert_eq!(code_of("/ig/v25.0/17841400000000001/media", "EAASIMPAGE1029"), (190, None));
    assert_eq!(code_of("/v25.0/17841400000000001/media", "IGAASIM17841400000000001"), (190, None));
    assert_eq!(code_of("/v25.0/me", "EAAnobody"), (190, None));
    assert_eq!(code_of("/v25.0/1029/feed", "778899|0123456789abcdef0123456789abcdef"), (200, None));
}

#[test]
fn a_users_token_reads_empty_comments_and_may_not_write() {
    let mut world = world();
    let (post, comment) = (id(&world, "p"), id(&world, "a"));
    let token = "access_token=EAASIMUSERTOKEN000";
    let empty = ask(&mut world, Ask::new("GET", &format!("/v25.0/{post}/comments?{token}")));
    assert_eq!(empty, json!({"data": []}));
    assert_eq!(
        code(&ask(&mut world, Ask::new("POST", &format!("/v25.0/{comment}?is_hidden=true&{token}")))),
        (210, None)
    );
    let accounts = ask(&mut world, Ask::new("GET", &format!("/v25.0/me/accounts?{token}")));
    assert_eq!(accounts["data"][0]["access_token"], "EAASIMPAGE1029");
}

#[test]
fn the_proof_is_checked_when_given_and_demanded_when_configured() {
    let mut world = world();
    assert_eq!(code(&get(&mut world, "me?appsecret_proof=00")), (100, None));
    world.knobs_mut().require_proof = true;
    assert_eq!(code(&get(&mut world, "me")), (100, None));
    let proof = tokens::proof(META_APP_SECRET, "EAASIMPAGE1029");
    assert_eq!(code(&get(&mut world, &format!("me?appsecret_proof={proof}"))), (0, None));
    let timed = tokens::proof(META_APP_SECRET, &format!("EAASIMPAGE1029|{}", at(2).as_second()));
    let stale = format!("me?appsecret_proof={timed}&appsecret_time={}", at(2).as_second() - 600);
    assert_eq!(code(&get(&mut world, &stale)), (100, None));
    assert_eq!(
        code(&get(&mut world, &format!("me?appsecret_proof={timed}&appsecret_time={}", at(2).as_second()))),
        (0, None)
    );
}

#[test]
fn missing_permissions_have_their_own_codes() {
    let mut world = world();
    let comment = id(&world, "a");
    world.drop_permission("pages_read_user_content");
    assert_eq!(code(&get(&mut world, "1029/published_posts")), (0, None));
    assert_eq!(code(&get(&mut world, "1029/feed")), (10, None));
    assert_eq!(code(&get(&mut world, "1029/ratings")), (283, None));
    assert_eq!(get(&mut world, &format!("{comment}?fields=from")).get("from"), None);
    world.drop_permission("pages_manage_engagement");
    assert_eq!(code(&graph(&mut world, "POST", &format!("{comment}?is_hidden=true"))), (200, None));
}

#[test]
fn a_dead_token_is_told_by_debug_token_with_http_200() {
    let mut world = world();
    world.revoke_token("fb", 460);
    assert_eq!(code(&get(&mut world, "me")), (190, Some(460)));
    let app = format!("access_token={META_APP_ID}%7C{META_APP_SECRET}");
    let answer = ask(&mut world, Ask::new("GET", &format!("/v25.0/debug_token?input_token=EAASIMPAGE1029&{app}")));
    assert_eq!((&answer["data"]["is_valid"], &answer["data"]["error"]["subcode"]), (&json!(false), &json!(460)));
}

#[test]
fn a_batch_answers_each_part_with_a_body_as_text() {
    let mut world = world();
    let comment = id(&world, "a");
    let parts = json!([{"method": "GET", "relative_url": "1029?fields=name"},
        {"method": "POST", "relative_url": comment, "body": "is_hidden=true"}, {"method": "GET", "relative_url": "v25.0/404"}]);
    let request = Ask::new("POST", "/v25.0/").form("access_token=EAASIMPAGE1029&include_headers=false");
    let body = format!(
        "access_token=EAASIMPAGE1029&batch={}",
        url::form_urlencoded::byte_serialize(parts.to_string().as_bytes()).collect::<String>()
    );
    let answer = ask(&mut world, Ask { body: body.into_bytes(), ..request });
    assert_eq!(answer[0]["body"], "{\"id\":\"1029\",\"name\":\"Alderbrook Surgery\"}");
    assert_eq!((&answer[1]["code"], &answer[2]["code"]), (&json!(200), &json!(400)));
    assert!(world.comment("a").is_some_and(|one| one.hidden == HiddenBy::Owner));
    let other = id(&world, "b");
    let several = get(&mut world, &format!("?ids={comment},{other}&fields=message"));
    assert_eq!(several[&other]["message"], "second");
    assert_eq!(code(&get(&mut world, &format!("?ids={comment},1_2"))), (803, None));
}

#[test]
fn a_part_of_a_batch_that_did_not_finish_is_null_though_it_may_be_done() {
    let mut world = world();
    let comment = id(&world, "a");
    world.fault_on(FaultRule::always("late", Fault::TimeoutAfterSideEffect).route("facebook.comment"));
    let parts = json!([{"method": "DELETE", "relative_url": comment}, {"method": "GET", "relative_url": "me"}]);
    let body = json!({"access_token": "EAASIMPAGE1029", "batch": parts});
    let answer = ask(&mut world, Ask::new("POST", "/v25.0/").json(&body));
    assert_eq!((&answer[0], &answer[1]["code"]), (&Value::Null, &json!(200)));
    assert_eq!(world.comment("a").map(|one| one.gone), Some(Some(Gone::ByApi)));
}

#[test]
fn answers_carry_the_headers_of_the_real_thing() {
    let mut world = world();
    let request = Ask::new("GET", "/v24.0/1029?fields=name").header("Authorization", "Bearer EAASIMPAGE1029");
    let Reply::Answer(answer) = world.handle(&request, at(2)) else { panic!("no answer") };
    assert_eq!((answer.status, answer.header("facebook-api-version")), (200, Some("v24.0")));
    assert!(answer.header("x-business-use-case-usage").is_some_and(|usage| usage.contains("\"type\":\"pages\"")));
    let request = Ask::new("GET", "/v25.0/1029").header("Authorization", "Bearer nobody");
    let Reply::Answer(answer) = world.handle(&request, at(2)) else { panic!("no answer") };
    assert!(answer.header("www-authenticate").is_some_and(|text| text.contains("invalid_token")));
    assert!(!world.requests().last().expect("a request").authorised);
}

#[test]
fn a_spent_budget_throttles_each_meta_platform_by_itself() {
    let mut world = world();
    world.knobs_mut().graph_budget = 3;
    for _ in 0..3 {
        assert_eq!(code(&get(&mut world, "1029")), (0, None));
    }
    assert_eq!(code(&get(&mut world, "1029")), (80_001, None));
    assert_eq!(code(&get(&mut world, "17841400000000001")), (0, None));
}

#[track_caller]
fn check_fault(fault: impl Into<Fault>, want: impl Fn(&Reply, &mut World) -> bool) {
    let (fault, mut world) = (fault.into(), world());
    let post = id(&world, "p");
    world.fault_on(FaultRule::always("f", fault.clone()));
    let target = format!("/v25.0/{post}/comments?fields=id,message,from,created_time&filter=stream&limit=2");
    let request = Ask::new("GET", &target).header("Authorization", "Bearer EAASIMPAGE1029");
    let reply = world.handle(&request, at(2));
    assert!(want(&reply, &mut world), "{fault:?}: {reply:?}");
    world.fault_off("f");
    assert!(world.handle(&request, at(2)).value().is_some_and(|value| value["data"].is_array()), "{fault:?} goes away");
}

#[test]
fn faults_bend_answers_as_they_say() {
    let row = |reply: &Reply, name: &str| reply.value().unwrap_or_default()["data"][0][name].clone();
    let status = |reply: &Reply| if let Reply::Answer(answer) = reply { answer.status } else { 0 };
    let fails = |reply: &Reply| code(&reply.value().unwrap_or_default());
    check_fault(Fault::Throttle { code: None, minutes: Some(9), limit: None }, |reply, _| fails(reply).0 == 80_001);
    check_fault(Fault::TokenExpired, |reply, _| fails(reply) == (190, Some(463)));
    check_fault(Fault::HtmlInsteadOfJson { status: 502 }, |reply, _| status(reply) == 502 && reply.value().is_none());
    check_fault(Fault::Truncated, |reply, _| status(reply) == 200 && reply.value().is_none());
    check_fault(Fault::NotJson, |reply, _| status(reply) == 200 && reply.value().is_none());
    check_fault(Fault::TimeoutBefore, |reply, _| matches!(reply, Reply::HangUp));
    check_fault(Fault::EmptyListing, |reply, _| reply.value().unwrap_or_default()["data"] == json!([]));
    check_fault(Fault::MissingFrom, |reply, _| row(reply, "from").is_null());
    check_fault(Fault::MissingId, |reply, _| row(reply, "id").is_null());
    check_fault(Fault::NullText, |reply, _| row(reply, "message").is_null());
    check_fault(Fault::NulInText, |reply, _| row(reply, "message") == "first\0");
    check_fault(Fault::LoneSurrogate, |reply, _| status(reply) == 200 && reply.value().is_none());
    check_fault(Fault::HugeText, |reply, _| row(reply, "message").as_str().is_some_and(|text| text.len() >= 60_000));
    check_fault(Fault::UnixTimes, |reply, _| row(reply, "created_time").is_number());
    check_fault(Fault::EndlessNext, |reply, _| reply.value().unwrap_or_default()["paging"]["next"].is_string());
    check_fault(Fault::DuplicateItems, |reply, _| {
        reply.value().unwrap_or_default()["data"].as_array().map(Vec::len) == Some(3)
    });
    check_fault(Fault::PermissionLost { code: 10 }, |reply, _| fails(reply).0 == 10);
    check_fault(Fault::Internal { code: 2 }, |reply, _| status(reply) == 500 && fails(reply).0 == 2);
    check_fault(Fault::EmptyPageWithNext, |reply, world| {
        let value = reply.value().unwrap_or_default();
        let next = value["paging"]["next"].as_str().unwrap_or_default().to_owned();
        let target = next.split_once("/v25.0/").map(|(_, target)| target.to_owned()).unwrap_or_default();
        value["data"] == json!([]) && texts(&get(world, &target), "message") == ["first", "second"]
    });
}

#[test]
fn a_fault_can_be_counted_timed_and_kept_to_a_route() {
    let mut world = world();
    let comment = id(&world, "a");
    world.fault_on(FaultRule::always("w", Fault::WritesBlocked368).next(1).on(Platform::Facebook));
    assert_eq!(code(&get(&mut world, &comment)), (0, None));
    assert_eq!(code(&graph(&mut world, "POST", &format!("{comment}?is_hidden=true"))), (368, None));
    assert_eq!(code(&graph(&mut world, "POST", &format!("{comment}?is_hidden=true"))), (0, None));
    let timed = FaultRule {
        from: Some(Offset::minutes(180)),
        to: Some(Offset::minutes(240)),
        ..FaultRule::always("t", Fault::TokenRevoked)
    };
    world.fault_on(timed.route("facebook.feed"));
    assert_eq!(code(&get(&mut world, "1029/feed")), (0, None));
    world.advance(at(3));
    assert_eq!(code(&get(&mut world, "1029/feed")), (190, Some(460)));
    assert_eq!(code(&get(&mut world, "1029/published_posts")), (0, None));
    world.advance(at(4));
    assert_eq!(code(&get(&mut world, "1029/feed")), (0, None));
}

#[test]
fn deep_expansions_fail_until_they_are_made_small() {
    let mut world = world();
    world.fault_on(FaultRule::always("d", Fault::CodeOne500OnDeepExpansion { cells: 100 }));
    let deep = |limit| format!("1029/published_posts?limit={limit}&fields=id,comments.limit(10){{id,from{{id}}}}");
    assert_eq!(code(&get(&mut world, &deep(25))), (1, None));
    assert_eq!(code(&get(&mut world, &deep(10))), (0, None));
    assert_eq!(code(&get(&mut world, "1029/published_posts?fields=id,message")), (0, None));
}

#[test]
fn a_lie_says_success_and_a_late_timeout_says_nothing_though_it_is_done() {
    let mut world = world();
    let comment = id(&world, "a");
    world.fault_on(FaultRule::always("l", Fault::Lie).next(1));
    assert_eq!(graph(&mut world, "DELETE", &comment), json!({"success": true}));
    assert!(world.comment("a").is_some_and(|one| one.gone.is_none()));
    world.fault_on(FaultRule::always("t", Fault::TimeoutAfterSideEffect).next(1));
    let request = Ask::new("DELETE", &format!("/v25.0/{comment}")).header("Authorization", "Bearer EAASIMPAGE1029");
    assert!(matches!(world.handle(&request, at(2)), Reply::HangUp));
    assert_eq!(world.comment("a").map(|one| one.gone), Some(Some(Gone::ByApi)));
}

#[test]
fn the_scenario_plays_by_the_time_it_is_given() {
    let mut world = world();
    assert!(world.comment("late").is_none());
    world.advance(at(9));
    assert_eq!(world.comment("late").and_then(|one| one.text.as_deref()), Some("later"));
    assert_eq!(world.next_event(), Some(at(9) + SignedDuration::from_mins(30)));
    world.advance(at(10));
    let late = world.comment("late").expect("it was there");
    assert_eq!((late.text.as_deref(), late.gone), (Some("later, edited"), Some(Gone::ByAuthor)));
    let comment = id(&world, "i");
    let from = get(&mut world, &format!("{comment}?fields=from,username"));
    assert_eq!(from["username"], "jo.married");
}

#[test]
fn tiktok_speaks_of_tokens_with_http_200_and_a_code() {
    let mut world = world();
    let target = "/open_api/v1.3/business/video/list/?business_id=-000Open";
    let mut code_with = |name: &str, value: &str| {
        let answer = ask(&mut world, Ask::new("GET", target).header(name, value));
        answer["code"].as_i64().unwrap_or_default()
    };
    assert_eq!(code_with("x-other", ""), 40_104);
    assert_eq!(code_with("Access-Token", "Bearer act.sim.000001"), 40_105);
    assert_eq!(code_with("Authorization", "Bearer act.sim.000001"), 40_104);
    assert_eq!(code_with("Access-Token", "act.sim.000001"), 0);
    assert_eq!(tiktok_get(&mut world, "video/list/?business_id=other")["code"], 40_001);
    world.drop_permission("comment.list");
    assert_eq!(tiktok_get(&mut world, "comment/list/?business_id=-000Open&video_id=1")["code"], 40_130);
}

#[test]
fn tiktok_does_not_know_paths_without_their_slash() {
    let mut world = world();
    assert_eq!(tiktok_get(&mut world, "video/list?business_id=-000Open")["code"], 40_006);
    assert_eq!(tiktok_post(&mut world, "video/list/", &json!({}))["code"], 40_006);
    assert_eq!(tiktok_post(&mut world, "comment/status/update/", &json!({}))["code"], 40_006);
    let elsewhere = world.handle(&Ask::new("GET", "/v2/comment/list/"), at(2));
    assert!(matches!(elsewhere, Reply::Answer(answer) if answer.status == 404 && answer.body.starts_with(b"<html>")));
}

#[test]
fn tiktok_names_the_parameter_that_is_wrong() {
    let mut world = world();
    let (video, comment) = (id(&world, "v"), id(&world, "t-new"));
    for (target, field) in [
        (format!("comment/list/?business_id=-000Open&video_id={video}&max_count=31"), "max_count"),
        (format!("comment/list/?business_id=-000Open&video_id={video}&sort_field=time"), "sort_field"),
        (format!("comment/list/?business_id=-000Open&video_id={video}&include_replies=True"), "include_replies"),
        (format!("comment/list/?business_id=-000Open&video_id={video}&comment_ids=1,2"), "comment_ids"),
        ("comment/list/?business_id=-000Open".into(), "video_id"),
        ("video/list/?business_id=-000Open&max_count=21".into(), "max_count"),
        ("video/list/?business_id=-000Open&fields=[\"caption\"]".into(), "fields"),
    ] {
        let answer = tiktok_get(&mut world, &target);
        assert_eq!(answer["code"], 40_002, "{target}: {answer}");
        assert!(answer["message"].as_str().is_some_and(|message| message.starts_with(field)), "{answer}");
    }
    let number: Value = serde_json::from_str(&comment).expect("a number");
    let body = json!({"business_id": "-000Open", "video_id": video, "comment_id": number, "action": "HIDE"});
    assert_eq!(tiktok_post(&mut world, "comment/hide/", &body)["code"], 40_002);
    let body = json!({"business_id": "-000Open", "comment_id": comment, "action": "HIDE"});
    assert_eq!(tiktok_post(&mut world, "comment/hide/", &body)["code"], 40_002);
    let body = json!({"business_id": "-000Open", "video_id": video, "comment_id": comment, "action": "hide"});
    assert_eq!(tiktok_post(&mut world, "comment/hide/", &body)["code"], 40_002);
}

#[test]
fn tiktok_lists_public_videos_with_a_count_of_the_day_before_yesterday() {
    let mut world = world();
    let answer =
        tiktok_get(&mut world, "video/list/?business_id=-000Open&fields=[\"item_id\",\"comments\",\"create_time\"]");
    let video = id(&world, "v");
    let created = (at(-60)).as_second().to_string();
    assert_eq!(answer["data"]["videos"], json!([{"item_id": video, "comments": 1, "create_time": created}]));
    assert_eq!(answer["data"]["has_more"], false);
    assert_eq!(
        tiktok_get(&mut world, "video/list/?business_id=-000Open&fields=[\"item_id\",\"total_time_watched\"]")["code"],
        40_130
    );
}

#[test]
fn tiktok_comments_sort_page_and_carry_replies_with_numeric_ids() {
    let mut world = world();
    let video = id(&world, "v");
    let ids = |world: &World, keys: &[&str]| keys.iter().map(|key| id(world, key)).collect::<Vec<_>>();
    let base = format!("comment/list/?business_id=-000Open&video_id={video}&sort_field=create_time&sort_order=desc");
    let one = tiktok_get(&mut world, &format!("{base}&max_count=2&include_replies=true"));
    assert_eq!(tiktok_ids(&one), ids(&world, &["t-filtered", "t-new"]));
    assert_eq!((&one["data"]["cursor"], &one["data"]["has_more"]), (&json!(2), &json!(true)));
    assert_eq!(one["data"]["comments"][0]["status"], "HIDDEN");
    let two = tiktok_get(&mut world, &format!("{base}&max_count=2&cursor=2&include_replies=true"));
    assert_eq!((tiktok_ids(&two), &two["data"]["has_more"]), (ids(&world, &["t"]), &json!(false)));
    let reply = &two["data"]["comments"][0]["reply_list"][0];
    assert!(reply["comment_id"].is_u64() && reply["parent_comment_id"].is_string(), "{reply}");
    let wanted = id(&world, "t-reply");
    let some = tiktok_get(
        &mut world,
        &format!("comment/list/?business_id=-000Open&video_id={video}&comment_ids=[\"{wanted}\"]"),
    );
    assert_eq!((tiktok_ids(&some), some["data"].get("has_more")), (vec![wanted], None));
    let public = tiktok_get(&mut world, &format!("{base}&status=PUBLIC"));
    assert_eq!(tiktok_ids(&public), ids(&world, &["t-new", "t"]));
}

#[test]
fn tiktok_lists_no_replies_of_a_hidden_comment() {
    let mut world = world();
    let (video, comment) = (id(&world, "v"), id(&world, "t"));
    let target = format!("comment/reply/list/?business_id=-000Open&video_id={video}&comment_id={comment}");
    assert_eq!(tiktok_ids(&tiktok_get(&mut world, &target)).len(), 1);
    let body = json!({"business_id": "-000Open", "video_id": video, "comment_id": comment, "action": "HIDE"});
    let hidden = tiktok_post(&mut world, "comment/hide/", &body);
    assert_eq!((&hidden["code"], &hidden["message"]), (&json!(0), &json!("Ok")));
    let after = tiktok_get(&mut world, &target);
    assert_eq!((&after["code"], tiktok_ids(&after).len()), (&json!(0), 0));
    world.knobs_mut().tiktok_hidden_parent_missing = true;
    assert_eq!(tiktok_get(&mut world, &target)["code"], 40_007);
}

#[test]
fn tiktok_shows_nothing_again_that_it_holds_back_itself() {
    let mut world = world();
    let (video, comment) = (id(&world, "v"), id(&world, "t-filtered"));
    let body = json!({"business_id": "-000Open", "video_id": video, "comment_id": comment, "action": "UNHIDE"});
    assert_eq!(tiktok_post(&mut world, "comment/hide/", &body)["code"], 0);
    assert!(world.comment("t-filtered").is_some_and(|one| one.hidden == HiddenBy::Platform));
    assert_eq!(world.writes().last().map(|write| write.done), Some(false));
}

#[test]
fn tiktok_deletes_only_the_accounts_own_comments() {
    let mut world = world();
    let (video, comment) = (id(&world, "v"), id(&world, "t"));
    let delete = |world: &mut World, id: &str| {
        tiktok_post(world, "comment/delete/", &json!({"business_id": "-000Open", "comment_id": id}))["code"].clone()
    };
    assert_eq!(delete(&mut world, &comment), 40_001);
    assert_eq!(delete(&mut world, "123"), 40_007);
    let body =
        json!({"business_id": "-000Open", "video_id": video, "comment_id": comment, "text": "Please ring reception."});
    let reply = tiktok_post(&mut world, "comment/reply/create/", &body);
    let own = reply["data"]["comment_id"].as_str().expect("an id").to_owned();
    assert_eq!(delete(&mut world, &own), 0);
    assert_eq!(delete(&mut world, &own), 40_007);
    let long = json!({"business_id": "-000Open", "video_id": video, "text": "x".repeat(151)});
    assert_eq!(tiktok_post(&mut world, "comment/create/", &long)["code"], 40_002);
}

#[test]
fn the_fifth_alike_text_on_tiktok_is_hidden_without_a_word() {
    let mut world = world();
    let video = id(&world, "v");
    for number in 0..5 {
        let body = json!({"business_id": "-000Open", "video_id": video, "text": format!("Please ring us ({number})")});
        assert_eq!(tiktok_post(&mut world, "comment/create/", &body)["code"], 0);
    }
    let hidden: Vec<bool> = world.comments().iter().rev().take(5).map(|one| one.hidden == HiddenBy::Platform).collect();
    assert_eq!(hidden, [true, false, false, false, false]);
}

#[test]
fn tiktok_locks_a_path_for_five_minutes_after_forty_calls_in_one() {
    let mut world = world();
    let target = "get/?business_id=-000Open";
    let call = |world: &mut World| tiktok_get(world, target);
    for number in 0..40 {
        assert_eq!(call(&mut world)["code"], 0, "call {number}");
        world.advance(world.now + SignedDuration::from_millis(500));
    }
    let over = call(&mut world);
    assert_eq!((&over["code"], &over["message"]), (&json!(40_100), &json!("App reaches the QPM limit")));
    assert_eq!(tiktok_get(&mut world, "video/list/?business_id=-000Open")["code"], 0);
    world.advance(world.now + SignedDuration::from_secs(299));
    assert_eq!(call(&mut world)["code"], 40_100);
    world.advance(world.now + SignedDuration::from_secs(1));
    assert_eq!(call(&mut world)["code"], 0);
    for _ in 0..9 {
        call(&mut world);
    }
    assert_eq!(call(&mut world)["message"], "App reaches the QPS limit");
}

#[test]
fn a_refresh_brings_a_new_pair_and_kills_the_old() {
    let mut world = world();
    world.advance(at(14));
    let old = world.tiktok_pairs()[0].clone();
    assert_eq!(tiktok_get(&mut world, "get/?business_id=-000Open")["code"], 40_102);
    let body = json!({"client_id": TIKTOK_APP_ID, "client_secret": TIKTOK_APP_SECRET, "grant_type": "refresh_token", "refresh_token": old.refresh});
    let refresh = |world: &mut World, body: &Value| {
        ask(world, Ask::new("POST", "/open_api/v1.3/tt_user/oauth2/refresh_token/").json(body))
    };
    let new = refresh(&mut world, &body);
    assert_eq!(new["data"]["expires_in"], 86_400);
    assert!(new["data"]["refresh_token_expires_in"].as_i64().is_some_and(|left| left < 365 * 86_400), "{new}");
    assert_eq!(tiktok_get(&mut world, "get/?business_id=-000Open")["code"], 0);
    assert_eq!(refresh(&mut world, &body)["code"], 40_131);
    let mut wrong = body.clone();
    wrong["client_secret"] = json!("other");
    assert_eq!(refresh(&mut world, &wrong)["code"], 40_101);
}

#[test]
fn a_code_from_the_consent_page_works_once() {
    let mut world = world();
    let code = world.tiktok_consent();
    let body = json!({"client_id": TIKTOK_APP_ID, "client_secret": TIKTOK_APP_SECRET, "grant_type": "authorization_code",
        "auth_code": code, "redirect_uri": "https://app.example.org/tiktok/callback/"});
    let exchange = |world: &mut World| ask(world, Ask::new("POST", "/open_api/v1.3/tt_user/oauth2/token/").json(&body));
    assert_eq!(exchange(&mut world)["data"]["open_id"], "-000Open");
    assert_eq!(exchange(&mut world)["code"], 40_110);
}

#[test]
fn beyond_five_hundred_tiktok_repeats_itself() {
    let mut world = world();
    world.knobs_mut().tiktok_limits = false;
    let video = id(&world, "v");
    for number in 0..520 {
        let script = CommentScript {
            post: Some("v".into()),
            author: Some("crowd".into()),
            text: Some(format!("{number}")),
            ..CommentScript::default()
        };
        world.add_comment(&script).expect("a video");
    }
    let mut seen = Vec::new();
    let mut cursor = 0;
    loop {
        let target = format!(
            "comment/list/?business_id=-000Open&video_id={video}&sort_field=create_time&sort_order=desc&max_count=30&cursor={cursor}"
        );
        let page = tiktok_get(&mut world, &target);
        seen.extend(tiktok_ids(&page));
        cursor = page["data"]["cursor"].as_i64().expect("a cursor");
        if page["data"]["has_more"] == false {
            break;
        }
    }
    let distinct: std::collections::HashSet<&String> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (528, 523));
}

#[test]
fn a_scenario_that_speaks_of_strangers_is_refused() {
    let broken =
        |text: &str| World::new(Scenario::parse(text).expect("TOML"), at(0)).err().map(|error| error.to_string());
    let page = "page = [{ key = \"fb\", platform = \"facebook\", id = \"1\", name = \"A\", handle = \"a\" }]";
    assert_eq!(
        broken("comment = [{ key = \"a\", post = \"nowhere\", at = \"+01:00\" }]").as_deref(),
        Some("the scenario speaks of post nowhere, which it never declares")
    );
    let twice = format!(
        "{page}\npost = [{{ key = \"p\", page = \"fb\", at = \"+00:00\" }}, {{ key = \"p\", page = \"fb\", at = \"+00:00\" }}]"
    );
    assert_eq!(broken(&twice).as_deref(), Some("the scenario has two things called p"));
    assert!(Scenario::parse("commment = []").is_err());
}

const CATEGORIES: [&str; 17] = [
    "staff-identified",
    "patient-identified",
    "medical-information",
    "appointment-request",
    "complaint",
    "defamation",
    "harassment",
    "threat",
    "obscenity",
    "hate",
    "safeguarding",
    "recording",
    "fraud",
    "misinformation",
    "staff-conduct",
    "review",
    "question",
];

#[test]
fn the_shipped_day_has_every_category_twice_and_plenty_that_is_harmless() {
    let day = Scenario::day().expect("the shipped day");
    assert!(day.comments.len() >= 75, "{} comments", day.comments.len());
    for category in CATEGORIES {
        let count = day.comments.iter().filter(|one| one.expect.iter().any(|name| name == category)).count();
        assert!(count >= 2, "{category}: {count}");
    }
    let strange = day.comments.iter().flat_map(|one| &one.expect).find(|name| !CATEGORIES.contains(&name.as_str()));
    assert_eq!(strange, None);
    let harmless = day.comments.iter().filter(|one| one.expect.is_empty()).count();
    assert!(harmless >= 25, "{harmless} harmless");
}

#[test]
fn the_shipped_day_plays_from_before_breakfast_to_bedtime() {
    let day = Scenario::day().expect("the shipped day");
    let (comments, end) = (day.comments.len(), day.last_moment().after(at(0)));
    let mut world = World::new(day, at(6)).expect("a world");
    assert!(world.comments().len() < 10, "most of the day is still to come");
    world.advance(end);
    assert_eq!((world.comments().len(), world.next_event()), (comments, None));
    assert_eq!(end, at(22) + SignedDuration::from_mins(30));
    assert!(world.comments().iter().filter(|one| one.by_page).count() >= 5, "the page answers now and then");
}

#[test]
fn a_refresh_whose_answer_is_lost_has_used_up_the_refresh_token() {
    let mut world = world();
    world.fault_on(FaultRule::always("lost", Fault::TimeoutAfterSideEffect).route("refresh_token").next(1));
    let body = json!({"client_id": TIKTOK_APP_ID, "client_secret": TIKTOK_APP_SECRET, "grant_type": "refresh_token",
        "refresh_token": "rft.sim.000001"});
    let request = Ask::new("POST", "/open_api/v1.3/tt_user/oauth2/refresh_token/").json(&body);
    assert!(matches!(world.handle(&request, at(2)), Reply::HangUp));
    assert_eq!(world.handle(&request, at(2)).value().unwrap_or_default()["code"], 40_131);
}

#[test]
fn an_ended_version_is_served_by_the_oldest_alive() {
    let mut world = world();
    for (asked, served) in [("/v25.0/me", "v25.0"), ("/v19.0/me", "v21.0"), ("/me", "v21.0")] {
        let request = Ask::new("GET", asked).header("Authorization", "Bearer EAASIMPAGE1029");
        let Reply::Answer(answer) = world.handle(&request, at(2)) else { panic!("no answer") };
        assert_eq!((answer.status, answer.header("facebook-api-version")), (200, Some(served)), "{asked}");
    }
}

#[test]
fn a_rehearsal_can_be_interfered_with_and_looked_at_from_outside() {
    let mut world = world();
    let mut control =
        |method: &str, what: &str, body: Value| ask(&mut world, Ask::new(method, &format!("/_sim/{what}")).json(&body));
    let comment = json!({"key": "new", "post": "p", "author": "Jo", "text": "hello", "expect": ["review"]});
    assert!(control("POST", "comment", comment)["id"].is_string());
    assert_eq!(control("POST", "edit", json!({"comment": "new", "text": "goodbye"})), json!({}));
    assert_eq!(control("POST", "hide", json!({"comment": "new"})), json!({}));
    let state = control("GET", "state", Value::Null);
    let row = state["comments"].as_array().and_then(|rows| rows.last().cloned()).expect("a comment");
    assert_eq!((&row["text"], &row["hidden"], row.get("expect")), (&json!("goodbye"), &json!(true), None));
    let fault = json!({"key": "f", "what": {"kind": "html-instead-of-json", "status": 502}, "route": "facebook.page"});
    assert_eq!(control("POST", "fault", fault), json!({}));
    assert_eq!(control("DELETE", "fault/f", Value::Null), json!({}));
    assert_eq!(control("DELETE", "fault/f", Value::Null)["error"], "it is not there");
    assert!(control("POST", "comment", json!({"nonsense": 1}))["error"].is_string());
}

#[test]
fn a_storm_is_the_same_for_the_same_seed_and_over_in_time() {
    let (from, to) = (Offset::minutes(120), Offset::minutes(600));
    let storm_of = |seed| storm(seed, from, to, 40);
    assert_eq!(format!("{:?}", storm_of(7)), format!("{:?}", storm_of(7)));
    assert_ne!(format!("{:?}", storm_of(7)), format!("{:?}", storm_of(8)));
    assert!(storm_of(7).iter().all(|rule| rule.from >= Some(from) && rule.to <= Some(to) && rule.to.is_some()));
    assert!(storm_of(7).iter().any(|rule| rule.what == Fault::Lie), "forty throws meet the worst");
}

#[test]
fn the_shipped_day_goes_wrong_as_it_says() {
    let mut world = World::new(Scenario::day().expect("the shipped day"), at(6)).expect("a world");
    let bearer = |method: &str, target: &str| {
        Ask::new(method, &format!("/v25.0/{target}")).header("Authorization", "Bearer EAASIMPAGE1029384756")
    };
    let comment = |world: &World, key: &str| world.comment(key).map(|one| one.id.clone()).expect("a comment");
    world.advance(at(9));
    let (lied, target) = (comment(&world, "fb-005"), |id: &str| format!("{id}?is_hidden=true"));
    let hide = |world: &mut World, id: &str| world.handle(&bearer("POST", &target(id)), at(9)).value();
    assert_eq!(hide(&mut world, &lied), Some(json!({"success": true})));
    assert!(world.comment(&lied).is_some_and(|one| one.hidden == HiddenBy::None), "the first write is a lie");
    hide(&mut world, &lied);
    assert!(world.comment(&lied).is_some_and(|one| one.hidden == HiddenBy::Owner), "the second is none");
    let media = world.id_of("ig-flu").expect("a post").to_owned();
    let throttled = world.handle(&bearer("GET", &format!("{media}/comments")), at(11)).value().unwrap_or_default();
    assert_eq!(code(&throttled), (80_002, None));
    world.advance(at(15));
    let page = "-000SimOpenIdAlderbrook1";
    let account = Ask::new("GET", &format!("/open_api/v1.3/business/get/?business_id={page}"));
    let expired = world.handle(&account.header("Access-Token", "act.sim.000001"), at(15)).value().unwrap_or_default();
    assert_eq!(expired["code"], 40_102);
    let post = world.id_of("fb-phones").expect("a post").to_owned();
    let blind = at(15) + SignedDuration::from_mins(40);
    let listing = bearer("GET", &format!("{post}/comments?filter=stream&summary=true"));
    let nothing = world.handle(&listing, blind).value().unwrap_or_default();
    assert_eq!(nothing["data"], json!([]));
    assert!(nothing["summary"]["total_count"].as_u64().is_some_and(|count| count > 10), "{nothing}");
    let again = world.handle(&listing, at(17)).value().unwrap_or_default();
    assert!(again["data"].as_array().is_some_and(|rows| rows.len() > 10), "sight comes back");
}

#[tokio::test(flavor = "current_thread")]
async fn it_listens_on_loopback_only() {
    let everywhere = "0.0.0.0:0".parse().expect("an address");
    let refused = Sim::start(Scenario::default(), Clock::manual(at(2)), everywhere).await;
    assert!(matches!(refused, Err(SimError::NotLoopback(_))));
}

#[tokio::test(flavor = "current_thread")]
async fn a_round_trip_by_socket_answers_and_a_cut_connection_gives_no_byte() {
    let scenario = Scenario::parse(SMALL).expect("a scenario");
    let listen = "127.0.0.1:0".parse().expect("an address");
    let sim = Sim::start(scenario, Clock::manual(at(2)), listen).await.expect("a simulator");
    let request = "GET /v25.0/1029?fields=name HTTP/1.1\r\nHost: sim\r\nAuthorization: Bearer EAASIMPAGE1029\r\nConnection: close\r\n\r\n";
    let answer = raw(&sim, request).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("{\"id\":\"1029\",\"name\":\"Alderbrook Surgery\"}"),
        "{answer}"
    );
    let announced = sim.announcement();
    assert_eq!(announced["facebook"]["api_base"], sim.base_url(Platform::Facebook));
    assert_eq!(announced["tiktok"]["refresh_token"], "rft.sim.000001");
    sim.world().fault_on(FaultRule::always("cut", Fault::TimeoutBefore));
    assert_eq!(raw(&sim, request).await, "");
    assert_eq!(sim.world().requests().len(), 2);
}

async fn raw(sim: &Sim, request: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(sim.address()).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("a request");
    let mut answer = Vec::new();
    // A cut connection may also show as an error here; either way nothing has come.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).expect("text")
}
