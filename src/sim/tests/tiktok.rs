//! TikTok's tokens, paths, listings, writes and limits, as tiktok.md has them.

use super::*;

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
fn a_refresh_whose_answer_is_lost_has_used_up_the_refresh_token() {
    let mut world = world();
    world.fault_on(FaultRule::always("lost", Fault::TimeoutAfterSideEffect).route("refresh_token").next(1));
    let body = json!({"client_id": TIKTOK_APP_ID, "client_secret": TIKTOK_APP_SECRET, "grant_type": "refresh_token",
        "refresh_token": "rft.sim.000001"});
    let request = Ask::new("POST", "/open_api/v1.3/tt_user/oauth2/refresh_token/").json(&body);
    assert!(matches!(world.handle(&request, at(2)), Reply::HangUp));
    assert_eq!(world.handle(&request, at(2)).value().unwrap_or_default()["code"], 40_131);
}
